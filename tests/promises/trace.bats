#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --trace and --ns.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# traced PATTERN ARG...: shmtool ARG... has a line on stderr that matches the regular expression.
traced() {
  run --separate-stderr shmtool "${@:2}"
  grep -qE "^$1\$" <<<"$stderr"
}

# elsewhere: a process in another, empty IPC namespace: $other.
elsewhere() {
  coproc HOLDER { exec unshare --ipc sh -c 'echo ready; exec sleep 1000'; }
  other=$HOLDER_PID
  local line
  read -r line <&"${HOLDER[0]}"
  [ "$line" = ready ]
}

@test "creating is traced as C" {
  run -0 --separate-stderr shmtool create -k 13 --trace 2048
  [ "$stderr" = "shmget(0x0000000d, 2048, IPC_CREAT|IPC_EXCL|0600) = $output" ]
}

@test "a private key is traced as C" {
  run -0 --separate-stderr shmtool create --trace -m 0 1
  [[ "$stderr" =~ ^shmget\((0x00000000|IPC_PRIVATE),\ 1,\ IPC_CREAT\|IPC_EXCL(\|0|\|0000)?\)\ =\ $output$ ]]
}

@test "failures show the name of the error" {
  shmtool create -k 13 1
  traced 'shmget\(0x0000000d, 4, IPC_CREAT\|IPC_EXCL\|0600\) = -1 EEXIST' create --trace -k 13 4
  traced 'shmget\(0x00000007, .*\) = -1 ENOENT' rm --trace 0x7
  traced 'shmctl\(77, IPC_RMID, NULL\) = -1 EINVAL' rm --trace 77
}

@test "permission denied is traced" {
  require_root
  id=$(shmtool create 1)
  run -4 as_user 4242 shmtool read --trace "$id"
  grep -qE "^shm(at|ctl)\($id, .*\) = .*-1 EACCES\$" <<<"$output"
}

@test "reading attaches read-only, and detaches" {
  require_no_valgrind
  id=$(shmtool create 1)
  traced "shmat\\($id, NULL, SHM_RDONLY\\) = 0x[0-9a-f]+" read --trace "$id"
  traced 'shmdt\(0x[0-9a-f]+\) = 0' read --trace "$id"
}

@test "writing attaches, and detaches" {
  require_no_valgrind
  id=$(shmtool create 1)
  traced "shmat\\($id, NULL, 0\\) = 0x[0-9a-f]+" attach-write --trace -t x "$id"
  traced 'shmdt\(0x[0-9a-f]+\) = 0' attach-write --trace -t x "$id"
}

@test "giving to another owner is traced" {
  require_root
  traced 'shmctl\([0-9]+, IPC_SET, .*\) = 0' create --trace -u 4242 1
}

@test "removing is traced" {
  id=$(shmtool create 1)
  traced "shmctl\\($id, IPC_RMID, NULL\\) = 0" rm --trace "$id"
}

@test "every traced line is a call" {
  id=$(shmtool create 4)
  for line in "read $id" "attach-write -t x $id" "rm $id"; do
    # shellcheck disable=SC2086
    run --separate-stderr shmtool $line --trace
    [ -n "$stderr" ]
    run -1 grep -vE '^shm(get|ctl|at|dt)\(.*\) = (-?[0-9]+|0x[0-9a-f]+|\(void \*\)-1|-1 E[A-Z]+|\(void \*\)-1 E[A-Z]+)$' <<<"$stderr"
  done
}

@test "stdout is the same with and without" {
  id=$(shmtool create -k 13 100)
  for line in list "list -J" "stat 0xd" "rm --dry-run -v 0xd"; do
    # shellcheck disable=SC2086
    [ "$(shmtool $line --trace 2>/dev/null)" = "$(shmtool $line)" ]
  done
  shmtool read --trace 0xd 2>/dev/null | cmp - <(shmtool read 0xd)
}

@test "--dry-run calls no IPC_RMID" {
  id=$(shmtool create 1)
  run -0 --separate-stderr shmtool rm --dry-run --trace "$id"
  [[ "$stderr" != *IPC_RMID* ]]
}

@test "all of strace's System V calls are in the trace" {
  require_no_valgrind
  require_strace
  id=$(shmtool create -k 13 100)
  for line in "read 0xd" "attach-write -t x 0xd" "stat 0xd" "rm 0xd"; do
    # shellcheck disable=SC2086
    run --separate-stderr strace -e trace=%ipc -o log shmtool $line --trace
    [ "$(grep -oE '^(shm|sem)[a-z]+' log)" = "$(grep -oE '^(shm|sem)[a-z]+\(' <<<"$stderr" | tr -d '(')" ]
  done
}

@test "--ns lists another namespace" {
  require_root
  require_ipc_namespaces
  shmtool create -k 1 1
  elsewhere
  id=$(shmtool create --ns "$other" -k 13 2K)
  [ "$(shmtool list --ns "$other" -rn -o key,id,size)" = "0x0000000d	$id	2048" ]
  # shellcheck disable=SC2016
  [ "$(nsenter --ipc="/proc/$other/ns/ipc" awk 'NR == 2 { print $1 }' /proc/sysvipc/shm)" -eq 13 ]
  [ "$(shmtool list -rn -o key)" = 0x00000001 ]
}

@test "--ns serves every command" {
  require_root
  require_ipc_namespaces
  elsewhere
  shmtool create --ns "$other" -k 13 5
  shmtool attach-write --ns="$other" -t hello 0xd
  [ "$(shmtool read --ns "$other" 0xd)" = hello ]
  [ "$(shmtool stat --ns "$other" -rn -o size 0xd)" = 5 ]
  run -3 shmtool stat 0xd
  shmtool rm --ns "$other" 0xd
  [ -z "$(shmtool list --ns "$other" -q)" ]
}

@test "--ns heeds that namespace's limits" {
  require_root
  require_ipc_namespaces
  require_limits
  elsewhere
  nsenter --ipc="/proc/$other/ns/ipc" sh -c 'echo 0 >/proc/sys/kernel/shmmni'
  run -6 shmtool create --ns "$other" 1
  [[ "$output" == *SHMMNI* ]]
  shmtool create 1
}

@test "--ns reads FILE and writes -O in the caller's folder" {
  require_root
  require_ipc_namespaces
  elsewhere
  echo hello >file
  shmtool create --ns "$other" -k 13 6
  shmtool attach-write --ns "$other" 0xd file
  shmtool read --ns "$other" -O copy 0xd
  cmp file copy
}

@test "--ns on the caller's own namespace changes nothing" {
  require_root
  require_ipc_namespaces
  id=$(shmtool create 1)
  [ "$(shmtool list -q --ns $$)" = "$id" ]
}

@test "--ns of a process that does not exist fails" {
  run -1 --separate-stderr shmtool list --ns 2147483647
  [ -z "$output" ]
  [ "$stderr" = "shmtool: list: --ns 2147483647: /proc shows no such process" ]
}

@test "--ns without permission is status 4" {
  require_root
  require_ipc_namespaces
  elsewhere
  run -4 --separate-stderr as_user 4242 shmtool list --ns "$other"
  [ -z "$output" ]
}

@test "--ns wants a process id" {
  for pid in '' 0 -1 x 1x 0x1 99999999999999999999; do
    run -2 shmtool create --ns "$pid" 1
  done
  [ "$(census)" -eq 0 ]
}
