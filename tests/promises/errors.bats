#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which errors are told how, with which status; limits; other users.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

@test "an unknown command gets a suggestion" {
  fails 2 "shmtool: *did you mean 'list'?*" shmtool lits
  fails 2 "shmtool: *did you mean 'create'?*" shmtool craete 4K
  [ "$(census)" -eq 0 ]
}

@test "a command that is near to nothing gets no suggestion" {
  run -2 shmtool xyzzyplugh
  [[ "$output" != *"did you mean"* ]]
}

@test "no command is misuse" {
  run -2 shmtool ''
  run -2 --separate-stderr shmtool
  [ -z "$output" ]
  [ "$stderr" = "$(shmtool help)" ]
}

# advised WORD...: what the words are answered with, the lines to type instead; each of them is one
# that runs, with something in place of its capitals.
advised() {
  local line
  run -2 --separate-stderr shmtool "$@"
  [ -z "$output" ]
  [ "${#stderr_lines[@]}" -eq 1 ]
  advice=${stderr##*"; use: "}
  [ "$advice" != "$stderr" ]
  while read -r line; do
    # shellcheck disable=SC2046
    set -- $(sed -E 's/\b(SIZE|LENGTH|OFFSET|ID|KEY|SECS|SEGMENT)\b/1/g; s/MODE/600/; s/COLS/size/; s/AGE/1d/; s/PID/1/' <<<"$line")
    [ "$1" = shmtool ]
    run -0 shmtool "$2" --help "${@:3}"
  done <<<"${advice//, or /$'\n'}"
}

@test "words and options from other programs get the line to type" {
  require_own_namespace
  while read -r line; do
    echo "$line"
    # shellcheck disable=SC2086
    advised ${line%% = *}
    [[ $line != *" = "* || $advice == "${line#* = }" ]]
  done <<'EOF'
ls = shmtool list
ls -l = shmtool list
write 5 = shmtool attach-write
cat 5 = shmtool read
show 5 = shmtool stat
info 5 = shmtool stat
delete 5 = shmtool rm
del 5 = shmtool rm
remove 5 = shmtool rm
chmod 600 5 = shmtool set -m MODE
chown root 5 = shmtool set -u USER[:GROUP]
top = shmtool ps, or shmtool watch
help ls = shmtool list
-m = shmtool list
-m -i 5 = shmtool list
-l = shmtool limits
-p
-t
-u = shmtool limits, or shmtool metrics
-a = shmtool list
-c
-lm = shmtool limits
-ml = shmtool limits
-mi 5 = shmtool stat ID
-mp = shmtool list -o id,owner,cpid,lpid, or shmtool ps
-tm = shmtool list -o id,owner,atime,dtime,ctime
-M 4K
--shmems
--limits
--global
--summary
shmcat 5 = shmtool read
ipcmod 5 = shmtool set
cleanup = shmtool rm --orphans --older-than AGE
rm -m 5 = shmtool rm ID
rm -m5 = shmtool rm ID
rm -M 0xd = shmtool rm key:KEY
rm -i 5 = shmtool rm --dry-run ID, or shmtool rm ID
rm --all=shm = shmtool rm --all
rm --detached = shmtool rm --unattached
list --attached = shmtool ps
wait --unused 5 = shmtool wait --unattached SEGMENT
create 4K 0x2a = shmtool create SIZE -k 0x2a
rm --shmem-id=5 = shmtool rm ID
rm --shmem-key 5 = shmtool rm key:KEY
rm -a = shmtool rm --all
create -M 4K -p 600 = shmtool create -m MODE SIZE
create -p 600 4K = shmtool create -m MODE SIZE
list -i 5 = shmtool stat ID
list 5 = shmtool stat 5
list key:13 = shmtool stat key:13
list -l
list -t
list -p
list --creator
list --time
list --limits
list --human = shmtool list
stat -c %s 5 = shmtool stat -o COLS SEGMENT
ps -p 5 = shmtool ps --pid PID
ps -ef = shmtool ps
limits -u = shmtool limits
read -o x 5 = shmtool read -O FILE SEGMENT
set -p 600 5 = shmtool set -m MODE SEGMENT
watch -n 2 = shmtool watch -i SECS
semlock -n 5 true
semlock -c ls 5
EOF
  [ "$(census)" -eq 0 ]
}

@test "queues and semaphores are left to ipcs" {
  fails 2 "*'-q'; use: ipcs -q" shmtool -q
  fails 2 "*'--semaphores'; use: ipcs -s" shmtool --semaphores
}

@test "a word that begins otherwise gets no guess that is two letters off" {
  fails 2 "*did you mean 'create'?*" shmtool reate 4K
  for line in tail edit 'list --detailed'; do
    # shellcheck disable=SC2086
    run -2 shmtool $line
    [[ $output != *"did you mean"* ]]
  done
}

@test "a short word gets no guess" {
  for line in sl rn prs stt 'list --jsn' 'list -o ide'; do
    # shellcheck disable=SC2086
    run -2 shmtool $line
    [[ $output != *"did you mean"* ]]
  done
}

@test "a column that there is not gets the list of columns" {
  fails 2 "*column 'foo': no such column; the columns are key, id, owner, *, cgroup" shmtool list -o foo
  fails 2 "*; the columns are id, key, pid, *" shmtool ps -o zzz
}

@test "an operand that is no segment is not pointed elsewhere" {
  fails 2 "*: unexpected operand 'x'" shmtool list x
}

@test "an abbreviated command is refused" {
  run -2 shmtool li
  run -2 shmtool cre 4K
  [ "$(census)" -eq 0 ]
}

@test "an unknown option gets a suggestion, in one line" {
  fails 2 "shmtool: list: *did you mean '--json'?" shmtool list --jsno
  [[ "$stderr" != *$'\n'* ]]
}

@test "abbreviated options are refused by every command" {
  for line in "create --mod=600 1" "read --of=0 0" "attach-write --tex=x 0" "stat --js 0" \
    "list --js" "rm --forc 0" "list --hel" "list --trac"; do
    # shellcheck disable=SC2086
    run -2 shmtool $line
  done
}

@test "unknown short options are refused by every command" {
  for command in create read attach-write stat list rm; do
    fails 2 "shmtool: $command: *-Z*" shmtool "$command" -Z
  done
}

@test "options without their argument are refused" {
  for line in "create 1 -k" "create 1 --mode" "read 0 -s" "attach-write 0 -t" "stat 0 -o" "list -S" \
    "rm 0 --ns"; do
    # shellcheck disable=SC2086
    run -2 shmtool $line
  done
}

@test "options with an argument that they do not take are refused" {
  run -2 shmtool list --json=yes
  run -2 shmtool rm --force=1 0
}

@test "after -- nothing is an option" {
  run -2 shmtool rm -- -f
  id=$(shmtool create -- 1)
  shmtool attach-write -t x -- "$id"
}

@test "help is on stdout, status 0" {
  for command in create read attach-write stat list rm; do
    run -0 --separate-stderr shmtool "$command" --help
    [[ "$output" == "Usage: shmtool $command"* ]]
    [ -z "$stderr" ]
    [ "$(shmtool help "$command")" = "$output" ]
    [ "$(shmtool "$command" -h)" = "$output" ]
  done
}

@test "what does not go together is refused, and nothing is done" {
  shmtool create -k 13 1
  fails 2 "*cannot be used together" shmtool list -q -o id
  fails 2 "*cannot be used together" shmtool rm --all -u root -y
  fails 2 "*options follow the command" shmtool --json list
  fails 2 "*option '--user' is given twice" shmtool rm -u root -u nobody -y
  fails 2 "*option '--output' is given twice" shmtool list -o +rss --output=+swap
  fails 2 "*column 'pid': named twice" shmtool ps -o +pagesize,pid
  fails 2 "*unexpected operand 'rm'" shmtool help list rm
  fails 2 "*no such user" shmtool set -u "$(printf 'x%.0s' {1..256})" 0xd
  fails 2 "*unknown option '--a-very-long-name-that-is-near-to-none-of-them'" \
    shmtool list --a-very-long-name-that-is-near-to-none-of-them
  [ "$(census)" -eq 1 ]
}

@test "help lists the commands" {
  run -0 --separate-stderr shmtool help
  for command in create read attach-write stat list rm; do
    grep -qw -- "$command" <<<"$output"
  done
  [ "$(shmtool --help)" = "$output" ]
  [ "$(shmtool help --help)" = "$output" ]
  [ "$(shmtool --help list)" = "$(shmtool help list)" ]
}

@test "what is no number is not called octal, nor a unit" {
  fails 2 "*SEGMENT 'id:0x1': not a number" shmtool stat id:0x1
  fails 2 "*PROJ '0x61': neither a number*" shmtool ftok / 0x61
  fails 2 "*SIZE '4.5K': no fractions: use a smaller unit" shmtool create 4.5K
  fails 2 "*SIZE '4x': unknown unit; use one such as *" shmtool create 4x
  fails 2 "*ambiguous*" shmtool stat 013
}

@test "help on an unknown command is misuse" {
  fails 2 "*did you mean 'list'?*" shmtool help lits
}

@test "--version prints one line" {
  run -0 shmtool --version
  [[ "$output" =~ ^shmtool\ [0-9]+\.[0-9]+ ]]
  [ "${#lines[@]}" -eq 1 ]
  fails 2 "*unexpected operand 'junk'" shmtool --version junk
}

@test "a missing segment is no such segment everywhere" {
  for command in read attach-write stat rm; do
    for segment in 77 0x77; do
      run -3 --separate-stderr shmtool "$command" "$segment" </dev/null
      [ -z "$output" ]
      [[ "$stderr" == "shmtool: $command: $segment: "*"no such segment"* ]]
      [[ "$stderr" != *[Ii]nvalid* ]]
    done
  done
}

@test "a bare number that is a key is explained everywhere" {
  shmtool create -k 13 1
  for command in read attach-write stat rm; do
    run -3 shmtool "$command" 13 </dev/null
    [[ "$output" == *"none has id 13, but one has key 13 (0x0000000d): use key:13"* ]]
  done
}

@test "a bare number that is no key is not" {
  shmtool create -k 14 1
  run -3 shmtool stat 13
  [[ "$output" != *"key:"* ]]
}

@test "bad segments are refused everywhere" {
  shmtool create -k 13 1
  before=$(cat /proc/sysvipc/shm)
  for command in read attach-write stat rm; do
    for segment in -1 2147483648 1x 013 0x0 0x100000001 4294967296 ''; do
      run -2 shmtool "$command" -- "$segment" </dev/null
    done
  done
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "0 bytes are explained with SHMMIN" {
  fails 1 "shmtool: create: *SHMMIN*" shmtool create 0
}

@test "over SHMMAX says so, with its value" {
  set_limit shmmax 8192
  fails 6 "shmtool: create: *SHMMAX*8192*" shmtool create 8193
  shmtool create 8192
  set_limit shmmax 0
  fails 6 "shmtool: create: 1 byte: over SHMMAX, 0 *" shmtool create 1
}

@test "SHMMNI exhausted says so, with its value" {
  set_limit shmmni 2
  shmtool create 1
  shmtool create 1
  fails 6 "shmtool: create: *2*SHMMNI*" shmtool create 1
  [[ "$stderr" != *SHMALL* ]]
  [ "$(census)" -eq 2 ]
}

@test "SHMMNI says how many segments there are, where it was lowered below that" {
  many 1 5
  set_limit shmmni 1
  fails 6 "*: 5 segments in use, of at most 1 (SHMMNI, sysctl kernel.shmmni)" shmtool create 1
  shmtool rm key:2 key:3 key:4 key:5
  fails 6 "*: 1 segment in use, of at most 1 (SHMMNI, sysctl kernel.shmmni)" shmtool create 1
}

@test "SHMMNI 0 says so" {
  set_limit shmmni 0
  fails 6 "*SHMMNI*" shmtool create 1
}

@test "SHMALL exhausted says so, with its value" {
  page=$(getconf PAGESIZE)
  set_limit shmall 5
  shmtool create $((4 * page))
  fails 6 "*4 of 5 pages in use, and this needs 2 (SHMALL, *" shmtool create $((page + 1))
  fails 6 "shmtool: create: *5*SHMALL*" shmtool create $((2 * page))
  [[ "$stderr" != *SHMMNI* ]]
  shmtool create "$page"
}

@test "of what there is one the word is singular" {
  shmtool create -k 13 1
  fails 5 '*, 1 byte)' shmtool create -k 13 1
  fails 1 '*, 1 byte) is smaller than *' shmtool create -k 13 --reuse 2
  fails 1 '*: longer than 1 byte' shmtool create --from - 1 <<<x
  fails 1 '*: 2 bytes will not fit: *' shmtool attach-write -t ab 0xd
  fails 1 '*: 1 byte will not fit: *' shmtool attach-write -s 1 -t a 0xd
  fails 1 '*: wrote only 1 byte, up to the end of *' shmtool attach-write 0xd <<<x
  fails 1 '*: offset 2 is past the end of the segment (1 byte)' shmtool read -s 2 0xd
  fails 1 '*: length 2 *segment (1 byte)' shmtool read -l 2 0xd
  run -0 shmtool attach-write -v -t a 0xd
  [[ $output == 'wrote 1 byte at '* ]]
  run -0 shmtool __complete rm 0x
  [[ $output == *', 1 byte, '* ]]
}

@test "SHMALL counts each segment's pages, rounded up" {
  set_limit shmall 2
  shmtool create 1
  shmtool create 1
  fails 6 "*SHMALL*" shmtool create 1
}

@test "SHMMNI and SHMALL are told apart where both are near" {
  page=$(getconf PAGESIZE)
  set_limit shmmni 3
  set_limit shmall 2
  shmtool create "$page"
  shmtool create "$page"
  fails 6 "*SHMALL*" shmtool create 1
  set_limit shmall 3
  shmtool create "$page"
  fails 6 "*SHMMNI*" shmtool create 1
}

@test "limits are told where the listing is masked" {
  require_mounts
  set_limit shmmni 1
  shmtool create 1
  fails 6 "*1*SHMMNI*" covered /dev/null shmtool create 1
}

@test "limits are told to those who may see nothing" {
  require_root
  set_limit shmmni 1
  shmtool create -m 0 1
  fails 6 "*1*SHMMNI*" as_user 4242 shmtool create 1
}

@test "too little memory is explained with overcommit" {
  [ "$(cat /proc/sys/vm/overcommit_memory)" -ne 1 ] || skip "optional: memory is overcommitted"
  fails 6 "shmtool: create: *overcommit*" shmtool create 0x7ffffffffffff000
  [ "$(census)" -eq 0 ]
}

@test "--reuse makes nothing beyond a limit" {
  set_limit shmmni 1
  shmtool create -k 1 1
  fails 6 "*SHMMNI*" shmtool create -k 2 --reuse 1
  run -0 shmtool create -k 1 --reuse 1
}

@test "an owner without an id in the user namespace is told, not taken for a missing segment" {
  require_root
  require_user_namespaces
  # Mapped alone is root, or nobody.
  id=$(shmtool create -k 13 4K)
  echo hello >file
  for line in "set -u 4242 $id" "set -u 0:4242 $id" "create -u 4242 1" "create --from file -u 4242 1K"; do
    # shellcheck disable=SC2086
    fails 1 "shmtool: *user namespace" unshare --user --map-root-user shmtool $line
  done
  shmtool set -u 4242 "$id"
  fails 1 "shmtool: set: $id: *user namespace" unshare --user shmtool set -m 640 "$id"
  fails 1 "shmtool: create: *user namespace" unshare --user shmtool create --from file
  fails 125 "shmtool: semlock: *user namespace*" unshare --user shmtool semlock "$id" true
  [ "$(census)" -eq 1 ]
  run -3 unshare --user shmtool set -m 640 77
}

@test "an existing key names the segment, whoever owns it" {
  require_root
  id=$(shmtool create -k 13 -m 0 1)
  fails 5 "shmtool: create: *0x0000000d*segment $id *root*0000*" \
    as_user 4242 shmtool create -k 13 1
}

@test "permission denied names owner and mode" {
  require_root
  id=$(shmtool create -k 13 -m 600 1)
  for command in read "attach-write -t x" rm; do
    # shellcheck disable=SC2086
    fails 4 "shmtool: ${command%% *}: 0xd: *segment $id*root*0600*" as_user 4242 shmtool $command 0xd
  done
}

@test "an owner without an account is named by number" {
  require_root
  id=$(as_user 4242 shmtool create -m 640 1)
  fails 4 "*4242*0640*" as_user 65534 shmtool read "$id"
}

@test "owner and mode are told where the listing is masked" {
  require_root
  require_mounts
  id=$(shmtool create -m 600 1)
  fails 4 "*root*0600*" unlisted setpriv --reuid 4242 --regid 4242 --clear-groups \
    --inh-caps=-all shmtool read "$id"
}

@test "an owner of mode 0 is refused, root is not" {
  require_root
  require_capability ipc_owner
  id=$(shmtool create -u 4242 -m 0 1)
  fails 4 "*4242*0000*" as_user 4242 shmtool read "$id"
  run -0 shmtool read -x "$id"
}

@test "write permission alone does not let read" {
  require_root
  id=$(shmtool create -m 602 1)
  fails 4 "*0602*" as_user 4242 shmtool read "$id"
}

@test "write permission alone lets nobody attach to write" {
  require_root
  # Pages that can be written can be read: shmat wants both.
  id=$(shmtool create -m 602 1)
  fails 4 "*0602*" as_user 4242 shmtool attach-write -t x "$id"
}

@test "the group's permission counts" {
  require_root
  id=$(shmtool create -u 65534:4242 -m 640 1)
  shmtool attach-write -t x "$id"
  [ "$(as_user 4242 shmtool read "$id")" = x ]
  run -4 as_user 4242 shmtool attach-write -t y "$id"
}

@test "CAP_IPC_OWNER reads and writes, but cannot remove" {
  require_root
  require_capability ipc_owner
  id=$(shmtool create -m 0 1)
  with_capability ipc_owner 4242 shmtool attach-write -t x "$id"
  [ "$(with_capability ipc_owner 4242 shmtool read "$id")" = x ]
  run -4 with_capability ipc_owner 4242 shmtool rm "$id"
}

@test "CAP_SYS_ADMIN removes, but cannot read" {
  require_root
  require_capability sys_admin
  id=$(shmtool create -m 0 1)
  run -4 with_capability sys_admin 4242 shmtool read "$id"
  run -0 with_capability sys_admin 4242 shmtool rm "$id"
}

@test "an attached segment is read, written and used again under shm_rmid_forced" {
  require_root
  id=$(shmtool create -k 13 1)
  hold "$id"
  set_limit shm_rmid_forced 1
  [ "$(shmtool create -k 13 --reuse 1)" = "$id" ]
  shmtool attach-write -t x "$id"
  [ "$(shmtool read "$id")" = x ]
  [ "$(census)" -eq 1 ]
}

@test "read and attach-write refuse what shm_rmid_forced would destroy" {
  set_limit shm_rmid_forced 1
  # Its creator lives, so it does.
  creator 13 666
  fails 1 "shmtool: read: *shm_rmid_forced*" shmtool read "$id"
  fails 1 "shmtool: attach-write: *shm_rmid_forced*" shmtool attach-write -t x "$id"
  fails 1 "*shm_rmid_forced*" shmtool read 0xd
  run -0 shmtool stat "$id"
  [ "$(census)" -eq 1 ]
}

@test "if shm_rmid_forced cannot be read, that is what failed" {
  require_strace
  id=$(shmtool create 1)
  for line in 'create 1' "read $id"; do
    # shellcheck disable=SC2086 # LeakSanitizer cannot work under strace.
    run -1 --separate-stderr env ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls \
      -P /proc/sys/kernel/shm_rmid_forced -e inject=openat,open:error=EMFILE shmtool $line
    [ "$stderr" = "shmtool: ${line% *}: /proc/sys/kernel/shm_rmid_forced: $(strerror EMFILE)" ]
  done
  [ "$(census)" -eq 1 ]
}

@test "create refuses under shm_rmid_forced" {
  set_limit shm_rmid_forced 1
  fails 1 "shmtool: create: *shm_rmid_forced*" shmtool create 1
  fails 1 "*shm_rmid_forced*" shmtool create -k 13 --reuse 1
  [ "$(census)" -eq 0 ]
}

@test "a listing that cannot be had is an error, not an empty list" {
  require_root
  require_refuse
  require_mounts
  shmtool create 1
  # shellcheck disable=SC2016
  run -4 --separate-stderr refuse shmctl EPERM unshare --mount sh -c '
    mount --bind /dev/null /proc/sysvipc/shm && exec shmtool list'
  [ -z "$output" ]
  [[ "$stderr" == "shmtool: list: "* ]]
  run -0 refuse shmctl EPERM shmtool list -q
  [ -n "$output" ]
}

@test "the longest path does not push its reason off the line" {
  local path
  path=$(printf 'missing/%.0s' {1..500})
  fails 1 "shmtool: create: $path: No such file or directory" shmtool create --from "$path"
}

# onto_full COMMAND...: runs it with stdout on a full disk.
onto_full() {
  "$@" >/dev/full
}

@test "output that is lost is told whatever else fails" {
  shmtool create -k 13 1
  for line in "stat -J 0xd 99" "ps 0xd 99" "set -v -m 600 0xd 99" "rm --dry-run 0xd 99" "rm -v 0xd 99"; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr onto_full shmtool $line
    [[ "$stderr" == *": 99: no such segment"*": stdout: "$(lost ENOSPC) ]]
  done
  [ "$(census)" -eq 0 ]
}

@test "an account that cannot be looked up is an error, not one that is missing" {
  require_no_coverage
  require_plain_build
  shmtool create -k 13 1
  # With stdin closed one descriptor remains, which open_streams takes.
  for line in list "list -J" "stat 0xd" metrics "set -u root 0xd" "list -u root" "create -u 0:root 1"; do
    run -1 --separate-stderr bash -c "exec <&- && ulimit -n 3 && exec shmtool $line"
    [[ "$stderr" == "shmtool: "*"$(strerror EMFILE)" ]]
  done
}

@test "it does not run set-user-ID" {
  require_no_valgrind
  require_root
  install -m 4755 "$(command -v shmtool)" "$BATS_FILE_TMPDIR/setuid"
  chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/* "$BATS_FILE_TMPDIR"
  run -4 as_user 4242 "$BATS_FILE_TMPDIR/setuid" create 1
  [[ $output == *set-user-ID* ]]
  [ "$(census)" -eq 0 ]
}

@test "a size that no kernel can count is over a limit" {
  for size in 8E 15E; do
    fails 6 "shmtool: create: * bytes: over what the kernel can count, 9223372036854775807" shmtool create "$size"
  done
}
