#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# set: mode, owner, group and lock.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
load ../common

# row ID: owner, group, creator, creator's group and mode, by the kernel.
row() {
  awk -v id="$1" 'NR > 1 && $2 == id { print $8, $9, $10, $11, $3 }' /proc/sysvipc/shm
}

@test "-m changes the mode, and says nothing" {
  id=$(shmtool create 1)
  for mode in 640 0666 0 777; do
    run -0 shmtool set -m "$mode" "$id"
    [ -z "$output" ]
    [ "$((8#$(kernel_says perms "$id")))" -eq "$((8#$mode))" ]
  done
  run -0 shmtool set --mode=600 "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "-u USER changes the owner alone" {
  require_root
  id=$(shmtool create -m 640 1)
  run -0 shmtool set -u 4242 "$id"
  [ "$(row "$id")" = "4242 0 0 0 640" ]
}

@test "-u USER:GROUP changes both" {
  require_root
  id=$(shmtool create -m 640 1)
  run -0 shmtool set --owner 4242:4343 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 640" ]
}

@test "-u takes names" {
  require_root
  id=$(shmtool create 1)
  run -0 shmtool set -u "$(id -un 65534):$(id -gn 65534)" "$id"
  [ "$(row "$id")" = "65534 $(id -g 65534) 0 0 600" ]
}

@test "-m leaves owner and group as they were" {
  require_root
  id=$(shmtool create -u 4242:4343 1)
  run -0 shmtool set -m 644 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 644" ]
}

@test "-m and -u together" {
  require_root
  id=$(shmtool create 1)
  run -0 shmtool set -m 444 -u 4242:4343 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 444" ]
}

@test "--lock and --unlock" {
  require_root
  require_locking
  id=$(shmtool create 4K)
  run -0 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 2600 ]
  run -0 shmtool set --unlock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "locking what is locked and unlocking what is not is done" {
  require_root
  require_locking
  id=$(shmtool create 4K)
  run -0 shmtool set --unlock "$id"
  run -0 shmtool set --lock "$id"
  run -0 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 2600 ]
}

@test "the lock stays where only the mode is changed, and the mode where only the lock is" {
  require_root
  require_locking
  id=$(shmtool create -m 640 -u 4242:4343 4K)
  shmtool set --lock "$id"
  shmtool set -m 600 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 2600" ]
  shmtool set --unlock "$id"
  [ "$(row "$id")" = "4242 4343 0 0 600" ]
}

@test "-m and --lock together" {
  require_root
  require_locking
  id=$(shmtool create 4K)
  run -0 shmtool set -m 640 --lock "$id"
  [ "$(kernel_says perms "$id")" = 2640 ]
}

@test "a segment is named by key too" {
  id=$(shmtool create -k 13 1)
  shmtool set -m 640 0xd
  [ "$(kernel_says perms "$id")" = 640 ]
  shmtool set -m 600 key:13
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "contents, key and size stay" {
  id=$(shmtool create -k 13 10)
  shmtool attach-write -t hello "$id"
  shmtool set -m 640 "$id"
  [ "$(shmtool read -t 0xd)" = hello ]
  [ "$(kernel_says size "$id")" -eq 10 ]
  [ "$(kernel_says lpid "$id")" -ne 0 ]
}

@test "the owner of a write-only segment" {
  require_root
  id=$(shmtool create -u 4242:4343 -m 200 1)
  run -0 as_user 4242 shmtool set -m 620 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 620" ]
}

@test "the owner of a segment of mode 0" {
  require_root
  id=$(shmtool create -u 4242:4343 -m 0 1)
  run -0 as_user 4242 shmtool set -m 600 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 600" ]
}

@test "a segment of mode 0 keeps it, and its group, when it is given away" {
  require_root
  id=$(shmtool create -k 13 -u 4242:4343 -m 0 1)
  run -0 as_user 4242 shmtool set -u 65534 0xd
  [ "$(row "$id")" = "65534 4343 0 0 0" ]
}

@test "a segment of mode 0 where the listing is masked" {
  require_root
  require_mounts
  id=$(shmtool create -u 4242:4343 -m 0 1)
  run -0 unlisted setpriv --reuid 4242 --regid 4242 --clear-groups --inh-caps=-all \
    shmtool set -u 65534 "$id"
  [ "$(row "$id")" = "65534 4343 0 0 0" ]
}

@test "the owner of a segment of mode 0 may lock it" {
  require_root
  id=$(shmtool create -u 4242 -m 0 4K)
  run -0 as_user 4242 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 2000 ]
  run -0 as_user 4242 shmtool set --unlock "$id"
}

@test "the creator may set what is another's now" {
  require_root
  id=$(as_user 4242 shmtool create -u 65534 1)
  run -0 as_user 4242 shmtool set -m 640 "$id"
  run -0 as_user 4242 shmtool set -u 4242 "$id"
  [ "$(row "$id")" = "4242 4242 4242 4242 640" ]
}

@test "an unprivileged owner may give it to anybody, root too" {
  require_root
  id=$(as_user 4242 shmtool create 1)
  run -0 as_user 4242 shmtool set -u 0:0 "$id"
  [ "$(row "$id")" = "0 0 4242 4242 600" ]
}

@test "who was given it and gave it away may not have it back" {
  require_root
  id=$(shmtool create -u 4242 1)
  run -0 as_user 4242 shmtool set -u 65534 "$id"
  fails 4 "shmtool: set: $id: *" as_user 4242 shmtool set -u 4242 "$id"
}

@test "a stranger may not, and is told owner and mode" {
  require_root
  id=$(shmtool create -m 666 4K)
  before=$(cat /proc/sysvipc/shm)
  for options in "-m 600" "-u 4242" --lock --unlock; do
    # shellcheck disable=SC2086
    fails 4 "shmtool: set: $id: *segment $id*root*0666*" as_user 4242 shmtool set $options "$id"
  done
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "over RLIMIT_MEMLOCK locking is status 6, with the limit" {
  require_root
  # What this user has locked anywhere on the machine counts.
  user=$((100000 + BASHPID))
  page=$(getconf PAGESIZE)
  id=$(as_user "$user" shmtool create $((3 * page)))
  fails 6 "shmtool: set: $id: *$((2 * page))*RLIMIT_MEMLOCK*" \
    as_user "$user" prlimit --memlock=$((2 * page)) shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
  run -0 as_user "$user" prlimit --memlock=$((3 * page)) shmtool set --lock "$id"
}

@test "with RLIMIT_MEMLOCK 0 locking is status 4, with the limit" {
  require_root
  id=$(as_user 4242 shmtool create 4K)
  fails 4 "shmtool: set: $id: * 0 *RLIMIT_MEMLOCK*" \
    as_user 4242 prlimit --memlock=0 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "with RLIMIT_MEMLOCK 0 unlocking is allowed" {
  require_root
  id=$(as_user 4242 shmtool create 4K)
  as_user 4242 shmtool set --lock "$id"
  run -0 as_user 4242 prlimit --memlock=0 shmtool set --unlock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "CAP_IPC_LOCK needs no RLIMIT_MEMLOCK" {
  require_root
  require_capability ipc_lock
  id=$(shmtool create 4M)
  run -0 with_capability ipc_lock 4242 prlimit --memlock=0 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 2600 ]
}

@test "locking does not populate" {
  require_root
  require_locking
  id=$(shmtool create 4M)
  shmtool set --lock "$id"
  [ "$(kernel_says rss "$id")" -eq 0 ]
}

@test "a marked segment stays marked" {
  require_root
  require_locking
  id=$(shmtool create -k 13 4K)
  hold "$id"
  shmtool rm "$id"
  run -0 shmtool set -m 640 -u 4242:4343 "$id"
  [ "$(row "$id")" = "4242 4343 0 0 1640" ]
  run -0 shmtool set --lock "$id"
  [ "$(kernel_says perms "$id")" = 3640 ]
  release
  HOLDER_PID=
  [ "$(census)" -eq 0 ]
}

@test "several segments" {
  first=$(shmtool create 1)
  second=$(shmtool create -k 13 1)
  other=$(shmtool create 1)
  run -0 shmtool set -m 640 "$first" 0xd
  [ "$(kernel_says perms "$first") $(kernel_says perms "$second")" = "640 640" ]
  [ "$(kernel_says perms "$other")" = 600 ]
}

@test "each is tried" {
  first=$(shmtool create 1)
  second=$(shmtool create 1)
  fails 3 "shmtool: set: 77: *no such segment*" shmtool set -m 640 "$first" 77 "$second"
  [ "$(kernel_says perms "$first") $(kernel_says perms "$second")" = "640 640" ]
}

@test "segments that fail alike give their status, else 1" {
  require_root
  id=$(shmtool create 1)
  other=$(shmtool create 1)
  run -3 shmtool set -m 640 77 0x77
  run -4 as_user 4242 shmtool set -m 640 "$id" "$other"
  run -1 as_user 4242 shmtool set -m 640 "$id" 77
}

@test "nothing to set is refused" {
  id=$(shmtool create 1)
  fails 2 "shmtool: set: *" shmtool set "$id"
  fails 2 "shmtool: set: *" shmtool set -v "$id"
}

@test "no segment is refused" {
  fails 2 "shmtool: set: *" shmtool set -m 600
}

@test "--lock and --unlock exclude one another" {
  id=$(shmtool create 1)
  fails 2 "shmtool: set: *" shmtool set --lock --unlock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "bad modes and owners are refused, before anything is set" {
  id=$(shmtool create 1)
  for mode in 888 01000 3644 04644 u+r '' -1; do
    fails 2 "shmtool: set: *" shmtool set -m "$mode" "$id"
  done
  for owner in no-such-user '' : :0 0: 0:no-such-group -1 4294967295 0:4294967295; do
    fails 2 "shmtool: set: *" shmtool set -m 640 -u "$owner" "$id"
  done
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "a bad segment sets nothing of the others" {
  id=$(shmtool create 1)
  for segment in nonsense 013 0x0 2147483648 ''; do
    fails 2 "shmtool: set: *" shmtool set -m 640 "$id" "$segment"
  done
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "a key written as an id is explained" {
  shmtool create -k 13 1
  fails 3 "*none has id 13, but one has key 13 (0x0000000d): use key:13*" shmtool set -m 640 13
}

@test "-v says what was done" {
  id=$(shmtool create -k 13 1)
  other=$(shmtool create 1)
  run -3 --separate-stderr shmtool set -v -m 640 0xd "$other" 77
  [[ "${lines[0]}" == *0xd* ]]
  [[ "${lines[1]}" == *"$other"* ]]
  [ "${#lines[@]}" -eq 2 ]
  [[ "$stderr" == "shmtool: set: 77: "* ]]
  [ "$(shmtool set --verbose -m 640 "$id" | wc -l)" -eq 1 ]
}

@test "the calls are traced" {
  require_root
  require_locking
  id=$(shmtool create 4K)
  run -0 shmtool set --trace -m 640 "$id"
  grep -qE "^shmctl\($id, IPC_SET, .*0640.*\) = 0\$" <<<"$output"
  run -0 shmtool set --trace --lock "$id"
  grep -qx "shmctl($id, SHM_LOCK, NULL) = 0" <<<"$output"
  run -0 shmtool set --trace --unlock "$id"
  grep -qx "shmctl($id, SHM_UNLOCK, NULL) = 0" <<<"$output"
  [[ "$output" != *IPC_SET* ]]
}

@test "where locking is refused the mode stays" {
  require_root
  id=$(as_user 4242 shmtool create 4K)
  run -4 as_user 4242 prlimit --memlock=0 shmtool set -m 640 --lock "$id"
  [ "$(kernel_says perms "$id")" = 600 ]
}
