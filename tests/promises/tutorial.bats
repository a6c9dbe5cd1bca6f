#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The classic pair of C programs and shmtool serve one another: key 13, 2048 bytes, mode 0666.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

text="I'm share memory"

@test "shmtool reads what the program wrote" {
  tutorial write "$text"
  [ "$(shmtool read -t 0xd)" = "$text" ]
}

@test "the program reads what shmtool wrote" {
  shmtool create -k 13 -m 666 2048
  shmtool attach-write -t "$text" -0 0xd
  [ "$(tutorial read)" = "$text" ]
}

@test "each takes over the other's segment" {
  tutorial write "$text, and more"
  id=$(shmtool create -k 13 --reuse 2048)
  shmtool attach-write -t "$text" -0 "$id"
  [ "$(tutorial read)" = "$text" ]
  tutorial write other
  [ "$(shmtool read -t "$id")" = other ]
  [ "$(census)" -eq 1 ]
}

@test "what the program made is shown" {
  tutorial write "$text"
  run -0 shmtool stat -rn -o key,mode,size,nattch 0xd
  [ "$output" = "0x0000000d	0666	2048	0" ]
}

@test "shmtool removes the program's segment" {
  tutorial write "$text"
  shmtool rm 0xd
  [ "$(census)" -eq 0 ]
}

@test "the program removes shmtool's segment" {
  shmtool create -k 13 -m 666 2048
  tutorial remove
  run -3 shmtool stat 0xd
}

@test "another user's program reads and writes" {
  require_root
  shmtool create -k 13 -m 666 2048
  shmtool attach-write -t "$text" -0 0xd
  [ "$(as_user 4242 tutorial read)" = "$text" ]
  as_user 4242 tutorial write other
  [ "$(shmtool read -t 0xd)" = other ]
}
