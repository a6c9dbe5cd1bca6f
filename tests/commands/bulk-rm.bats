#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# rm of all segments, or of those that filters choose.

# Each test is a process of its own; `run`, `hold`, `ask` and `creator` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  [ -z "${asking:-}" ] || kill "$asking"
}

# ids: of all segments that there are, on one line.
ids() {
  tail -n +2 /proc/sysvipc/shm | awk '{ print $2 }' | sort -n | paste -sd ' '
}

# refused ARG...: rm with these arguments is misuse and removes nothing.
refused() {
  local before
  before=$(ids)
  run -2 --separate-stderr shmtool rm "$@"
  [[ "$stderr" == "shmtool: rm: "* ]]
  [ "$(ids)" = "$before" ]
}

# ask ARG...: starts `shmtool rm ARG...` on a terminal, up to its question. $listed is all until then.
ask() {
  require_terminal
  mkfifo typed shown
  script -qec "shmtool rm $*" /dev/null <typed >shown 3>&- &
  asking=$!
  exec {keyboard}>typed {screen}<shown
  read -r -t 60 -d '?' listed <&"$screen"
  echo "$listed"
}

# answer WORD STATUS: types it; rm ends with that status. $said is what it prints then.
answer() {
  local pid=$asking ended=0
  asking=
  echo "$1" >&"$keyboard"
  said=$(timeout 60 cat <&"$screen" | tr -d '\r')
  wait "$pid" || ended=$?
  exec {keyboard}>&- {screen}<&-
  [ "$ended" -eq "$2" ]
}

@test "--all -y removes every segment, after listing it" {
  first=$(shmtool create -k 13 2500)
  second=$(shmtool create -m 0 1)
  run -0 --separate-stderr shmtool rm --all -y
  [ "$(ids)" = "" ]
  list=$(tr -s ' ' <<<"$output")
  [[ "$list" == *"0x0000000d $first "*2500*"0x00000000 $second "* ]]
}

@test "--yes is the long form" {
  shmtool create 1
  run -0 shmtool rm --all --yes
  [ -z "$(ids)" ]
}

@test "of nothing there is nothing to remove" {
  run -0 --separate-stderr shmtool rm --all -y
  run -0 --separate-stderr shmtool rm --unattached -y
}

@test "without a terminal and -y nothing is removed" {
  shmtool create 1
  refused --all
  refused --unattached
  refused --older-than 0s
  refused -u "$(id -u)"
  refused --orphans --older-than 0s
  refused --all --attached
}

@test "-f is not -y" {
  shmtool create 1
  refused -f --all
  refused -v --all
}

@test "answers that arrive in a pipe are not asked for" {
  shmtool create 1
  run -2 shmtool rm --all < <(yes)
  [ "$(census)" -eq 1 ]
}

@test "on a terminal it lists, and asks" {
  require_terminal
  id=$(shmtool create -k 13 1)
  other=$(shmtool create 1)
  ask --all
  [[ "$listed" == *0x0000000d*"$id"*0x00000000*"$other"* ]]
  [[ "$listed" == *2* ]]
  [ "$(census)" -eq 2 ]
  answer y 0
  [ "$(census)" -eq 0 ]
}

@test "yes is an answer" {
  require_terminal
  shmtool create 1
  ask --all
  answer yes 0
  [ "$(census)" -eq 0 ]
  rm typed shown
  shmtool create 1
  ask --all
  answer Y 0
  [ "$(census)" -eq 0 ]
}

@test "any other answer removes nothing" {
  require_terminal
  id=$(shmtool create 1)
  for word in n N no '' x 0 'n y' "$id" all; do
    ask --all
    answer "$word" 1
    [ "$(ids)" = "$id" ]
    rm typed shown
  done
}

@test "the end of the input removes nothing" {
  require_terminal
  shmtool create 1
  ask --all
  answer $'\x04' 1
  [[ "$said" == *"[y/N] "*$'\n'"shmtool: rm: nothing was removed" ]]
  [ "$(census)" -eq 1 ]
}

@test "on a terminal -y does not ask" {
  require_terminal
  shmtool create 1
  run -0 script -qec "shmtool rm --all -y" /dev/null </dev/null
  [[ "$output" != *'?'* ]]
  [ "$(census)" -eq 0 ]
}

@test "--dry-run lists, does not ask, and removes nothing" {
  id=$(shmtool create -k 13 1)
  before=$(cat /proc/sysvipc/shm)
  run -0 --separate-stderr shmtool rm --all --dry-run
  [[ "$output" == *0x0000000d*"$id"* ]]
  run -0 shmtool rm --all --dry-run -y
  run -0 shmtool rm --unattached --dry-run
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "--dry-run lists what would be removed, and no more" {
  require_root
  attached=$(shmtool create -k 0x111 1)
  other=$(shmtool create -k 0x222 -u 4242 1)
  hold "$attached"
  run -0 shmtool rm --all --dry-run
  [[ "$output" == *0x00000222*"$other"* ]]
  [[ "$output" != *0x00000111* ]]
  run -0 shmtool rm --all --attached --dry-run
  [[ "$output" == *0x00000111*0x00000222* ]]
  run -0 shmtool rm --attached -u 4242 --dry-run
  [[ "$output" != *0x00000111* ]]
}

@test "what is attached stays" {
  attached=$(shmtool create 1)
  shmtool create 1
  hold "$attached"
  run -0 shmtool rm --all -y
  [ "$(ids)" = "$attached" ]
  [ "$(kernel_says perms "$attached")" = 600 ]
}

@test "what is kept because it is attached is counted, and that nothing is left to remove is said" {
  require_root
  run -0 --separate-stderr shmtool rm --all -y
  [ -z "$output" ]
  [ "$stderr" = 'shmtool: rm: nothing to remove' ]
  attached=$(shmtool create 1)
  hold "$attached"
  for line in '--all -y' '--all --dry-run' '--older-than 0s -y'; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr shmtool rm $line
    [ -z "$output" ]
    [ "$stderr" = 'shmtool: rm: kept 1 attached segment (--attached removes it too)'$'\n''shmtool: rm: nothing to remove' ]
  done
  run -0 --separate-stderr shmtool rm --unattached -y
  [ "$stderr" = 'shmtool: rm: nothing to remove' ]
  run -0 --separate-stderr as_user 4242 shmtool rm --all -y
  [ "$stderr" = 'shmtool: rm: nothing to remove' ]
  release
  hold "$(shmtool create 1)"
  first=$HOLDER_PID
  HOLDER_PID=
  hold "$(shmtool create 1)"
  run -0 --separate-stderr shmtool rm --all -y
  kill "$first"
  [ "$stderr" = 'shmtool: rm: kept 2 attached segments (--attached removes them too)' ]
  [ "$(wc -l <<<"$output")" -eq 2 ]
  release
}

@test "with --attached it goes too, and who keeps it is said" {
  attached=$(shmtool create 1)
  shmtool create 1
  hold "$attached" 3
  run -0 --separate-stderr shmtool rm --all --attached -y
  [ "$(ids)" = "$attached" ]
  [ "$(kernel_says perms "$attached")" = 1600 ]
  [[ "$stderr" == *"$attached"*3* ]]
  release
  HOLDER_PID=
  [ -z "$(ids)" ]
}

@test "--attached needs --all or a filter" {
  id=$(shmtool create 1)
  refused --attached
  refused --attached -y
  refused --attached "$id"
}

@test "filters choose" {
  require_root
  attached=$(shmtool create -u 4242 1)
  foreign=$(shmtool create 1)
  shmtool create -u 4242 1
  hold "$attached"
  run -0 shmtool rm -u 4242 --unattached --older-than 0s -y
  [ "$(ids)" = "$attached $foreign" ]
  run -0 shmtool rm --older-than 1h -y
  [ "$(ids)" = "$attached $foreign" ]
}

@test "filters too leave alone what is attached" {
  require_root
  attached=$(shmtool create -u 4242 1)
  hold "$attached"
  run -0 shmtool rm -u 4242 -y
  [ "$(kernel_says perms "$attached")" = 600 ]
  run -0 shmtool rm -u 4242 --attached -y
  [ "$(kernel_says perms "$attached")" = 1600 ]
}

@test "--orphans wants --older-than, --dry-run or not" {
  shmtool create 1
  refused --orphans -y
  refused --orphans --unattached -y
  refused --orphans --dry-run
  [[ "$stderr" == *--older-than* ]]
}

@test "--orphans with --older-than removes what is orphaned" {
  shmtool create 1
  creator 13 600
  run -0 shmtool rm --orphans --older-than 1h -y
  [ "$(census)" -eq 2 ]
  run -0 shmtool rm --orphans --older-than 0s -y
  [ "$(ids)" = "$id" ]
}

@test "a user removes only what is theirs" {
  require_root
  foreign=$(shmtool create -m 666 1)
  given=$(shmtool create -m 0 -u 4242 1)
  as_user 4242 shmtool create 1
  # What one created and gave away is one's own as well.
  created=$(as_user 4242 shmtool create -u 65534 1)
  run -0 --separate-stderr as_user 4242 shmtool rm --all --dry-run
  [ "$(tail -n +2 <<<"$output" | awk '{ print $2 }' | paste -sd ' ')" = \
    "$given $((given + 1)) $created" ]
  [ "$stderr" = 'shmtool: rm: would remove 3 segments' ]
  run -0 as_user 4242 shmtool rm --all -y
  [ "$(ids)" = "$foreign" ]
}

@test "a user removes nothing of another by filter" {
  require_root
  foreign=$(shmtool create -m 666 1)
  run -0 as_user 4242 shmtool rm -u root -y
  run -0 as_user 4242 shmtool rm --older-than 0s -y
  run -0 as_user 4242 shmtool rm --orphans --older-than 0s --attached -y
  [ "$(ids)" = "$foreign" ]
}

@test "a capability does not make root" {
  require_root
  require_capability ipc_owner ipc_lock
  foreign=$(shmtool create -m 666 1)
  for capability in ipc_owner ipc_lock; do
    run -0 with_capability "$capability" 4242 shmtool rm --all -y
  done
  [ "$(ids)" = "$foreign" ]
}

@test "not even CAP_SYS_ADMIN, with which it may be removed by id" {
  require_root
  require_capability sys_admin
  foreign=$(shmtool create -m 666 1)
  run -0 with_capability sys_admin 4242 shmtool rm --all -y
  [ "$(ids)" = "$foreign" ]
}

@test "root without CAP_SYS_ADMIN is shown, and removes, only its own" {
  require_root
  shmtool create 1
  shmtool create -u 4242 1
  other=$(as_user 4242 shmtool create 1)
  run -0 --separate-stderr setpriv --bounding-set=-sys_admin shmtool rm --all --dry-run
  [ "$(wc -l <<<"$output")" -eq 3 ]
  [[ "$output" != *" $other  4242"* ]]
  [ "$(census)" -eq 3 ]
  run -0 --separate-stderr setpriv --bounding-set=-sys_admin shmtool rm --all -y
  [ -z "$stderr" ]
  [ "$(ids)" = "$other" ]
}

@test "a segment that was removed and made again under its id is kept" {
  require_terminal
  id=$(shmtool create -k 13 4K)
  ask --all
  shmtool rm "$id"
  create_as "$id" -k 13 4K
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: "* ]]
  [ "$(ids)" = "$id" ]
  [ "$(kernel_says nattch "$id")" -eq 0 ]
}

@test "the others are removed nevertheless" {
  require_terminal
  first=$(shmtool create 1)
  id=$(shmtool create 1)
  last=$(shmtool create 1)
  ask --all
  shmtool rm "$id"
  create_as "$id" 1
  answer y 1
  [ "$(ids)" = "$id" ]
  [[ "$said" != *"rm: $first: "* ]]
  [[ "$said" != *"rm: $last: "* ]]
}

@test "a segment that was made again as mode 0 is kept" {
  require_root
  require_terminal
  require_limits
  id=$(as_user 4242 shmtool create 1)
  mkfifo typed shown
  as_user 4242 script -qec "shmtool rm --all" /dev/null <typed >shown 3>&- &
  asking=$!
  exec {keyboard}>typed {screen}<shown
  read -r -t 60 -d '?' listed <&"$screen"
  shmtool rm "$id"
  echo "$id" >/proc/sys/kernel/shm_next_id
  [ "$(as_user 4242 shmtool create -m 0 1)" = "$id" ]
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: "* ]]
  [ "$(ids)" = "$id" ]
}

@test "a segment that somebody attached meanwhile is kept" {
  require_terminal
  id=$(shmtool create 1)
  ask --all
  hold "$id"
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: "* ]]
  [ "$(kernel_says perms "$id")" = 600 ]
}

@test "with --attached, a segment with another number of attachments is removed" {
  require_terminal
  id=$(shmtool create 1)
  hold "$id"
  ask --all --attached
  release
  HOLDER_PID=
  answer y 0
  [ -z "$(ids)" ]
}

@test "a segment that got another owner meanwhile is kept" {
  require_root
  require_terminal
  id=$(shmtool create 1)
  ask --all
  shmtool set -u 4242 "$id"
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: "* ]]
  [ "$(ids)" = "$id" ]
}

@test "a segment that somebody else has removed meanwhile is not told about, though it is attached" {
  require_terminal
  id=$(shmtool create -k 13 1)
  hold "$id"
  ask --all --attached
  shmtool rm "$id"
  answer y 0
  [[ "$said" != *"shmtool: rm: $id: "* ]]
  [ "$(kernel_says perms "$id")" = 1600 ]
}

@test "a segment that was used meanwhile is kept" {
  require_terminal
  id=$(shmtool create 10)
  other=$(shmtool create 10)
  ask --older-than 0s
  shmtool attach-write -t hello "$id"
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: not removed: "* ]]
  [[ "$said" != *"shmtool: rm: $other: "* ]]
  [ "$(ids)" = "$id" ]
  [ "$(shmtool read -t "$id")" = hello ]
}

@test "with --attached, a segment that was used meanwhile is removed" {
  shmtool create 10
  id=$(shmtool create 10)
  ask --all --attached
  shmtool attach-write -t hello "$id"
  answer y 0
  [ -z "$(ids)" ]
}

@test "a segment that went away meanwhile is not missed" {
  require_terminal
  id=$(shmtool create 1)
  shmtool create 1
  ask --all
  shmtool rm "$id"
  answer y 0
  [[ "$said" != *"rm: $id: "* ]]
  [ -z "$(ids)" ]
}

@test "a segment that was made meanwhile is kept, without a word" {
  require_terminal
  shmtool create 1
  ask --all
  id=$(shmtool create 1)
  answer y 0
  [ "$(ids)" = "$id" ]
}

@test "a segment that is listed otherwise in any field is kept" {
  require_root
  require_mounts
  id=$(shmtool create -k 13 4096)
  for column in 1 4 5 6 8 10 12 13 14; do # key size cpid lpid uid cuid atime dtime ctime
    shmtool create 1
    awk -v id="$id" -v c="$column" '$2 == id { $c++ } { print }' /proc/sysvipc/shm >listing
    run -1 --separate-stderr covered listing shmtool rm --all -y
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == "shmtool: rm: $id: not removed: "* ]]
    [ "$(ids)" = "$id" ]
  done
}

@test "with --attached only the use may be listed otherwise" {
  require_root
  require_mounts
  for column in 6 7 12 13; do # lpid nattch atime dtime
    id=$(shmtool create -k 13 4096)
    awk -v id="$id" -v c="$column" '$2 == id { $c++ } { print }' /proc/sysvipc/shm >listing
    covered listing shmtool rm --all --attached -y
    [ -z "$(ids)" ]
  done
}

@test "each is pinned read-only while it is compared and removed" {
  id=$(shmtool create 1)
  run -0 --separate-stderr shmtool rm --all -y --trace
  [ "$(grep -oE "shmat\($id, NULL, SHM_RDONLY\)|shmctl\($id, IPC_RMID|shmdt\(" <<<"$stderr" |
    paste -sd ' ')" = "shmat($id, NULL, SHM_RDONLY) shmctl($id, IPC_RMID shmdt(" ]
}

@test "what is kept is not left pinned, nor are the addresses" {
  require_root
  require_terminal
  id=$(shmtool create 1)
  ask --all -v --trace
  shmtool set -u 4242 "$id"
  answer y 1
  [ "$(grep -c 'shmat(' <<<"$said")" -eq "$(grep -c 'shmdt(' <<<"$said")" ]
  [[ "$said" != *IPC_RMID* ]]
}

@test "-v says what was removed, without it nothing is said but the list" {
  id=$(shmtool create 1)
  run -0 --separate-stderr shmtool rm --all -y -v
  [ "${#lines[@]}" -eq 3 ]
  [[ "${lines[2]}" == "removed segment $id"* ]]
  shmtool create 1
  run -0 --separate-stderr shmtool rm --all -y
  [ "${#lines[@]}" -eq 2 ]
  [ -z "$stderr" ]
}

@test "under shm_rmid_forced it compares without pinning, and -v says so" {
  require_root
  require_limits
  creator 13 600
  echo 1 >/proc/sys/kernel/shm_rmid_forced
  run -0 --separate-stderr shmtool rm --all -y -v --trace
  [[ "$output$stderr" == *"$id"*"was not kept attached"* ]]
  [[ "$stderr" != *shmat* ]]
  [ -z "$(ids)" ]
}

@test "under shm_rmid_forced what has changed is kept" {
  require_root
  require_terminal
  require_limits
  creator 13 600
  echo 1 >/proc/sys/kernel/shm_rmid_forced
  ask --all
  shmtool set -m 640 -u 4242 "$id"
  answer y 1
  [[ "$said" == *"shmtool: rm: $id: "* ]]
  [ "$(ids)" = "$id" ]
}

@test "an owner who may not attach compares without, and -v says so" {
  require_root
  id=$(shmtool create -u 4242 -m 0 1)
  run -0 --separate-stderr as_user 4242 shmtool rm --all -y
  [[ "$output$stderr" != *"was not kept attached"* ]]
  [ -z "$(ids)" ]
  id=$(shmtool create -u 4242 -m 0 1)
  run -0 --separate-stderr as_user 4242 shmtool rm --all -y -v
  [[ "$output$stderr" == *"$id"*"was not kept attached"* ]]
  [ -z "$(ids)" ]
}

@test "an enormous segment, which nobody can attach, is removed" {
  shmtool create --noreserve 4E
  run -0 shmtool rm --all -y
  [ -z "$(ids)" ]
}

@test "marked segments are left to their processes" {
  id=$(shmtool create 1)
  hold "$id"
  shmtool rm "$id"
  run -0 shmtool rm --all -y
  [ "$(ids)" = "$id" ]
}

@test "--attached leaves marked segments alone too" {
  id=$(shmtool create 1)
  hold "$id"
  shmtool rm "$id"
  run -0 --separate-stderr shmtool rm --all --attached -y
  [ -z "$output" ]
  [ "$stderr" = 'shmtool: rm: nothing to remove' ]
}

@test "a stray word never removes anything" {
  shmtool create -k 13 1
  for word in all shm a '*' --all=yes --al --alles -a; do
    refused "$word"
    refused -y "$word"
  done
  refused -- --all
  refused -y -- --all
  refused -- -y
}

@test "segments and --all or filters exclude one another" {
  id=$(shmtool create 1)
  other=$(shmtool create 1)
  refused --all "$id" -y
  refused "$id" --all -y
  refused -u root "$id" -y
  refused --unattached -y "$id"
  refused --orphans --older-than 0s -y "$id"
  refused --all -y 77
  refused --all -y -- "$id"
  [ "$(ids)" = "$id $other" ]
}

@test "-y and -f choose nothing" {
  id=$(shmtool create 1)
  refused
  refused -y
  refused -f
  refused -v
  refused --dry-run
  refused -y -f
}

@test "a bad filter removes nothing" {
  shmtool create 1
  refused -y --older-than 1
  refused -y --older-than
  refused -y -u no-such-user
  refused -y --all --older-tha 0s
}

@test "semaphores and queues stay" {
  require perl
  shmtool create 1
  perl -e 'semget(13, 1, 01600) // die; msgget(13, 01600) // die'
  shmtool rm --all -y
  [ "$(tail -n +2 /proc/sysvipc/sem | wc -l)" -eq 1 ]
  [ "$(tail -n +2 /proc/sysvipc/msg | wc -l)" -eq 1 ]
  ipcrm --all=msg
}

@test "a listing that cannot be read removes nothing" {
  require_root
  require_mounts
  shmtool create 1
  {
    head -n 1 /proc/sysvipc/shm
    echo '        13          0   600         10    11    12      0     0     0     0     0         18'
  } >listing
  run -1 covered listing shmtool rm --all -y
  [ "$(census)" -eq 1 ]
}

@test "--ns removes there, and nothing here" {
  require_root
  require_ipc_namespaces
  shmtool create -k 13 1
  # shellcheck disable=SC2016
  coproc HOLDER { exec unshare --ipc sh -c 'echo "$(shmtool create 4)"; exec sleep 1000' 3>&-; }
  read -r _ <&"${HOLDER[0]}"
  run -0 shmtool rm --ns "$HOLDER_PID" --all -y
  [ "$(shmtool list -q --ns "$HOLDER_PID" | wc -l)" -eq 0 ]
  [ "$(census)" -eq 1 ]
}

@test "a thousand segments go at once" {
  many 1 1000
  run -0 shmtool rm --all -y
  [ "${#lines[@]}" -eq 1001 ]
  [ -z "$(ids)" ]
}

@test "what another user has made too large to be pinned is kept, and how to remove it is said" {
  require_root
  require_capability ipc_owner sys_admin
  require_no_valgrind
  huge=$(as_user 4242 shmtool create --noreserve 4E)
  shmtool create 1
  as_user 4242 shmtool create 1
  run -1 --separate-stderr shmtool rm --all -y
  [ "$(ids)" = "$huge" ]
  [ "$(kernel_says perms "$huge")" = 600 ]
  [ "${#stderr_lines[@]}" -eq 1 ]
  [[ "$stderr" == "shmtool: rm: $huge: not removed: "*"shmtool rm $huge"* ]]
  run -0 shmtool rm "$huge"
  [ -z "$(ids)" ]
}

@test "nor is what may not be pinned removed, unless it is one's own" {
  require_root
  require_capability sys_admin
  own=$(shmtool create -m 0 1)
  given=$(shmtool create -m 0 -u 4242 1)
  other=$(as_user 4242 shmtool create 1)
  run -1 --separate-stderr setpriv --bounding-set=-ipc_owner shmtool rm --all -y
  [ "$(ids | sort -n | xargs)" = "$given $other" ]
  for id in "$given" "$other"; do
    [[ "$stderr" == *"shmtool: rm: $id: not removed: "*"shmtool rm $id"* ]]
  done
  [[ "$stderr" != *"rm: $own: "* ]]
}

@test "nor what its creator has given to the caller, to be removed unpinned" {
  require_root
  require_no_valgrind
  id=$(as_user 4242 shmtool create --noreserve 4E)
  as_user 4242 shmtool set -u root "$id"
  run -1 --separate-stderr shmtool rm --all -y
  [ "$(ids)" = "$id" ]
  [[ "$stderr" == "shmtool: rm: $id: not removed: it cannot be attached, and another user may remove it, "* ]]
  as_user 4242 shmtool rm "$id"
}

@test "where it cannot be told whether a pin would destroy, nothing is removed" {
  require_root
  require_strace
  id=$(shmtool create 1)
  # LeakSanitizer cannot work under strace.
  run -1 --separate-stderr env ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls \
    -P /proc/sys/kernel/shm_rmid_forced -e inject=openat,open:error=EIO shmtool rm --all -y
  [ "$stderr" = "shmtool: rm: /proc/sys/kernel/shm_rmid_forced: $(strerror EIO)" ]
  [ "$(ids)" = "$id" ]
}

@test "without /proc root removes what the kernel lets it" {
  require_root
  require_mounts
  require_plain_build
  id=$(as_user 4242 shmtool create 1)
  run -0 unshare --mount sh -c "mount -t tmpfs none /proc && shmtool rm --dry-run $id && shmtool rm --all -y"
  [[ "$output" == "would remove segment $id"* ]]
  [ -z "$(ids)" ]
}

@test "one's own that is too large to be pinned is removed if it is as it was listed" {
  require_root
  require_mounts
  require_no_valgrind
  shmtool create -u 4242 -k 13 --noreserve 4E
  as_user 4242 shmtool rm --all -y
  [ -z "$(ids)" ]
  id=$(shmtool create -k 13 --noreserve 4E)
  for column in 1 5 8 12 13 14; do # key cpid uid atime dtime ctime
    awk -v id="$id" -v c="$column" '$2 == id { $c++ } { print }' /proc/sysvipc/shm >listing
    run -1 covered listing shmtool rm --all -y
    [ "$(ids)" = "$id" ]
  done
}

@test "two at once leave nothing behind, and do not report what the other has removed" {
  many 1 2000
  local name jobs=() ended
  for name in one two; do
    shmtool rm --all -y 2>"$name" >"$name.list" &
    jobs+=($!)
  done
  for name in one two; do
    ended=0
    wait "${jobs[0]}" || ended=$?
    jobs=("${jobs[@]:1}")
    # One may start when the other has removed them all, or has one pinned.
    sed -i -E '/: (nothing to remove|kept 1 attached segment .*)$/d' "$name"
    # What the other has pinned at the very end may be told.
    [ "$(wc -l <"$name")" -le 1 ]
    [ "$ended" -eq "$(wc -l <"$name")" ]
  done
  [ "$(census)" -eq 0 ]
}
