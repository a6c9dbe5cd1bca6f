# SPDX-License-Identifier: MIT
# What the tests share that loop over all commands: the rows of tests/forms, a namespace for them,
# and the engine that runs every form.
# shellcheck shell=bash

# rows TOOL [COMMAND]: the command lines that tests/forms has for it, each with " | HOW" if there is.
rows() {
  local table=${BASH_SOURCE[0]%/*}/forms
  awk -F ' *[|] *' -v tool="$1" -v command="${2:-}" '
    /^#/ || !NF { next }
    (" " $1 " ") ~ " (all|" tool ") " && (command == "" || $2 ~ "^" command "( |$)") {
      print $2 ($3 == "" ? "" : " | " $3)
      found = 1
    }
    END { exit !found }' "$table" || {
    echo "tests/forms has no row of $tool for ${2:-anything}" >&2
    return 1
  }
}

# forms COMMAND: its rows, the first also with each option for a form of output that its help has.
forms() {
  local lines flag
  lines=$(rows outputs "$1") || return 1
  # shellcheck disable=SC2001
  lines=$(sed 's/ | .*//' <<<"$lines")
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

# open_broken_pipe: opens a pipe that nobody reads any more; $broken_pipe is its descriptor.
open_broken_pipe() {
  exec {broken_pipe}> >(:)
  # `wait` may know nothing of a process that has ended already.
  while (echo >&"$broken_pipe") 2>/dev/null; do :; done
}

# every_form SURROUNDINGS...: runs each command line of the file $lines as usual, and in each of the
# surroundings, and says after all what was wrong. The test file gives three functions: `usually`
# runs $line and sets $after, of what is then there; `try SURROUNDINGS` runs it there and sets
# $status; `wrong SURROUNDINGS` says what is wrong after it, or fails.
# shellcheck disable=SC2034 # they use these
every_form() {
  local line surroundings status before after last=${*: -1} number=0 failed=0 ran=0
  trap - DEBUG # by which bats would follow each command here
  prepare
  count_all
  before=$count
  while read -r line; do
    number=$((number + 1))
    [[ $line =~ ^(${only:-.*}) ]] || continue
    usually || failed=$((failed + 1))
    for surroundings in "$@"; do
      [ "$count" = "$before" ] || prepare
      status=0
      try "$surroundings"
      ran=$((ran + 1))
      ! wrong "$surroundings" >why || { echo "shmtool $line, $surroundings: $(<why)" && failed=$((failed + 1)); }
    done
    [ "$failed" -lt 5 ] || break
    [ "$count" = "$before" ] || prepare
  done <"$lines"
  echo "$ran cases"
  [ "$failed" -eq 0 ] && [ "$ran" -gt 0 ]
}
