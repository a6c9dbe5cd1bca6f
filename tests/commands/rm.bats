#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

@test "rm removes by id and says nothing" {
  id=$(shmtool create 1)
  run -0 shmtool rm "$id"
  [ -z "$output" ]
  [ "$(census)" -eq 0 ]
}

@test "rm removes by key" {
  shmtool create -k 13 1
  shmtool create -k -2 1
  run -0 shmtool rm 0xd key:4294967294
  [ "$(census)" -eq 0 ]
}

@test "rm removes nothing else" {
  id=$(shmtool create 1)
  kept=$(shmtool create 1)
  shmtool rm "$id"
  [ "$(shmtool list -q)" = "$kept" ]
}

@test "a missing segment is status 3" {
  for segment in 77 id:77 0x77 key:77; do
    run -3 shmtool rm "$segment"
    [[ "$output" == "shmtool: rm: $segment: "*"no such segment"* ]]
  done
}

@test "a stale id is status 3" {
  id=$(shmtool create 1)
  shmtool rm "$id"
  shmtool create 1
  run -3 shmtool rm "$id"
  [ "$(census)" -eq 1 ]
}

@test "each operand is tried" {
  first=$(shmtool create 1)
  second=$(shmtool create 1)
  run -3 shmtool rm "$first" 77 "$second"
  [ "$(census)" -eq 0 ]
}

@test "a bad operand removes nothing of the others" {
  id=$(shmtool create 1)
  run -2 shmtool rm "$id" nonsense
  [ "$(census)" -eq 1 ]
}

@test "an option after the operands is seen before anything is removed" {
  id=$(shmtool create 1)
  run -2 shmtool rm "$id" --nonsense
  [ "$(census)" -eq 1 ]
}

@test "bad ids and keys are refused" {
  for segment in 2147483648 1x 013 0x0 0x00000000 key:0 0x100000001 4294967296 '' id: key: id:0x1 \
    key:-2147483649 key:x ' 1' '1 ' +1 1K -0 key:013; do
    run -2 --separate-stderr shmtool rm -- "$segment"
    [ -z "$output" ]
    [[ "$stderr" == "shmtool: rm: "* ]]
  done
}

@test "a negative id is refused" {
  run -2 shmtool rm -1
  run -2 shmtool rm -- -1
  run -2 shmtool rm id:-1
}

@test "key 0 is refused with its reason" {
  id=$(shmtool create 1)
  run -2 shmtool rm 0x0
  [[ "$output" == *IPC_PRIVATE* ]]
  [ "$(census)" -eq 1 ]
}

@test "a key written as an id removes nothing, and is explained" {
  shmtool create -k 13 1
  run -3 shmtool rm 13
  [[ "$output" == *"none has id 13, but one has key 13 (0x0000000d): use key:13"* ]]
  [ "$(census)" -eq 1 ]
}

@test "ids 0 and 2147483647 are valid" {
  run -3 shmtool rm 0
  run -3 shmtool rm 2147483647
}

@test "operands that fail alike give their status" {
  run -3 shmtool rm 77 78
}

@test "operands that fail differently give status 1" {
  require_root
  id=$(shmtool create 1)
  run -1 as_user 4242 shmtool rm "$id" 77
}

@test "-f ignores what is missing" {
  id=$(shmtool create 1)
  run -0 shmtool rm -f 77 "$id" 0x77
  [ -z "$output" ]
  [ "$(census)" -eq 0 ]
  run -0 shmtool rm --force 77
}

@test "-f says if what is missing is the key of a segment" {
  shmtool create -k 13 1
  for option in --force --dry-run; do
    run -0 --separate-stderr shmtool rm -f $option 13
    [[ $stderr == *'one has key 13'*'use key:13' ]]
  done
  [ "$(census)" -eq 1 ]
}

@test "-f ignores nothing else" {
  require_root
  id=$(shmtool create 1)
  run -4 as_user 4242 shmtool rm -f "$id" 77
  run -2 shmtool rm -f 1x
}

@test "--dry-run removes nothing and says what it would" {
  id=$(shmtool create 1)
  run -0 shmtool rm --dry-run "$id"
  [[ "$output" == *"$id"* ]]
  [ "$(census)" -eq 1 ]
}

@test "--dry-run fails for what is missing" {
  run -3 shmtool rm --dry-run 77
}

@test "-v says what was removed" {
  id=$(shmtool create -k 13 1)
  run -0 --separate-stderr shmtool rm -v 0xd
  [[ "$output" == "removed segment $id"*0xd* ]]
  [ -z "$stderr" ]
}

@test "-v says what was only marked" {
  id=$(shmtool create 1)
  hold "$id"
  run -0 --separate-stderr shmtool rm -v "$id"
  [[ "$output" == "marked segment $id"* ]]
  [[ "$stderr" == *1* ]]
  release
}

@test "-v says where a lock stays behind" {
  id=$(shmtool create -k 13 1)
  shmtool semlock 0xd true
  stays='the lock of key 0x0000000d stays; to remove it: shmtool semlock --remove 0x0000000d'
  run -0 shmtool rm -v 0xd
  [ "$output" = "removed segment $id (0xd)"$'\n'"$stays" ]
  id=$(shmtool create -k 13 1)
  run -0 shmtool rm -v "$id"
  [ "$output" = "removed segment $id"$'\n'"$stays" ]
  shmtool create -k 13 1
  run -0 shmtool rm --all -y -v
  [ "${lines[-1]}" = "$stays" ]
  id=$(shmtool create -k 13 1)
  run -0 shmtool rm 0xd
  [ -z "$output" ]
  shmtool semlock --remove 0xd
}

@test "-v takes no semaphore set of another program for a lock" {
  require perl
  shmtool create -k 13 1
  perl -e 'semget(13, 1, 01600) // die'
  run -0 shmtool rm -v 0xd
  [ "${#lines[@]}" -eq 1 ]
}

@test "--verbose is the long form" {
  id=$(shmtool create 1)
  run -0 shmtool rm --verbose "$id"
  [[ "$output" == *"$id"* ]]
}

@test "an attached segment is marked, and how many attachments keep it is said" {
  id=$(shmtool create -k 13 1)
  hold "$id" 3
  run -0 --separate-stderr shmtool rm "$id"
  [ -z "$output" ]
  [[ "$stderr" == *3* ]]
  [ "$(kernel_says perms "$id")" = 1600 ]
  release
  [ "$(census)" -eq 0 ]
}

@test "one attachment is said too" {
  id=$(shmtool create 1)
  hold "$id"
  run -0 --separate-stderr shmtool rm "$id"
  [[ "$stderr" == *1* ]]
  release
}

@test "a marked segment can be removed again by id, not by key" {
  id=$(shmtool create -k 13 1)
  hold "$id"
  shmtool rm "$id"
  run -0 shmtool rm "$id"
  run -3 shmtool rm 0xd
  release
}

@test "the owner may remove, whatever the mode" {
  require_root
  id=$(shmtool create -u 4242 -m 0 1)
  run -0 as_user 4242 shmtool rm "$id"
  [ "$(census)" -eq 0 ]
}

@test "the creator may remove what is another's now" {
  require_root
  id=$(as_user 4242 shmtool create -u 65534 1)
  run -0 as_user 4242 shmtool rm "$id"
  [ "$(census)" -eq 0 ]
}

@test "a stranger may not, and is told owner and mode" {
  require_root
  id=$(shmtool create -m 666 1)
  run -4 as_user 4242 shmtool rm "$id"
  [[ "$output" == *root*0666* ]]
  [ "$(census)" -eq 1 ]
}

@test "CAP_SYS_ADMIN removes, CAP_IPC_OWNER does not" {
  require_root
  require_capability ipc_owner sys_admin
  id=$(shmtool create 1)
  run -4 with_capability ipc_owner 4242 shmtool rm "$id"
  run -0 with_capability sys_admin 4242 shmtool rm "$id"
  [ "$(census)" -eq 0 ]
}

@test "the same segment twice is missing the second time" {
  id=$(shmtool create 1)
  run -3 shmtool rm "$id" "$id"
  [ "$(census)" -eq 0 ]
}

@test "a segment of mode 0 can be removed by key" {
  shmtool create -k 13 -m 0 1
  run -0 shmtool rm 0xd
  [ "$(census)" -eq 0 ]
}

@test "rm wants an operand" {
  shmtool create 1
  run -2 shmtool rm
  [ "$(census)" -eq 1 ]
}

@test "semaphores and queues of the same key or id stay" {
  id=$(shmtool create -k 13 1)
  require perl
  perl -e 'semget(13, 1, 01600) // die; msgget(13, 01600) // die'
  shmtool rm 0xd
  [ "$(tail -n +2 /proc/sysvipc/sem | wc -l)" -eq 1 ]
  [ "$(tail -n +2 /proc/sysvipc/msg | wc -l)" -eq 1 ]
  ipcrm --all=msg
}

@test "attachments of a segment of mode 0 are told on kernels without SHM_STAT_ANY too" {
  require_root
  require_refuse
  require_capability ipc_owner
  id=$(as_user 4242 shmtool create -m 0 1)
  hold "$id"
  run -0 --separate-stderr refuse shmctl SHM_STAT_ANY EINVAL setpriv --reuid 4242 --regid 4242 --clear-groups \
    --inh-caps=-all shmtool rm "$id"
  [[ "$stderr" == *"1 attachment"* ]]
  release
}

@test "--dry-run fails as rm would" {
  require_root
  id=$(shmtool create -m 666 1)
  run -4 --separate-stderr as_user 4242 shmtool rm --dry-run "$id"
  [ -z "$output" ]
  [[ "$stderr" == *"segment $id"*root*0666* ]]
  run -4 as_user 4242 shmtool rm -f --dry-run "$id"
  run -0 shmtool rm -f --dry-run 77
  [ -z "$output" ]
}
