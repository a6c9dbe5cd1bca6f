# SPDX-License-Identifier: MIT
# What the tests that loop over all commands share: a command line for each form of output of each
# command, and a namespace to run them in.
# shellcheck shell=bash

# cases COMMAND: command lines of it, for the namespace that `prepare` makes. The first takes the
# options for the forms of output.
cases() {
  case $1 in
    create) printf '%s\n' 'create 1' 'create --trace --from data' 'create -k 13 --reuse 1' ;;
    attach-write) printf '%s\n' 'attach-write 0xd data' 'attach-write --trace -v --fill 0x2e 0xd' ;;
    read) printf '%s\n' 'read 0xd' 'read --trace -f -O out 0xd' ;;
    stat) printf '%s\n' 'stat 0xd 0xe' ;;
    list) printf '%s\n' list 'list --all-ns' ;;
    rm) printf '%s\n' 'rm 0xd' 'rm --all -y' 'rm --dry-run 0xd 0xe' ;;
    set) printf '%s\n' 'set -m 600 0xd' ;;
    ps | limits | watch | metrics) echo "$1" ;;
    ftok) printf '%s\n' 'ftok data' ;;
    semlock) printf '%s\n' 'semlock 0xd echo held' 'semlock --remove 0xd' ;;
    *)
      echo "tests/forms.bash has no case for $1" >&2
      return 1
      ;;
  esac
}

# forms COMMAND: its cases, the first also with each option for a form of output that its help has.
forms() {
  local lines flag
  lines=$(cases "$1") || return 1
  for flag in $(shmtool help "$1" | sed -nE 's/^ +(-[Jqrtvx]), --[a-z]+(  .*)?$/\1/p'); do
    sed -n "1s/^$1/& $flag/p" <<<"$lines"
  done
  echo "$lines"
}

# all_forms: of all commands, but watch, which does not end by itself.
all_forms() {
  local command lines
  for command in $(commands); do
    lines=$(forms "$command") || return 1
    [ "$command" = watch ] || echo "$lines"
  done
}

# What is the same before each command line: `data`, segments with the keys 13 and 14, all dots,
# and a lock of 13. Somebody may have 14 attached.
dots=$(printf '.%.0s' {1..64})
prepare() {
  rm -f out
  printf %s "$dots" >data
  awk 'NR > 1 && $7 == 0 { print "-m", $2 }' /proc/sysvipc/shm | xargs -r ipcrm
  ipcrm --all=sem
  [ -n "$(awk '$1 == 14' /proc/sysvipc/shm)" ] || shmtool create -k 14 --from data >/dev/null
  shmtool create -k 13 --from data >/dev/null
  shmtool semlock 0xd true
}

# Sets $count to how many segments and semaphore sets there are, without a process of its own.
count_all() {
  local segments sets
  mapfile -t segments </proc/sysvipc/shm
  mapfile -t sets </proc/sysvipc/sem
  # shellcheck disable=SC2034
  count="$((${#segments[@]} - 1)) $((${#sets[@]} - 1))"
}

# Whether no message has come into `data`, or into the file that read wrote.
files_are_dots() {
  [ "$(<data)" = "$dots" ] && { [ ! -e out ] || [ "$(<out)" = "$dots" ]; }
}

# Whether none has come into a segment. That of `create 1` is one NUL byte.
segments_are_dots() {
  local id text
  for id in $(shmtool list -q); do
    text=$(shmtool read -t "$id") && [[ $text = '' || $text = "$dots" ]] || return 1
  done
}
