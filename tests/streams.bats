#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Closed, full and broken standard streams.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load common

# without STREAMS COMMAND...: runs COMMAND with those of 0, 1 and 2 closed that STREAMS names.
without() {
  local streams=$1 closing=
  shift
  [[ $streams != *0* ]] || closing+=' <&-'
  [[ $streams != *1* ]] || closing+=' >&-'
  [[ $streams != *2* ]] || closing+=' 2>&-'
  eval "\"\$@\" $closing"
}

# everywhere PRINTS COMMAND...: in all combinations of closed streams the command is done, but
# where it PRINTS (yes, no) and stdout is closed, it fails with status 1.
everywhere() {
  local prints=$1 streams expected
  shift
  for streams in '' 0 1 2 01 02 12 012; do
    expected=0
    [[ $prints = no || $streams != *1* ]] || expected=1
    echo "closed: $streams"
    run "-$expected" without "$streams" "$@"
  done
}

# A segment $id with key 13: all of its 64 bytes are dots.
dots() {
  id=$(shmtool create -k 13 64)
  shmtool attach-write --fill 0x2e 0xd
}

# all_dots: they still are.
all_dots() {
  [ "$(shmtool read 0xd)" = "$(printf '.%.0s' {1..64})" ]
}

@test "create with closed streams" {
  everywhere yes shmtool create 1
  # Only where the id could be printed is there a segment.
  [ "$(census)" -eq 4 ]
}

@test "list with closed streams" {
  dots
  everywhere yes shmtool list
  everywhere yes shmtool list -J
}

@test "list of nothing with closed streams" {
  everywhere yes shmtool list
  everywhere no shmtool list -q
}

@test "stat with closed streams" {
  dots
  everywhere yes shmtool stat 0xd
}

@test "read with closed streams" {
  dots
  everywhere yes shmtool read 0xd
  everywhere yes shmtool read -x 0xd
  everywhere yes shmtool read -t 0xd
}

@test "read -O with closed streams writes the file, and that alone" {
  dots
  printf '.%.0s' {1..64} >expected
  for streams in '' 0 1 2 01 02 12 012; do
    run -0 without "$streams" shmtool read --trace -f -O file 0xd
    cmp file expected
  done
}

@test "read -O that fails with closed streams leaves the file alone" {
  dots
  echo old >file
  for streams in '' 0 1 2 01 02 12 012; do
    run -5 without "$streams" shmtool read --trace -O file 0xd
    [ "$(cat file)" = old ]
  done
}

@test "attach-write of FILE with closed streams" {
  dots
  echo hello >file
  chmod 600 file
  everywhere no shmtool attach-write --trace 0xd file
  [ "$(cat file)" = hello ]
  [ "$(shmtool read 0xd)" = "hello
$(printf '.%.0s' {1..58})" ]
}

@test "attach-write -v with closed streams writes into nothing else" {
  dots
  printf .. >file
  everywhere yes shmtool attach-write -v --trace 0xd file
  [ "$(cat file)" = .. ]
  all_dots
}

@test "attach-write of a FILE that is too long with closed streams" {
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
  dots
  for streams in 1 2 12; do
    printf hello >file
    without "$streams" shmtool attach-write 0xd <file
    [ "$(shmtool read -l 6 0xd)" = hello. ]
    shmtool attach-write --fill 0x2e 0xd
  done
}

@test "rm with closed streams" {
  for streams in '' 0 1 2 01 02 12 012; do
    id=$(shmtool create 1)
    run -0 without "$streams" shmtool rm "$id"
    [ "$(census)" -eq 0 ]
  done
}

@test "rm -v with closed streams removes all the same" {
  for streams in 1 01 12 012; do
    id=$(shmtool create 1)
    run -1 without "$streams" shmtool rm -v "$id"
    [ "$(census)" -eq 0 ]
  done
}

@test "failures keep their status with closed streams" {
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

@test "help with closed streams" {
  everywhere yes shmtool help
  everywhere yes shmtool rm --help
  everywhere yes shmtool --version
}

@test "a full disk is an error for all that print" {
  dots
  for line in "create 1" "create -J 1" list "list -J" "list -r" "list -q" "stat 0xd" "stat -J 0xd" \
    "read 0xd" "read -x 0xd" "read -t 0xd" "attach-write -v -t . 0xd" "rm --dry-run -v 0xd" help; do
    run -1 bash -c "shmtool $line >/dev/full"
    [[ "$output" == *stdout*"No space left on device"* ]]
  done
  [ "$(census)" -eq 1 ]
}

@test "a full disk is no error for what prints nothing" {
  dots
  run -0 bash -c 'shmtool attach-write -t . 0xd >/dev/full'
  run -0 bash -c 'shmtool read -l 0 0xd >/dev/full'
  run -0 bash -c 'shmtool read -O file 0xd >/dev/full'
  run -0 bash -c 'shmtool rm 0xd >/dev/full'
}

@test "a full stderr does not change the status" {
  run -3 bash -c 'shmtool stat -rn 77 2>/dev/full'
  run -2 bash -c 'shmtool nonsense 2>/dev/full'
  run -0 bash -c 'shmtool create --trace 1 2>/dev/full'
}

@test "a broken pipe with SIGPIPE ignored is status 1 for all that print" {
  id=$(shmtool create -k 13 1M)
  for line in "create 1" list "list -J" "list -q" "stat 0xd" "read 0xd" "read -x 0xd" \
    "read -t 0xd" "attach-write -v -t . 0xd" "rm --dry-run -v 0xd" help; do
    # shellcheck disable=SC2086
    run -1 into_broken_pipe env --ignore-signal=PIPE shmtool $line
    [[ "$output" == *stdout* ]]
  done
  [ "$(census)" -eq 1 ]
}

@test "a broken pipe with SIGPIPE default ends all that print" {
  id=$(shmtool create -k 13 1M)
  for line in list "list -J" "list -q" "stat 0xd" "read 0xd" "read -x 0xd" help; do
    # shellcheck disable=SC2086
    run -141 into_broken_pipe env --default-signal=PIPE shmtool $line
    [ -z "$output" ]
  done
}

@test "a broken pipe is nothing to what prints nothing" {
  dots
  run -0 into_broken_pipe env --ignore-signal=PIPE shmtool attach-write -t . 0xd
  run -0 into_broken_pipe env --default-signal=PIPE shmtool rm 0xd
  [ "$(census)" -eq 0 ]
}

@test "a reader that stops early ends read" {
  id=$(shmtool create -k 13 64M)
  [ "$(shmtool read 0xd | head -c 3 | wc -c)" -eq 3 ]
}

@test "a file over RLIMIT_FSIZE is an error of the program that writes it" {
  dots
  for line in list "create 1" "read 0xd" "read -O file 0xd" help; do
    run -1 bash -c "prlimit --fsize=1 shmtool $line >out"
    [[ "$output" == "shmtool: "*"File too large"* ]]
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
