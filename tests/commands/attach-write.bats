#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# Each test has a segment $id of 16 bytes, all dots, unless it makes another.
dots() {
  id=$(shmtool create 16)
  shmtool attach-write --fill 0x2e "$id"
}

# holds TEXT: these are the bytes of the segment, NULs shown as 0.
holds() {
  [ "$(shmtool read "$id" | tr '\0' 0)" = "$1" ]
}

# unchanged_after STATUS COMMAND...: it fails with that status, and the dots are still there.
unchanged_after() {
  run "-$1" --separate-stderr "${@:2}"
  [ -z "$output" ]
  holds ................
}

@test "stdin is written at the start, the rest stays" {
  dots
  printf hello | shmtool attach-write "$id"
  holds hello...........
}

@test "- is stdin too" {
  dots
  printf hello | shmtool attach-write "$id" -
  holds hello...........
}

@test "FILE is written" {
  dots
  printf hello >file
  shmtool attach-write "$id" file </dev/null
  holds hello...........
}

@test "a file named - is reached by ./-" {
  dots
  printf hello >./-
  shmtool attach-write "$id" ./- </dev/null
  holds hello...........
}

@test "-s chooses where" {
  dots
  printf hello | shmtool attach-write -s 11 "$id"
  holds ...........hello
  printf X | shmtool attach-write --offset 0x4 "$id"
  holds ....X......hello
}

@test "-l bounds the input" {
  dots
  printf hello | shmtool attach-write -l 4 "$id"
  holds hell............
  printf HELLO >file
  shmtool attach-write --length 2 "$id" file
  holds HEll............
}

@test "-l bounds an input longer than the segment" {
  dots
  head -c 100 /dev/zero | shmtool attach-write -l 16 "$id"
  holds 0000000000000000
}

@test "-l more than the input has is what the input has" {
  dots
  printf hello | shmtool attach-write -l 10 "$id"
  holds hello...........
}

@test "-l 0 writes nothing" {
  dots
  printf hello | shmtool attach-write -l 0 "$id"
  holds ................
}

@test "-l leaves the rest of stdin to the next reader" {
  dots
  printf 'hello world' >file
  { shmtool attach-write -l 5 "$id" && rest=$(cat); } <file
  [ "$rest" = " world" ]
}

@test "-t writes the text without a NUL" {
  dots
  shmtool attach-write -t hello "$id" </dev/null
  holds hello...........
}

@test "-0 adds the NUL" {
  dots
  shmtool attach-write --text hello --nul "$id"
  holds hello0..........
}

@test "-t with an empty text writes nothing, with -0 a NUL" {
  dots
  shmtool attach-write -t '' "$id"
  holds ................
  shmtool attach-write -t '' -0 "$id"
  holds 0...............
}

@test "-t may fill the segment to its last byte" {
  dots
  shmtool attach-write -t 0123456789abcde -0 "$id"
  holds 0123456789abcde0
}

@test "-t that does not fit writes nothing" {
  dots
  unchanged_after 1 shmtool attach-write -t 0123456789abcdefg "$id"
  unchanged_after 1 shmtool attach-write -s 12 -t hello "$id"
}

@test "-t whose NUL does not fit writes nothing" {
  dots
  unchanged_after 1 shmtool attach-write -t 0123456789abcdef -0 "$id"
  [[ "$stderr" == *17* ]]
}

@test "--fill fills to the end" {
  dots
  shmtool attach-write -s 4 --fill 65 "$id"
  holds ....AAAAAAAAAAAA
}

@test "--fill with -l fills that much" {
  dots
  shmtool attach-write -s 4 -l 3 --fill 0x41 "$id"
  holds ....AAA.........
}

@test "--fill past the end writes nothing" {
  dots
  unchanged_after 1 shmtool attach-write -s 4 -l 13 --fill 65 "$id"
}

@test "--fill reaches every page of a large segment" {
  id=$(shmtool create 5000001)
  shmtool attach-write --fill 255 "$id"
  shmtool read "$id" | cmp - <(head -c 5000001 /dev/zero | tr '\0' '\377')
}

@test "bytes above 255 and other bad bytes are refused" {
  dots
  for byte in 256 0x100 -1 '' x 1K 1x +1; do
    unchanged_after 2 shmtool attach-write --fill "$byte" "$id"
  done
}

@test "--zero-rest zeroes what follows the data, not what precedes it" {
  dots
  printf hello | shmtool attach-write -s 3 --zero-rest "$id"
  holds ...hello00000000
}

@test "--zero-rest after a text, a fill and a file" {
  dots
  shmtool attach-write --zero-rest -t hello "$id"
  holds hello00000000000
  dots
  shmtool attach-write --zero-rest -l 2 --fill 65 "$id"
  holds AA00000000000000
  dots
  printf world >file
  shmtool attach-write --zero-rest "$id" file
  holds world00000000000
}

@test "--zero-rest after data that reaches the end" {
  dots
  printf 0123456789abcdef | shmtool attach-write --zero-rest "$id"
  holds 0123456789abcdef
}

@test "--zero-rest with empty input is refused" {
  dots
  true >file
  unchanged_after 1 shmtool attach-write --zero-rest "$id" </dev/null
  unchanged_after 1 shmtool attach-write --zero-rest "$id" file
  unchanged_after 1 bash -c "true | shmtool attach-write --zero-rest $id"
}

@test "empty input without --zero-rest is fine" {
  dots
  shmtool attach-write "$id" </dev/null
  holds ................
}

@test "a file that does not fit writes nothing" {
  dots
  printf 0123456789abcdefg >file
  unchanged_after 1 shmtool attach-write "$id" file
  [[ "$stderr" == *17*16* ]]
  unchanged_after 1 shmtool attach-write "$id" <file
}

@test "a file that does not fit behind the offset writes nothing" {
  dots
  printf hello >file
  unchanged_after 1 shmtool attach-write -s 12 "$id" file
}

@test "of stdin only what lies ahead counts" {
  dots
  printf 'skipped:0123456789abcdef' >file
  { dd bs=8 count=1 status=none of=/dev/null && shmtool attach-write "$id"; } <file
  holds 0123456789abcdef
}

@test "a pipe that is too long writes what fits, and says how much" {
  dots
  run -1 --separate-stderr bash -c "printf 0123456789abcdefg | shmtool attach-write $id"
  [[ "$stderr" == *"16 bytes"* ]]
  holds 0123456789abcdef
}

@test "a pipe that is too long behind the offset writes what fits" {
  dots
  run -1 --separate-stderr bash -c "printf hello | shmtool attach-write -s 13 $id"
  [[ "$stderr" == *"3 bytes"* ]]
  holds .............hel
}

@test "a pipe that is too long by one byte for a large segment" {
  id=$(shmtool create 3000000)
  run -1 bash -c "head -c 3000001 /dev/zero | tr '\0' x | shmtool attach-write $id"
  [[ "$output" == *"3000000 bytes"* ]]
  shmtool read "$id" | cmp - <(head -c 3000000 /dev/zero | tr '\0' x)
}

@test "a pipe that fits exactly is done" {
  dots
  printf 0123456789abcdef | shmtool attach-write "$id"
  holds 0123456789abcdef
}

@test "a pipe is read to its end, however slowly it comes" {
  dots
  mkfifo fifo
  shmtool attach-write "$id" fifo &
  exec {fd}>fifo
  printf hel >&"$fd"
  printf lo >&"$fd"
  exec {fd}>&-
  wait $!
  holds hello...........
}

@test "a file of unknown size is read to its end" {
  id=$(shmtool create 1M)
  shmtool attach-write --zero-rest "$id" /proc/version
  [ "$(shmtool read -t "$id")" = "$(cat /proc/version)" ]
}

@test "large files arrive whole" {
  head -c 20000001 /dev/urandom >file
  id=$(shmtool create 20000001)
  shmtool attach-write "$id" file
  shmtool read "$id" | cmp - file
  dd if=file bs=100k status=none | shmtool attach-write "$id"
  shmtool read "$id" | cmp - file
}

@test "an offset past the end is refused" {
  dots
  unchanged_after 1 shmtool attach-write -s 17 "$id" </dev/null
  [[ "$stderr" == *17*16* ]]
  unchanged_after 1 shmtool attach-write -s 17 -t '' "$id"
}

@test "a length past the end is refused before anything is written" {
  dots
  printf hello >file
  unchanged_after 1 shmtool attach-write -s 4 -l 13 "$id" file
  unchanged_after 1 shmtool attach-write -s 1 -l 18446744073709551615 "$id" file
}

@test "bytes beyond shm_segsz are not touched" {
  id=$(shmtool create 100)
  require python3
  tail_of_page() {
    python3 - "$id" <<'EOF'
import ctypes, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
memory = libc.shmat(int(sys.argv[1]), None, 0)
print(any(ctypes.string_at(memory + 100, 3996)))
EOF
  }
  shmtool attach-write --fill 65 "$id"
  run -1 bash -c "yes | shmtool attach-write $id"
  shmtool attach-write --zero-rest -t x "$id"
  [ "$(tail_of_page)" = False ]
}

@test "a directory as FILE or stdin is refused" {
  dots
  unchanged_after 1 shmtool attach-write "$id" .
  [[ "$stderr" == *"s a directory"* ]]
  unchanged_after 1 shmtool attach-write "$id" <.
  [[ "$stderr" == *"s a directory"* ]]
}

@test "a directory with --zero-rest leaves everything" {
  dots
  unchanged_after 1 shmtool attach-write --zero-rest "$id" .
}

@test "a read error leaves the rest untouched" {
  dots
  unchanged_after 1 shmtool attach-write --zero-rest "$id" /proc/self/mem
  [[ "$stderr" == *"/proc/self/mem"* ]]
}

@test "a FILE that does not exist fails, naming it" {
  dots
  unchanged_after 1 shmtool attach-write "$id" missing
  [[ "$stderr" == *missing* ]]
}

@test "a FILE that may not be read fails, naming it" {
  require_root
  id=$(shmtool create -m 606 16)
  echo secret >file
  chmod 600 file
  run -1 as_user 4242 shmtool attach-write "$id" "$PWD/file"
  [[ "$output" == *file* ]]
}

@test "without -v nothing is printed" {
  dots
  run -0 shmtool attach-write -t hello "$id"
  [ -z "$output" ]
}

@test "-v says how much was written where" {
  dots
  run -0 shmtool attach-write -v -s 3 -t hello "$id"
  [[ "$output" == *"5 bytes"*3*"$id"* ]]
}

@test "-t, --fill and FILE exclude one another" {
  dots
  printf hello >file
  unchanged_after 2 shmtool attach-write -t a --fill 65 "$id"
  unchanged_after 2 shmtool attach-write -t a "$id" file
  unchanged_after 2 shmtool attach-write --fill 65 "$id" file
}

@test "-0 needs -t" {
  dots
  unchanged_after 2 shmtool attach-write -0 "$id"
  unchanged_after 2 shmtool attach-write -0 --fill 65 "$id"
}

@test "attach-write wants a segment and no more than one file" {
  run -2 shmtool attach-write
  dots
  unchanged_after 2 shmtool attach-write "$id" file file
}

@test "writing needs write permission" {
  require_root
  id=$(shmtool create -m 644 16)
  run -4 as_user 4242 shmtool attach-write -t x "$id"
  [[ "$output" == *root*0644* ]]
  holds 0000000000000000
}

@test "other segments are untouched" {
  dots
  other=$(shmtool create 16)
  shmtool attach-write --fill 66 "$other"
  before=$(shmtool read "$other")
  shmtool attach-write --zero-rest -t x "$id"
  [ "$(shmtool read "$other")" = "$before" ]
}

@test "writing leaves nothing attached" {
  dots
  [ "$(kernel_says nattch "$id")" -eq 0 ]
}

@test "a segment attached elsewhere can be written" {
  dots
  hold "$id"
  shmtool attach-write -t hello "$id"
  holds hello...........
  release
}

@test "a length shortens TEXT" {
  id=$(shmtool create 10)
  shmtool attach-write -t hello -l 2 "$id"
  [ "$(shmtool read "$id" | tr '\0' .)" = he........ ]
}

@test "a file that is shorter than it says is written as far as it goes" {
  file=/sys/devices/system/cpu/online
  [ "$(stat -c %s $file)" -gt "$(wc -c <$file)" ] || skip "optional: $file is as long as it says"
  id=$(shmtool create 8K)
  shmtool attach-write --fill 1 "$id"
  run -0 shmtool attach-write -v --zero-rest "$id" $file
  [[ "$output" == "wrote $(wc -c <$file) bytes "* ]]
  [ "$(shmtool read "$id" | tr -d '\0')" = "$(cat $file)" ]
}
