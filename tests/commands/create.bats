#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# refused ARG...: create with these arguments is misuse, in one line, and makes nothing.
refused() {
  run -2 --separate-stderr shmtool create "$@"
  [ -z "$output" ]
  [[ "$stderr" == "shmtool: create: "* ]]
  [[ "$stderr" != *$'\n'* ]]
  [ "$(census)" -eq 0 ]
}

@test "create prints the new id alone" {
  run -0 --separate-stderr shmtool create 4K
  [[ "$output" =~ ^[0-9]+$ ]]
  [ -z "$stderr" ]
  [ "$(kernel_says size "$output")" -eq 4096 ]
}

@test "without -k the segment is private" {
  id=$(shmtool create 1)
  [ "$(kernel_says key "$id")" -eq 0 ]
}

@test "key 0 makes a private segment each time" {
  shmtool create -k 0 1
  shmtool create -k 0x0 1
  [ "$(census)" -eq 2 ]
}

@test "-k takes hex" {
  id=$(shmtool create -k 0x2A 1)
  [ "$(kernel_says key "$id")" -eq 42 ]
}

@test "-k takes decimal" {
  id=$(shmtool create -k 42 1)
  [ "$(kernel_says key "$id")" -eq 42 ]
}

@test "-k takes negative decimal" {
  id=$(shmtool create -k -2147483648 1)
  [ "$(kernel_says key "$id")" -eq -2147483648 ]
}

@test "--key is the long form" {
  id=$(shmtool create --key=42 1)
  [ "$(kernel_says key "$id")" -eq 42 ]
}

@test "-1, 4294967295 and 0xffffffff are one key" {
  shmtool create -k -1 1
  run -5 shmtool create -k 4294967295 1
  run -5 shmtool create -k 0xffffffff 1
}

@test "a key may have its prefix, once" {
  refused -k key:key:42 1
  refused -k id:42 1
  id=$(shmtool create -k key:42 1)
  [ "$(kernel_says key "$id")" -eq 42 ]
}

@test "bad keys are refused" {
  for key in 0x100000001 4294967296 -2147483649 013 '' 0x - x 1x ' 1' '1 ' +1 0x1g 1K; do
    refused -k "$key" 1
  done
}

@test "bad sizes are refused" {
  for size in 0x +1 ' 1' '1 ' '1 K' 1KK 1.5K K '' 18446744073709551616 16E 0x10000000000000000 \
    0x1K 1Q 18446744073709551615K; do
    refused "$size"
  done
}

@test "a negative size is refused" {
  refused -1
  refused -- -1
}

@test "bad modes are refused" {
  for mode in 888 01000 3644 04644 u+r '' -1 +600 0x180 ' 600' 600x 1000; do
    refused -m "$mode" 1
  done
}

@test "units are powers of 1024, and of 1000 with B" {
  for pair in 3=3 2k=2048 2K=2048 2KiB=2048 2kib=2048 2KB=2000 2kb=2000 1M=1048576 1MB=1000000 \
    1MiB=1048576 0x10=16 0X10=16; do
    id=$(shmtool create "${pair%=*}")
    [ "$(kernel_says size "$id")" -eq "${pair#*=}" ]
  done
}

@test "the mode defaults to 0600 whatever the umask" {
  umask 0777
  id=$(shmtool create 1)
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "-m sets the mode" {
  for mode in 666 0640 777 7; do
    id=$(shmtool create -m "$mode" 1)
    [ "$(kernel_says perms "$id")" = "${mode#0}" ]
  done
}

@test "-m 0 makes a segment without permissions" {
  id=$(shmtool create --mode 0 1)
  [ "$(kernel_says perms "$id")" = 0 ]
}

@test "an existing key is refused, naming the segment" {
  id=$(shmtool create -k 13 -m 640 2048)
  run -5 --separate-stderr shmtool create -k 13 2048
  [ -z "$output" ]
  [[ "$stderr" == "shmtool: create: "*"segment $id "*0640* ]]
  [ "$(census)" -eq 1 ]
}

@test "an existing key is refused for a larger size too" {
  shmtool create -k 13 10
  run -5 shmtool create -k 13 20
}

@test "a key can be created again after its segment was marked" {
  id=$(shmtool create -k 13 10)
  hold "$id"
  shmtool rm "$id"
  shmtool create -k 13 10
  [ "$(census)" -eq 2 ]
  release
}

@test "SIZE may not be left out" {
  refused
  refused -k 13
}

@test "a second operand is refused" {
  refused 1 2
}

@test "-u UID changes the owner, not the creator or the group" {
  require_root
  id=$(shmtool create -u 4242 1)
  [ "$(kernel_says uid "$id")" -eq 4242 ]
  [ "$(kernel_says cuid "$id")" -eq 0 ]
  [ "$(kernel_says gid "$id")" -eq 0 ]
}

@test "-u UID:GID changes owner and group" {
  require_root
  id=$(shmtool create --owner 4242:4343 1)
  [ "$(kernel_says uid "$id")" -eq 4242 ]
  [ "$(kernel_says gid "$id")" -eq 4343 ]
}

@test "-u USER:GROUP takes names" {
  require_root
  id=$(shmtool create -u "$(id -un 65534):$(id -gn 65534)" 1)
  [ "$(kernel_says uid "$id")" -eq 65534 ]
  [ "$(kernel_says gid "$id")" -eq "$(id -g 65534)" ]
}

@test "-u keeps the mode" {
  require_root
  id=$(shmtool create -m 640 -u 4242 1)
  [ "$(kernel_says perms "$id")" = 640 ]
}

@test "bad owners are refused" {
  for owner in no-such-user '' : :0 0: 0:no-such-group -1 4294967295 4294967296 0:4294967295; do
    refused -u "$owner" 1
  done
}

@test "any user may give a segment away" {
  require_root
  id=$(as_user 4242 shmtool create -u 0 1)
  [ "$(kernel_says uid "$id")" -eq 0 ]
  [ "$(kernel_says cuid "$id")" -eq 4242 ]
}

@test "a user who is not in the group may give a segment to it" {
  require_root
  id=$(as_user 4242 shmtool create -u 4242:0 1)
  [ "$(kernel_says gid "$id")" -eq 0 ]
}

@test "--reuse creates what is not there" {
  id=$(shmtool create -k 13 --reuse -m 640 2K)
  [ "$(kernel_says size "$id")" -eq 2048 ]
  [ "$(kernel_says perms "$id")" = 640 ]
}

@test "--reuse prints the id of what is there" {
  id=$(shmtool create -k 13 2K)
  run -0 shmtool create -k 13 --reuse 2K
  [ "$output" = "$id" ]
  [ "$(census)" -eq 1 ]
}

@test "--reuse takes a larger segment, and one of any size without SIZE" {
  id=$(shmtool create -k 13 2K)
  [ "$(shmtool create -k 13 --reuse 1K)" = "$id" ]
  [ "$(shmtool create -k 13 --reuse)" = "$id" ]
}

@test "--reuse changes nothing of what exists" {
  require_root
  shmtool create -k 13 -m 640 2K
  before=$(cat /proc/sysvipc/shm)
  shmtool create -k 13 --reuse -m 666 -u 4242 2K
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "--reuse refuses a smaller segment, saying both sizes" {
  id=$(shmtool create -k 13 2K)
  run -1 --separate-stderr shmtool create -k 13 --reuse 4K
  [ -z "$output" ]
  [[ "$stderr" == *"segment $id "*2048*4096* ]]
}

@test "--reuse without SIZE creates nothing" {
  run -3 shmtool create -k 13 --reuse
  [ "$(census)" -eq 0 ]
}

@test "--reuse begins again if what it found has gone" {
  require_strace
  id=$(shmtool create -k 13 1)
  # The first look is told so; LeakSanitizer cannot work under strace.
  run -0 env ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls -e inject=shmctl:error=EIDRM:when=1 \
    shmtool create -k 13 --reuse 1
  [ "$output" = "$id" ]
  grep -q INJECTED calls
}

@test "--reuse needs a key" {
  refused --reuse 4K
  refused --reuse -k 0 4K
}

@test "--reuse refuses another user's segment" {
  require_root
  as_user 4242 shmtool create -k 13 -m 666 4K
  run -4 --separate-stderr shmtool create -k 13 --reuse 4K
  [ -z "$output" ]
  [[ "$stderr" == *4242* ]]
}

@test "--reuse refuses another user's segment even if it is too small" {
  require_root
  as_user 4242 shmtool create -k 13 4K
  run -4 shmtool create -k 13 --reuse 8K
}

@test "--reuse refuses a segment that somebody else gave the caller" {
  require_root
  as_user 4242 shmtool create -k 13 -u 65534 4K
  run -4 as_user 65534 shmtool create -k 13 --reuse 4K
}

@test "--reuse refuses a segment that the caller gave away" {
  require_root
  as_user 4242 shmtool create -k 13 -u 65534 4K
  run -4 as_user 4242 shmtool create -k 13 --reuse 4K
}

@test "--reuse takes a segment of the user that -u names" {
  require_root
  id=$(as_user 4242 shmtool create -k 13 4K)
  run -0 shmtool create -k 13 --reuse -u 4242 4K
  [ "$output" = "$id" ]
}

@test "--reuse takes the caller's segment that belongs to the user that -u names" {
  require_root
  id=$(shmtool create -k 13 -u 4242 4K)
  run -0 shmtool create -k 13 --reuse -u 4242 4K
  [ "$output" = "$id" ]
}

@test "--reuse refuses a segment of neither the caller nor the user that -u names" {
  require_root
  as_user 4242 shmtool create -k 13 4K
  run -4 shmtool create -k 13 --reuse -u 65534 4K
}

@test "--reuse opens its own segment of mode 0" {
  require_root
  id=$(as_user 4242 shmtool create -k 13 -m 0 4K)
  run -0 as_user 4242 shmtool create -k 13 --reuse 4K
  [ "$output" = "$id" ]
}

@test "-J prints the segment as stat -J does" {
  run -0 shmtool create -J -k 13 -m 640 2K
  [ "$output" = "$(shmtool stat -J 0xd)" ]
}

@test "-J with --reuse prints the segment that is there" {
  shmtool create -k 13 2K
  run -0 shmtool create -J -k 13 --reuse
  [ "$output" = "$(shmtool stat -J 0xd)" ]
}

@test "options may follow SIZE" {
  id=$(shmtool create 2K -k 13 --mode=640)
  [ "$(kernel_says key "$id")" -eq 13 ]
  [ "$(kernel_says perms "$id")" = 640 ]
}

@test "abbreviated options are refused" {
  refused --mod 600 1
}

@test "an id that cannot be printed leaves a reused segment alone" {
  shmtool create -k 13 4K
  run -1 bash -c 'shmtool create -k 13 --reuse 4K >/dev/full'
  [ "$(census)" -eq 1 ]
}

@test "the first and the last command of the main job" {
  id=$(shmtool create -k 13 -m 666 2048)
  printf hello | shmtool attach-write "$id"
  [ "$(shmtool read -l 5 0xd)" = hello ]
  shmtool rm 0xd
  run -3 shmtool rm 0xd
  [[ "$output" == *"no such segment"* ]]
}
