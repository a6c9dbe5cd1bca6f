#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# tests/run itself, where no IPC namespace can be made.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# What the inner tests leave: a process that is none of theirs.
at_end() {
  [ ! -s stranger ] || kill "$(<stranger)"
}

# suite FILE: runs it with tests/run where neither unshare nor sudo makes a namespace.
suite() {
  mkdir refusing
  printf '#!/bin/sh\nexit 1\n' | tee refusing/unshare >refusing/sudo
  chmod +x refusing/*
  # Without the folder of bats itself, whose "bats" is another.
  env -i PATH="$PWD/refusing:$(tr : '\n' <<<"$PATH" | grep -v /bats-core | paste -sd :)" HOME="$HOME" SHMTOOL="$(command -v shmtool)" UNITS="$UNITS_DIR" \
    "$SOURCE_DIR/tests/run" "$1"
}

# inner: writes a test file with the tests on stdin, where bats does not take TEST for one of its own.
inner() {
  { echo "load '$SOURCE_DIR/tests/common'" && sed 's/^TEST /@test /'; } >inner.bats
}

@test "where somebody's segments are in the only namespace nothing is touched, and it says so" {
  require_own_namespace
  shmtool create -k 13 1
  shmtool semlock 0x77 true
  before=$(cat /proc/sysvipc/{shm,sem,msg})
  inner <<<'TEST "one" { true; }'
  run -1 suite "$PWD/inner.bats"
  [[ "$output" == *"nothing was tested"*"has 1 segments, 1 semaphore sets and 0 message queues, which stay untouched. "* ]]
  [ "$(cat /proc/sysvipc/{shm,sem,msg})" = "$before" ]
}

@test "in a namespace that is shared each test begins and ends without a segment or a set" {
  require_own_namespace
  inner <<'EOT'
TEST "one" { shmtool create -k 13 1; shmtool semlock 0x77 true; hold "$(shmtool create 4K)"; }
TEST "two" { [ "$(cat /proc/sysvipc/{shm,sem,msg} | wc -l)" -eq 3 ]; create_as 7 1; }
TEST "three" { run -0 shmtool create -m 0 1; false; }
EOT
  run -1 suite "$PWD/inner.bats"
  [[ "$output" == *"tests/run: IPC namespace: shared"* ]]
  [[ "$output" == *"# skip needs to choose the next id"* ]]
  [[ "$output" == *"1 passed, 1 failed, 1 skipped" ]]
  [ "$(cat /proc/sysvipc/{shm,sem,msg} | wc -l)" -eq 3 ]
}

@test "what somebody else makes there meanwhile stays, and ends the testing" {
  require_own_namespace
  require python3
  inner <<EOT
TEST "one" {
  env -i "\$(command -v python3)" -c '
import ctypes, os, signal
ctypes.CDLL(None).shmget(13, 1, 0o1600)
print(os.getpid(), file=open("$PWD/stranger", "w"))
signal.pause()' >/dev/null 2>&1 3>&- &
  until [ -s "$PWD/stranger" ]; do sleep 0.05; done
  shmtool create 1
}
TEST "two" { true; }
EOT
  run -1 suite "$PWD/inner.bats"
  [[ "$output" == *"somebody else has come into this IPC namespace"* ]]
  [[ "$output" == *"1 passed, 1 failed, 0 skipped" ]]
  [ "$(census)" -eq 1 ]
  [ "$(shmtool stat -rn -o key 0xd)" = 0x0000000d ]
}
