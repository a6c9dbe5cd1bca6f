#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# System calls that fail seldom, made to fail by strace: what was not done is not said to be done.

load ../common

# LeakSanitizer cannot do its work under strace.
export ASAN_OPTIONS=detect_leaks=0

# failing PATH CALLS ERRNO[:when=N] COMMAND...: runs COMMAND, in which these system calls on PATH, or
# on anything where that is empty, fail. open, stat and write are what any libc does to that end.
failing() {
  local path=$1 calls=,$2, errno=$3
  shift 3
  calls=${calls/,open,/,?open,openat,}
  calls=${calls/,stat,/,?stat,?fstatat64,?newfstatat,?statx,}
  calls=${calls/,write,/,write,writev,}
  calls=${calls#,}
  strace -f -qq -o calls ${path:+-P "$path"} -e "inject=${calls%,}:error=$errno" "$@"
}

@test "an account that cannot be looked up is an error" {
  require_strace
  local accounts=/etc/nsswitch.conf
  is_glibc || accounts=/etc/passwd
  shmtool create 1
  for errno in EIO EMFILE ENFILE; do
    for line in list metrics "list -u root" "set -u root 0"; do
      # shellcheck disable=SC2086 # a command line
      run -1 --separate-stderr failing "$accounts" stat,open "$errno" shmtool $line
      echo "$errno: $stderr"
      [ "${stderr_lines[0]%%:*}" = shmtool ]
    done
  done
}

@test "an account lookup that is to be tried again is an error, and not: no such user" {
  require_glibc
  require_mounts
  require_strace
  shmtool create -k 13 1
  printf '%s\n' "passwd: files" "group: files" >nsswitch
  for line in list metrics "list -u root" "set -u root 0xd" "create -u root 1" "create -u 0:root 1"; do
    # shellcheck disable=SC2016,SC2086 # a command line
    run -1 --separate-stderr unshare --mount sh -c '
      mount --bind nsswitch /etc/nsswitch.conf && exec "$@"' sh \
      strace -qq -o calls -P /etc/passwd -P /etc/group -e inject=openat:error=EAGAIN shmtool $line
    echo "$line: $stderr"
    [[ "$stderr" == "shmtool: ${line%% *}: "*"$(strerror EAGAIN)"* ]]
    [[ "$stderr" != *"no such"* ]]
  done
  [ "$(census)" -eq 1 ]
}

@test "a file of accounts in which glibc cannot seek is an error" {
  require_glibc
  require_mounts
  require_strace
  shmtool create 1
  printf '%s\n' "passwd: files" "group: files" >nsswitch
  # shellcheck disable=SC2016
  run -1 --separate-stderr failing /etc/passwd lseek EIO unshare --mount sh -c '
    mount --bind nsswitch /etc/nsswitch.conf && exec shmtool list'
  [ "$stderr" = "shmtool: list: user 0: Illegal seek" ]
}

@test "a list of segments that cannot be opened is an error" {
  require_strace
  shmtool create 1
  run -1 failing /proc/sysvipc/shm open EMFILE shmtool list
  [[ "$output" == "shmtool: list: "*"$(strerror EMFILE)" ]]
}

@test "where kernel.shm_rmid_forced cannot be read nothing is created" {
  require_strace
  local setting=/proc/sys/kernel/shm_rmid_forced
  for call in open read; do
    run -1 failing $setting $call EIO shmtool create 1
  done
  [ "$(census)" -eq 0 ]
}

@test "ps does not pass over a process at which it fails" {
  require_strace
  hold "$(shmtool create 1)"
  for file in maps status; do
    run -1 --separate-stderr failing $file open EMFILE shmtool ps
    [[ "$stderr" == *"cannot find out from /proc who is attached: $(strerror EMFILE)" ]]
    run -1 --separate-stderr failing "/proc/$holder/$file" read EIO shmtool ps
    [[ "$stderr" == *"cannot find out from /proc who is attached: $(strerror EIO)" ]]
  done
  release
}

@test "create removes the segment if closing stdout says that the id is lost" {
  require_strace
  run -1 failing "$PWD/id" close EIO sh -c 'exec shmtool create 1 >id'
  [ "$output" = "shmtool: create: stdout: $(strerror EIO)" ]
  [ "$(census)" -eq 0 ]
}

@test "read -O -f leaves FILE as it was if closing what was written fails, and as it is if stdout does" {
  require_strace
  local closes
  shmtool create -k 13 3
  echo old >file
  ASAN_OPTIONS=detect_leaks=0 strace -o calls -e trace=close,ftruncate shmtool read -O new 0xd
  closes=$(awk '/^ftruncate/ { print count + 1 } /^close/ { count++ }' calls)
  run -1 failing "" close "EIO:when=$closes" shmtool read -f -O file 0xd
  [ "$(cat file)" = old ]
  run -1 failing "" close "EIO:when=$((closes + 1))" shmtool read -f -O file 0xd
  [ "$output" = "shmtool: read: stdout: $(strerror EIO)" ]
  cmp new file
  [ "$(ls -A)" = "$(printf '%s\n' calls file new)" ]
}

@test "data whose place in the file cannot be told is not taken for a hole" {
  require_strace
  printf data >file
  shmtool create -k 14 4
  run -1 failing "$PWD/file" lseek EIO:when=2 shmtool create -k 13 --from file
  run -1 failing "$PWD/file" lseek EIO:when=2 shmtool attach-write 0xe file
  [ "$(census)" -eq 1 ]
}

@test "rm does not say that a segment is gone if that cannot be told" {
  require_strace
  local id
  id=$(shmtool create 1)
  hold "$id"
  run -1 failing "" shmctl EIO:when=2 shmtool rm -v "$id"
  [ "$output" = "shmtool: rm: $id: $(strerror EIO)" ]
  release
}

@test "list --all-ns does not pass over a process at which it fails" {
  require_strace
  shmtool create 1
  run -1 failing "/proc/$$/ns/ipc" stat EIO shmtool list --all-ns
  run -1 failing /proc getdents64 EIO shmtool list --all-ns
}

@test "a watch that cannot wait is an error" {
  require_strace
  run -1 failing "" ppoll EINVAL shmtool watch
  [ "$output" = "shmtool: watch: ppoll: Invalid argument" ]
}

@test "a closed stream for which /dev/null cannot be opened is an error" {
  require_strace
  run -1 failing /dev/null open EMFILE sh -c 'exec shmtool --version <&-'
  [ "$output" = "shmtool: /dev/null: $(strerror EMFILE)" ]
}

@test "semlock --remove does not count on those who wait where they cannot be counted" {
  require_strace
  shmtool semlock 0x77 true
  run -125 failing "" semctl EIDRM:when=3 shmtool semlock --remove 0x77
  ipcs -s | grep -q 0x00000077
}

@test "list --all-ns takes only a refusal for a namespace that may not be entered" {
  require_ipc_namespaces
  require_strace
  exec {out}< <(exec unshare --ipc sh -c 'echo there; exec sleep 60' 3>&-)
  local pid=$!
  read -r -u "$out"
  run -1 failing "" setns EINVAL shmtool list --all-ns
  run -0 --separate-stderr failing "" setns EPERM shmtool list --all-ns
  kill "$pid"
  [[ "$stderr" == "shmtool: list: IPC namespaces that may not be entered: "* ]]
}

@test "rm removes nothing of a list that was only printed in part" {
  require_strace
  for _ in {1..100}; do shmtool create 1; done
  run -1 failing "$PWD/list" write ENOSPC:when=1 sh -c 'exec shmtool rm --all -y >list'
  [ "$output" = "shmtool: rm: stdout: No space left on device" ]
  [ "$(census)" -eq 100 ]
}

@test "watch ends where a line is lost" {
  require python3
  require_no_valgrind
  require_strace
  touch err
  failing "$PWD/lines" write ENOSPC:when=1 sh -c 'exec shmtool watch >lines 2>err' 3>&- &
  # So many changes between two looks do not fit into one write.
  timeout 60 python3 -c '
import ctypes, os
libc = ctypes.CDLL(None)
while not os.stat("err").st_size:
    for id in [libc.shmget(0, 1, 0o600) for _ in range(1000)]:
        libc.shmctl(id, 0, None)' || kill "$(cat "/proc/$!/task/$!/children")"
  # Not in the subshell of run, of which it is no child.
  ended=0
  wait $! || ended=$?
  [ "$ended" -eq 1 ]
  [ "$(cat err)" = "shmtool: watch: stdout: No space left on device" ]
}

# shrunk SIZE ARG...: the status of shmtool with these arguments where `input`, of 32 KiB, is stdin
# from byte 10 on and is cut to SIZE bytes once the segment is attached.
shrunk() {
  head -c 32K /dev/urandom >input
  { dd bs=10 count=1 status=none of=/dev/null; stop_at shmat:when=1 shmtool "${@:2}"; } <input
  truncate -s "$1" input
  go_on
  echo "$ended"
}

@test "a file that becomes shorter while it is read is an error" {
  require_strace
  for size in 0 5 10 100; do
    [ "$(shrunk "$size" create --from -)" -eq 1 ]
    [[ "$(cat err)" == "shmtool: create: stdin: "*" bytes could be read" ]]
    [ "$(census)" -eq 0 ]
    [ ! -s out ]
  done
  id=$(shmtool create 32K)
  for size in 0 5 10 100; do
    [ "$(shrunk "$size" attach-write -v "$id")" -eq 1 ]
    grep -q "stdin shrank while it was read: .* after $((size > 10 ? size - 10 : 0)) bytes" err
    [ ! -s out ]
  done
  cmp -n 90 <(shmtool read "$id") <(tail -c +11 input)
}

@test "another segment that got the id meanwhile is not taken for the key's" {
  require_strace
  shmtool create -k 13 10
  other=$(shmtool create 10)
  shmtool attach-write -t secret "$other"
  run -3 --separate-stderr strace -qq -o calls -e "inject=shmget:retval=$other" shmtool read 0xd
  [ -z "$output" ]
  run -3 strace -qq -o calls -e "inject=shmget:retval=$other" shmtool attach-write -t x 0xd
  [ "$(shmtool read -t "$other")" = secret ]
}

@test "ps passes over a process that ends meanwhile" {
  require_strace
  hold "$(shmtool create 1)"
  run -0 --separate-stderr failing "/proc/$holder/maps" read ESRCH shmtool ps -n
  [ -z "$output" ]
  run -0 --separate-stderr failing status open ENOENT shmtool ps -n
  [ -z "$output" ]
  release
}

@test "watch waits as long as it is told" {
  require_strace
  run -0 strace -qq -o calls -e trace=ppoll -e inject=ppoll:retval=1 shmtool watch -i 77
  grep -q 'tv_sec=77' calls
}
