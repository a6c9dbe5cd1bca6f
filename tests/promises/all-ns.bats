#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --all-ns and --ns, against real other namespaces.

# Each test is a process of its own; `run` and the two `elsewhere` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  local pid name
  for pid in "${elsewhere[@]}"; do kill "$pid"; done
  for name in "${cgroups[@]}"; do remove_cgroup "$name"; done
  end_stopped
}

# start COMMAND...: runs it beside this test until that ends, with one segment of key 0x4d that it
# makes in its own IPC namespace, and what $does does with its $id. Sets $other to the process id,
# $ns to the namespace.
start() {
  local out
  # shellcheck disable=SC2016
  exec {out}< <(exec "$@" sh -c 'id=$(shmtool create -k 0x4d "$0"); eval "$1"' \
    "${size:-4K}" "${does:-echo; exec sleep 1000}" 3>&-)
  other=$!
  elsewhere+=("$other")
  read -r _ <&"$out"
  ns=$(stat -Lc %i "/proc/$other/ns/ipc")
}

# Another IPC namespace; and one that belongs to a user namespace, of the test's user or of UID.
with_ipc() { start unshare --ipc; }
with_user() { start unshare --user --map-root-user --ipc; }
with_user_of() {
  start setpriv --reuid "$1" --regid "$1" --clear-groups --inh-caps=-all -- \
    unshare --user --map-root-user --ipc
}

# all COLS: those columns of all segments of the namespace $ns. Other tests run in others.
all() {
  shmtool list --all-ns -rn -o "ns,$1" "${@:2}" | awk -F '\t' -v ns="$ns" '$1 == ns' | cut -f 2-
}

@test "segments of other namespaces are listed" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_ipc
  [ "$(all key,size,owner)" = $'0x0000004d\t4096\troot' ]
  with_user
  [ "$(all key,size)" = $'0x0000004d\t4096' ]
}

@test "one's own namespace is listed too" {
  require_root
  require_ipc_namespaces
  shmtool create -k 13 2K
  with_ipc
  ns=$(stat -Lc %i /proc/self/ns/ipc)
  [ "$(all key,size)" = $'0x0000000d\t2048' ]
}

@test "one's own namespace is listed under its number where /proc is of another pid namespace" {
  require_root
  require_ipc_namespaces
  require_pid_namespaces
  # A key that no other test has in its namespace.
  key=$(printf '0x13%06x' "$BASHPID")
  shmtool create -k "$key" 2K
  with_ipc
  ns=$(stat -Lc %i /proc/self/ns/ipc)
  # Number 1 there is somebody else in this /proc.
  run -0 --separate-stderr unshare --pid --fork shmtool list --all-ns -rn -o ns,key,size
  [ "$(grep -c "$key" <<<"$output")" -eq 1 ]
  [ "$(grep "^$ns" <<<"$output")" = "$ns"$'\t'"$key"$'\t2048' ]
}

@test "where /proc shows no processes it is an error, not an empty list" {
  require_root
  require_plain_build
  require_mounts
  shmtool create 1
  run -1 --separate-stderr unshare --mount sh -c 'mount -t tmpfs none /proc && shmtool list --all-ns'
  [ -z "$output" ]
  [ "$stderr" = 'shmtool: list: cannot read the IPC namespaces from /proc: No such file or directory' ]
}

@test "SIGCHLD may be ignored" {
  require_root
  require_ipc_namespaces
  shmtool create -k 13 2K
  with_ipc
  run -0 env --ignore-signal=CHLD shmtool list --all-ns
  [[ "$output" == *0x0000000d*0x0000004d* || "$output" == *0x0000004d*0x0000000d* ]]
}

@test "each namespace is listed once, however many processes are in it" {
  require_root
  require_ipc_namespaces
  with_ipc
  for _ in 1 2 3; do
    exec {out}< <(exec nsenter --ipc --target "$other" sh -c 'echo; exec sleep 1000' 3>&-)
    elsewhere+=($!)
    read -r _ <&"$out"
  done
  [ "$(all key)" = 0x0000004d ]
}

@test "the same id in two namespaces is two segments" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_ipc
  first=$ns
  with_user
  [ "$ns" != "$first" ]
  [ "$(all id)" = 0 ]
  ns=$first
  [ "$(all id)" = 0 ]
}

@test "nspid is a process in that namespace" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_ipc
  [ "$(all nspid)" = "$other" ]
  with_user
  [ "$(all nspid)" = "$other" ]
}

@test "a process that goes elsewhere meanwhile does not take its old namespace along" {
  require_root
  require python3
  require_mounts
  require_pid_namespaces
  require_strace
  # LeakSanitizer cannot do its work under strace.
  run -0 env ASAN_OPTIONS=detect_leaks=0 unshare --pid --fork --mount-proc python3 -c '
import ctypes, os, re, signal, socket, subprocess
libc = ctypes.CDLL(None)
libc.shmget(66, 1, 0o1600)
own = os.open("/proc/self/ns/ipc", os.O_RDONLY)
here, there = socket.socketpair()
if os.fork() == 0:
    libc.unshare(0x08000000)  # CLONE_NEWIPC
    there.send(b"there")
    there.recv(1)
    libc.setns(own, 0)
    there.send(b"back")
    signal.pause()
here.recv(5)
# It stops when it has seen in which namespace the process is.
lister = subprocess.Popen("exec strace -f -qq -o calls -e inject=pipe,pipe2:signal=STOP:when=2 "
                          "shmtool list --all-ns -rn -o key", shell=True)
stopped = None
while not stopped:
    stopped = os.path.exists("calls") and re.search(r"(\d+) .*stopped by SIGSTOP", open("calls").read())
here.send(b"!")
here.recv(4)
os.kill(int(stopped[1]), signal.SIGCONT)
lister.wait()'
  [ "$output" = 0x00000042 ]
}

@test "the columns ns and nspid are shown without being asked for" {
  require_root
  require_ipc_namespaces
  with_ipc
  [[ "$(shmtool list --all-ns -o +rss | head -n 1)" == *RSS*NS*NSPID ]]
  [[ "$(shmtool list --all-ns -o +nspid | head -n 1)" == *NSPID*NS ]]
  [[ "$(shmtool list --all-ns -o id | head -n 1)" != *NS* ]]
  run -0 --separate-stderr shmtool list --all-ns
  [ "$(head -n 1 <<<"$output" | tr -s ' ')" = "KEY ID OWNER MODE SIZE NATTCH STATUS NS NSPID" ]
  grep -qE " $ns +$other\$" <<<"$output"
}

@test "without --all-ns they are not, and empty where they are asked for" {
  shmtool create 1
  [[ "$(shmtool list)" != *NS* ]]
  [ "$(shmtool list -rn -o ns,nspid)" = $'-\t-' ]
}

@test "without --all-ns nothing of other namespaces is shown" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_ipc
  with_user
  [ -z "$(shmtool list -q)" ]
}

@test "JSON is typed, and names of another user namespace are null" {
  require_root
  require jq
  require_ipc_namespaces
  require_user_namespaces
  names='[.owner, .group, .creator, .creator_group]'
  shmtool create 1
  with_ipc
  mine=$ns
  with_user
  shmtool list --all-ns -J >json
  [ "$(jq -c ".segments[] | select(.ns == $mine) | $names" json)" = '["root","root","root","root"]' ]
  [ "$(jq -c ".segments[] | select(.ns == $ns) | $names" json)" = '[null,null,null,null]' ]
  [ "$(jq -c ".segments[] | select(.ns == $ns) | [.key, .id, .nspid, .size]" json)" = \
    "[\"0x0000004d\",0,$other,4096]" ]
}

@test "names of another mount namespace are null" {
  require_root
  require jq
  require_mounts
  require_ipc_namespaces
  start unshare --ipc --mount
  [ "$(shmtool list --all-ns -J | jq -c ".segments[] | select(.ns == $ns) | [.owner, .creator]")" = \
    '[null,null]' ]
}

@test "in text those owners are numbers" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_user
  [[ "$(all owner)" =~ ^[0-9]+$ ]]
}

@test "filters, columns, sorting and -q go with it" {
  require_root
  require_ipc_namespaces
  size=5000 with_ipc
  first=$ns
  size=4000 with_ipc
  rows=$(shmtool list --all-ns -rn -o ns,size -S size |
    awk -v a="$first" -v b="$ns" '$1 == a || $1 == b { print $2 }' | paste -sd ' ')
  [ "$rows" = "4000 5000" ]
  [ "$(all key --older-than 0s --unattached)" = 0x0000004d ]
  [ -z "$(all key --older-than 1h)" ]
  [ "$(shmtool list --all-ns -q | wc -l)" -ge 2 ]
}

@test "looking changes nothing there" {
  require_root
  require_ipc_namespaces
  with_ipc
  before=$(nsenter --ipc --target "$other" cat /proc/sysvipc/shm)
  shmtool list --all-ns -o +orphan
  [ "$(nsenter --ipc --target "$other" cat /proc/sysvipc/shm)" = "$before" ]
}

@test "an unprivileged user sees their own namespace, and how many are not seen" {
  require_root
  require_ipc_namespaces
  shmtool create -k 13 1
  with_ipc
  # A user whom no other test has.
  run -0 --separate-stderr as_user $((200000 + BASHPID)) shmtool list --all-ns -rn -o key,ns
  [ "$output" = $'0x0000000d\t'"$(stat -Lc %i /proc/self/ns/ipc)" ]
  [[ "$stderr" =~ [1-9] ]]
}

@test "an unprivileged user sees into their own user namespaces, and no other's" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  mine=$((200000 + BASHPID))
  with_user_of "$mine"
  run -0 --separate-stderr as_user "$mine" shmtool list --all-ns -rn -o key,ns
  [ "$output" = $'0x0000004d\t'"$ns" ]
  run -0 --separate-stderr as_user 65534 shmtool list --all-ns -rn -o key,ns
  [ -z "$output" ]
}

@test "a namespace is seen if any of its processes leads there" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  local children
  mine=$((200000 + BASHPID))
  does='unshare --user sleep 1000 & sleep 1000 & echo; exec sleep 1000' with_user_of "$mine"
  read -ra children <<<"$(<"/proc/$other/task/$other/children")"
  elsewhere=("${children[@]}")
  # The first one is in a user namespace of its own, which the user may not enter.
  until [ "$(readlink "/proc/${children[0]}/ns/user")" != "$(readlink "/proc/$other/ns/user")" ]; do :; done
  kill "$other"
  while [ -e "/proc/$other/ns/ipc" ]; do :; done
  run -0 --separate-stderr as_user "$mine" shmtool list --all-ns -rn -o key,ns
  [ "$output" = $'0x0000004d\t'"$ns" ]
}

# shellcheck disable=SC2016
@test "ps shows who has segments attached in other namespaces" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  hold "$(shmtool create -k 0x4d 4K)"
  does='exec holder $id 2' with_ipc
  first=$other first_ns=$ns
  does='exec holder $id 3' with_user
  # Each is another segment, with the same id and key.
  run -0 shmtool ps --all-ns -rn -o ns,pid,user,mappings 0x4d
  grep -qx "$(stat -Lc %i /proc/self/ns/ipc)"$'\t'"$holder"$'\troot\t1' <<<"$output"
  grep -qx "$first_ns"$'\t'"$first"$'\troot\t2' <<<"$output"
  grep -qx "$ns"$'\t'"$other"$'\troot\t3' <<<"$output"
  run -0 shmtool ps --all-ns -S -mappings -rn -o pid id:0
  [[ $output == *"$other"*"$first"* ]]
  # With the other options.
  [ "$(shmtool ps --all-ns --pid "$first" -rn -o ns,mappings)" = "$first_ns"$'\t2' ]
  [ -z "$(shmtool ps --all-ns --pid "$first" -u 4242 -n)" ]
  run -3 --separate-stderr shmtool ps --all-ns --pid "$first" -rn -o pid 0x4d 0x7fffffff
  [ "$output" = "$first" ]
  [[ $stderr == *'shmtool: ps: 0x7fffffff: no such segment'* ]]
  # Without --all-ns none of this.
  [ "$(shmtool ps -rn -o ns,pid)" = $'-\t'"$holder" ]
  [ -z "$(shmtool ps -n --pid "$first")" ]
}

@test "ps shows the column ns without being asked for" {
  [[ "$(shmtool ps --all-ns | head -n 1)" == *COMMAND*' NS' ]]
  [[ "$(shmtool ps --all-ns -o +ns | head -n 1)" == *COMMAND*' NS' ]]
  [ "$(shmtool ps --all-ns -o id | head -n 1 | tr -d ' ')" = ID ]
  [[ "$(shmtool ps)" != *NS* ]]
}

# leave COUNT: a process attaches as many segments in the namespace of $other, of keys from $key on,
# and goes to that of the test.
leave() {
  exec {out}< <(exec nsenter --ipc --target "$other" python3 -c '
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
first = int(sys.argv[1], 16)
for key in range(first, first + int(sys.argv[2])):
    assert libc.shmat(libc.shmget(key, 1, 0o1600), None, 0) != -1
assert libc.setns(os.open(sys.argv[3], os.O_RDONLY), 0) == 0
print("left", flush=True)
signal.pause()' "$key" "$1" "/proc/$$/ns/ipc" 3>&-)
  elsewhere+=($!)
  read -r _ <&"$out"
}

# shellcheck disable=SC2016
@test "ps counts mappings in other namespaces whose process is not seen" {
  require_root
  require_ipc_namespaces
  require python3
  key=$(printf '0x13%06x' "$BASHPID") # that no other test has
  does="exec holder \$(shmtool create -k $key 4K)" with_ipc
  run -0 --separate-stderr shmtool ps --all-ns -rn -o pid "$key"
  [ "$output" = "$other" ]
  leave 1
  run -0 --separate-stderr shmtool ps --all-ns -rn -o pid "$key"
  [ "$output" = "$other" ]
  [[ $stderr == *'shmtool: ps: mappings of processes that '*': 1 of 2'* ]]
}

@test "ps looks again into a namespace, not for each segment of it" {
  require_root
  require_ipc_namespaces
  require python3
  require_strace
  require_shifted
  key=0x13000000
  with_ipc
  leave 300
  # By a clock that is ahead nothing was detached just now.
  shifted 10 strace -f -qq -o calls -e trace=openat -P /proc/sysvipc/shm shmtool ps --all-ns 2>err
  grep -qE 'mappings of processes that .*: [3-9][0-9][0-9] of ' err
  [ "$(grep -c sysvipc calls)" -lt 200 ]
}

# shellcheck disable=SC2016
@test "ps does not call hidden what was detached there after nattch was read" {
  require_root
  require_ipc_namespaces
  require_strace
  does='setpriv --pdeathsig KILL holder $id 3 & exec sleep 1000' with_ipc
  attached=$(cat "/proc/$other/task/$other/children")
  # Stopped before it looks at the processes for the second time.
  stop_at openat:when=2 -P /proc shmtool ps --all-ns -n 0x4d
  kill "${attached% }"
  until [ "$(shmtool stat --ns "$other" -rn -o nattch 0x4d)" = 0 ]; do :; done
  go_on
  [ "$ended" -eq 0 ]
  run ! grep mappings err
}

# shellcheck disable=SC2016
@test "which container has the largest segment, and who has it attached" {
  require_root
  require_containers
  require_cgroups
  mine=$BASHPID
  for size in 8M 64M; do
    cgroups+=("shmtool-$size.$mine")
    into_cgroup "shmtool-$size.$mine"
    does='exec holder $id' start "${into[@]}" "${contained[@]}"
  done
  run -0 shmtool list --all-ns -o +cgroup -S -size
  [ "$(grep -o "/shmtool-[^ ]*.$mine" <<<"$output")" = "/shmtool-64M.$mine"$'\n'"/shmtool-8M.$mine" ]
  grep -q " 64M .*/shmtool-64M.$mine " <<<"$output"
  run -0 shmtool ps --all-ns -rn -o command,args,cgroup
  grep -qE "^holder.holder [0-9]+./shmtool-64M.$mine\$" <<<"$output"
}

@test "only list, ps and metrics have --all-ns" {
  shmtool create 1
  for command in "rm -y" "rm --all -y" "stat 0" "watch" "limits"; do
    # shellcheck disable=SC2086
    run -2 shmtool ${command% *} --all-ns ${command#* }
  done
  [ "$(census)" -eq 1 ]
}

@test "--ns and --all-ns exclude one another, also where no namespace may be entered" {
  run -2 --separate-stderr shmtool list --all-ns --ns $$
  [ "$stderr" = "shmtool: list: options '--all-ns' and '--ns' cannot be used together" ]
  run -2 shmtool list --ns 2147483647 --all-ns
}

@test "--ns of a process in this IPC namespace takes no privilege" {
  require_root
  shmtool create -k 13 1
  # shellcheck disable=SC2016
  [ "$(as_user 4242 sh -c 'shmtool list --ns $$ -rn -o key')" = 0x0000000d ]
}

@test "--ns works in another IPC namespace" {
  require_root
  require_ipc_namespaces
  with_ipc
  [ "$(shmtool list --ns "$other" -rn -o key,size,owner)" = $'0x0000004d\t4096\troot' ]
  shmtool attach-write --ns "$other" -t hello 0x4d
  [ "$(shmtool read --ns "$other" -t 0x4d)" = hello ]
  shmtool set --ns "$other" -m 640 0x4d
  [ "$(shmtool stat --ns "$other" -rn -o mode 0x4d)" = 0640 ]
  id=$(shmtool create --ns "$other" -k 13 1)
  shmtool rm --ns "$other" "$id" 0x4d
  [ -z "$(shmtool list --ns "$other" -q)" ]
  [ "$(census)" -eq 0 ]
}

@test "--ns works in a user namespace's IPC namespace" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_user
  [ "$(shmtool list --ns "$other" -rn -o key,size)" = $'0x0000004d\t4096' ]
  shmtool attach-write --ns "$other" -t hello 0x4d
  [ "$(shmtool read --ns "$other" -t 0x4d)" = hello ]
  shmtool rm --ns "$other" 0x4d
  [ -z "$(shmtool list --ns "$other" -q)" ]
}

@test "--ns works in the namespace of another user's user namespace" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_user_of 4242
  [ "$(shmtool list --ns "$other" -rn -o key,uid)" = $'0x0000004d\t4242' ]
  shmtool rm --ns "$other" 0x4d
  [ -z "$(shmtool list --ns "$other" -q)" ]
}

@test "an unprivileged user may enter their own user namespace" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_user_of 4242
  as_user 4242 shmtool attach-write --ns "$other" -t hello 0x4d
  [ "$(as_user 4242 shmtool read --ns "$other" -t 0x4d)" = hello ]
}

@test "an unprivileged user may enter no other" {
  require_root
  require_ipc_namespaces
  require_user_namespaces
  with_ipc
  run -4 --separate-stderr as_user 4242 shmtool list --ns "$other"
  [ -z "$output" ]
  [[ "$stderr" == "shmtool: list: "* ]]
  run -4 as_user 4242 shmtool rm --ns "$other" 0x4d
  with_user
  run -4 as_user 4242 shmtool list --ns "$other"
}

@test "CAP_SYS_ADMIN alone lets nobody read another's /proc" {
  require_root
  require_ipc_namespaces
  require_capability sys_admin
  with_ipc
  run -4 with_capability sys_admin 4242 shmtool list --ns "$other"
  # With CAP_SYS_PTRACE as well it does.
  run -0 setpriv --reuid 4242 --regid 4242 --clear-groups \
    --inh-caps=-all,+sys_admin,+sys_ptrace --ambient-caps=-all,+sys_admin,+sys_ptrace \
    shmtool list --ns "$other" -rn -o key
  [ "$output" = 0x0000004d ]
}
