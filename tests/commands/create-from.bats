#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# create --from: filled before other users can attach it.

# Each test is a process of its own; `run` and `fill` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  [ -z "${creating:-}" ] || kill "$creating"
}

# fill COMMAND...: runs a `shmtool create -k 13 --from pipe 1M` that COMMAND starts, until it
# copies what has come through the pipe: half of the 128 KiB do not fit into the pipe. $creating is
# its process id, $writer the pipe's other end, $id the segment.
fill() {
  mkfifo pipe
  "$@" >out 2>err 3>&- &
  creating=$!
  # Open for both, it does not wait for a reader that never comes.
  exec {writer}<>pipe
  timeout 10 head -c 128K /dev/zero >&"$writer"
  id=$(tail -n +2 /proc/sysvipc/shm | awk '{ print $2 }')
  [ -n "$id" ]
}

# ends STATUS: so the creating process ends.
ends() {
  local pid=$creating ended=0
  creating=
  wait "$pid" || ended=$?
  [ "$ended" -eq "$1" ]
}

# nothing STATUS PATTERN ARG...: create with these arguments fails so, and leaves nothing.
nothing() {
  run "-$1" --separate-stderr shmtool create "${@:3}"
  [ -z "$output" ]
  # shellcheck disable=SC2053
  [[ "$stderr" == $2 ]]
  [ "$(census)" -eq 0 ]
}

@test "--from FILE: the segment has the file's size and bytes" {
  head -c 300001 /dev/urandom >file
  run -0 --separate-stderr shmtool create --from file
  [[ "$output" =~ ^[0-9]+$ ]]
  [ -z "$stderr" ]
  [ "$(kernel_says size "$output")" -eq 300001 ]
  shmtool read "$output" | cmp - file
}

@test "--from -: stdin, from where it stands" {
  echo hello world >file
  id=$({ head -c 0; dd bs=1 count=6 of=/dev/null status=none; shmtool create --from -; } <file)
  [ "$(kernel_says size "$id")" -eq 6 ]
  [ "$(shmtool read "$id")" = world ]
}

@test "a larger SIZE is zeros to its end" {
  echo hello >file
  id=$(shmtool create --from file 10000)
  [ "$(kernel_says size "$id")" -eq 10000 ]
  { cat file; head -c 9994 /dev/zero; } | cmp - <(shmtool read "$id")
}

@test "SIZE may be the file's own" {
  echo hello >file
  id=$(shmtool create --from file 6)
  [ "$(shmtool read "$id")" = hello ]
}

@test "a smaller SIZE is refused, with both sizes" {
  echo hello >file
  nothing 1 "shmtool: create: file: *6*5*" --from file 5
}

@test "an input of unknown size wants SIZE" {
  nothing 2 "shmtool: create: *SIZE*" --from - < <(echo hello)
  nothing 2 "shmtool: create: *SIZE*" --from /proc/version
  : >empty
  nothing 2 "shmtool: create: *SIZE*" --from empty
}

@test "an input of unknown size fills SIZE from its start" {
  id=$(echo hello | shmtool create --from - 4096)
  { echo hello; head -c 4090 /dev/zero; } | cmp - <(shmtool read "$id")
  id=$(shmtool create --from /proc/version 4096)
  [ "$(shmtool read -t "$id")" = "$(cat /proc/version)" ]
}

@test "an empty input leaves zeros" {
  id=$(shmtool create --from /dev/null 3)
  head -c 3 /dev/zero | cmp - <(shmtool read "$id")
}

@test "of an empty stdin no segment is made" {
  fails 1 'shmtool: create: stdin is empty' shmtool create --from - 3 </dev/null
  fails 1 'shmtool: create: stdin is empty' shmtool create --from - 3 < <(:)
  [ -z "$(ids)" ]
}

@test "an input of exactly SIZE fits" {
  id=$(head -c 100000 /dev/zero | tr '\0' x | shmtool create --from - 100000)
  [ "$(shmtool read "$id" | tr -d x | wc -c)" -eq 0 ]
  [ "$(kernel_says size "$id")" -eq 100000 ]
}

@test "an input longer than SIZE leaves nothing" {
  nothing 1 "shmtool: create: stdin: *5*" --from - 5 < <(echo hello)
  nothing 1 "shmtool: create: stdin: *100000*" --from - 100000 < <(head -c 100001 /dev/zero)
}

@test "holes of the file stay holes" {
  page=$(getconf PAGESIZE)
  truncate -s 64M file
  # Data in two pages far from each other.
  echo data | dd of=file conv=notrunc bs="$page" seek=100 status=none
  echo data | dd of=file conv=notrunc bs="$page" seek=$((32768 * 1024 / page)) status=none
  # The filesystem has holes too, in blocks no larger than 64 KiB.
  [ "$(du -k file | cut -f 1)" -le 128 ] || skip "optional: no sparse files here"
  id=$(shmtool create --from file 128M)
  [ "$(kernel_says rss "$id")" -le 131072 ]
  [ "$(kernel_says rss "$id")" -ge $((2 * page)) ]
  shmtool read -l 64M "$id" | cmp - file
}

@test "a file that is nothing but a hole takes no memory" {
  truncate -s 16M file
  id=$(shmtool create --from file)
  [ "$(kernel_says size "$id")" -eq 16777216 ]
  [ "$(kernel_says rss "$id")" -eq 0 ]
}

@test "while it fills its mode is 0, whatever it will be" {
  fill shmtool create -k 13 -m 666 --from pipe 1M
  [ "$(kernel_says perms "$id")" = 0 ]
  [ ! -s out ]
}

@test "while it fills another user cannot attach it" {
  require_root
  fill shmtool create -k 13 -m 666 --from pipe 1M
  run -4 as_user 4242 shmtool read 0xd
  run -4 as_user 4242 shmtool attach-write -t x "$id"
  [ "$(kernel_says nattch "$id")" -eq 1 ]
}

@test "while it fills not even the owner's other processes can" {
  require_root
  fill as_user 4242 shmtool create -k 13 -m 666 --from pipe 1M
  [ "$(kernel_says cuid "$id")" -eq 4242 ]
  run -4 as_user 4242 shmtool read "$id"
}

@test "while it fills the user of -u cannot attach it either" {
  require_root
  fill shmtool create -k 13 -m 666 -u 4242 --from pipe 1M
  run -4 as_user 4242 shmtool read "$id"
}

@test "when it is full it has its mode and its id is printed" {
  fill shmtool create -k 13 -m 640 --from pipe 1M
  exec {writer}>&-
  ends 0
  [ "$(cat out)" = "$id" ]
  [ ! -s err ]
  [ "$(kernel_says perms "$id")" = 640 ]
  [ "$(kernel_says nattch "$id")" -eq 0 ]
}

@test "the mode defaults to 0600, and can be 0" {
  echo hello >file
  [ "$(kernel_says perms "$(shmtool create --from file)")" = 600 ]
  [ "$(kernel_says perms "$(shmtool create -m 0 --from file)")" = 0 ]
}

@test "-u gives it to its owner when it is full" {
  require_root
  echo hello >file
  id=$(shmtool create -m 640 -u 4242:4343 --from file)
  [ "$(kernel_says uid "$id") $(kernel_says gid "$id")" = "4242 4343" ]
  [ "$(kernel_says cuid "$id") $(kernel_says perms "$id")" = "0 640" ]
  [ "$(as_user 4242 shmtool read "$id")" = hello ]
}

@test "an unprivileged user may give what it has filled away" {
  require_root
  echo hello >file
  id=$(as_user 4242 shmtool create -m 604 -u 65534 --from - <file)
  [ "$(kernel_says uid "$id") $(kernel_says cuid "$id")" = "65534 4242" ]
  [ "$(shmtool read "$id")" = hello ]
}

@test "a signal leaves nothing" {
  for signal in TERM INT HUP QUIT PIPE ALRM USR1 USR2 XCPU IO VTALRM PROF PWR STKFLT ABRT TRAP SYS; do
    # Background jobs ignore SIGINT and SIGQUIT.
    fill prlimit --core=0 env --default-signal=INT,QUIT,PIPE shmtool create -k 13 --from pipe 1M
    kill -s "$signal" "$creating"
    # As a process that the signal has killed, so that a shell's loop ends too.
    ends $((128 + $(kill -l "$signal")))
    [ ! -s out ]
    [ "$(census)" -eq 0 ]
    exec {writer}>&-
    rm pipe
  done
}

@test "a signal after the id is printed leaves the segment" {
  require_strace
  require_plain_build
  require_no_coverage
  echo hello >file
  # The last thing it does is to give back the list, which is so long that it takes a call.
  many 100 1399
  strace -qq -o calls -e trace=munmap,close shmtool create -J -k 14 --from file >/dev/null
  [[ "$(tail -n 1 calls)" = munmap* ]]
  run -143 --separate-stderr strace -qq -o calls -e "inject=munmap:signal=TERM:when=$(grep -c ^munmap calls)" \
    shmtool create -J -k 13 --from file
  [ "$(shmtool read "$(jq '.segments[0].id' <<<"$output")")" = hello ]
}

@test "ignored signals stay ignored" {
  fill env --ignore-signal=HUP,INT shmtool create -k 13 --from pipe 1M
  kill -s HUP "$creating"
  kill -s INT "$creating"
  exec {writer}>&-
  ends 0
  [ "$(census)" -eq 1 ]
}

@test "blocked signals stay blocked" {
  fill env --block-signal=TERM shmtool create -k 13 --from pipe 1M
  kill -s TERM "$creating"
  exec {writer}>&-
  ends 0
  [ "$(census)" -eq 1 ]
}

@test "a pipe that turns out too long leaves nothing" {
  fill shmtool create -k 13 --from pipe 1M
  timeout 10 head -c $((896 * 1024 + 1)) /dev/zero >&"$writer"
  exec {writer}>&-
  ends 1
  [ ! -s out ]
  [ "$(census)" -eq 0 ]
}

@test "a file that is not there leaves nothing" {
  nothing 1 "shmtool: create: file: No such file or directory*" --from file
  nothing 1 "shmtool: create: file: No such file or directory*" --from file 4K
}

@test "a file that may not be read leaves nothing" {
  require_root
  echo secret >file
  chmod 600 file
  chmod 755 .
  # Status 4 is for segments, 1 for files that cannot be read.
  run -1 as_user 4242 shmtool create --from "$PWD/file" 4K
  [[ "$output" == *"file: Permission denied"* ]]
  [ "$(census)" -eq 0 ]
}

@test "a folder is named as one" {
  mkdir folder
  nothing 1 "shmtool: create: folder: Is a directory*" --from folder 4K
  nothing 1 "shmtool: create: folder: Is a directory*" --from folder
}

@test "a read error leaves nothing" {
  nothing 1 "shmtool: create: /proc/self/mem: $(strerror EIO)*" -k 13 --from /proc/self/mem 4K
}

@test "a file that gives less than its size leaves nothing" {
  file=/sys/devices/system/cpu/online
  [ "$(stat -c %s $file)" -gt "$(wc -c <$file)" ] || skip "optional: $file is as long as it says"
  nothing 1 "shmtool: create: $file: *" --from $file
}

@test "a closed stdin is an error" {
  run -1 bash -c 'shmtool create --from - 4K <&-'
  [ "$(census)" -eq 0 ]
}

@test "an existing key is refused, and its segment stays as it was" {
  echo hello >file
  shmtool create -k 13 -m 640 10
  before=$(cat /proc/sysvipc/shm)
  run -5 shmtool create -k 13 --from file
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "--reuse is excluded" {
  echo hello >file
  nothing 2 "shmtool: create: *" --reuse -k 13 --from file
  nothing 2 "shmtool: create: *" --reuse -k 13 --from file 4K
}

@test "a SIZE of 0 is refused" {
  : >empty
  nothing 1 "shmtool: create: *" --from empty 0
}

@test "-J prints the segment as stat -J does" {
  echo hello >file
  run -0 shmtool create -J -k 13 -m 640 --from file
  [ "$output" = "$(shmtool stat -J 0xd)" ]
}

@test "what a kill leaves behind is closed to users from the first moment" {
  require_strace
  echo hello >file
  run -137 strace -qq -o calls -e inject=shmctl:signal=SIGKILL:when=1 shmtool create -k 13 --from file
  [ "$(kernel_says perms "$(ipcs -m | awk '$1 == "0x0000000d" { print $2 }')")" = 0 ]
}

@test "a signal at any moment leaves no segment whose id is not printed" {
  require_root
  require_strace
  require_no_coverage
  require_no_valgrind
  local as signal moment all who
  echo hello >file
  chmod 755 . && chmod 644 file
  for who in 0 4242; do
    as=(setpriv --reuid "$who" --regid "$who" --clear-groups)
    all=$(moments '^shmget' '^writev?[(]1' "${as[@]}" shmtool create -k 13 --from file)
    [[ $all == shmget*shmat*shmctl*write* ]]
    as_user $who shmtool rm 0xd
    for signal in ABRT TRAP SYS; do
      for moment in $all; do
        run -$((128 + $(kill -l $signal))) --separate-stderr prlimit --core=0 \
          strace -qq -o calls -e "inject=$moment:signal=$signal" \
          "${as[@]}" shmtool create -k 13 --from file
        echo "user $who, SIG$signal, $moment: $output"
        [ -n "$output" ] || [ "$(census)" -eq 0 ]
        [ "$(census)" -eq 0 ] || as_user $who shmtool rm 0xd
      done
    done
  done
}

@test "who may not attach mode 0 opens it as 0601, and never as 0600, before it is full" {
  require_root
  require_strace
  echo hello >file
  chmod 755 . && chmod 644 file
  ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls -e trace=shmctl,shmat setpriv --reuid 4242 --regid 4242 --clear-groups \
    shmtool create -k 13 --from file
  [ "$(grep -oE 'IPC_SET.*mode=[0-7]+|^shmat.*= 0x' calls |
    sed -E 's/.*mode=0*([0-7]+)/\1/; s/^shmat.*/attached/' | paste -sd ' ')" = "601 attached 0 600" ]
}

@test "whenever it is killed, what is left is not published, or full" {
  require_root
  require_strace
  require_no_valgrind
  local as moment all who mode seen=
  echo hello >file
  chmod 755 . && chmod 644 file
  for who in 0 4242; do
    as=(setpriv --reuid "$who" --regid "$who" --clear-groups)
    all=$(moments '^shmget' '^exit_group' "${as[@]}" shmtool create -k 13 -m 640 --from file)
    as_user $who shmtool rm 0xd
    for moment in $all; do
      run -137 strace -qq -o calls -e "inject=$moment:signal=KILL" \
        "${as[@]}" shmtool create -k 13 -m 640 --from file
      [ "$(census)" -eq 1 ] || continue
      mode=$(shmtool stat -rn -o mode 0xd)
      echo "user $who, $moment: $mode"
      seen+=$mode
      case $mode in
        0000 | 0601) run -125 shmtool semlock 0xd true ;;
        0640) [ "$(as_user $who shmtool read 0xd)" = hello ] ;;
        *) return 1 ;;
      esac
      as_user $who shmtool rm 0xd
    done
  done
  [[ $seen == *0000*0640*0000*0601*0000*0640* ]]
}
