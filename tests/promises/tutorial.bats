#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The programs in C of the manual's tutorial and shmtool serve one another: key 13, 2048 bytes. The
# manual is their only source.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common
load ../manual

text="I'm share memory"

@test "shmtool reads what the program wrote" {
  compile_programs
  ./writer "$text"
  [ "$(shmtool read -t 0xd)" = "$text" ]
}

@test "the program reads what shmtool wrote" {
  compile_programs
  shmtool create -k 13 -m 666 2048
  shmtool attach-write -t "$text" -0 0xd
  [ "$(./reader)" = "$text" ]
}

@test "each takes over the other's segment" {
  compile_programs
  ./writer "$text, and more"
  id=$(shmtool create -k 13 --reuse 2048)
  shmtool attach-write -t "$text" -0 "$id"
  [ "$(./reader)" = "$text" ]
  ./writer other
  [ "$(shmtool read -t "$id")" = other ]
  [ "$(census)" -eq 1 ]
}

@test "what the program made is shown" {
  compile_programs
  ./writer "$text"
  run -0 shmtool stat -rn -o key,mode,size,nattch 0xd
  [ "$output" = "0x0000000d	0600	2048	0" ]
}

@test "the program writes no more than the segment holds, and shmtool not even that" {
  compile_programs
  run -0 ./writer "$(printf '%3000s' x)"
  [ "$(shmtool read -t 0xd | wc -c)" -eq 2048 ]
  fails 1 'shmtool: attach-write: *' shmtool attach-write -t "$(printf '%3000s' x)" 0xd
}

@test "shmtool removes the program's segment" {
  compile_programs
  ./writer "$text"
  shmtool rm 0xd
  [ "$(census)" -eq 0 ]
}

@test "the program removes shmtool's segment" {
  compile_programs
  shmtool create -k 13 -m 666 2048
  ./reader remove
  run -3 shmtool stat 0xd
}

@test "the program without a segment says so" {
  compile_programs
  run -1 ./reader
  [[ "$output" == 'reader: key 13: '* ]]
}

@test "the program waits until shmtool gives the lock back" {
  compile_programs
  ./writer old
  # shellcheck disable=SC2016 # the inner shell expands these
  shmtool semlock 0xd sh -c '
    ./reader >out &
    set_of=$(awk "\$1 == 13 { print \$2 }" /proc/sysvipc/sem)
    for i in $(seq 3000); do
      if ipcs -s -i "$set_of" | grep -Eq "^0 +1 +0 +1 "; then exec shmtool attach-write -t new -0 0xd; fi
    done
    exit 1'
  for _ in {1..3000}; do
    [ ! -s out ] || break
    sleep 0.01
  done
  [ "$(cat out)" = new ]
}
