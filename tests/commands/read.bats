#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  [ -z "${pipe_max:-}" ] || echo "$pipe_max" >/proc/sys/fs/pipe-max-size
}

# fill SIZE: makes a segment of SIZE random bytes, $id, and keeps a copy of them in `bytes`.
fill() {
  head -c "$1" /dev/urandom >bytes
  id=$(shmtool create "$1")
  shmtool attach-write "$id" bytes
}

# on_terminal COMMAND: its output on a terminal, with the terminal's carriage returns taken out.
on_terminal() {
  require_terminal
  script -qec "$1" /dev/null </dev/null | tr -d '\r'
}

# same_as_hexdump OFFSET LENGTH
same_as_hexdump() {
  require hexdump
  hexdump -C -s "$1" -n "$2" bytes >expected
  shmtool read -x -s "$1" -l "$2" "$id" >got
  cmp expected got
}

@test "read copies the whole segment" {
  fill 10000
  shmtool read "$id" | cmp - bytes
}

@test "a segment larger than every window is copied whole" {
  fill 20000001
  shmtool read "$id" | cmp - bytes
  shmtool read "$id" >file
  cmp file bytes
}

@test "a segment can be named by key" {
  id=$(shmtool create -k 0xabc 4)
  shmtool attach-write -t abcd 0xabc
  [ "$(shmtool read 0xabc)" = abcd ]
  [ "$(shmtool read key:2748)" = abcd ]
  [ "$(shmtool read "id:$id")" = abcd ]
}

@test "-s and -l choose the bytes" {
  fill 10000
  shmtool read -s 4095 -l 4098 "$id" | cmp - <(tail -c +4096 bytes | head -c 4098)
  shmtool read --offset 0xfff --length=1K "$id" | cmp - <(tail -c +4096 bytes | head -c 1024)
}

@test "-s alone reads to the end" {
  fill 10000
  shmtool read -s 9999 "$id" | cmp - <(tail -c 1 bytes)
}

@test "bytes beyond shm_segsz are not shown" {
  fill 100
  [ "$(shmtool read "$id" | wc -c)" -eq 100 ]
  [ "$(shmtool read -x "$id" | tail -n 1)" = 00000064 ]
}

@test "reading from the very end gives nothing" {
  fill 100
  run -0 shmtool read -s 100 "$id"
  [ -z "$output" ]
}

@test "length 0 gives nothing" {
  fill 100
  run -0 shmtool read -l 0 "$id"
  [ -z "$output" ]
}

@test "an offset past the end is refused before anything is printed" {
  fill 100
  run -1 --separate-stderr shmtool read -s 101 "$id"
  [ -z "$output" ]
  [[ "$stderr" == *101*100* ]]
}

@test "a length past the end is refused before anything is printed" {
  fill 100
  for option in --raw -x -t; do
    run -1 --separate-stderr shmtool read "$option" -s 50 -l 51 "$id"
    [ -z "$output" ]
    [[ "$stderr" == *51*100* ]]
  done
}

@test "offset and length whose sum overflows are refused" {
  fill 100
  run -1 --separate-stderr shmtool read -s 50 -l 18446744073709551615 "$id"
  [ -z "$output" ]
}

@test "a length past the end makes no file" {
  fill 100
  run -1 shmtool read -l 101 -O file "$id"
  [ ! -e file ]
}

@test "bad offsets and lengths are refused" {
  fill 100
  for number in -1 +1 '' 1x 0x '1 K' 16E; do
    run -2 shmtool read -s "$number" "$id"
    run -2 shmtool read -l "$number" "$id"
  done
}

@test "-x equals hexdump -C on random bytes" {
  fill 10007
  same_as_hexdump 0 10007
}

@test "-x equals hexdump -C at odd offsets and lengths" {
  fill 200
  for offset in 0 1 15 16 17 183; do
    for length in 1 2 7 8 9 15 16 17; do same_as_hexdump "$offset" "$length"; done
  done
}

@test "-x equals hexdump -C on repeated lines" {
  { printf 'x%.0s' {1..64} && printf 'y%.0s' {1..47} && head -c 4000 /dev/zero; } >bytes
  id=$(shmtool create 4111)
  shmtool attach-write "$id" bytes
  same_as_hexdump 0 4111
  same_as_hexdump 3 100
  same_as_hexdump 0 32
  same_as_hexdump 0 33
  same_as_hexdump 0 48
  same_as_hexdump 111 4000
}

@test "-x equals hexdump -C on every byte" {
  require perl hexdump
  perl -e 'print map chr, 0 .. 255' >bytes
  id=$(shmtool create 256)
  shmtool attach-write "$id" bytes
  same_as_hexdump 0 256
}

@test "-x equals hexdump -C across large blocks of the same bytes" {
  { head -c 3000000 /dev/zero && echo && head -c 1000000 /dev/zero; } >bytes
  id=$(shmtool create 4000001)
  shmtool attach-write "$id" bytes
  same_as_hexdump 0 4000001
}

@test "-x of nothing is nothing" {
  fill 100
  [ -z "$(shmtool read -x -l 0 "$id")" ]
}

@test "--hex is the long form" {
  fill 20
  [ "$(shmtool read --hex "$id")" = "$(shmtool read -x "$id")" ]
}

@test "-t prints up to the first NUL, and a newline" {
  id=$(shmtool create 100)
  printf 'one\0two' | shmtool attach-write "$id"
  shmtool read -t "$id" | cmp - <(echo one)
}

@test "-t without any NUL prints to the end, and a newline" {
  id=$(shmtool create 3)
  printf one | shmtool attach-write "$id"
  shmtool read --text "$id" | cmp - <(echo one)
}

@test "-t heeds offset and length" {
  id=$(shmtool create 100)
  printf 'one\0twofold' | shmtool attach-write "$id"
  [ "$(shmtool read -t -s 4 -l 3 "$id")" = two ]
}

@test "-t in a pipe prints exact bytes" {
  id=$(shmtool create 100)
  printf 'a\t\n\x01\x7f\xff\xc3\xa9\0' | shmtool attach-write "$id"
  shmtool read -t "$id" | cmp - <(printf 'a\t\n\x01\x7f\xff\xc3\xa9\n')
}

@test "-t finds its NUL beyond the first window" {
  head -c 5000000 /dev/zero | tr '\0' x >bytes
  id=$(shmtool create 6000000)
  shmtool attach-write "$id" bytes
  shmtool read -t "$id" | cmp - <(cat bytes; echo)
}

@test "-t on a terminal escapes control bytes and invalid UTF-8" {
  require_terminal
  id=$(shmtool create 100)
  printf 'a\x01\x1b[31m\x7f\xff\xc3(\xe2\x82' | shmtool attach-write "$id"
  [ "$(on_terminal "shmtool read -t $id")" = 'a\x01\x1b[31m\x7f\xff\xc3(\xe2\x82' ]
}

@test "-t on a terminal escapes C1 controls, surrogates and overlong forms" {
  require_terminal
  id=$(shmtool create 100)
  printf '\xc2\x9b|\xed\xa0\x80|\xc0\xaf|\xf4\x90\x80\x80' | shmtool attach-write "$id"
  expected='\xc2\x9b|\xed\xa0\x80|\xc0\xaf|\xf4\x90\x80\x80'
  [ "$(on_terminal "shmtool read -t $id")" = "$expected" ]
}

@test "-t on a terminal escapes what turns text around or breaks a line, a pipe gets it" {
  require_terminal
  id=$(shmtool create 64)
  printf 'a\xe2\x80\xaeb\xe2\x80\xaac\xe2\x81\xa6d\xe2\x81\xa9e\xe2\x80\xa8f\xe2\x80\xa9' | shmtool attach-write "$id"
  [ "$(on_terminal "shmtool read -t $id")" = \
    'a\xe2\x80\xaeb\xe2\x80\xaac\xe2\x81\xa6d\xe2\x81\xa9e\xe2\x80\xa8f\xe2\x80\xa9' ]
  [ "$(shmtool read -t "$id")" = "$(printf 'a\xe2\x80\xaeb\xe2\x80\xaac\xe2\x81\xa6d\xe2\x81\xa9e\xe2\x80\xa8f\xe2\x80\xa9')" ]
}

@test "-t on a terminal keeps tabs, newlines and valid UTF-8" {
  require_terminal
  id=$(shmtool create 100)
  printf 'a\tb\nZoë €' | shmtool attach-write "$id"
  [ "$(on_terminal "shmtool read -t $id")" = $'a\tb\nZoë €' ]
}

@test "-t on a terminal keeps a character that crosses a buffer" {
  require_terminal
  for lead in 1 2 3; do
    { head -c "$lead" /dev/zero | tr '\0' x && printf '€%.0s' {1..30000}; } >bytes
    id=$(shmtool create 100000)
    shmtool attach-write "$id" bytes
    on_terminal "shmtool read -t $id" | cmp - <(cat bytes; echo)
  done
}

@test "on a terminal the default is hex" {
  require_terminal
  fill 20
  [ "$(on_terminal "shmtool read $id")" = "$(shmtool read -x "$id")" ]
}

@test "--raw overrides hex on a terminal" {
  require_terminal
  id=$(shmtool create 4)
  shmtool attach-write -t abcd "$id"
  [ "$(on_terminal "shmtool read --raw $id")" = abcd ]
}

@test "--raw in a pipe is the default" {
  fill 100
  shmtool read --raw "$id" | cmp - bytes
}

@test "-x, -t and --raw exclude one another" {
  fill 100
  run -2 shmtool read -x -t "$id"
  run -2 shmtool read -x --raw "$id"
  run -2 shmtool read -t --raw "$id"
}

@test "-O writes the bytes to a new file of mode 0600" {
  fill 10007
  umask 0
  run -0 shmtool read -O file "$id"
  [ -z "$output" ]
  cmp file bytes
  [ "$(stat -c %a file)" = 600 ]
}

@test "-O heeds -s, -l, -x and -t" {
  fill 100
  shmtool attach-write -t abc -0 "$id"
  shmtool read -s 1 -l 2 --file=raw "$id"
  shmtool read -s 1 -x -O hex "$id"
  shmtool read -t -O text "$id"
  [ "$(cat raw)" = bc ]
  cmp hex <(shmtool read -s 1 -x "$id")
  cmp text <(echo abc)
}

@test "-O to a file from a terminal is raw all the same" {
  require_terminal
  fill 100
  on_terminal "shmtool read -O file $id"
  cmp file bytes
}

@test "-O takes no - for stdout" {
  id=$(shmtool create 1)
  fails 2 "*FILE '-': for stdout, leave out '-O'*" shmtool read -O - "$id"
  shmtool read -O ./- "$id"
  [ "$(stat -c %s ./-)" -eq 1 ]
}

@test "-O leaves an existing file untouched" {
  fill 100
  echo old >file
  run -5 shmtool read -O file "$id"
  [[ "$output" == *file* ]]
  [ "$(cat file)" = old ]
  [ "$(ls)" = $'bytes\nfile' ]
}

@test "-O does not follow a dangling link" {
  fill 100
  ln -s target file
  run -5 shmtool read -O file "$id"
  [ ! -e target ]
}

@test "-f replaces a regular file and leaves nothing else" {
  fill 100
  echo old >file
  ln file other
  shmtool read -O file -f "$id"
  cmp file bytes
  [ "$(cat other)" = old ]
  [ "$(stat -c %a file)" = 600 ]
  [ "$(ls -A)" = $'bytes\nfile\nother' ]
}

@test "-f makes a file that is not there" {
  fill 100
  shmtool read -O file --force "$id"
  cmp file bytes
}

@test "-f replaces no directory, link, fifo or device" {
  fill 100
  mkdir directory
  ln -s bytes link
  mkfifo fifo
  before=$(stat -c '%n %F %i' -- *)
  for file in directory link fifo; do
    run -1 shmtool read -f -O "$file" "$id"
    [[ "$output" == *"$file"* ]]
  done
  run -1 shmtool read -f -O /dev/null "$id"
  [ -c /dev/null ]
  [ "$(stat -c '%n %F %i' -- *)" = "$before" ]
}

@test "-f without -O is refused" {
  fill 100
  run -2 shmtool read -f "$id"
}

@test "-O in a folder that does not exist fails" {
  fill 100
  run -1 shmtool read -O missing/file "$id"
  [[ "$output" == *missing/file* ]]
}

@test "-O in a folder that may not be written fails" {
  require_root
  mkdir folder
  id=$(shmtool create -m 604 10)
  run -1 as_user 4242 shmtool read -O "$PWD/folder/file" "$id"
  [[ "$output" == *file* ]]
}

@test "-O leaves nothing behind where the disk is full" {
  require_mounts
  fill 100000
  mkdir small
  # shellcheck disable=SC2016
  run -1 unshare --mount sh -c '
    mount -t tmpfs -o size=16k none small &&
    { shmtool read -O small/file "$0"; status=$?; ls -A small; exit $status; }' "$id"
  [[ "$output" == *small/file* ]]
  [ "${#lines[@]}" -eq 1 ]
}

@test "-O works where unnamed files are not to be had" {
  require_refuse
  fill 10007
  umask 0
  echo old >replaced
  refuse open O_TMPFILE EOPNOTSUPP shmtool read -O file "$id"
  refuse open O_TMPFILE EOPNOTSUPP shmtool read -f -O replaced "$id"
  run -5 refuse open O_TMPFILE EOPNOTSUPP shmtool read -O file "$id"
  # Nor links.
  # shellcheck disable=SC2016
  line='refuse link EPERM shmtool read -O unlinked "$0"'
  refuse open O_TMPFILE EOPNOTSUPP bash -c "$line" "$id"
  run -5 refuse open O_TMPFILE EOPNOTSUPP bash -c "$line" "$id"
  cmp file bytes
  cmp replaced bytes
  cmp unlinked bytes
  [ "$(stat -c %a file)" = 600 ]
  [ "$(ls -A)" = $'bytes\nfile\nreplaced\nunlinked' ]
}

@test "-O works where links are not to be had, for whatever reason" {
  require_refuse
  fill 10007
  mkdir folder
  for error in EPERM ENOSYS EOPNOTSUPP; do
    line="refuse link $error shmtool read -O folder/file \"\$0\""
    run -0 --separate-stderr refuse open O_TMPFILE EOPNOTSUPP bash -c "$line" "$id"
    [ -z "$stderr" ]
    cmp folder/file bytes
    run -5 refuse open O_TMPFILE EOPNOTSUPP bash -c "$line" "$id"
    [ "$(ls -A folder)" = file ]
    rm folder/file
  done
}

@test "-O that a signal ends leaves nothing" {
  require_root
  require_refuse
  require_strace
  require_capability sys_admin
  fill 100000
  mkdir folder
  cd folder
  echo old >old
  for options in '-O new' '-f -O old'; do
    # shellcheck disable=SC2086
    run -143 refuse open O_TMPFILE EOPNOTSUPP strace -qq -o ../calls -e inject=sendfile:signal=TERM \
      shmtool read $options "$id"
    [ "$(ls -A) $(<old)" = "old old" ]
  done
  run -143 strace -qq -o ../calls -e inject=linkat:signal=TERM:when=2 shmtool read -f -O old "$id"
  [ "$(ls -A) $(<old)" = "old old" ]
  # What is complete stays.
  run -143 strace -qq -o ../calls -e inject=shmdt:signal=TERM shmtool read -O new "$id"
  cmp new ../bytes
}

@test "-O works where there is no /proc by which to name a file" {
  require_root
  require_plain_build
  require_mounts
  fill 10007
  echo old >replaced
  # shellcheck disable=SC2016
  unshare --mount sh -ec 'mount -t tmpfs none /proc
    shmtool read -O file "$0"
    shmtool read -f -O replaced "$0"' "$id"
  cmp file bytes
  cmp replaced bytes
  [ "$(ls -A)" = $'bytes\nfile\nreplaced' ]
}

@test "-O without unnamed files leaves nothing behind where the disk is full" {
  require_root
  require_refuse
  require_mounts
  fill 100000
  mkdir small
  # shellcheck disable=SC2016
  run -1 unshare --mount bash -c '
    mount -t tmpfs -o size=16k none small &&
    { refuse open O_TMPFILE EOPNOTSUPP shmtool read -O small/file "$0"
      status=$?; ls -A small; exit $status; }' "$id"
  [[ "$output" == *small/file* ]]
  [ "${#lines[@]}" -eq 1 ]
}

@test "reading needs only read permission" {
  require_root
  id=$(shmtool create -m 604 3)
  shmtool attach-write -t abc "$id"
  [ "$(as_user 4242 shmtool read "$id")" = abc ]
}

@test "reading changes no byte" {
  fill 10000
  shmtool read -x "$id" >/dev/null
  shmtool read -t "$id" >/dev/null
  shmtool read "$id" | cmp - bytes
}

@test "reading leaves nothing attached" {
  fill 100
  shmtool read "$id" >/dev/null
  [ "$(kernel_says nattch "$id")" -eq 0 ]
}

@test "a segment that is marked can be read by id" {
  fill 100
  hold "$id"
  shmtool rm "$id"
  shmtool read "$id" | cmp - bytes
  release
}

@test "read takes one segment" {
  fill 100
  run -2 shmtool read
  run -2 shmtool read "$id" "$id"
}

@test "a segment too large for the address space is explained" {
  require_no_valgrind
  require python3
  create_enormous
  run -6 --separate-stderr shmtool read -l 1 0xffffffff
  [ -z "$output" ]
  [[ "$stderr" == *9223372036854775807* ]]
}

@test "a FILE whose path is too long is an error" {
  id=$(shmtool create 1)
  run -1 --separate-stderr shmtool read -O "$(printf 'x/%.0s' {1..2100})" "$id"
  [[ "$stderr" == *": $(strerror ENAMETOOLONG)" ]]
}

@test "-t on a terminal shows a character that the end of the segment cuts" {
  require_terminal
  id=$(shmtool create 3)
  printf 'a\xe2\x82' | shmtool attach-write "$id"
  [ "$(on_terminal "shmtool read -t $id")" = 'a\xe2\x82' ]
}

@test "a pipe is never made smaller" {
  require_root
  require python3
  local line large=4194304
  # Larger than others may have it.
  pipes='import fcntl, os, subprocess, sys
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, int(sys.argv[1]))  # F_SETPIPE_SZ'
  if ! python3 -c "$pipes" $large 2>/dev/null; then
    require_system_tests
    pipe_max=$(cat /proc/sys/fs/pipe-max-size)
    echo $large >/proc/sys/fs/pipe-max-size
  fi
  shmtool create -k 13 64K
  for line in "read 0xd" "read -x 0xd" "read -O file 0xd" "attach-write 0xd" "create --from - 1"; do
    # shellcheck disable=SC2086
    python3 -c "$pipes"'
os.write(writer, b"x")
end = {"stdout": writer} if sys.argv[2] == "read" else {"stdin": reader}
shmtool = subprocess.Popen(["shmtool", *sys.argv[2:]], **end)
os.close(writer)
assert shmtool.wait() == 0
assert fcntl.fcntl(reader, 1032) == int(sys.argv[1])  # F_GETPIPE_SZ' $large $line
  done
}
