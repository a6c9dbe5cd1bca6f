#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# semlock: who holds the lock, who may, and what is left when a holder ends.

# Each test is a process of its own; `run` and `hold_lock` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
# shellcheck disable=SC2016 # the inner shells expand these

load ../common

# hold_lock KEY [COMMAND...]: a process (or COMMAND, before it) that holds the lock until `end_hold`.
hold_lock() {
  local line
  coproc LOCKER { exec "${@:2}" shmtool semlock "$1" sh -c 'echo held; read -r line'; }
  locker=$LOCKER_PID
  read -r line <&"${LOCKER[0]}"
  [ "$line" = held ]
}

end_hold() {
  local pid=$LOCKER_PID
  echo >&"${LOCKER[1]}"
  wait "$pid"
}

at_end() {
  [ -z "${LOCKER_PID:-}" ] || kill -KILL "$LOCKER_PID" || true
  [ ! -e limits ] || cat limits >/proc/sys/kernel/sem
  end_stopped
}

# The set's id, by its KEY (signed decimal), from the kernel's listing.
set_of() {
  awk -v key="$1" '$1 == key { print $2 }' /proc/sysvipc/sem
}

# members KEY: "VALUE WAITING-FOR-INCREASE WAITING-FOR-ZERO PID" of each member.
members() {
  ipcs -s -i "$(set_of "$1")" | awk '/^[01] / { print $2, $3, $4, $5 }'
}

# until_waiting KEY COUNT: returns when so many processes wait for the lock.
until_waiting() {
  local i
  for i in {1..3000}; do
    [[ "$(members "$1" | head -n 1)" != *" 0 $2 "* ]] || return 0
  done
  return 1
}

# ends STATUS PID: waits for a child of this shell (which `run` would not be), checks its status.
ends() {
  local ended=0
  wait "$2" || ended=$?
  [ "$ended" -eq "$1" ]
}

# refused COMMAND...: fails by itself, with one line that says why and nothing on stdout.
refused() {
  run -125 --separate-stderr "$@"
  [ -z "$output" ]
  [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "the status and the output are COMMAND's own" {
  run -0 --separate-stderr shmtool semlock 0xd echo hello
  [ "$output" = hello ]
  [ -z "$stderr" ]
  run -3 shmtool semlock 0xd sh -c 'exit 3'
  run -255 shmtool semlock 0xd sh -c 'exit 255'
  run -143 bash -c 'shmtool semlock 0xd sh -c "kill \$\$"'
  run -0 shmtool semlock 0xd cat <<<through
  [ "$output" = through ]
}

@test "an option behind SEGMENT is told from COMMAND" {
  fails 2 "shmtool: semlock: option '-w' must come before SEGMENT" shmtool semlock 0xd -w 0 true
}

@test "a COMMAND that cannot be run is 126 or 127, and leaves the lock free" {
  touch plain
  run -126 --separate-stderr shmtool semlock 0xd ./plain
  [ "$stderr" = "shmtool: semlock: ./plain: Permission denied" ]
  run -126 shmtool semlock 0xd /
  # a folder of PATH that may not be searched would make it 126
  run -127 --separate-stderr env PATH=/usr/bin:/bin "$(command -v shmtool)" semlock 0xd no-such-command
  [ "$stderr" = "shmtool: semlock: no-such-command: No such file or directory" ]
  run -127 shmtool semlock 0xd ''
  run -0 shmtool semlock -w 0 0xd true
}

@test "a wrong command line is 2 and makes no lock" {
  for line in '' '0xd' '--remove' '--remove 0xd true' '-w 1 --remove 0xd' '-w' '-w x 0xd true' \
    '-w -1 0xd true' '-w 1.5s 0xd true' '-w 2147483648 0xd true' '0x0 true' 'key:0 true' 'x true' \
    '--wait-for 1 0xd true' '--wai 1 0xd true'; do
    echo "$line"
    # shellcheck disable=SC2086
    run -2 --separate-stderr shmtool semlock $line
    [ -z "$output" ]
  done
  [ -z "$(set_of 13)" ]
}

@test "options end at the first operand" {
  run -0 shmtool semlock 0xd echo --remove -w -h --trace -- --ns
  [ "$output" = "--remove -w -h --trace -- --ns" ]
  run -0 shmtool semlock -w 5 -- 0xd echo -w
  [ "$output" = "-w" ]
}

@test "the set has two members: 1 while held, 0 when free, and 0 forever" {
  hold_lock 0xd
  [ "$(members 13)" = "1 0 0 $locker"$'\n'"0 0 0 0" ]
  end_hold
  [ "$(members 13 | cut -d ' ' -f 1 | paste -sd ' ')" = "0 0" ]
  # key semid perms nsems uid gid cuid cgid
  [ "$(awk '$1 == 13 { print $3, $4, $5, $7 }' /proc/sysvipc/sem)" = "600 2 $(id -u) $(id -u)" ]
}

@test "the set takes owner and group of the segment, and lets who may read it read and write" {
  require_root
  local mode set
  while read -r mode set; do
    shmtool create -k 13 -m "$mode" -u 4242:4243 4096
    run -0 shmtool semlock 0xd true
    [ "$(awk '$1 == 13 { print $3, $4, $5, $6 }' /proc/sysvipc/sem)" = "$set 2 4242 4243" ]
    shmtool semlock --remove 0xd
    shmtool rm 0xd
  done <<'EOF'
600 600
400 600
200 600
444 666
640 660
642 660
604 606
666 666
602 600
062 660
EOF
}

@test "root that may use only what is its own takes the lock of the segment that it made for another" {
  require_root
  shmtool create -k 13 -m 600 -u 4242 4096
  for who in 0 4242 0; do
    run -0 --separate-stderr as_user $who setpriv --bounding-set=-ipc_owner shmtool semlock -w 30 0xd echo held
    [ "$output$stderr" = held ]
  done
}

@test "an id stands for its segment's key" {
  local id
  id=$(shmtool create -k 0xfffffffe 4096)
  hold_lock "$id"
  [ -n "$(set_of -2)" ]
  run -124 shmtool semlock -w 0 0xfffffffe true
  run -124 shmtool semlock -w 0 key:-2 true
  end_hold
  run -0 shmtool semlock -w 0 "id:$id" true
}

@test "a segment without a key has no lock; one that does not exist is said" {
  local id
  id=$(shmtool create 4096)
  refused shmtool semlock "$id" true
  [[ $stderr == *"$id: the segment has no key"* ]]
  refused shmtool semlock 77 true
  [ "$stderr" = "shmtool: semlock: 77: no such segment" ]
  shmtool create -k 78 4096
  refused shmtool semlock 78 true
  [[ $stderr == *"use key:78" ]]
  [ "$(wc -l </proc/sysvipc/sem)" -eq 1 ]
}

@test "creating a segment can be locked" {
  run -0 shmtool semlock 0xd shmtool create -k 0xd 4096
  run -0 shmtool semlock 0xd shmtool attach-write -t x 0xd
}

@test "-w 0 does not wait, -w waits that long, and what frees itself is taken" {
  local begin
  hold_lock 0xd
  run -124 --separate-stderr shmtool semlock -w 0 0xd echo ran
  [ -z "$output" ]
  [ "$stderr" = "shmtool: semlock: key 0x0000000d: the lock is held; process $locker took it last" ]
  begin=$(date +%s%N)
  run -124 shmtool semlock --wait 1 0xd echo ran
  (($(date +%s%N) - begin >= 1000000000))
  begin=$(date +%s%N)
  run -124 shmtool semlock -w 0.3 0xd echo ran
  (($(date +%s%N) - begin >= 300000000))
  shmtool semlock -w 100 0xd echo ran >out &
  until_waiting 13 1
  end_hold
  wait "$!"
  [ "$(cat out)" = ran ]
}

@test "holders do not overlap, from the very first on" {
  local i job jobs=() key
  for key in 0x11 0x12 0x13; do
    echo 0 >count
    for i in {1..20}; do
      shmtool semlock $key sh -c 'read -r n <count; echo $((n + 1)) >count' &
      jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job"; done
    jobs=()
    [ "$(cat count)" -eq 20 ]
  done
}

@test "a killed holder frees the lock" {
  hold_lock 0xd
  shmtool semlock -w 100 0xd echo ran >out &
  until_waiting 13 1
  kill -KILL "$locker"
  wait "$!"
  [ "$(cat out)" = ran ]
  run -0 shmtool semlock -w 0 0xd true
}

@test "a child that outlives COMMAND does not keep the lock" {
  mkfifo end
  shmtool semlock 0xd sh -c 'cat <end >/dev/null &'
  run -0 shmtool semlock -w 0 0xd true
  : >end
}

@test "a signal ends the wait" {
  local waiter
  hold_lock 0xd
  env --default-signal=INT shmtool semlock 0xd echo ran >out &
  waiter=$!
  until_waiting 13 1
  kill -INT "$waiter"
  ends 130 "$waiter"
  until_waiting 13 0
  end_hold
  [ ! -s out ]
  run -0 shmtool semlock -w 0 0xd true
}

stop_and_continue() {
  kill -STOP "$1"
  until [[ "$(cut -d ' ' -f 3 "/proc/$1/stat")" == T ]]; do :; done
  kill -CONT "$1"
}

@test "after a stop only the rest of the time is waited" {
  hold_lock 0xd
  shmtool semlock --trace -w 100 0xd true 2>trace &
  local waiter=$!
  until_waiting 13 1
  stop_and_continue "$waiter"
  until grep -q EINTR trace; do :; done
  end_hold
  ends 0 "$waiter"
  grep -qE '&\{9[0-9], [0-9]+\}\) = 0$' trace
}

@test "being stopped and continued does not end the wait" {
  local waiter begin
  hold_lock 0xd
  shmtool semlock 0xd echo ran >out &
  waiter=$!
  until_waiting 13 1
  for _ in 1 2 3; do
    stop_and_continue "$waiter"
    until_waiting 13 1
  done
  begin=$(date +%s%N)
  shmtool semlock -w 1 0xd true 2>/dev/null &
  until_waiting 13 2
  stop_and_continue $!
  ends 124 $!
  (($(date +%s%N) - begin >= 1000000000))
  end_hold
  wait "$waiter"
  [ "$(cat out)" = ran ]
}

@test "a lock that is removed while it is waited for is made again" {
  hold_lock 0xd
  shmtool semlock 0xd echo ran >out 2>&1 &
  until_waiting 13 1
  ipcrm -S 13
  ends 0 $!
  [ "$(cat out)" = ran ]
}

@test "--remove removes a free lock, and no other" {
  refused shmtool semlock --remove 0xd
  [ "$stderr" = "shmtool: semlock: key 0x0000000d: there is no lock" ]
  hold_lock 0xd
  refused shmtool semlock --remove 0xd
  [[ $stderr == *"the lock is held; process $locker took it last" ]]
  shmtool semlock 0xd true &
  until_waiting 13 1
  refused shmtool semlock --remove 0xd
  end_hold
  wait "$!"
  run -0 --separate-stderr shmtool semlock --remove 0xd
  [ -z "$output$stderr" ]
  [ -z "$(set_of 13)" ]
}

@test "--remove keeps a lock that is free but waited for" {
  require perl
  run -0 shmtool semlock 0xd true
  # waits for member 1 to be more than 0
  perl -e 'semop(semget(13, 0, 0), pack "s!3", 1, -1, 0)' &
  until members 13 | grep -q '^0 1 0'; do :; done
  refused shmtool semlock --remove 0xd
  [[ $stderr == *"the lock was not removed; processes waiting for it: 1" ]]
  run -0 shmtool semlock -w 0 0xd true
  kill "$!"
}

@test "locks that are removed all the time still keep holders apart" {
  local job jobs=()
  echo 0 >count
  for i in {1..40}; do
    shmtool semlock 0xd sh -c 'read -r n <count; echo $((n + 1)) >count' 2>>errors &
    jobs+=($!)
    shmtool semlock --remove 0xd 2>/dev/null &
  done
  for job in "${jobs[@]}"; do wait "$job" || true; done
  wait
  [ "$(cat count)" -eq 40 ]
  [ ! -s errors ]
}

@test "sets of other programs are refused and left alone" {
  require perl
  for count in 1 3; do
    perl -e 'semget(13, $ARGV[0], 01600) // die' "$count"
    refused shmtool semlock 0xd echo ran
    [[ $stderr == *"is not a lock"* ]]
    refused shmtool semlock --remove 0xd
    [ -n "$(set_of 13)" ]
    run ! grep -q '[^0]' <(members 13 | cut -d ' ' -f 1,4 | tr -d ' \n')
    ipcrm -S 13
  done
  # Two members, but the second in use.
  perl -e '$id = semget(13, 2, 01600) // die; semctl($id, 1, 16, 1) // die'
  refused shmtool semlock 0xd echo ran
  [[ $stderr == *"is not a lock"* ]]
}

@test "a lock that another user made is refused, one that root or the segment's creator made is not" {
  require_root
  require_capability ipc_owner
  # another user's, for a key without a segment
  as_user 4242 shmtool semlock 0xd true
  refused shmtool semlock 0xd true
  [[ $stderr == *"was created by uid 4242, who is neither you nor root nor the segment's owner or creator: root can remove it with ipcrm -s "* ]]
  refused shmtool semlock --remove 0xd
  run -0 as_user 4242 shmtool semlock 0xd true
  # the segment's creator
  as_user 4242 shmtool create -k 13 -m 666 4096
  run -0 shmtool semlock 0xd true
  refused as_user 4343 shmtool semlock 0xd true
  [[ $stderr == *"Permission denied"* ]]
  run -0 as_user 4242 shmtool semlock --remove 0xd
  run -0 as_user 4242 shmtool semlock 0xd true
  run -0 as_user 4343 shmtool semlock 0xd true
  # a third user's, for a segment that is neither theirs nor root's
  run -0 as_user 4242 shmtool semlock --remove 0xd
  run -0 as_user 4343 shmtool semlock 0xd true
  refused as_user 4242 shmtool semlock 0xd true
  refused shmtool semlock 0xd true
  # the segment's owner, who owns the set too, can remove it
  run -0 as_user 4242 shmtool semlock --remove 0xd
  # root's
  run -0 shmtool semlock 0xd true
  run -0 as_user 4242 shmtool semlock 0xd true
  run -0 as_user 4343 shmtool semlock 0xd true
  refused as_user 4343 shmtool semlock --remove 0xd
  [[ $stderr == *"Operation not permitted: only its owner, its creator and root may remove the lock"* ]]
}

@test "the lock takes permission to read the segment" {
  require_root
  shmtool create -k 13 -m 640 4096
  run -0 shmtool semlock 0xd true
  refused as_user 4242 shmtool semlock 0xd true
  [[ $stderr == *"Permission denied: to take the lock you must be allowed to read segment "* ]]
  shmtool create -k 14 4096
  # Whoever only tries does not make it, for that would keep out all others.
  refused as_user 4242 shmtool semlock 0xe true
  [ "$(wc -l </proc/sysvipc/sem)" -eq 2 ]
  run -0 shmtool semlock 0xe true
  refused as_user 4242 shmtool semlock 0xe true
  refused as_user 4242 shmtool semlock --remove 0xe
}

@test "no room for another semaphore set" {
  require_root
  require_limits
  cat /proc/sys/kernel/sem >limits
  echo '250 32000 100 0' >/proc/sys/kernel/sem
  refused shmtool semlock 0xd true
  [[ $stderr == *"No space left on device: a limit on semaphores is reached (sysctl kernel.sem)" ]]
}

@test "a C program takes the same lock with the lines of the manual" {
  local line
  coproc LOCKER { exec semlocker 13; }
  read -r line <&"${LOCKER[0]}"
  [ "$line" = locked ]
  run -124 shmtool semlock -w 0 0xd true
  kill -KILL "$LOCKER_PID"
  run -0 shmtool semlock -w 100 0xd true
  hold_lock 0xd
  semlocker 13 </dev/null >out &
  until_waiting 13 1
  [ ! -s out ]
  end_hold
  wait "$!"
  [ "$(cat out)" = locked$'\n'unlocked ]
  run -0 shmtool semlock -w 0 0xd true
}

# torn FILE: whether its bytes are not all the same.
torn() {
  [ "$(tr -s '\000-\377' <"$1" | wc -c)" -ne 1 ]
}

# write_rounds BYTE ROUNDS [COMMAND...]: fills segment 13 so often, or until the file `enough` is.
write_rounds() {
  local i
  for ((i = 0; i < $2; i++)); do
    [ ! -e enough ] || return 0
    "${@:3}" shmtool attach-write --fill "$1" 0xd || return 1
  done
}

@test "with the lock no copy is torn" {
  local byte i writer writers=()
  shmtool create -k 13 1M
  for byte in 1 2 3 4; do
    write_rounds $byte 50 shmtool semlock 0xd &
    writers+=($!)
  done
  for i in {1..50}; do
    shmtool semlock 0xd shmtool read 0xd >copy
    [ "$(stat -c %s copy)" -eq 1048576 ]
    run ! torn copy
  done
  for writer in "${writers[@]}"; do wait "$writer"; done
  run ! torn <(shmtool read 0xd)
}

@test "without the lock copies are torn" {
  local byte i seen=0
  shmtool create -k 13 1M
  for byte in 1 2 3 4; do
    write_rounds $byte 100000 &
  done
  for i in {1..2000}; do
    shmtool read 0xd >copy
    if torn copy; then
      seen=1
      break
    fi
  done
  touch enough
  wait
  [ "$seen" -eq 1 ]
}

@test "--ns locks in that namespace and runs COMMAND there" {
  require_root
  require_ipc_namespaces
  local line
  coproc LOCKER { exec unshare --ipc sh -c 'echo ready; read -r line'; }
  read -r line <&"${LOCKER[0]}"
  run -0 shmtool semlock --ns "$LOCKER_PID" 0xd readlink /proc/self/ns/ipc
  [ "$output" = "$(readlink "/proc/$LOCKER_PID/ns/ipc")" ]
  [ -z "$(set_of 13)" ]
  run -0 nsenter --ipc="/proc/$LOCKER_PID/ns/ipc" cat /proc/sysvipc/sem
  [ "${#lines[@]}" -eq 2 ]
  end_hold
  refused shmtool semlock --ns 2147483647 0xd true
}

@test "--trace shows each call as C" {
  local set
  run -0 --separate-stderr shmtool semlock --trace 0xd true
  set=$(set_of 13)
  [ "${stderr_lines[0]}" = "shmget(0x0000000d, 0, 0) = -1 ENOENT" ]
  [ "${stderr_lines[1]}" = "semget(0x0000000d, 2, IPC_CREAT|IPC_EXCL|0600) = $set" ]
  [ "${stderr_lines[2]}" = "semtimedop($set, {{0, 0, 0}, {0, 1, SEM_UNDO}}, 2, NULL) = 0" ]
  hold_lock 0xd
  run -124 --separate-stderr shmtool semlock --trace -w 0 0xd true
  [ "${stderr_lines[1]}" = "semget(0x0000000d, 2, IPC_CREAT|IPC_EXCL|0600) = -1 EEXIST" ]
  [ "${stderr_lines[2]}" = "semget(0x0000000d, 0, 0) = $set" ]
  [ "${stderr_lines[3]}" = "semctl($set, 0, IPC_STAT, &ds) = 0" ]
  [ "${stderr_lines[4]}" = "semctl($set, 1, GETVAL) = 0" ]
  [ "${stderr_lines[5]}" = "semtimedop($set, {{0, 0, 0}, {0, 1, SEM_UNDO}}, 2, &{0, 0}) = -1 EAGAIN" ]
  [ "${stderr_lines[6]}" = "semctl($set, 0, GETPID) = $locker" ]
  end_hold
  run -0 --separate-stderr shmtool semlock --trace --remove 0xd
  [[ $stderr == *"semctl($set, 0, GETZCNT) = 0"*"semctl($set, 0, IPC_RMID) = 0" ]]
  shmtool create -k 13 -m 640 4096
  run -0 --separate-stderr shmtool semlock --trace 0xd true
  [[ $stderr == *"semget(0x0000000d, 2, IPC_CREAT|IPC_EXCL|0660) = "* ]]
}

@test "segments complete the first operand, and the shell the command" {
  local id
  id=$(shmtool create -k 0xabc 4096)
  run -0 shmtool __complete semlock ''
  [[ $output == "$id"$'\t'*$'\n'0x00000abc$'\t'* ]]
  run -0 shmtool __complete semlock -w 5 0x
  [[ $output == 0x00000abc$'\t'* ]]
  run -0 shmtool __complete semlock 0xabc ''
  [ "$output" = 'command 3' ]
  run -0 shmtool __complete semlock -w 5 0xabc ls --
  [ "$output" = 'command 5' ]
}

@test "a set that cannot be given its owner is removed" {
  require_root
  require_user_namespaces
  require_user_namespaces
  shmtool create -k 13 -u 4242 4K
  run -125 unshare --user shmtool semlock 0xd true
  [ "$(wc -l </proc/sysvipc/sem)" -eq 1 ]
}

@test "who may read a segment takes its lock, whoever made it" {
  require_root
  require_capability ipc_owner
  local mode who maker
  for mode in 444 644 404; do
    shmtool create -k 13 -m $mode -u 4242 4096
    for maker in 0 4242; do
      for who in $maker 0 4242 4343; do
        run -0 --separate-stderr as_user "$who" shmtool semlock -w 30 0xd echo held
        [ "$output$stderr" = held ]
      done
      run -0 as_user 4242 shmtool semlock --remove 0xd
    done
    shmtool rm 0xd
  done
}

@test "a segment that is not published yet has no lock" {
  require_root
  local mode segment who id
  for mode in 0 601; do
    id=$(shmtool create -k 13 -m $mode -u 4242 4096)
    for segment in 0xd "$id"; do
      for who in 0 4242; do
        refused as_user $who shmtool semlock "$segment" echo ran
        [[ $stderr == "shmtool: semlock: "*"not published"* ]]
        refused as_user $who shmtool semlock --remove "$segment"
      done
    done
    [ -z "$(set_of 13)" ]
    shmtool set -m 600 "$id"
    run -0 as_user 4242 shmtool semlock -w 0 0xd true
    as_user 4242 ipcrm -S 13
    shmtool rm "$id"
  done
}

@test "who comes while the lock is made takes it" {
  require_root
  require_capability ipc_owner
  require_strace
  as_user 4242 shmtool create -k 13 -m 640 4096
  stop_at semget:when=1 shmtool semlock -w 30 0xd echo ran
  [ -n "$(set_of 13)" ]
  run -0 --separate-stderr as_user 4242 shmtool semlock -w 30 0xd echo held
  [ "$output$stderr" = held ]
  go_on
  [ "$ended" -eq 0 ]
  [ "$(cat out err)" = ran ]
}

@test "a kill at any moment leaves a lock that all its users can take" {
  require_root
  require_capability ipc_owner sys_admin
  require_strace
  require_no_valgrind
  local mode moment all who
  for mode in 600 644; do
    as_user 4242 shmtool create -k 13 -m $mode 4096
    all=$(moments '^semget' '^execve.*/bin/true' shmtool semlock 0xd /bin/true)
    [[ $all == semget*sem*execve:when=1 ]]
    for moment in $all; do
      ipcrm -S 13
      run -137 strace -qq -o calls -e "inject=$moment:signal=KILL" shmtool semlock 0xd /bin/true
      for who in 4242 0 4343; do
        [ "$mode $who" != "600 4343" ] || continue
        echo "mode $mode, killed at $moment, user $who"
        run -0 as_user $who shmtool semlock -w 30 0xd true
      done
    done
    ipcrm -S 13
    shmtool rm 0xd
  done
}

@test "a set that goes while semlock begins is made again" {
  require_strace
  local there call n stops=0
  shmtool create -k 13 -m 640 4096
  for there in no yes; do
    for call in semget semctl; do
      for ((n = 1;; n++)); do
        [ $there = no ] || shmtool semlock 0xd true
        stop_at "$call:when=$n" shmtool semlock 0xd echo ran || break
        stops=$((stops + 1))
        [ -z "$(set_of 13)" ] || ipcrm -S 13
        go_on
        echo "a set there: $there, $call $n"
        [ "$ended $(cat out err)" = "0 ran" ]
        ipcrm -S 13
      done
      [ "$(cat out err)" = ran ]
      ipcrm -S 13
    done
  done
  ((stops >= 3))
}

# writer UID: takes the lock as that user until 500 of its holders have added their line to `log`;
# each line is the number of lines before it. One holder in twenty is killed from outside, at any
# moment, and one kills itself while it holds the lock.
writer() {
  local added=0 ended
  while ((added < 500)); do
    setpriv --reuid "$1" --regid "$1" --clear-groups shmtool semlock -w 100 0xd bash -c '
      mapfile -t lines <log
      ((RANDOM % 20)) || kill -KILL $$
      echo "${#lines[@]}" >>log' &
    # It may have ended already.
    ((RANDOM % 20)) || kill -KILL $! || true
    ended=0
    wait $! || ended=$?
    case $ended in
      0) added=$((added + 1)) ;;
      137) ;;
      *)
        echo "status $ended"
        return 1
        ;;
    esac
  done
}

@test "4 writers whose holders are killed lose no update, and leave a lock that all can take" {
  require_root
  require_capability ipc_owner sys_admin
  require_no_valgrind
  local job jobs=() who failed=0
  : >log
  chmod 777 . log
  as_user 4242 shmtool create -k 13 4096
  for who in 0 4242 0 4242; do
    writer $who >>errors 2>&1 &
    jobs+=($!)
  done
  # Meanwhile the lock goes again and again.
  while [ ! -e enough ]; do shmtool semlock --remove 0xd 2>/dev/null || true; done &
  for job in "${jobs[@]}"; do wait "$job" || failed=$((failed + 1)); done
  touch enough
  wait $!
  grep -E "^(status|shmtool:)" errors || true
  [ "$failed" -eq 0 ]
  [ "$(wc -l <log)" -ge 2000 ]
  seq 0 $(($(wc -l <log) - 1)) | cmp - log
  for who in 0 4242; do run -0 as_user $who shmtool semlock -w 30 0xd true; done
}

@test "a stranger's segment does not take over a lock that is in use" {
  require_root
  hold_lock 0xd
  as_user 4242 shmtool create -k 13 1
  run -124 shmtool semlock -w 0 0xd true
  run ! as_user 4242 ipcrm -S 13
  [ -n "$(set_of 13)" ]
  end_hold
}

@test "what the caller has made and given away takes its lock along" {
  require_root
  shmtool semlock 0xd shmtool create -k 13 -u 4242 1
  shmtool semlock 0xd true
  run -0 as_user 4242 shmtool semlock -w 0 0xd true
}

@test "-w counts from the beginning, though the lock is made again" {
  require_strace
  local begin waiter
  hold_lock 0xd
  begin=$(date +%s%N)
  strace -qq -o calls -e inject=semget:delay_enter=300000:when=3+ shmtool semlock -w 2 0xd true 2>err &
  waiter=$!
  sleep 1.5
  ipcrm -S 13
  shmtool semlock 0xd sleep 30 &
  ! wait "$waiter" || return 1
  [[ "$(cat err)" == *"the lock is held"* ]]
  (($(date +%s%N) - begin < 3000000000))
  kill $!
  end_hold
}

@test "whoever waits makes the lock of the segment that there is then" {
  require_root
  require_capability sys_admin
  local waiter
  as_user 4242 shmtool create -k 13 1
  hold_lock 0xd
  shmtool semlock -w 30 0xd true &
  waiter=$!
  until_waiting 13 1
  as_user 4242 shmtool rm 0xd
  as_user 4343 shmtool create -k 13 1
  ipcrm -S 13
  wait "$waiter"
  end_hold
  run -0 as_user 4343 shmtool semlock -w 0 0xd true
}

@test "COMMAND keeps the signal that its parent's end sends" {
  require_root
  as_user 4242 shmtool create -k 13 1
  for _ in made there; do
    run -0 setpriv --pdeathsig TERM shmtool semlock 0xd setpriv --dump
    [[ $output == *"Parent death signal: "*[Tt][Ee][Rr][Mm]* ]]
  done
}
