# SPDX-License-Identifier: MIT
# What every test file loads: an empty IPC namespace for each test, and ways to be somebody else.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

setup() {
  # Never wipe the machine's own segments.
  if [ -z "${OUTER_IPC:-}" ] || [ "$(readlink /proc/self/ns/ipc)" = "$OUTER_IPC" ]; then
    echo "not in an IPC namespace of the tests' own: start with tests/run" >&2
    return 1
  fi
  ipcrm --all=shm
  ipcrm --all=sem
  cd "$BATS_TEST_TMPDIR" || return 1
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

# Skips where other users cannot be had: only the real root can become them.
require_root() {
  if [ "$(id -u)" -ne 0 ] || ! grep -q 4294967295 /proc/self/uid_map; then
    skip "needs root"
  fi
}

# Skips what changes the machine outside its namespaces.
require_system_tests() {
  [ "${SYSTEM_TESTS:-0}" = 1 ] || skip "optional: SYSTEM_TESTS=1 runs it"
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

# Ends what `hold` started, and waits until it has gone.
release() {
  local pid=$HOLDER_PID
  kill "$pid"
  wait "$pid" || true
}
