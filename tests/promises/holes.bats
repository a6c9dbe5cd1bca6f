#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Sparse segments: reading fills no hole, writing empties what a hole of the input covers.

load ../common

rss() {
  kernel_says rss "$1"
}

# sparse SIZE OFFSET...: a segment of mode 0604 with a few random bytes at each OFFSET; sets $id,
# and makes the file `bytes` with the same content.
sparse() {
  local size=$1 offset
  shift
  id=$(shmtool create -m 604 "$size")
  truncate -s "$size" bytes
  for offset in "$@"; do
    head -c 100 /dev/urandom >part
    shmtool attach-write -s "$offset" "$id" part
    dd if=part of=bytes bs=1 seek="$offset" conv=notrunc status=none
  done
}

reader() {
  as_user 4242 "$@"
}

same_in_all_forms() {
  require hexdump
  "$@" shmtool read "$id" | cmp - bytes
  "$@" shmtool read -x "$id" | cmp - <(hexdump -C bytes)
  "$@" shmtool read -s 4000 -l 9000 "$id" | cmp - <(tail -c +4001 bytes | head -c 9000)
}

@test "root reads a sparse segment without filling it" {
  require_root
  sparse 3000000 0 8190 1500000 2999900
  before=$(rss "$id")
  same_in_all_forms env
  [ "$(rss "$id")" -eq "$before" ]
}

@test "a mere reader reads a sparse segment without filling it" {
  require_root
  sparse 3000000 0 8190 1500000 2999900
  before=$(rss "$id")
  same_in_all_forms reader
  [ "$(rss "$id")" -eq "$before" ]
}

@test "the owner reads a sparse segment without filling it" {
  sparse 3000000 4096 2000000
  before=$(rss "$id")
  same_in_all_forms env
  [ "$(rss "$id")" -eq "$before" ]
}

@test "a segment of holes alone is read without filling it" {
  sparse 100000
  same_in_all_forms env
  [ "$(shmtool read -t "$id")" = "" ]
  [ "$(rss "$id")" -eq 0 ]
}

@test "-O leaves holes as holes" {
  sparse 64M 0 40000000
  shmtool read -O file "$id"
  cmp file bytes
  [ "$(du -k file | cut -f 1)" -lt 1000 ]
  [ "$(rss "$id")" -eq 8192 ]
}

@test "-O of a range that ends in a hole has the length of the range" {
  sparse 100000 0
  shmtool read -l 50000 -O file "$id"
  [ "$(stat -c %s file)" -eq 50000 ]
}

@test "holes to a file that is not new are zeros" {
  sparse 100000 50000
  head -c 100000 /dev/urandom >file
  shmtool read "$id" 1<>file
  cmp file bytes
  printf x >file
  shmtool read "$id" >>file
  tail -c +2 file | cmp - bytes
}

@test "64 GiB with three pages touched take no time and no memory" {
  require_no_valgrind
  require_root
  id=$(shmtool create --noreserve 64G)
  for offset in 5 32G 68719476735; do printf A | shmtool attach-write -s "$offset" "$id"; done
  timeout 5 "$(command -v shmtool)" read -O file "$id"
  [ "$(rss "$id")" -eq 12288 ]
  [ "$(stat -c %s file)" -eq 68719476736 ]
  timeout 5 "$(command -v shmtool)" read -x "$id" >dump
  [ "$(grep -c '|.*A.*|' dump)" -eq 3 ]
  [ "$(tail -n 1 dump)" = 1000000000 ]
}

@test "a hole of the input empties what is there, edges included" {
  id=$(shmtool create 100000)
  shmtool attach-write --fill 255 "$id"
  truncate -s 90000 input
  printf head | dd of=input conv=notrunc status=none
  shmtool attach-write -s 5000 "$id" input
  shmtool read -s 5000 -l 90000 "$id" | cmp - input
  [ "$(shmtool read -l 5000 "$id" | tr -d '\377' | wc -c)" -eq 0 ]
  [ "$(shmtool read -s 95000 "$id" | tr -d '\377' | wc -c)" -eq 0 ]
  [ "$(rss "$id")" -lt 30000 ]
}

@test "--zero-rest gives whole pages back" {
  id=$(shmtool create 1M)
  shmtool attach-write --fill 255 "$id"
  printf hello | shmtool attach-write --zero-rest "$id"
  [ "$(shmtool read "$id" | tr -d '\0')" = hello ]
  [ "$(rss "$id")" -eq 4096 ]
}

@test "a short write from a pipe fills only what it writes" {
  id=$(shmtool create 8M)
  printf hello | shmtool attach-write "$id"
  [ "$(rss "$id")" -eq 4096 ]
}

@test "blocks of a file that hold no data take no memory" {
  fallocate -l 16M within || skip "optional: the file system preallocates no blocks"
  truncate -s 16M beyond
  fallocate -n -o 16M -l 16M beyond
  [ "$(stat -f -c %T .)" != tmpfs ] || skip "optional: on tmpfs all of them count as data"
  for input in within beyond; do
    id=$(shmtool create --from "$input")
    [ "$(rss "$id")" -eq 0 ]
  done
}

@test "-x from an odd offset across holes" {
  require hexdump
  sparse 3000000 1500000
  shmtool read -x -s 5 "$id" | cmp - <(hexdump -C -s 5 bytes)
}

@test "where holes cannot be told it is said that the segment grew" {
  require_root
  require_refuse
  sparse 100000 50000
  # shellcheck disable=SC2016
  run -0 --separate-stderr refuse mincore EAGAIN setpriv --reuid 4242 --regid 4242 --clear-groups \
    --inh-caps=-all sh -c 'shmtool read "$0" >/dev/null' "$id"
  [ "$stderr" = "shmtool: read: $id: its holes could not be told from data, so reading made it grow" ]
  [ "$(rss "$id")" -eq 102400 ]
}

@test "where the listing says that some of it is swapped out all is data" {
  require_root
  require_mounts
  sparse 100000 50000
  awk -v id="$id" '$2 == id { $16 += 4096 } { print }' /proc/sysvipc/shm >listing
  covered "$PWD/listing" setpriv --reuid 4242 --regid 4242 --clear-groups --inh-caps=-all \
    shmtool read "$id" | cmp - bytes
  [ "$(rss "$id")" -eq 102400 ]
}

# page_out ID: swaps that segment out, which MADV_PAGEOUT does for whoever attaches it.
page_out() {
  require_system_tests
  require_root
  [ "$(wc -l </proc/swaps)" -eq 1 ] || skip "optional: there is swap already"
  head -c 64M /dev/zero >swap
  chmod 600 swap
  mkswap swap >/dev/null
  swapon swap || skip "optional: swapon fails here"
  swapped=$BATS_TEST_TMPDIR/swap
  python3 - "$1" <<'PYTHON'
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
address = libc.shmat(int(sys.argv[1]), None, 0)
for offset in 0, 8000000, 16000000:  # only what is mapped is paged out
    ctypes.string_at(address + offset, 1)
sys.exit(libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(32 << 20), 21) != 0)
PYTHON
  [ "$(kernel_says swap "$1")" -gt 0 ]
}

@test "pages that are swapped out are data" {
  sparse 32M 0 8000000 16000000
  page_out "$id"
  reader shmtool read "$id" 2>err | cmp - bytes
  grep -q 'made it grow' err
  shmtool read "$id" | cmp - bytes
}

@test "what comes back from swap makes no segment grow" {
  id=$(shmtool create -m 604 32M)
  shmtool attach-write --fill 7 "$id"
  page_out "$id"
  before=$(rss "$id")
  reader shmtool read "$id" 2>err | tr -d '\007' | cmp - /dev/null
  [ ! -s err ]
  [ "$(rss "$id")" -gt "$before" ]
}

at_end() {
  [ -z "${swapped:-}" ] || swapoff "$swapped"
}

@test "a long copy shows how far it is on a terminal, and only there" {
  require_terminal
  mkfifo pipe
  id=$(shmtool create 4M)
  # Whoever feeds the pipe takes more than a second over it.
  { head -c 1M /dev/zero; sleep 1.3; head -c 1M /dev/zero; head -c 1M /dev/zero; } >pipe &
  run -0 script -qec "shmtool attach-write $id <pipe" /dev/null
  [[ $output == *bytes*MiB/s* ]]
  { head -c 1M /dev/zero; sleep 1.3; head -c 1M /dev/zero; } >pipe &
  run -0 shmtool attach-write "$id" pipe
  [ -z "$output" ]
}

@test "the holes of a file count for how far a copy is" {
  require_terminal
  require_strace
  truncate -s 8M input
  printf x | dd of=input conv=notrunc status=none
  printf x | dd of=input bs=1 seek=8388607 conv=notrunc status=none
  id=$(shmtool create 8M)
  # Each of its two pages of data takes a while.
  run -0 script -qec "ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls -P input \
    -e inject=sendfile,read:delay_exit=600000 shmtool attach-write $id input" /dev/null
  [[ $output == *'8388608 bytes, 100 %'* ]]
}

@test "nothing shows from the background of a terminal" {
  require_terminal
  mkfifo pipe
  id=$(shmtool create 4M)
  { head -c 1M /dev/zero; sleep 1.3; head -c 1M /dev/zero; head -c 1M /dev/zero; } >pipe &
  run -0 script -qec "bash -mc 'shmtool attach-write -v $id <pipe & wait'" /dev/null
  [[ $output == *"wrote 3145728 bytes"* && $output != *MiB* ]]
}

@test "nothing shows between the lines that somebody types" {
  require_terminal
  id=$(shmtool create 4M)
  { printf 'first\n'; sleep 1.3; printf 'second\n'; sleep 0.3; printf 'third\n\004'; } |
    script -qec "shmtool attach-write $id" /dev/null >out
  run ! grep MiB out
  [ "$(shmtool read -l 18 "$id")" = $'first\nsecond\nthird' ]
}
