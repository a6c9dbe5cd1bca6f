#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# create --huge and --noreserve.

# Each test is a process of its own; `run` sets variables.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
load ../common

at_end() {
  local file
  for file in nr_hugepages hugetlb_shm_group; do
    [ ! -e "old-$file" ] || cat "old-$file" >"/proc/sys/vm/$file"
  done
}

# change NAME VALUE: sets that sysctl vm.NAME of the machine until the test ends.
change() {
  cp "/proc/sys/vm/$1" "old-$1"
  echo "$2" >"/proc/sys/vm/$1"
}

# Skips where the machine has no huge pages at all; $huge is the bytes of one by default.
require_huge() {
  require_no_valgrind
  huge=$(awk '$1 == "Hugepagesize:" { print $2 * 1024 }' /proc/meminfo)
  [ -n "$huge" ] || skip "optional: no huge pages here"
}

# too_much: more bytes than all huge pages that the machine could have.
too_much() {
  echo $((huge * ($(cat /proc/sys/vm/nr_hugepages) + $(cat /proc/sys/vm/nr_overcommit_hugepages) + 1)))
}

# pool COUNT: gives the machine so many huge pages.
pool() {
  require_root
  require_system_tests
  require_huge
  change nr_hugepages "$1"
  [ "$(cat /proc/sys/vm/nr_hugepages)" -eq "$1" ] || skip "optional: too little memory is free"
}

# makes_none STATUS PATTERN COMMAND...: fails so, and makes no segment.
makes_none() {
  fails "$@"
  [ "$(census)" -eq 0 ]
}

@test "a wrong size lists those of the machine" {
  require_huge
  for size in 3M 4K 1 "$((huge + 1))" 0 8E; do
    makes_none 2 "shmtool: create: *--huge*" shmtool create --huge "$size" 4K
    for folder in /sys/kernel/mm/hugepages/hugepages-*kB; do
      kib=${folder##*-}
      kib=${kib%kB}
      # As in tables: the largest unit that divides it.
      spelled=${kib}K
      [ $((kib % 1024)) -ne 0 ] || spelled=$((kib / 1024))M
      [ $((kib % 1048576)) -ne 0 ] || spelled=$((kib / 1048576))G
      grep -qw "$spelled" <<<"${stderr##*;}"
    done
  done
}

@test "sizes of less than 1M are listed too" {
  require_root
  require_mounts
  # shellcheck disable=SC2016
  run -2 --separate-stderr unshare --mount sh -c '
    mount -t tmpfs none /sys/kernel/mm/hugepages && mkdir /sys/kernel/mm/hugepages/hugepages-64kB &&
    exec shmtool create --huge 4K 4K'
  [[ "$stderr" == *"available: 64K" ]]
}

@test "what is no size is refused" {
  for size in x '' -1 2.5M 2Q; do
    makes_none 2 "shmtool: create: *" shmtool create --huge "$size" 4K
  done
}

@test "--huge wants SIZE all the same" {
  require_huge
  makes_none 2 "shmtool: create: *SIZE*" shmtool create --huge "$huge"
}

@test "without CAP_IPC_LOCK it is refused, naming the group's sysctl" {
  require_root
  require_huge
  makes_none 4 "shmtool: create: *CAP_IPC_LOCK*vm.hugetlb_shm_group*" \
    as_user 4242 shmtool create --huge "$huge" 4K
}

@test "other capabilities do not help" {
  require_root
  require_huge
  require_capability ipc_owner sys_admin
  for capability in ipc_owner sys_admin; do
    makes_none 4 "*vm.hugetlb_shm_group*" \
      with_capability "$capability" 4242 shmtool create --huge "$huge" 4K
  done
}

@test "with CAP_IPC_LOCK alone the pool is what counts" {
  require_root
  require_huge
  require_capability ipc_lock
  makes_none 6 "*nr_hugepages*" with_capability ipc_lock 4242 shmtool create --huge "$huge" "$(too_much)"
}

@test "too small a pool is explained with nr_hugepages" {
  require_root
  require_huge
  makes_none 6 "shmtool: create: *nr_hugepages*" shmtool create --huge "$huge" "$(too_much)"
}

@test "too small a pool of another size of page is explained too" {
  require_root
  [ "$(cat /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages)" = 0 ] ||
    skip "optional: no empty pool of 1 GiB pages"
  makes_none 6 "shmtool: create: *nr_hugepages*" shmtool create --huge 1G 1
}

@test "what did not come to be has no key" {
  require_root
  require_huge
  makes_none 6 "*" shmtool create -k 13 --huge "$huge" "$(too_much)"
  run -0 shmtool create -k 13 4K
}

@test "--from does not survive an empty pool" {
  require_root
  require_huge
  echo hello >file
  makes_none 6 "*nr_hugepages*" shmtool create --huge "$huge" --from file "$(too_much)"
}

@test "--noreserve takes huge pages that there are none of" {
  require_root
  require_huge
  id=$(shmtool create --huge "$huge" --noreserve "$(too_much)")
  [ "$(kernel_says rss "$id")" -eq 0 ]
}

@test "huge pages that cannot be had are an error, not a crash" {
  require_root
  require_huge
  [ "$(cat /proc/sys/vm/nr_hugepages)" -eq 0 ] || skip "optional: there are huge pages"
  id=$(shmtool create --huge "$huge" --noreserve 4K)
  # Killed by SIGBUS would be 135.
  run -6 shmtool attach-write -t x "$id"
  [[ "$output" == "shmtool: attach-write: "* ]]
  # What was never written reads as zeros, without taking a page.
  [ "$(shmtool read "$id" | tr -d '\0' | wc -c)" -eq 0 ]
  # Nor does it where the segment is a whole number of pages.
  id=$(shmtool create --huge "$huge" --noreserve "$huge")
  [ "$(shmtool read "$id" | wc -c)" -eq "$(kernel_says size "$id")" ]
}

@test "--from into huge pages that cannot be had leaves nothing" {
  require_root
  require_huge
  [ "$(cat /proc/sys/vm/nr_hugepages)" -eq 0 ] || skip "optional: there are huge pages"
  echo hello >file
  run ! shmtool create --huge "$huge" --noreserve --from file
  [ "$status" -lt 126 ]
  [[ "$output" == "shmtool: create: "* ]]
  [ "$(census)" -eq 0 ]
}

@test "--noreserve takes 2^62 bytes, which nobody can attach" {
  require_no_valgrind
  id=$(shmtool create --noreserve 4E)
  [ "$(kernel_says size "$id")" = 4611686018427387904 ]
  run -6 --separate-stderr shmtool read "$id"
  [ -z "$output" ]
  [[ "$stderr" == "shmtool: read: $id: $(strerror ENOMEM): "* ]]
  run -6 shmtool read -l 1 "$id"
  run -6 shmtool attach-write -t x "$id"
}

@test "without --noreserve so many are refused" {
  [ "$(cat /proc/sys/vm/overcommit_memory)" -ne 1 ] || skip "optional: memory is overcommitted"
  makes_none 6 "shmtool: create: *overcommit*" shmtool create 4E
}

@test "an unreserved segment is like any other" {
  id=$(shmtool create --noreserve -k 13 -m 640 1M)
  [ "$(kernel_says perms "$id")" = 640 ]
  shmtool attach-write -t hello "$id"
  [ "$(shmtool read -t 0xd)" = hello ]
}

@test "both are traced as flags" {
  require_huge
  run --separate-stderr shmtool create --trace --huge "$huge" --noreserve 4K
  [[ "$stderr" == *"shmget("*SHM_HUGETLB*") = "* ]]
  [[ "$stderr" == *"shmget("*SHM_NORESERVE*") = "* ]]
}

@test "pages of the pool are taken, written, read and given back" {
  pool 4
  id=$(shmtool create --huge "$huge" -m 640 "$((2 * huge))")
  [ "$(kernel_says size "$id") $(kernel_says perms "$id")" = "$((2 * huge)) 640" ]
  [ "$(awk '$1 == "HugePages_Rsvd:" { print $2 }' /proc/meminfo)" -eq 2 ]
  shmtool attach-write -t hello -s "$huge" "$id"
  [ "$(shmtool read -s "$huge" -t "$id")" = hello ]
  [ "$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)" -le 3 ]
  hold "$id"
  [ "$(shmtool ps -rn -o pagesize "$id")" = "$huge" ]
  release
  HOLDER_PID=
  shmtool rm "$id"
  [ "$(awk '$1 == "HugePages_Free:" { print $2 }' /proc/meminfo)" -eq 4 ]
}

@test "the file's bytes go into huge pages" {
  pool 4
  head -c 3000000 /dev/urandom >file
  id=$(shmtool create --huge "$huge" --from file)
  shmtool read "$id" | cmp - file
}

@test "a pool of fewer pages than are wanted is too small" {
  pool 4
  makes_none 6 "*nr_hugepages*" shmtool create --huge "$huge" "$((5 * huge))"
  run -0 shmtool create --huge "$huge" "$((4 * huge))"
  run -6 shmtool create --huge "$huge" 1
}

@test "the group of vm.hugetlb_shm_group needs no capability" {
  pool 4
  change hugetlb_shm_group 4242
  run -0 as_user 4242 shmtool create --huge "$huge" 1
  run -4 --separate-stderr as_user 65534 shmtool create --huge "$huge" 1
  [[ "$stderr" == *4242*vm.hugetlb_shm_group* ]]
}
