#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What reads or writes standard streams in ways of its own where they are closed, full or wrong.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# without STREAMS COMMAND...: runs COMMAND with those of 0, 1 and 2 closed that STREAMS names.
without() {
  local streams=$1 closing=
  shift
  [[ $streams != *0* ]] || closing+=' <&-'
  [[ $streams != *1* ]] || closing+=' >&-'
  [[ $streams != *2* ]] || closing+=' 2>&-'
  eval "\"\$@\" $closing"
}

# A segment with key 13: all of its 64 bytes are dots.
dots() {
  shmtool create -k 13 64
  shmtool attach-write --fill 0x2e 0xd
}

# all_dots: they still are.
all_dots() {
  [ "$(shmtool read 0xd)" = "$(printf '.%.0s' {1..64})" ]
}

@test "read -O that fails with closed streams leaves the file alone" {
  require_no_valgrind
  dots
  echo old >file
  for streams in '' 0 1 2 01 02 12 012; do
    run -5 without "$streams" shmtool read --trace -O file 0xd
    [ "$(cat file)" = old ]
  done
}

@test "attach-write of a FILE that is too long with closed streams" {
  require_no_valgrind
  dots
  printf '%065d' 0 >file
  for streams in '' 0 1 2 01 02 12 012; do
    run -1 without "$streams" shmtool attach-write 0xd file
  done
  [ "$(cat file)" = "$(printf '%065d' 0)" ]
  all_dots
}

@test "attach-write of a closed stdin fails" {
  dots
  for streams in 0 01 02 012; do
    run -1 without "$streams" shmtool attach-write 0xd
    run -1 without "$streams" shmtool attach-write --zero-rest 0xd -
    all_dots
  done
  run -1 without 0 shmtool attach-write 0xd
  [[ "$output" == "shmtool: attach-write: "*stdin* ]]
}

@test "attach-write of an open stdin with the others closed" {
  require_no_valgrind
  dots
  for streams in 1 2 12; do
    printf hello >file
    without "$streams" shmtool attach-write 0xd <file
    [ "$(shmtool read -l 6 0xd)" = hello. ]
    shmtool attach-write --fill 0x2e 0xd
  done
}

@test "failures keep their status with closed streams" {
  require_no_valgrind
  for streams in '' 0 2 02; do
    run -3 without "$streams" shmtool stat 77
    run -2 without "$streams" shmtool list --nonsense
  done
  for streams in '' 0 1 2 01 02 12 012; do
    run -3 without "$streams" shmtool rm 77
    run -3 without "$streams" shmtool read 77
    run -2 without "$streams" shmtool rm
  done
}

@test "a full stderr does not change the status" {
  run -3 bash -c 'shmtool stat -rn 77 2>/dev/full'
  run -2 bash -c 'shmtool nonsense 2>/dev/full'
  run -0 bash -c 'shmtool create --trace 1 2>/dev/full'
}

@test "a file over RLIMIT_FSIZE is an error of the program that writes it" {
  require_no_valgrind
  dots
  for line in list "create 1" "read 0xd" "read -O file 0xd" help; do
    run -1 bash -c "prlimit --fsize=1 shmtool $line >out"
    [[ "$output" == "shmtool: "*": "$(lost EFBIG)* ]]
  done
  [ "$(census)" -eq 1 ]
  [ "$(ls)" = out ]
  # COMMAND is ended by the signal, unless that was ignored before.
  run -153 prlimit --fsize=0 shmtool semlock 0xd dd if=/dev/zero of=out
  run -1 prlimit --fsize=0 env --ignore-signal=XFSZ shmtool semlock 0xd dd if=/dev/zero of=out
}

@test "stdout opened for reading only is an error" {
  dots
  run -1 bash -c 'shmtool list 1</dev/null'
  run -1 bash -c 'shmtool read 0xd 1</dev/null'
}

@test "stdin opened for writing only is an error" {
  dots
  run -1 bash -c 'shmtool attach-write 0xd 0>/dev/null'
  all_dots
}

@test "a file on stdout takes the bytes at its offset, and in append mode" {
  dots
  { printf '<' && shmtool read -l 2 0xd && printf '>'; } >file
  [ "$(cat file)" = '<..>' ]
  shmtool read -l 3 0xd >>file
  [ "$(cat file)" = '<..>...' ]
}
