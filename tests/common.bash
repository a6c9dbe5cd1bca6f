# SPDX-License-Identifier: MIT
# What every test file loads: an empty IPC namespace for each test, and ways to be somebody else.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

# shellcheck source=namespace.bash
. "${BASH_SOURCE[0]%/*}/namespace.bash"

setup() {
  if [ -z "${NAMESPACE:-}" ]; then
    echo "start with tests/run" >&2
    return 1
  fi
  empty_namespace
  cd "$BATS_TEST_TMPDIR" || return 1
}

# Ends the holder that a failed test left behind, and what else the file ends in its at_end; gives
# back limits that were lowered.
teardown() {
  local old
  [ "$(type -t at_end)" != function ] || at_end
  for old in "$BATS_TEST_TMPDIR"/old-*; do
    [ ! -e "$old" ] || cat "$old" >"/proc/sys/kernel/${old##*/old-}"
  done
  [ -z "${HOLDER_PID:-}" ] || kill "$HOLDER_PID"
  [ "${NAMESPACE:-}" != shared ] || remove_ours
}

# The commands that the help lists, one a line.
commands() {
  shmtool help | sed -nE '/^Commands:$/,/^$/s/^  ([a-z][a-z-]*) .*/\1/p'
}

# The columns of a segment that are shown without being asked for, in their order, a line each: the
# schema has the one list of them.
columns() {
  require jq
  jq -r '."$defs".segment.properties | to_entries[] |
    select(.value.description | contains("where -o names it") | not) | .key' \
    "$SOURCE_DIR/man/shmtool.schema.json"
}

# The number of segments in the namespace, by the kernel's own listing.
census() {
  tail -n +2 /proc/sysvipc/shm | wc -l
}

# Skips where TOOL is missing.
require() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || skip "$tool is missing"
  done
}

# probe NAME COMMAND...: whether COMMAND succeeds here. It is tried once in a run of tests/run.
probe() {
  local file=${PROBES:-$BATS_RUN_TMPDIR}/$1
  if [ ! -e "$file" ]; then
    if "${@:2}" >/dev/null 2>&1 </dev/null 3>&-; then echo yes; else echo no; fi >"$file.$BASHPID"
    mv -f "$file.$BASHPID" "$file"
  fi
  [ "$(<"$file")" = yes ]
}

# Skips where other users cannot be had: only the real root can become them.
require_root() {
  probe root as_user 4242 true || skip "needs root"
}

# Skips where root lacks one of these capabilities: sys_admin, ipc_lock, ….
require_capability() {
  local name
  for name in "$@"; do
    probe "capability_$name" with_capability "$name" 4242 true || skip "needs the capability $name"
  done
}

# Skips where nothing can be mounted in a mount namespace.
require_mounts() {
  probe mounts unshare --mount sh -c 'mount -t tmpfs none /proc/sysvipc' || skip "needs to mount"
}

# Skips where no IPC namespace can be made beside the tests' own.
require_ipc_namespaces() {
  probe ipc_namespaces unshare --ipc true || skip "needs to make IPC namespaces"
}

# Skips where no PID namespace can be made.
require_pid_namespaces() {
  probe pid_namespaces unshare --pid --fork --mount-proc true || skip "needs to make PID namespaces"
}

# Skips where bubblewrap makes no container with namespaces of its own for IPC and processes.
contained=(bwrap --dev-bind / / --proc /proc --unshare-ipc --unshare-pid --die-with-parent)
require_containers() {
  require bwrap
  probe containers "${contained[@]}" true || skip "needs to make containers"
}

# into_cgroup NAME: sets $into to what runs a command in that cgroup, made where the column looks.
into_cgroup() {
  local root=/sys/fs/cgroup
  ! grep -q :memory: /proc/self/cgroup || root=$root/memory
  # shellcheck disable=SC2016
  into=(sh -c 'mkdir "$0" && echo $$ >"$0/cgroup.procs" && exec "$@"' "$root/$1")
}

# Ends what is in a cgroup of into_cgroup, and removes it.
remove_cgroup() {
  local at
  for at in "/sys/fs/cgroup/$1" "/sys/fs/cgroup/memory/$1"; do
    for _ in {1..1000}; do
      { [ -d "$at" ] && ! rmdir "$at"; } || break
      xargs -r kill -KILL <"$at/cgroup.procs"
    done
  done
} 2>/dev/null

enter_cgroup() {
  local name=shmtool-probe.$BASHPID status=0
  into_cgroup "$name"
  "${into[@]}" true || status=$?
  remove_cgroup "$name"
  return "$status"
}

# Skips where no cgroup can be made.
require_cgroups() {
  probe cgroups enter_cgroup || skip "needs to make cgroups"
}

# Skips where no user namespace can be made, by other users either.
require_user_namespaces() {
  probe user_namespaces unshare --user --map-root-user true || skip "needs to make user namespaces"
  [ "$(id -u)" -ne 0 ] || ! probe root as_user 4242 true ||
    probe users_namespaces as_user 4242 unshare --user --map-root-user true || skip "optional: users may not make namespaces"
}

write_back() {
  local value
  value=$(cat "$1") && echo "$value" >"$1"
}

# Skips where the tests have no IPC namespace of their own: there ids start from 0.
require_own_namespace() {
  [ "$NAMESPACE" != shared ] || skip "needs an IPC namespace of its own"
}

# Skips where the namespace is not the tests' own, or its limits may not be changed.
require_limits() {
  require_own_namespace
  probe limits write_back /proc/sys/kernel/shmmni || skip "needs to change the limits of its IPC namespace"
}

# set_limit NAME VALUE: sets a limit of this IPC namespace, kernel.NAME, until the test ends.
set_limit() {
  require_limits
  local file=/proc/sys/kernel/$1 old=$BATS_TEST_TMPDIR/old-$1
  [ -e "$old" ] || cp "$file" "$old"
  echo "$2" >"$file"
}

# Skips where no memory can be locked: without CAP_IPC_LOCK other processes of the same user may just
# have locked as much as it may.
require_locking() {
  require perl
  perl -e '$id = shmget(0, 1, 0600) // die; $locked = shmctl($id, 11, 0); shmctl($id, 0, 0); exit !$locked' ||
    skip "needs to lock memory"
}

# Skips where strace is missing, or may not trace.
require_strace() {
  require strace
  probe strace strace -o /dev/null true || skip "needs to trace"
}

# Skips where no terminal can be had.
require_terminal() {
  require script
  probe terminal script -qec true /dev/null || skip "needs a terminal"
}

# Skips where the sanitizers themselves need what the test takes away: /proc, address space.
require_plain_build() {
  ! grep -q __asan_init "$(command -v shmtool)" || skip "optional: AddressSanitizer cannot do without"
  require_no_valgrind
}

# Whether the binary is one of glibc; else it is one of musl.
is_glibc() {
  ! grep -q ld-musl "$(command -v shmtool)"
}

# lost ENAME: a pattern for what is said where stdout does not take all. musl writes the first line
# at once, and does not keep why that failed.
lost() {
  if is_glibc; then strerror "$1"; else echo "@($(strerror "$1")|output was lost)"; fi
}

# Skips what only glibc does.
require_glibc() {
  is_glibc || skip "optional: needs glibc"
}

# Skips where the counters of coverage need the descriptors that the test takes away, or are written
# where it looks at the last calls or sends signals.
require_no_coverage() {
  ! grep -q __gcov "$(command -v shmtool)" || skip "optional: counting coverage takes descriptors and calls"
}

# Skips what valgrind does not let through to the kernel.
require_no_valgrind() {
  [ "${VALGRIND:-0}" = 0 ] || skip "optional: valgrind cannot do it"
}

# Skips what changes the machine outside its namespaces.
require_system_tests() {
  [ "${SYSTEM_TESTS:-0}" = 1 ] || skip "optional: SYSTEM_TESTS=1 runs it"
}

# make_cgroup NAME: a cgroup below this process's, of the memory controller where that is apart. Sets
# $cgroup to its folder. Skips where none may be made.
make_cgroup() {
  local parent
  parent=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
  [ -e "$parent/memory.limit_in_bytes" ] || parent=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
  mkdir "$parent/$1.$$" || skip "optional: no cgroup may be made"
  # shellcheck disable=SC2034
  cgroup=$parent/$1.$$
}

# as_user UID COMMAND...: runs COMMAND as that user and group, without capabilities.
as_user() {
  local uid=$1
  shift
  setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all -- "$@"
}

# with_capability NAME UID COMMAND...: as as_user, but with that one capability (ipc_owner).
with_capability() {
  local name=$1 uid=$2
  shift 2
  setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps="-all,+$name" \
    --ambient-caps="-all,+$name" -- "$@"
}

# create_as ID ARG...: a segment with that id.
create_as() {
  [ "$NAMESPACE" != shared ] || skip "needs to choose the next id"
  echo "$1" 2>/dev/null >/proc/sys/kernel/shm_next_id || skip "needs to choose the next id"
  [ "$(shmtool create "${@:2}")" = "$1" ]
}

# hold SEGMENT_ID [COUNT]: a process that keeps the segment attached COUNT times until `release`.
# Sets $holder to its process id.
hold() {
  coproc HOLDER { exec holder "$@"; }
  # shellcheck disable=SC2034
  holder=$HOLDER_PID
  local line
  read -r line <&"${HOLDER[0]}"
  [ "$line" = attached ]
}

# creator KEY MODE [PREFIX]...: a process, run by PREFIX, that makes segment $id and lives on until
# the test ends.
creator() {
  require python3
  coproc HOLDER {
    exec "${@:3}" python3 -c '
import ctypes, signal, sys
print(ctypes.CDLL(None).shmget(int(sys.argv[1]), 100, 0o1000 | int(sys.argv[2], 8)), flush=True)
signal.pause()' "$1" "$2" 3>&-
  }
  # shellcheck disable=SC2034
  read -r id <&"${HOLDER[0]}"
}

# Ends what `hold` started, and waits until it has gone.
release() {
  local pid=$HOLDER_PID
  HOLDER_PID=
  kill "$pid"
  wait "$pid" || true
}

# kernel_says COLUMN ID: that column of /proc/sysvipc/shm.
kernel_says() {
  awk -v name="$1" -v id="$2" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i }
    NR > 1 && $2 == id { print $column }' /proc/sysvipc/shm
}

# fails STATUS PATTERN COMMAND...: nothing on stdout, stderr matches the pattern.
fails() {
  run "-$1" --separate-stderr "${@:3}"
  [ -z "$output" ]
  # shellcheck disable=SC2053
  [[ "$stderr" == $2 ]]
}

# many FIRST LAST [FACTOR]: segments with these keys, of 1 byte each, or FACTOR times the key.
many() {
  require perl
  perl -e 'for ($ARGV[0] .. $ARGV[1]) { shmget($_, $ARGV[2] ? $ARGV[2] * $_ : 1, 01600) // die }' "$@"
}

# create_enormous [KEY]: makes a segment of 2^63-1 bytes with this key (0xffffffff) and prints its
# id: only an unreserved one can be had.
create_enormous() {
  require python3
  python3 -c '
import ctypes, sys
shmget = ctypes.CDLL(None).shmget
shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
print(shmget(int(sys.argv[1]), 2**63 - 1, 0o11600))' "${1:--1}"
}

# covered FILE COMMAND...: runs COMMAND where FILE stands in place of /proc/sysvipc/shm.
covered() {
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount --bind "$0" /proc/sysvipc/shm && exec "$@"' "$@"
}

# unlisted COMMAND...: runs COMMAND where there is no /proc/sysvipc/shm at all.
unlisted() {
  # shellcheck disable=SC2016
  unshare --mount sh -c 'mount -t tmpfs none /proc/sysvipc && exec "$@"' sh "$@"
}

# Skips where `refuse` does not work.
require_refuse() {
  probe refuse refuse shmat EIDRM true || skip "needs seccomp filters"
}

# Builds what `shifted` needs, or skips.
require_shifted() {
  require cc
  require_plain_build
  cc -D_GNU_SOURCE -shared -fPIC -o clock.so "$SOURCE_DIR/tests/preload/clock.c"
}

# shifted SECONDS COMMAND...: runs COMMAND by a clock that is so many seconds ahead, or behind.
shifted() {
  SHIFT=$1 LD_PRELOAD=$PWD/clock.so "${@:2}"
}

# stop_at CALL:when=N [-P PATH] COMMAND...: runs COMMAND until a SIGSTOP stops it behind its Nth system
# call of that name (on PATH), with what it prints in `out` and `err`. $stopped is its process id.
# Returns 1 where it ends before.
stop_at() {
  require_strace
  : >calls
  ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls -e "inject=$1:signal=STOP" "${@:2}" \
    <&0 >out 2>err 3>&- &
  tracer=$!
  until grep -q 'stopped by SIGSTOP' calls; do
    kill -0 "$tracer" 2>/dev/null || return 1
  done
  stopped=$(cat "/proc/$tracer/task/$tracer/children")
}

# moments FIRST LAST COMMAND...: runs COMMAND, and prints for each of its system calls, from the first
# that matches FIRST to the next that matches LAST, what strace can inject there: NAME:when=N.
moments() {
  ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls "${@:3}" >out
  # Its own execve strace does not count.
  awk -F '(' -v first="$1" -v last="$2" '
    BEGIN { count["execve"] = -1 }
    { count[$1]++ }
    $0 ~ first { on = 1 }
    on { print $1 ":when=" count[$1] }
    on && $0 ~ last { exit }' calls
}

# go_on: lets go what stop_at has stopped, and waits for its end. Sets $ended to its status.
go_on() {
  ended=0
  # The list of children ends in a space.
  kill -CONT "${stopped% }"
  stopped=
  # shellcheck disable=SC2034
  wait "$tracer" || ended=$?
}

# Ends what a failed test left stopped.
end_stopped() {
  [ -z "${stopped:-}" ] || kill -KILL "${stopped% }"
}
