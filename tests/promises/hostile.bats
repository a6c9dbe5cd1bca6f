#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every form of output of every command in hostile surroundings: each gives the right answer, or
# fails and says why; it never dies by a signal, hangs, or shows fewer segments than there are.

# Each test is a process of its own; `hold` sets $holder.
# shellcheck disable=SC2016,SC2030,SC2031
load ../common
load ../forms

# The shape of what is `printed`: without the numbers and the widths of columns, which differ from
# run to run, and without what only /proc/sysvipc/shm tells. In --all-ns, this namespace alone.
shape() {
  local kept=
  # There a namespace whose processes are elsewhere, too, has no names.
  [[ $line != *--all-ns ]] || kept="s/root/N/; /${own_namespace//[^0-9]/}/"
  sed -nE "$kept{"'
      /(resident|swapped)_bytes/d
      s/[+-]?(0x)?[0-9a-f]*[0-9][0-9a-f]*/N/g
      s/N[KMGTPE]\b|null/N/g
      :dash
      s/(^|[[:blank:]])-($|[[:blank:]])/\1N\2/
      t dash
      s/ +/ /g
      s/^ //
      s/(N[:T.]?)+N/N/g
      p
    }' printed
}

# alike: whether $usual and `shaped` are; for $somebody_else, who is called otherwise and may
# remove less, whether they have as many lines.
alike() {
  local is was
  mapfile -t was <"$usual"
  mapfile -t is <shaped
  [ "${is[*]}" = "${was[*]}" ] ||
    { [ -n "${somebody_else:-}" ] && { [ "${#is[@]}" -eq "${#was[@]}" ] || [[ $line = 'rm --all'* ]]; }; }
}

# run_line COMMAND...: runs the $line under COMMAND. `watch` ends when nobody reads its output.
run_line() {
  local printed=printed
  status=0
  [[ $line != watch* ]] || printed=/dev/fd/$broken_pipe
  # shellcheck disable=SC2086
  err=$(timeout 20 "$@" "$shmtool" $line 2>&1 </dev/null >"$printed") || status=$?
  shape >shaped
}

# wrong: says what is wrong after a $line whose status was $status, or returns 1.
wrong() {
  local expected=$before
  [[ $status -ne 0 && $line != 'rm '* ]] || expected=$after
  count_all
  # The failures of the loader, and of what semlock runs, are not the program's.
  if [[ $status -eq 127 && $err = *'error while loading shared libraries'* ]]; then
    return 1
  elif [[ $status -ne 0 && $line = semlock* ]]; then
    return 1
  elif [ "$status" -ge 124 ]; then
    echo "status $status: $err"
  elif [[ $status -ne 0 && $err != *shmtool:\ * ]]; then
    echo "status $status without a message: $err"
  elif [ "$status" -eq 0 ] && ! alike && [[ $line != ps* || -z $err ]]; then
    echo "status 0 with another answer: $(diff "$usual" shaped | head -n 5)"
  elif [[ $count != "$expected" && $count != "$before" ]]; then
    echo "status $status, but segments and semaphore sets: $count, before $before: $err"
  elif [[ $status -eq 0 && $count != "$expected" && -z ${somebody_else:-} ]]; then
    echo "status 0, but segments and semaphore sets: $count, expected $expected"
  elif ! files_are_dots; then
    echo "a file holds what it should not"
  else
    return 1
  fi
}

setup_file() {
  { all_forms && printf '%s\n' watch 'watch -J' help; } >"$BATS_FILE_TMPDIR/lines"
}

# Once for all tests: the answer and what is there $after it.
usually() {
  local status failed=0
  usual=$BATS_FILE_TMPDIR/usual.$number
  if [ ! -e "$usual" ]; then
    : >printed
    run_line env
    [ "$status" -eq 0 ] || { echo "shmtool $line: status $status: $err" && failed=1; }
    mv shaped "$usual"
    count_all
    echo "$count" >"$usual.after"
  fi
  after=$(<"$usual.after")
  return "$failed"
}

try() {
  : >printed
  run_line "${surrounded[@]}"
}

# under COMMAND...: every form (that starts with $only) under COMMAND, with the segment of key 14
# attached by somebody.
under() {
  local status=0 shmtool own_namespace broken_pipe surrounded=("$@") lines=$BATS_FILE_TMPDIR/lines
  shmtool=$(command -v shmtool)
  own_namespace=$(readlink /proc/self/ns/ipc | tr -d '[]')
  open_broken_pipe
  # For another user's files.
  chmod 777 .
  prepare
  hold "$(awk '$1 == 14 { print $2 }' /proc/sysvipc/shm)"
  (every_form "$*") || status=1
  exec {broken_pipe}>&-
  release
  unset HOLDER_PID
  return "$status"
}

# As another user, without capabilities; not one whose processes tests count meanwhile.
stranger=(setpriv --reuid 4343 --regid 4343 --clear-groups --inh-caps=-all --)

@test "/proc is missing" {
  require_root
  require_plain_build
  require_mounts
  under unshare --mount sh -ec 'umount -l /proc; exec "$@"' sh
  under unshare --mount sh -ec 'mount -t tmpfs none /proc; exec "$@"' sh
}

@test "/proc/sysvipc/shm is empty, has its header alone, or may not be read" {
  require_root
  require_mounts
  head -n 1 /proc/sysvipc/shm >header
  install -m 0 /dev/null unreadable
  export -f covered
  for file in /dev/null "$PWD/header"; do
    under bash -c 'covered "$0" "$@"' "$file"
  done
  somebody_else=1 under bash -c 'covered "$0" "$@"' "$PWD/unreadable" "${stranger[@]}"
}

@test "/proc shows nothing of others, or processes alone" {
  require_root
  require_mounts
  require_pid_namespaces
  somebody_else=1 under unshare --mount --pid --fork sh -ec 'mount -t proc -o hidepid=invisible proc /proc
    exec "$@"' sh "${stranger[@]}"
  under unshare --mount sh -ec 'mount -t proc -o subset=pid proc /proc; exec "$@"' sh
}

@test "/proc is of another pid namespace" {
  require_root
  require_pid_namespaces
  under unshare --pid --fork
}

@test "ids have no accounts in the user namespace" {
  require_root
  require_user_namespaces
  somebody_else=1 under unshare --user
  somebody_else=1 under unshare --user --map-root-user
}

@test "address space is short" {
  require_plain_build
  # Up to the first, not even the loader has enough.
  for kib in 2560 2752 2816 3072 65536; do
    under prlimit --as=$((kib * 1024))
  done
}

@test "descriptors are short" {
  require_plain_build
  under prlimit --nofile=4
  under sh -c 'exec <&-; ulimit -n 3; exec "$@"' sh
}

@test "files may have one byte, locked memory none" {
  require_no_valgrind
  under prlimit --fsize=1 --memlock=0
}

@test "signals are ignored, or blocked" {
  under env --ignore-signal
  under env --block-signal
}

@test "there is no environment, or a long one, and no locale" {
  under env -i
  long=$(printf '%0100000d' 0)
  under env LONG{1,2,3}="$long" LC_ALL=tr_TR.UTF-8 LANGUAGE="$long" HOME=/nowhere
  only='list|stat|limits' under env LC_ALL=$'../\xff' LANG=nonsense TERM= COLUMNS=-1
}

@test "the current folder is gone, and files may have no permissions" {
  under sh -ec 'mkdir gone; cd gone; rmdir ../gone; umask 0777; exec "$@"' sh
}

@test "the time zone is odd" {
  for zone in America/New_York '' : ABSURD XYZ-167:59:59 :/dev/zero :/etc/passwd :/ "$(printf %05000d 0)"; do
    only='stat|list|create -J' under env TZ="$zone"
  done
}

@test "the terminal is one column wide, or none" {
  require_terminal
  for columns in 1 0 -1; do
    only='stat|list|ps|limits|help' under env TERM=dumb COLUMNS="$columns" bash -c '
      script -qec "stty cols 1; $*" /dev/null | tr -d "\r"
      exit ${PIPESTATUS[0]}' bash
  done
}

# in_cgroup COMMAND...: runs COMMAND in a memory cgroup of its own of 8 MiB; $cgroup is its folder.
in_cgroup() {
  timeout 20 sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cgroup" "$@"
}

at_end() {
  [ -z "${cgroup:-}" ] || rmdir "$cgroup"
}

@test "memory is short" {
  require_root
  require_system_tests
  require_plain_build
  make_cgroup shmtool
  limit=memory.limit_in_bytes
  [ -e "$cgroup/$limit" ] || limit=memory.max
  echo 8M >"$cgroup/$limit" || skip "optional: no cgroup of memory is to be had"
  many 100 4081
  sparse=$(shmtool create -k 13 1G)
  # Its pages belong to the test.
  shmtool create -k 14 32M
  head -c 32M /dev/zero | tr '\0' . | shmtool attach-write 0xe
  for line in list 'list -J' 'list -r' 'stat 0xd' ps limits metrics '__complete rm 0x'; do
    # shellcheck disable=SC2086
    shmtool $line >expected
    # shellcheck disable=SC2086
    in_cgroup shmtool $line >printed
    cmp expected printed
  done
  in_cgroup shmtool read 0xd | cmp -n 1G - /dev/zero
  in_cgroup shmtool read -x 0xd | cmp - <(printf '%08x  %s\n*\n40000000\n' 0 \
    '00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|')
  in_cgroup shmtool read -O copy 0xd
  [ "$(kernel_says rss "$sparse")" -eq 0 ]
  shmtool set -m 604 0xd
  in_cgroup "${stranger[@]}" shmtool read 0xd | cmp -n 1G - /dev/zero
  [ "$(kernel_says rss "$sparse")" -eq 0 ]
  in_cgroup shmtool read 0xe | tr -d . | cmp - /dev/null
}

@test "all at once" {
  require_root
  require_plain_build
  require_mounts
  require_user_namespaces
  somebody_else=1 under unshare --mount --user --map-root-user sh -ec '
    mount -t tmpfs none /proc
    umask 0777
    exec "$@"' sh env -i --ignore-signal --block-signal LC_ALL=tr_TR.UTF-8 TZ=:/dev/zero \
    prlimit --as=4194304 --nofile=4 --fsize=1
}
