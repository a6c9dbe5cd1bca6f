#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the kernel answers in the odd cases of shmget, ids, keys and removal, and to whom: each ends
# in its status and message. What other files have is not repeated here.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# contain: a process in a user namespace with 65536 ids, and in an IPC namespace that belongs to it.
contain() {
  require_root
  require_user_namespaces
  require python3
  coproc HOLDER {
    exec python3 -c '
import ctypes, signal
unshare = ctypes.CDLL(None).unshare
assert unshare(0x10000000) == 0  # CLONE_NEWUSER
print("map", flush=True)
input()
assert unshare(0x08000000) == 0  # CLONE_NEWIPC
print("ready", flush=True)
signal.pause()' 3>&-
  }
  read -r _ <&"${HOLDER[0]}"
  echo 0 100000 65536 >"/proc/$HOLDER_PID/uid_map"
  echo 0 100000 65536 >"/proc/$HOLDER_PID/gid_map"
  echo >&"${HOLDER[1]}"
  read -r _ <&"${HOLDER[0]}"
}

# refused WHO...: WHO may not do what follows to root's segment of mode 0640 in $id, and is told
# whose it is: `refused as_user 4242 -- rm`.
refused() {
  local who=()
  while [ "$1" != -- ]; do
    who+=("$1")
    shift
  done
  local before
  before=$(cat /proc/sysvipc/shm)
  fails 4 "shmtool: $2: *segment $id*root*0640*" "${who[@]}" shmtool "${@:2}" "$id"
  [[ "$stderr" != *nvalid\ argument* ]]
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

# allowed WHO... -- COMMAND...: may.
allowed() {
  local who=()
  while [ "$1" != -- ]; do
    who+=("$1")
    shift
  done
  run -0 --separate-stderr "${who[@]}" shmtool "${@:2}" "$id"
  [ -z "$stderr" ]
}

# roots: root's segment of mode 0640.
roots() {
  require_root
  id=$(shmtool create -k 13 -m 640 4K)
}

# for_each_command STATUS PATTERN SEGMENT: every command that takes a segment fails so.
for_each_command() {
  local command
  for command in read "attach-write -t x" stat rm "rm --dry-run" "set -m 600" "set -u 4242" \
    "set --lock" "set --unlock" "ps -n"; do
    # shellcheck disable=SC2086
    fails "$1" "$2" shmtool $command "$3"
  done
}

## shmget

@test "0 bytes: an existing key is what is wrong" {
  id=$(shmtool create -k 13 10)
  fails 5 "shmtool: create: *segment $id *" shmtool create -k 13 0
  run -0 shmtool create -k 13 --reuse 0
  [ "$output" = "$id" ]
}

@test "0 bytes: a new key is told so, with --reuse too" {
  fails 1 "shmtool: create: *0 bytes*" shmtool create -k 13 0
  fails 1 "shmtool: create: *0 bytes*" shmtool create -k 13 --reuse 0
  fails 1 "shmtool: create: *0 bytes*" shmtool create --noreserve 0
  [ "$(census)" -eq 0 ]
}

@test "over SHMMAX an existing key is what is wrong" {
  require_root
  id=$(shmtool create -k 13 10)
  # As large as an unsigned long can be: over SHMMAX by any default.
  fails 5 "shmtool: create: *segment $id *" shmtool create -k 13 18446744073709551615
  fails 6 "shmtool: create: *SHMMAX*" shmtool create -k 14 18446744073709551615
}

@test "2^63-1 bytes without a reservation can be made, and removed" {
  require_no_valgrind
  id=$(shmtool create -k -1 --noreserve 9223372036854775807)
  [ "$(kernel_says size "$id")" = 9223372036854775807 ]
  fails 6 "shmtool: read: $id: $(strerror ENOMEM): *" shmtool read "$id"
  fails 6 "shmtool: read: $id: *" shmtool read -s 9223372036854775806 "$id"
  fails 6 "shmtool: attach-write: $id: *" shmtool attach-write -t x "$id"
  run -0 shmtool set -m 640 "$id"
  run -0 shmtool rm key:-1
  [ "$(census)" -eq 0 ]
}

@test "key 0 and mode 0 make a private segment of mode 0" {
  run -0 shmtool create -k 0 -m 0 4K
  [ "$(kernel_says key "$output") $(kernel_says perms "$output")" = "0 0" ]
}

@test "another's key: looked up, opened, too large" {
  require_root
  id=$(shmtool create -k 13 -m 600 4K)
  run -0 as_user 4242 shmtool stat -rn -o id 0xd
  [ "$output" = "$id" ]
  fails 4 "shmtool: read: 0xd: *segment $id*root*0600*" as_user 4242 shmtool read 0xd
  fails 4 "shmtool: create: *segment $id *" as_user 4242 shmtool create -k 13 --reuse 4K
  fails 4 "shmtool: create: *segment $id *" as_user 4242 shmtool create -k 13 --reuse 8K
  fails 5 "shmtool: create: *segment $id*root*0600*" as_user 4242 shmtool create -k 13 8K
}

@test "another's key: not even with a capability is it reused" {
  require_capability ipc_owner sys_admin ipc_lock
  roots
  for capability in ipc_owner sys_admin ipc_lock; do
    fails 4 "shmtool: create: *segment $id *" \
      with_capability "$capability" 4242 shmtool create -k 13 --reuse 4K
    fails 5 "shmtool: create: *segment $id*root*0640*" \
      with_capability "$capability" 4242 shmtool create -k 13 4K
  done
}

@test "limits hold for everybody" {
  require_root
  require_limits
  require_capability ipc_owner sys_admin ipc_lock
  cp /proc/sys/kernel/shmmni shmmni
  echo 0 >/proc/sys/kernel/shmmni
  for capability in ipc_owner sys_admin ipc_lock; do
    run -6 with_capability "$capability" 4242 shmtool create 1
    [[ "$output" == *SHMMNI* ]] || break
  done
  cat shmmni >/proc/sys/kernel/shmmni
  [[ "$output" == *SHMMNI* ]]
}

@test "a mode is nine bits" {
  id=$(shmtool create 1)
  for mode in 01000 02000 03644 04000 010000 0100777; do
    fails 2 "shmtool: create: *" shmtool create -m $mode 1
    fails 2 "shmtool: set: *" shmtool set -m $mode "$id"
  done
  [ "$(census)" -eq 1 ]
  [ "$(kernel_says perms "$id")" = 600 ]
}

## ids, keys, removal

@test "id 0 is an id" {
  create_as 0 10
  shmtool attach-write -t hello 0
  [ "$(shmtool read -t id:0)" = hello ]
  shmtool set -m 640 0
  [ "$(shmtool stat -rn -o mode 0)" = 0640 ]
  run -0 shmtool rm 0
  [ "$(census)" -eq 0 ]
}

@test "id 2147483647 is an id" {
  create_as 2147483647 10
  shmtool attach-write -t hello 2147483647
  [ "$(shmtool read -t id:2147483647)" = hello ]
  shmtool set -m 640 2147483647
  [ "$(shmtool stat -rn -o mode,seq 2147483647)" = $'0640\t65535' ]
  run -0 shmtool rm 2147483647
  [ "$(census)" -eq 0 ]
}

@test "a negative id is misuse, everywhere" {
  shmtool create 1
  for_each_command 2 "shmtool: *" -1
  for_each_command 2 "shmtool: *" id:-1
  [ "$(census)" -eq 1 ]
}

@test "an unknown id or key is no such segment, everywhere" {
  shmtool create 1
  for_each_command 3 "shmtool: *77: *no such segment*" 77
  for_each_command 3 "shmtool: *0x77: *no such segment*" 0x77
  for_each_command 3 "shmtool: *2147483647: *no such segment*" 2147483647
}

@test "a stale id, whose index another has now, is no such segment, everywhere" {
  create_as 32769 10
  before=$(cat /proc/sysvipc/shm)
  for stale in 1 65537; do
    for_each_command 3 "shmtool: *$stale: *no such segment*" "$stale"
  done
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "EIDRM is no such segment too" {
  require_root
  require_refuse
  create_as 1 10
  fails 3 "shmtool: read: 1: *no such segment*" refuse shmat EIDRM shmtool read 1
  fails 3 "shmtool: attach-write: 1: *no such segment*" \
    refuse shmat EIDRM shmtool attach-write -t x 1
  fails 3 "shmtool: set: 1: *no such segment*" refuse shmctl IPC_SET EIDRM shmtool set -m 640 1
  fails 3 "shmtool: set: 1: *no such segment*" refuse shmctl SHM_LOCK EIDRM shmtool set --lock 1
  fails 3 "shmtool: rm: 1: *no such segment*" refuse shmctl EIDRM shmtool rm 1
}

@test "a marked segment has no key any more, everywhere" {
  id=$(shmtool create -k 13 10)
  hold "$id"
  shmtool rm "$id"
  for_each_command 3 "shmtool: *0xd: *no such segment*" 0xd
}

@test "a marked segment lives on by its id" {
  require_root
  id=$(shmtool create -k 13 10)
  hold "$id"
  shmtool rm "$id"
  shmtool attach-write -t hello "$id"
  [ "$(shmtool read -t "$id")" = hello ]
  [ "$(shmtool stat -rn -o key,mode,status "$id")" = $'0x00000000\t0600\tdest' ]
  run -0 shmtool set -m 640 "$id"
  run -0 shmtool ps "$id"
  run -0 shmtool rm "$id"
}

@test "the key of a marked segment is free for another: two segments" {
  id=$(shmtool create -k 13 10)
  hold "$id"
  shmtool rm 0xd
  new=$(shmtool create -k 13 20)
  [ "$(shmtool stat -rn -o id,size 0xd)" = "$new"$'\t20' ]
  [ "$(shmtool stat -rn -o id,size "$id")" = "$id"$'\t10' ]
  [ "$(census)" -eq 2 ]
}

@test "looking destroys nothing under shm_rmid_forced, attached or not" {
  require_root
  require_limits
  creator 13 600
  echo 1 >/proc/sys/kernel/shm_rmid_forced
  before=$(cat /proc/sysvipc/shm)
  run -0 shmtool stat "$id"
  run -0 shmtool list --orphans -o +orphan
  run -0 shmtool ps "$id"
  run -0 shmtool rm --dry-run "$id"
  run -0 shmtool rm --dry-run --all
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
  run -0 shmtool set -m 640 "$id"
  [ "$(kernel_says perms "$id")" = 640 ]
  run -0 shmtool rm "$id"
  [ "$(census)" -eq 0 ]
}

@test "create --from refuses under shm_rmid_forced as well" {
  require_root
  require_limits
  echo hello >file
  echo 1 >/proc/sys/kernel/shm_rmid_forced
  fails 1 "shmtool: create: *shm_rmid_forced*" shmtool create --from file
  [ "$(census)" -eq 0 ]
}

@test "looking changes no time and no lpid" {
  id=$(shmtool create -k 13 10)
  before=$(cat /proc/sysvipc/shm)
  shmtool stat 0xd
  shmtool ps 0xd
  shmtool rm --dry-run 0xd
  shmtool rm --dry-run --all
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "a segment of mode 0 or write-only is shown to its owner" {
  require_root
  for mode in 0 200; do
    id=$(as_user 4242 shmtool create -m $mode 10)
    run -0 as_user 4242 shmtool stat -rn -o id,uid,size "$id"
    [ "$output" = "$id"$'\t4242\t10' ]
    run -0 as_user 4242 shmtool list -q
    [ "$output" = "$id" ]
    fails 4 "shmtool: read: $id: *segment $id*4242*0${mode/#0/00}*" as_user 4242 shmtool read "$id"
    fails 4 "shmtool: attach-write: $id: *segment $id*4242*" \
      as_user 4242 shmtool attach-write -t x "$id"
    run -0 as_user 4242 shmtool rm "$id"
  done
}

@test "uid -1 is no owner" {
  id=$(shmtool create 1)
  for owner in -1 4294967295 0:-1 0:4294967295; do
    fails 2 "shmtool: set: *" shmtool set -u "$owner" "$id"
  done
}

@test "what cannot be forged is the creator: --reuse asks for it" {
  require_root
  id=$(as_user 4242 shmtool create -k 13 4K)
  as_user 4242 shmtool set -u 0:0 "$id"
  # Root owns it now, but did not make it.
  fails 4 "shmtool: create: *segment $id *4242*" shmtool create -k 13 --reuse 4K
  run -0 shmtool create -k 13 --reuse -u 4242 4K
}

## to whom

@test "root may do everything" {
  require_root
  require_capability ipc_owner
  require_locking
  id=$(as_user 4242 shmtool create -m 0 4K)
  allowed -- read
  allowed -- attach-write -t x
  allowed -- set -m 600
  allowed -- set -u 65534
  allowed -- set --lock
  allowed -- set --unlock
  allowed -- rm
}

@test "the owner may do everything" {
  require_root
  id=$(shmtool create -u 4242 -m 600 4K)
  allowed as_user 4242 -- read
  allowed as_user 4242 -- attach-write -t x
  allowed as_user 4242 -- set --lock
  allowed as_user 4242 -- set --unlock
  allowed as_user 4242 -- set -m 640
  allowed as_user 4242 -- rm
}

@test "the creator may do everything" {
  require_root
  id=$(as_user 4242 shmtool create -u 65534:65534 -m 600 4K)
  allowed as_user 4242 -- read
  allowed as_user 4242 -- attach-write -t x
  allowed as_user 4242 -- set --lock
  allowed as_user 4242 -- set --unlock
  allowed as_user 4242 -- set -m 640
  allowed as_user 4242 -- rm
}

# may NAME COMMAND...: with that capability alone.
may() {
  allowed with_capability "$1" 4242 -- "${@:2}"
}

# may_not NAME COMMAND...: not with that capability alone.
may_not() {
  refused with_capability "$1" 4242 -- "${@:2}"
}

@test "another user may look" {
  roots
  allowed as_user 4242 -- stat
}

@test "another user may not read" {
  roots
  refused as_user 4242 -- read
}

@test "another user may not write" {
  roots
  refused as_user 4242 -- attach-write -t x
}

@test "another user may not set mode or owner" {
  roots
  refused as_user 4242 -- set -m 666
  refused as_user 4242 -- set -u 4242
}

@test "another user may not lock or unlock" {
  roots
  refused as_user 4242 -- set --lock
  refused as_user 4242 -- set --unlock
}

@test "another user may not remove" {
  roots
  refused as_user 4242 -- rm
}

@test "another user with every permission may read and write, and no more" {
  require_root
  id=$(shmtool create -m 666 4K)
  allowed as_user 4242 -- read
  allowed as_user 4242 -- attach-write -t x
  for command in "set -m 600" "set --lock" rm; do
    # shellcheck disable=SC2086
    fails 4 "*segment $id*root*0666*" as_user 4242 shmtool $command "$id"
  done
}

@test "CAP_IPC_OWNER reads and writes" {
  require_capability ipc_owner
  roots
  may ipc_owner read
  may ipc_owner attach-write -t x
}

@test "CAP_IPC_OWNER does not set, lock or remove" {
  require_capability ipc_owner
  roots
  may_not ipc_owner set -m 666
  may_not ipc_owner set -u 4242
  may_not ipc_owner set --lock
  may_not ipc_owner set --unlock
  may_not ipc_owner rm
}

@test "CAP_SYS_ADMIN sets and removes" {
  require_capability sys_admin
  roots
  may sys_admin set -m 600
  may sys_admin set -u 65534:65534
  may sys_admin rm
}

@test "CAP_SYS_ADMIN does not read, write or lock" {
  require_capability sys_admin
  roots
  may_not sys_admin read
  may_not sys_admin attach-write -t x
  may_not sys_admin set --lock
  may_not sys_admin set --unlock
}

@test "CAP_IPC_LOCK locks and unlocks" {
  require_capability ipc_lock
  roots
  may ipc_lock set --lock
  [ "$(kernel_says perms "$id")" = 2640 ]
  may ipc_lock set --unlock
  [ "$(kernel_says perms "$id")" = 640 ]
}

@test "CAP_IPC_LOCK does not read, write, set or remove" {
  require_capability ipc_lock
  roots
  may_not ipc_lock read
  may_not ipc_lock attach-write -t x
  may_not ipc_lock set -m 666
  may_not ipc_lock set -u 4242
  may_not ipc_lock rm
}

@test "users without an id in a user namespace are not taken for one another" {
  require_root
  require_user_namespaces
  as_user 1000 shmtool create -k 13 -m 666 4K
  run -4 --separate-stderr as_user 4242 unshare --user shmtool create -k 13 --reuse 4K
  [ -z "$output" ]
  run -4 --separate-stderr as_user 4242 unshare --user shmtool create -k 13 --reuse -u nobody 4K
  [ -z "$output" ]
  run -0 as_user 4242 unshare --user shmtool rm --all --attached --dry-run
  [ "${#lines[@]}" -eq 1 ]
  as_user 1000 shmtool semlock 0xd true
  as_user 1000 shmtool rm 0xd
  run -125 --separate-stderr as_user 4242 unshare --user shmtool semlock 0xd echo held
  [ -z "$output" ]
  [[ "$stderr" == *"was created by uid 65534"* ]]
}

@test "set leaves alone a segment whose group has no id in the user namespace" {
  contain
  # Not in the IPC namespace that belongs to it.
  inside=(nsenter --target "$HOLDER_PID" --user --setuid 0 --setgid 0)
  id=$(shmtool create -k 13 -u 100000:4242 4K)
  run -1 --separate-stderr "${inside[@]}" shmtool set -m 640 "$id"
  [[ "$stderr" == *"has no id in this user namespace" ]]
  [ "$(shmtool stat -rn -o uid,gid,mode "$id")" = $'100000\t4242\t0600' ]
  run -125 --separate-stderr "${inside[@]}" shmtool semlock 0xd true
  [[ "$stderr" == *"no id in this user namespace"* ]]
  run -0 "${inside[@]}" shmtool set -m 640 -u root:root "$id"
  [ "$(shmtool stat -rn -o uid,gid,mode "$id")" = $'100000\t100000\t0640' ]
}

@test "root of the user namespace that owns the IPC namespace changes and locks what is nobody's" {
  contain
  inside=(nsenter --target "$HOLDER_PID" --user --ipc)
  root=("${inside[@]}" --setuid 0 --setgid 0)
  nobody=("${inside[@]}" --setuid 65534 --setgid 65534)
  for who in root nobody; do
    declare -n by=$who
    id=$("${by[@]}" shmtool create -u 65534:65534 -k 13 4K)
    run -0 --separate-stderr "${root[@]}" shmtool set -m 640 "$id"
    [ -z "$stderr" ]
    # The owner is still the same.
    [ "$(shmtool stat --ns "$HOLDER_PID" -rn -o uid,gid,mode "$id")" = $'165534\t165534\t0640' ]
    for locker in root nobody root; do
      declare -n as=$locker
      run -0 --separate-stderr "${as[@]}" shmtool semlock -w 30 0xd echo held
      [ "$output$stderr" = held ]
    done
    run -0 "${nobody[@]}" shmtool semlock --remove 0xd
    run -0 "${root[@]}" shmtool rm "$id"
  done
}

# in_shared COMMAND...: runs COMMAND as user 4242, but root of a user namespace of its own, in the
# IPC namespace of the tests.
in_shared() {
  as_user 4242 unshare --map-root-user "$@"
}

@test "root of a user namespace that does not own the IPC namespace removes only what is its own" {
  require_root
  require_user_namespaces
  foreign=$(shmtool create -k 13 -m 666 1)
  other=$(as_user 4343 shmtool create -k 14 1)
  own=$(as_user 4242 shmtool create -k 15 1)
  for id in "$foreign" "$other"; do
    fails 4 "shmtool: rm: $id: *" in_shared shmtool rm --dry-run "$id"
    fails 4 "shmtool: rm: $id: *" in_shared shmtool rm "$id"
  done
  run -0 in_shared shmtool rm --dry-run "$own"
  [ "$output" = "would remove segment $own" ]
  run -0 in_shared shmtool rm --all --dry-run
  [[ "$output" == *0x0000000f* ]]
  [[ "$output" != *0x0000000d* ]]
  [[ "$output" != *0x0000000e* ]]
  run -0 --separate-stderr in_shared shmtool rm --all -y
  [ "$(shmtool list -q | paste -sd ' ')" = "$foreign $other" ]
}

@test "root of the user namespace that owns the IPC namespace removes everybody's" {
  contain
  inside=(nsenter --target "$HOLDER_PID" --user --ipc --setuid 0 --setgid 0)
  # One who has no id there, one who has.
  foreign=$(shmtool create --ns "$HOLDER_PID" 1)
  own=$("${inside[@]}" shmtool create -u 4242 1)
  for id in "$foreign" "$own"; do
    run -0 "${inside[@]}" shmtool rm --dry-run "$id"
    [ "$output" = "would remove segment $id" ]
  done
  run -0 --separate-stderr "${inside[@]}" shmtool rm --all -y
  [ -z "$(shmtool list --ns "$HOLDER_PID" -q)" ]
}

@test "an account with the number of those without an id uses what is its own" {
  contain
  echo hello >file
  run -0 nsenter --target "$HOLDER_PID" --user --ipc --setuid 65534 --setgid 65534 sh -ec '
    shmtool create --from file
    shmtool create -k 13 4K
    shmtool create -k 13 --reuse 4K
    shmtool set -m 640 0xd
    shmtool semlock 0xd true
    shmtool semlock 0xd echo held
    shmtool semlock --remove 0xd
    shmtool rm --all -y
    shmtool list -q'
  [[ "$output" == $'0\n1\n1\nheld\n'* ]]
  [ "${#lines[@]}" -eq 7 ]
}
