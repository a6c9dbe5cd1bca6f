#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# watch: a line for each change.

# Each test is a process of its own; `run`, `hold`, `watch` and `event` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

at_end() {
  local pid
  for pid in "${holders[@]}" $watcher; do ! kill -0 "$pid" || kill "$pid"; done
}

# watch COMMAND...: starts `shmtool watch` as COMMAND does, until it has looked for the first time:
# that cannot be seen from outside, so segments are made until one of them is reported. Their keys
# start with 0xfeed; `sentinel` has more options for them. $watcher is its process id.
watch() {
  local line count
  mkfifo lines
  "$@" >lines 2>err 3>&- &
  watcher=$!
  exec {lines}<lines
  for ((count = 0; count < 200; count++)); do
    # shellcheck disable=SC2086
    shmtool create -k "$(printf '0xfeed%04x' "$count")" ${sentinel:-} 1
    ! read -r -t 0.1 line <&"$lines" || return 0
  done
  echo "nothing is reported" >&2
  return 1
}

# event: reads the next line into $line, but those of the sentinels.
event() {
  while read -r -t 30 line <&"$lines"; do
    [[ "$line" == *0xfeed* ]] || return 0
  done
  echo "no event comes" >&2
  return 1
}

# says EVENT KEY ID: the next line is that.
says() {
  event
  local words
  read -ra words <<<"$line"
  [ "${words[*]:1:3}" = "$*" ]
}

# says_json FILTER: what jq makes of the next line is `true`.
says_json() {
  event
  [ "$(jq -c "$1" <<<"$line")" = true ]
}

# ends STATUS: so the watcher ends, soon and without a word.
ends() {
  local pid=$watcher ended=0
  timeout 30 tail --pid="$pid" -s 0.05 -f /dev/null
  watcher=
  wait "$pid" || ended=$?
  [ "$ended" -eq "$1" ]
  [ ! -s err ]
}

# says_all LINE...: the next lines are these, in any order.
says_all() {
  local words seen='' _
  for _ in "$@"; do
    event
    read -ra words <<<"$line"
    seen+="${words[*]:1:3}"$'\n'
  done
  [ "$(printf %s "$seen" | sort)" = "$(printf '%s\n' "$@" | sort)" ]
}

# attach ID: a process that keeps the segment attached. Sets $attached to its process id.
attach() {
  local out
  exec {out}< <(exec holder "$1" 3>&-)
  attached=$!
  holders+=("$attached")
  read -r _ <&"$out"
}

# detach PID ID: ends it, and waits until nobody has the segment attached.
detach() {
  kill "$1"
  until [ "$(kernel_says nattch "$2")" = 0 ]; do :; done
}

@test "created, attached, detached, changed, removed" {
  changed=$(shmtool create -k 1 1)
  one=$(shmtool create -k 2 1)
  two=$(shmtool create -k 3 1)
  gone=$(shmtool create -k 4 1)
  attach "$two"
  watch shmtool watch
  created=$(shmtool create -k 5 1)
  shmtool set -m 640 "$changed"
  attach "$one"
  detach "${holders[0]}" "$two"
  shmtool rm "$gone"
  says_all "created 0x00000005 $created" "changed 0x00000001 $changed" \
    "attached 0x00000002 $one" "detached 0x00000003 $two" "removed 0x00000004 $gone"
}

@test "marked, and removed when the last has detached" {
  id=$(shmtool create -k 13 1)
  attach "$id"
  watch shmtool watch -J
  shmtool rm "$id"
  event
  [[ "$line" == *'"marked"'*"\"id\":$id,"*'"dest"'* ]]
  kill "$attached"
  event
  [[ "$line" == *'"removed"'*"\"id\":$id,"* ]]
}

@test "changed: mode, owner, group, lock" {
  require_root
  require_locking
  for key in 1 2 3 4; do shmtool create -k $key 4K; done
  watch shmtool watch
  shmtool set -m 640 0x1
  shmtool set -u 4242 0x2
  shmtool set -u 0:4242 0x3
  shmtool set --lock 0x4
  for _ in 1 2 3 4; do
    event
    case $line in
      *" changed "*0x00000001*0640*) seen+=1 ;;
      *" changed "*0x00000002*4242*) seen+=2 ;;
      *" changed "*0x00000003*) seen+=3 ;;
      *" changed "*0x00000004*locked*) seen+=4 ;;
    esac
  done
  [ "$(fold -w 1 <<<"$seen" | sort | tr -d '\n')" = 1234 ]
}

@test "JSON is an object a line, typed" {
  require jq
  watch shmtool watch -J
  id=$(shmtool create -k 13 -m 640 2K)
  says_json ".event == \"created\" and .key == \"0x0000000d\" and .id == $id and .size == 2048 and
    .mode == \"0640\" and .nattch == 0 and .owner == \"$(id -un)\""
}

@test "removed and created again, under one key, one id or both, are two events" {
  require_root
  require_limits
  old=$(shmtool create -k 13 1)
  id=$(shmtool create -k 14 1)
  both=$(shmtool create -k 15 1)
  watch shmtool watch
  shmtool rm "$old" "$id" "$both"
  new=$(shmtool create -k 13 1)
  echo "$id" >/proc/sys/kernel/shm_next_id
  [ "$(shmtool create -k 16 1)" = "$id" ]
  echo "$both" >/proc/sys/kernel/shm_next_id
  [ "$(shmtool create -k 15 1)" = "$both" ]
  says_all "removed 0x0000000d $old" "created 0x0000000d $new" \
    "removed 0x0000000e $id" "created 0x00000010 $id" \
    "removed 0x0000000f $both" "created 0x0000000f $both"
}

@test "many changes between two looks are all told" {
  watch shmtool watch -i 1
  many 1 300
  for key in {1..300}; do
    event
    [[ "$line" == *created*"$(printf '0x%08x' "$key")"* ]]
  done
}

@test "several changes of one segment" {
  require_root
  require jq
  id=$(shmtool create -k 13 1)
  watch shmtool watch -J
  hold "$id"
  shmtool rm "$id"
  seen=
  while [[ "$seen" != *attached* || "$seen" != *marked* ]]; do
    event
    [ "$(jq .id <<<"$line")" = "$id" ]
    seen+=" $(jq -r .event <<<"$line")"
  done
}

@test "-u and --unattached watch what a user owns and nobody has attached" {
  require_root
  sentinel='-u 4242'
  attach "$(shmtool create -k 12 -u 4242 1)"
  watch shmtool watch -u 4242 --unattached
  shmtool create -k 13 1
  shmtool create -k 14 -u 4242 1
  shmtool set -m 640 0xc
  event
  [[ "$line" == *created*0x0000000e* ]]
  shmtool rm 0xd 0xe
  event
  [[ "$line" == *removed*0x0000000e* ]]
}

@test "--older-than watches nothing that is new" {
  shmtool watch --older-than 1h >young 2>young.err 3>&- &
  holders+=($!)
  # The other one started later, so the first has looked, too, when it has.
  watch shmtool watch
  id=$(shmtool create -k 13 1)
  says created 0x0000000d "$id"
  shmtool rm "$id"
  says removed 0x0000000d "$id"
  [ ! -s young ]
  [ ! -s young.err ]
  kill -0 "${holders[0]}"
}

@test "an interval is at least a tenth of a second" {
  for seconds in 0 0.09 -1 1.x x '' 1x 99999999999999999999; do
    run -2 --separate-stderr timeout 10 shmtool watch -i "$seconds"
    [ -z "$output" ]
    [[ "$stderr" == "shmtool: watch: "* ]]
  done
}

@test "an interval may be a fraction of a second" {
  require_strace
  ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls -e trace=ppoll -e inject=ppoll:retval=1 shmtool watch -i 0.25
  grep -F 'tv_nsec=250000000' calls
}

@test "operands and bad filters are refused" {
  run -2 timeout 10 shmtool watch 0
  run -2 timeout 10 shmtool watch -u no-such-user
  run -2 timeout 10 shmtool watch --older-than 1
}

@test "SIGTERM ends it with 0" {
  watch shmtool watch --interval=1
  kill -TERM "$watcher"
  ends 0
}

@test "SIGINT ends it with 0" {
  # Background jobs ignore it.
  watch env --default-signal=INT shmtool watch
  kill -INT "$watcher"
  ends 0
}

@test "SIGTERM ends it while nobody reads what it writes" {
  require python3
  require_no_valgrind
  timeout 60 python3 -c '
import array, ctypes, fcntl, os, subprocess, termios, time
reader, writer = os.pipe()
fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ
watch = subprocess.Popen(["shmtool", "watch"], stdout=writer)
def sleeps():
    return open(f"/proc/{watch.pid}/stat").read().split()[2] == "S"
def waiting():
    count = array.array("i", [0])
    fcntl.ioctl(reader, termios.FIONREAD, count)
    return count[0]
while not (sleeps() and not time.sleep(0.1) and sleeps()):  # until the first look is over
    pass
for _ in range(100):
    ctypes.CDLL(None).shmget(0, 1, 0o600)
while not (waiting() > 2048 and sleeps() and not time.sleep(0.1) and sleeps()):  # in a write that never ends
    pass
watch.terminate()
assert watch.wait() == 0'
}

@test "watching changes nothing" {
  id=$(shmtool create -k 13 10)
  before=$(grep -E "^ *13 " /proc/sysvipc/shm)
  watch shmtool watch --older-than 0s
  [ "$(grep -E "^ *13 " /proc/sysvipc/shm)" = "$before" ]
}

@test "anybody may watch" {
  require_root
  watch as_user 4242 shmtool watch
  shmtool create -k 13 -m 0 1
  event
  [[ "$line" == *created*0x0000000d*root*0000* ]]
}

@test "--ns watches there" {
  require_root
  require_ipc_namespaces
  coproc HOLDER { exec unshare --ipc sh -c 'echo; exec sleep 1000' 3>&-; }
  read -r _ <&"${HOLDER[0]}"
  sentinel="--ns $HOLDER_PID"
  watch shmtool watch --ns "$HOLDER_PID"
  shmtool create -k 13 1
  id=$(shmtool create --ns "$HOLDER_PID" -k 14 1)
  says created 0x0000000e "$id"
}

@test "a filter shows that a segment comes to it, and that it goes" {
  id=$(shmtool create -k 13 1)
  watch shmtool watch --unattached
  attach "$id"
  says attached 0x0000000d "$id"
  detach "$attached" "$id"
  says detached 0x0000000d "$id"
}

# stop_watcher: stops it between two looks.
stop_watcher() {
  until [[ "$(cut -d ' ' -f 3 "/proc/$watcher/stat")" == S ]]; do :; done
  kill -STOP "$watcher"
  until [[ "$(cut -d ' ' -f 3 "/proc/$watcher/stat")" == T ]]; do :; done
}

# creator_ends: and nobody has its process id any more.
creator_ends() {
  release
  HOLDER_PID=
}

@test "a segment that never passed the filter is not removed, marked or attached by it" {
  watch shmtool watch --orphans
  # Its creator lives, so it is no orphan at any look.
  creator 13 600
  local first=$id
  shmtool create -k 14 1
  says created 0x0000000e "$(shmtool list -q -S -id | head -n 1)"
  stop_watcher
  shmtool rm "$first"
  creator_ends
  kill -CONT "$watcher"
  # What comes next is all that there is to tell.
  id=$(shmtool create -k 15 1)
  says created 0x0000000f "$id"
  creator 16 600
  first=$id
  id=$(shmtool create -k 17 1)
  says created 0x00000011 "$id"
  stop_watcher
  creator_ends
  attach "$first"
  shmtool rm "$first"
  kill -CONT "$watcher"
  id=$(shmtool create -k 18 1)
  says created 0x00000012 "$id"
}

@test "a segment that passed the filter when it was last seen is told when it goes" {
  id=$(shmtool create -k 13 1)
  watch shmtool watch --orphans
  stop_watcher
  # In use now, and gone before it is looked at again.
  attach "$id"
  shmtool rm "$id"
  kill "$attached"
  until [ -z "$(kernel_says nattch "$id")" ]; do :; done
  kill -CONT "$watcher"
  says removed 0x0000000d "$id"
}
