#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who is attached, by the mappings of real processes.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  [ -z "${elsewhere:-}" ] || kill "$elsewhere"
  [ -z "${huge_pages:-}" ] || echo "$huge_pages" >/proc/sys/vm/nr_hugepages
  [ -z "${file:-}" ] || rm -f "$file"
  end_stopped
}

# start COMMAND...: runs it beside this test until it ends, and waits for the first line that it
# prints. Sets $elsewhere to its process id, $line to the line.
start() {
  local out
  require "$1"
  exec {out}< <(exec "$@" 3>&-)
  elsewhere=$!
  read -r line <&"$out"
}

# attachments [OPTION|SEGMENT]...: the rows as "PID ACCESS MAPPINGS".
attachments() {
  shmtool ps -rn -o pid,access,mappings "$@" | tr '\t' ' '
}

@test "nobody is attached" {
  shmtool create 4K
  run -0 --separate-stderr shmtool ps
  [ "$output" = 'ID  KEY  PID  USER  ACCESS  MAPPINGS  COMMAND' ]
  [ -z "$stderr" ]
  run -0 shmtool ps -n
  [ -z "$output" ]
  run -0 shmtool ps -J
  [ "$output" = '{"schema_version":1,"attachments":[]}' ]
}

@test "a process that attached several times is one row" {
  id=$(shmtool create -k 0xabc 4K)
  hold "$id" 3
  run -0 --separate-stderr shmtool ps -r
  [ "${lines[0]}" = $'ID\tKEY\tPID\tUSER\tACCESS\tMAPPINGS\tCOMMAND' ]
  [ "${lines[1]}" = "$id"$'\t'0x00000abc$'\t'"$holder"$'\t'"$(id -un)"$'\trw\t3\tholder' ]
  [ "${#lines[@]}" -eq 2 ]
  [ -z "$stderr" ]
}

@test "JSON is typed" {
  require jq
  id=$(shmtool create -k 0xabc 4K)
  hold "$id" 2
  run -0 shmtool ps -J
  [ "$(jq -c '.attachments[0]' <<<"$output")" = \
    '{"id":'"$id"',"key":"0x00000abc","pid":'"$holder"',"user":"'"$(id -un)"'","access":"rw","mappings":2,"command":"holder"}' ]
}

@test "part of a mapping that is read-only counts by itself, as in nattch" {
  id=$(shmtool create 8K)
  hold "$id" 1 '' 4096
  [ "$(shmtool stat -nr -o nattch "$id")" -eq 2 ]
  run -0 --separate-stderr attachments
  [ "$output" = "$holder rw 2" ]
  [ -z "$stderr" ]
}

@test "who may only read is told apart" {
  id=$(shmtool create 4K)
  hold "$id" 2 '' 4096
  [ "$(attachments)" = "$holder r 2" ]
}

@test "segments are chosen by id and key, once each" {
  one=$(shmtool create -k 0xabc 4K)
  two=$(shmtool create 4K)
  start holder "$one" 2
  hold "$two"
  [ "$(attachments | sort)" = "$(printf '%s\n' "$elsewhere rw 2" "$holder rw 1" | sort)" ]
  [ "$(attachments "$two")" = "$holder rw 1" ]
  [ "$(attachments 0xabc "$one" key:2748)" = "$elsewhere rw 2" ]
}

@test "a segment that does not exist is reported, and the others are shown" {
  id=$(shmtool create 4K)
  hold "$id"
  run -3 --separate-stderr shmtool ps -n -o pid 2147483647 "$id" 0xdef
  [ "$output" = "$holder" ]
  [ "${stderr_lines[0]}" = 'shmtool: ps: 2147483647: no such segment' ]
  [ "${stderr_lines[1]}" = 'shmtool: ps: 0xdef: no such segment' ]
  [ "${#stderr_lines[@]}" -eq 2 ]
}

@test "a process in place of a segment is pointed out" {
  run -3 --separate-stderr shmtool ps $$
  [ "$stderr" = "shmtool: ps: $$: no such segment"$'\n'"shmtool: ps: $$: that is a process: use --pid $$" ]
}

@test "the command line is checked" {
  run -2 shmtool ps 0x0
  run -2 shmtool ps -J -r
  run -2 --separate-stderr shmtool ps -o comand
  [[ $stderr = *"did you mean 'command'?" ]]
}

@test "rows are sorted by segment, then process" {
  one=$(shmtool create 4K)
  two=$(shmtool create 4K)
  start holder "$two"
  hold "$one"
  [ "$(shmtool ps -rn -o id)" = "$one"$'\n'"$two" ]
}

@test "a marked segment, and a new one with its key" {
  old=$(shmtool create -k 0xabc 4K)
  hold "$old"
  shmtool rm "$old"
  new=$(shmtool create -k 0xabc 4K)
  start holder "$new"
  run -0 shmtool ps -rn -o id,key,pid
  [ "$(sort <<<"$output")" = "$(printf '%s\t%s\t%s\n' "$old" 0x00000000 "$holder" "$new" 0x00000abc \
    "$elsewhere" | sort)" ]
  [ "$(attachments 0xabc)" = "$elsewhere rw 1" ]
}

@test "a hostile process name breaks neither table nor JSON" {
  require jq
  id=$(shmtool create 4K)
  hold "$id" 1 $'\e[31m\n"\\\xff)\t'
  run -0 shmtool ps -n -o command
  [ "$output" = '\x1b[31m\x0a"\x5c\xff)\x09' ]
  run -0 shmtool ps
  [ "${#lines[@]}" -eq 2 ]
  run -0 shmtool ps -J
  [ "$(jq -r '.attachments[0].command' <<<"$output")" = '\x1b[31m\x0a"\x5c\xff)\x09' ]
}

@test "what turns text around or breaks a line is escaped in names and in command lines" {
  id=$(shmtool create 4K)
  hold "$id" 1 $'a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\xa8'
  run -0 shmtool ps -n -o command,args
  [ "$output" = 'a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\xa8  holder '"$id"' 1 a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\xa8' ]
}

@test "what only looks like a segment is not listed" {
  require_root
  id=$(shmtool create -k 13 4K)
  file=/SYSV$(printf %08x "$BASHPID")
  # A file, a memory file, and anonymous memory; then segments with their inode numbers.
  start python3 -c '
import mmap, os, sys, signal
with open(sys.argv[1], "x+b") as file:
    file.truncate(4096)
    keep = [mmap.mmap(file.fileno(), 4096)]
    inodes = [os.fstat(file.fileno()).st_ino]
memory = os.memfd_create("SYSV0000000d")
os.truncate(memory, 4096)
keep += [mmap.mmap(memory, 4096), mmap.mmap(-1, 4096)]
inodes += [os.fstat(memory).st_ino]
print(*inodes, flush=True)
signal.pause()' "$file"
  [ "$(grep -c '/SYSV\|/memfd:SYSV\|/dev/zero' "/proc/$elsewhere/maps")" -eq 3 ]
  local inode
  for inode in $line; do
    create_as "$inode" 4K
  done
  run -0 --separate-stderr attachments
  [ -z "$output" ]
  [ -z "$stderr" ]
}

@test "processes that may not be read are counted" {
  require_root
  require_capability sys_ptrace
  id=$(shmtool create -m 666 4K)
  hold "$id" 2
  start setpriv --reuid 4242 --regid 4242 --clear-groups holder "$id"
  run -0 --separate-stderr as_user 4242 shmtool ps -n -o pid,user
  [ "$output" = "$elsewhere  4242" ]
  [ "$stderr" = 'shmtool: ps: mappings of processes that may not be read: 2 of 3' ]
  [ "$(attachments | wc -l)" -eq 2 ]
}

@test "processes of a pid namespace that is not seen are counted" {
  require_root
  require_mounts
  require_pid_namespaces
  id=$(shmtool create 4K)
  hold "$id"
  run -0 --separate-stderr unshare --pid --fork --mount-proc shmtool ps -n "$id"
  [ -z "$output" ]
  [ "$stderr" = 'shmtool: ps: mappings of processes that are not visible from here: 1 of 1' ]
}

@test "the user is the effective one, of a process that is not dumpable too" {
  require_root
  require_capability sys_ptrace
  id=$(shmtool create -m 666 4K)
  start python3 -c '
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
assert libc.shmat(int(sys.argv[1]), None, 0) != -1
os.setresuid(4343, 4242, 0)
libc.prctl(4, 0, 0, 0, 0)
print("attached", flush=True)
signal.pause()' "$id"
  [ "$(shmtool ps -n -o user)" = 4242 ]
}

@test "another IPC namespace has the same id, and --ns enters it" {
  require_root
  require_ipc_namespaces
  require_limits
  create_as 77 4K
  hold 77
  # shellcheck disable=SC2016
  start unshare --ipc sh -c 'echo 77 >/proc/sys/kernel/shm_next_id; exec holder "$(shmtool create 4K)" 2'
  run -0 --separate-stderr attachments 77
  [ "$output" = "$holder rw 1" ]
  [ -z "$stderr" ]
  run -0 --separate-stderr shmtool ps --ns "$elsewhere" -rn -o id,pid,mappings
  [ "$output" = "77"$'\t'"$elsewhere"$'\t2' ]
  [ -z "$stderr" ]
}

@test "a segment of the namespace that a process has left is not taken for one of this" {
  require_root
  require_ipc_namespaces
  start python3 -c '
import ctypes, os, signal
libc = ctypes.CDLL(None)
for key in (77, 88):
    assert libc.unshare(0x08000000) == 0  # CLONE_NEWIPC
    id = libc.shmget(key, 1, 0o1600)
    libc.shmat(id, None, 0)
libc.shmget(99, 1, 0o1600)
assert id == 0
print("ready", flush=True)
signal.pause()'
  run -0 --separate-stderr shmtool ps --ns "$elsewhere" -rn -o key,mappings
  [ "$output" = $'0x00000058\t1' ]
  [ -z "$stderr" ]
  # What is marked has no key any more by which to tell.
  shmtool rm --ns "$elsewhere" 0
  run -0 --separate-stderr shmtool ps --ns "$elsewhere" -rn -o key,mappings,access
  [ "$output" = $'0x00000000\t2\trw' ]
}

@test "processes that come and go do not matter" {
  id=$(shmtool create 4K)
  hold "$id"
  start sh -c 'echo started; while :; do /bin/true; done'
  for _ in $(seq 50); do
    run -0 --separate-stderr attachments
    [ "$output" = "$holder rw 1" ]
    [ -z "$stderr" ]
  done
}

@test "the page size, on request only" {
  require_strace
  id=$(shmtool create 4K)
  hold "$id" 2
  [ "$(shmtool ps -n -o mappings,pagesize)" = "2  $(($(getconf PAGESIZE) / 1024))K" ]
  [ "$(shmtool ps -rn -o pagesize)" = "$(getconf PAGESIZE)" ]
  run -0 shmtool ps
  [[ $output != *PAGESIZE* ]]
  run -0 env ASAN_OPTIONS=detect_leaks=0 strace -o calls shmtool ps
  run -1 grep smaps calls
}

@test "segments of huge pages are found by the device of their size" {
  require_root
  require_system_tests
  huge_pages=$(cat /proc/sys/vm/nr_hugepages)
  echo $((huge_pages + 4)) >/proc/sys/vm/nr_hugepages
  start python3 -c '
import ctypes, signal
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
huge = libc.shmget(0, 1, 0o4600 | 0o1000)
assert huge != -1 and libc.shmat(huge, None, 0) != ctypes.c_void_p(-1).value
print(huge, flush=True)
signal.pause()'
  run -0 --separate-stderr shmtool ps -rn -o id,pid,mappings,pagesize
  [ "$output" = "$line"$'\t'"$elsewhere"$'\t1\t2097152' ]
  [ -z "$stderr" ]
}

@test "optional columns and segments complete" {
  id=$(shmtool create 4K)
  run -0 shmtool __complete ps ''
  [[ $output = "$id"$'\t'* ]]
  run -0 shmtool __complete ps -o page
  [[ $output = pagesize$'\t'* ]]
}

@test "what was detached after nattch was read is not called hidden" {
  require_root
  require_strace
  id=$(shmtool create 4K)
  hold "$id" 3
  # Stopped before it looks at the processes.
  stop_at openat:when=1 -P /proc shmtool ps -n
  release
  go_on
  [ "$ended" -eq 0 ]
  [ -z "$(cat out err)" ]
}

@test "what one process detached does not hide what another one has" {
  require_root
  require_ipc_namespaces
  require_strace
  id=$(shmtool create 4K)
  hold "$id" 3
  # Attached by a process that has left the IPC namespace.
  start python3 -c '
import ctypes, signal, sys
libc = ctypes.CDLL(None)
libc.shmat(int(sys.argv[1]), None, 0)
assert libc.unshare(0x08000000) == 0  # CLONE_NEWIPC
print("left", flush=True)
signal.pause()' "$id"
  stop_at openat:when=1 -P /proc shmtool ps -n
  release
  go_on
  [ "$ended" -eq 0 ]
  [ ! -s out ]
  [[ $(cat err) == "shmtool: ps: mappings of processes that "*": 1 of "* ]]
}

@test "processes that fork and end are not called hidden" {
  require python3
  require_no_valgrind
  id=$(shmtool create 4K)
  start python3 -c '
import ctypes, os, sys
ctypes.CDLL(None).shmat(int(sys.argv[1]), None, 0)
print("attached", flush=True)
while True:
    for _ in range(4):
        if os.fork() == 0:
            os._exit(0)
    for _ in range(4):
        os.wait()' "$id"
  for _ in {1..20}; do
    run -0 --separate-stderr shmtool ps -rn -o id
    [[ $output == "$id"* ]]
    echo "$stderr"
    [ -z "$stderr" ]
  done
}

@test "mappings that were found twice do not make up for others that are hidden" {
  require_root
  require_ipc_namespaces
  require python3
  # A segment with id 0 and key 77 here, and one in an IPC namespace left before: taken for two
  # mappings of it. Its key 88 has attached who left later.
  start python3 -c '
import ctypes, os, signal
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
def enter_new():
    assert libc.unshare(0x08000000) == 0  # CLONE_NEWIPC
attached = []
for _ in range(2):
    enter_new()
    assert libc.shmget(77, 1, 0o1600) == 0
    attached.append(libc.shmat(0, None, 0))
id = libc.shmget(88, 1, 0o1600)
reader, writer = os.pipe()
if os.fork() == 0:
    libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
    for address in attached:
        libc.shmdt(ctypes.c_void_p(address))
    libc.shmat(id, None, 0)
    enter_new()
    os.write(writer, b"x")
    signal.pause()
os.read(reader, 1)
print("ready", flush=True)
signal.pause()'
  run -0 --separate-stderr shmtool ps --ns "$elsewhere" -rn -o key,mappings
  [ "$output" = $'0x0000004d\t2' ]
  [[ $stderr == "shmtool: ps: mappings of processes that "*": 1 of "* ]]
}

@test "-u and --pid choose processes, -S sorts them" {
  require_root
  require_capability sys_ptrace
  id=$(shmtool create -m 666 4K)
  other=$(shmtool create 4K)
  hold "$other"
  start setpriv --reuid 4242 --clear-groups holder "$id" 2
  run -0 shmtool ps -rn -o pid -u 4242
  [ "$output" = "$elsewhere" ]
  run -0 shmtool ps -rn -o pid --user root
  [ "$output" = "$holder" ]
  run -0 shmtool ps -rn -o pid --pid "$holder"
  [ "$output" = "$holder" ]
  run -0 shmtool ps -rn -o pid --pid "$holder" -u 4242
  [ -z "$output" ]
  run -0 shmtool ps -rn -o id,command -S mappings
  [ "$output" = "$other"$'\tholder\n'"$id"$'\tholder' ]
  run -0 shmtool ps -rn -o id,command -S -mappings
  [ "$output" = "$id"$'\tholder\n'"$other"$'\tholder' ]
  fails 2 "*no such user*" shmtool ps -u no-such-user
  fails 2 "*PID 'x'*" shmtool ps --pid x
}

@test "-u and --pid say nothing of unseen mappings of others" {
  require_root
  require_capability sys_ptrace
  id=$(shmtool create -m 666 4K)
  hold "$id" 2
  start setpriv --reuid 4711 --regid 4711 --clear-groups holder "$id"
  for options in "--pid $elsewhere" "-u 4711" "-u 4712" "-u 4711 --pid $holder"; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr as_user 4711 shmtool ps $options
    [ -z "$stderr" ]
  done
  for options in "--pid $holder" "-u root" "-u root --pid $holder"; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr as_user 4711 shmtool ps -n $options
    [ -z "$output" ]
    [ "$stderr" = 'shmtool: ps: mappings of processes that may not be read: 2 of 3' ]
  done
}

@test "whose the processes are that are not seen at all, nobody can tell" {
  require_root
  require_mounts
  require_pid_namespaces
  id=$(shmtool create 4K)
  hold "$id"
  run -0 --separate-stderr unshare --pid --fork --mount-proc shmtool ps -n -u root
  [ "$stderr" = 'shmtool: ps: mappings of processes that are not visible from here: 1 of 1' ]
  run -0 --separate-stderr unshare --pid --fork --mount-proc shmtool ps -n --pid 1
  [ -z "$stderr" ]
}

@test "args and cgroup, on request" {
  id=$(shmtool create 4K)
  hold "$id" 2
  [ "$(shmtool ps -rn -o args)" = "holder $id 2" ]
  cgroup=$(sed -nE 's/^[0-9]+:memory://p' "/proc/$holder/cgroup")
  cgroup=${cgroup:-$(sed -n 's/^0:://p' "/proc/$holder/cgroup")}
  [ "$(shmtool ps -rn -o cgroup)" = "${cgroup:--}" ]
  run -0 shmtool ps
  [[ $output != *ARGS* && $output != *CGROUP* ]]
}
