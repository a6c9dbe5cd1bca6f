#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wait: when it ends, with what, and that it sees nothing half made.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154

load ../common

# waiting ARG...: `shmtool wait ARG...` as process $waiter, which has looked once in vain.
waiting() {
  : >calls
  shmtool wait --trace "$@" >out 2>calls 3>&- &
  waiter=$!
  looked
}

# looked: it has looked once more.
looked() {
  local before
  before=$(wc -l <calls)
  until [ "$(wc -l <calls)" -gt $((before + 2)) ]; do kill -0 "$waiter"; done
}

at_end() {
  [ -z "${waiter:-}" ] || kill -KILL "$waiter" 2>/dev/null || true
}

# ends STATUS [OUTPUT]: the waiter ends with them.
ends() {
  local ended=0
  wait "$waiter" || ended=$?
  waiter=
  [ "$ended" -eq "$1" ]
  [ "$(<out)" = "${2:-}" ]
}

@test "a segment that is there" {
  local id
  id=$(shmtool create -k 13 1)
  for segment in 0xd key:13 "$id" "id:$id"; do
    run -0 --separate-stderr shmtool wait "$segment"
    [ "$output" = "$id" ]
    [ -z "$stderr" ]
    run -0 shmtool wait --unattached -w 0 "$segment"
    [ "$output" = "$id" ]
  done
}

@test "an id that is missing is status 3, but gone" {
  fails 3 'shmtool: wait: 77: no such segment; to wait for key 77, use key:77' shmtool wait 77
  fails 3 'shmtool: wait: 77: no such segment; *' shmtool wait --attached -w 100 77
  fails 3 'shmtool: wait: id:77: no such segment' shmtool wait id:77
  shmtool create -k 13 1
  fails 3 '*use key:13' shmtool wait 13
  run -0 --separate-stderr shmtool wait --gone 13
  [[ $stderr == *'use key:13' ]]
  run -0 shmtool wait --gone 77
  [ -z "$output" ]
  run -0 shmtool wait --gone 0xe
  [ -z "$output" ]
}

@test "it waits until a segment has the key" {
  local id
  waiting 0xd
  shmtool create -k 14 1
  looked
  id=$(shmtool create -k 13 1)
  ends 0 "$id"
}

@test "--unattached waits for the last detach" {
  local id
  id=$(shmtool create -k 13 1)
  for segment in 0xd "$id"; do
    hold "$id" 2
    waiting --unattached "$segment"
    release
    ends 0 "$id"
  done
}

@test "--unattached waits until there is a segment at all" {
  local id
  waiting --unattached 0xd
  id=$(shmtool create -k 13 1)
  ends 0 "$id"
}

@test "--attached waits for an attachment" {
  local id
  id=$(shmtool create -k 13 1)
  for segment in 0xd "$id"; do
    waiting --attached "$segment"
    hold "$id"
    ends 0 "$id"
    release
  done
}

@test "--gone waits until it is removed" {
  local id
  id=$(shmtool create -k 13 1)
  waiting --gone 0xd
  shmtool rm "$id"
  ends 0
  id=$(shmtool create 1)
  waiting --gone "$id"
  shmtool rm "$id"
  ends 0
}

@test "a marked segment is gone by key, and there by id" {
  local id
  id=$(shmtool create -k 13 1)
  hold "$id"
  shmtool rm "$id"
  run -0 shmtool wait --gone 0xd
  fails 124 'shmtool: wait: 0xd: no such segment yet' shmtool wait -w 0 0xd
  run -0 shmtool wait "$id"
  [ "$output" = "$id" ]
  waiting --gone "$id"
  release
  ends 0
}

@test "an id that goes meanwhile is status 3" {
  local id
  id=$(shmtool create 1)
  hold "$id"
  waiting --unattached "$id"
  shmtool rm "$id"
  release
  ends 3
  id=$(shmtool create 1)
  waiting --attached "$id"
  shmtool rm "$id"
  ends 3
}

@test "-w gives up with 124 and says what is in the way" {
  local begin id
  fails 124 'shmtool: wait: 0xd: no such segment yet' shmtool wait -w 0 0xd
  begin=$(date +%s%N)
  run -124 shmtool wait -w 0.3 0xd
  (($(date +%s%N) - begin >= 300000000))
  id=$(shmtool create -k 13 1)
  fails 124 'shmtool: wait: 0xd: nobody has it attached yet' shmtool wait --attached -w 0 0xd
  fails 124 "shmtool: wait: $id: it is still there" shmtool wait --gone --wait 0 "$id"
  hold "$id"
  fails 124 'shmtool: wait: 0xd: it is still attached' shmtool wait --unattached -w 0 0xd
  release
}

@test "what create --from is still filling is not there yet" {
  require_root
  local mode
  for mode in 0 601; do
    shmtool create -k 13 -m $mode 1
    fails 124 'shmtool: wait: 0xd: it is not published yet' shmtool wait -w 0 0xd
    fails 124 'shmtool: wait: 0xd: it is still there' shmtool wait --gone -w 0 0xd
    waiting --unattached 0xd
    shmtool set -m 600 0xd
    ends 0 "$(shmtool list -q)"
    shmtool rm 0xd
  done
}

@test "no segment is seen half filled" {
  local maker
  head -c 1M /dev/zero | tr '\0' x >data
  for _ in {1..30}; do
    waiting 0xd
    shmtool create -k 13 --from data >id &
    maker=$!
    wait "$waiter"
    waiter=
    shmtool read 0xd | cmp - data
    wait "$maker"
    cmp out id
    shmtool rm 0xd
  done
}

@test "while a segment is made and removed all the time, the id is one that had the key" {
  require python3
  python3 -c '
import ctypes, signal
libc = ctypes.CDLL(None)
libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
while not ended:
    id = libc.shmget(13, 1, 0o1600)
    print(id, flush=True)
    libc.shmctl(id, 0, None)
    libc.shmctl(libc.shmget(0, 1, 0o1600), 0, None)' >made 3>&- &
  waiter=$!
  for _ in {1..100}; do
    timeout 60 shmtool wait 0xd >>seen
    timeout 60 shmtool wait --gone 0xd
  done
  kill "$waiter"
  : >out
  ends 0
  [ -z "$(sort -u seen | comm -23 - <(sort -u made))" ]
}

@test "no permission is needed, and the listing is not read" {
  require_root
  require_strace
  local id
  id=$(shmtool create -k 13 1)
  for segment in 0xd "$id"; do
    run -0 as_user 4242 shmtool wait "$segment"
    [ "$output" = "$id" ]
    ASAN_OPTIONS=detect_leaks=0 strace -qq -o calls setpriv --reuid 4242 --clear-groups --inh-caps=-all shmtool wait "$segment"
    grep SHM_STAT_ANY calls
    run ! grep /proc/sysvipc calls
  done
  # Another segment has the slot of the id.
  fails 3 '*: no such segment; *' as_user 4242 shmtool wait $((id + 32768))
}

@test "on a kernel without SHM_STAT_ANY the listing tells of what may not be read" {
  require_root
  require_refuse
  id=$(shmtool create -k 13 1)
  run -0 refuse shmctl SHM_STAT_ANY EINVAL setpriv --reuid 4242 --clear-groups --inh-caps=-all shmtool wait 0xd
  [ "$output" = "$id" ]
}

@test "it looks after a millisecond, then twice as long each time, up to a tenth of a second" {
  require_strace
  ASAN_OPTIONS=detect_leaks=0 run ! strace -qq -o calls -e trace=clock_nanosleep \
    -e inject=clock_nanosleep:retval=0 -e inject=clock_nanosleep:retval=0:signal=TERM:when=10 shmtool wait 0xd
  [ "$(sed -nE 's/.*tv_nsec=([0-9]+)000000\}.*/\1/p' calls | head -n 9 | paste -sd ' ')" = '1 2 4 8 16 32 64 100 100' ]
}

# stop: stops the waiter.
stop() {
  kill -STOP "$waiter"
  until [[ "$(cut -d ' ' -f 3 "/proc/$waiter/stat")" == T ]]; do :; done
}

@test "stopped and continued it waits on, a signal ends it" {
  local id
  waiting 0xd
  stop
  id=$(shmtool create -k 13 1)
  kill -CONT "$waiter"
  ends 0 "$id"
  for signal in TERM KILL; do
    waiting --gone 0xd
    kill -$signal "$waiter"
    ends $((128 + $(kill -l $signal)))
  done
}

@test "the limit of -w goes on while it is stopped" {
  local end looks
  end=$(($(date +%s%N) + 3000000000))
  waiting -w 3 0xd
  stop
  looks=$(wc -l <calls)
  until (($(date +%s%N) > end)); do sleep 0.1; done
  kill -CONT "$waiter"
  ends 124
  # One look of two calls that it was in, one more, and the message; three seconds are over thirty.
  (($(wc -l <calls) <= looks + 5))
}

@test "the command line is checked" {
  shmtool create -k 13 1
  for line in '' '0xd 0xe' '0x0' '--gone --attached 0xd' '--attached --unattached 0xd' '-w -1 0xd' '-w 1s 0xd' 'x'; do
    echo "$line"
    # shellcheck disable=SC2086
    fails 2 'shmtool: wait: *' shmtool wait $line
  done
}

@test "--ns waits in that namespace" {
  require_root
  require_ipc_namespaces
  local out pid id
  exec {out}< <(exec unshare --ipc sh -c 'shmtool create -k 13 1; exec sleep 300' 3>&-)
  pid=$!
  read -r id <&"$out"
  run -0 shmtool wait --ns "$pid" 0xd
  kill "$pid"
  [ "$output" = "$id" ]
  run -124 shmtool wait -w 0 0xd
}

@test "segments complete" {
  local id
  id=$(shmtool create -k 13 1)
  run -0 shmtool __complete wait -w 5 ''
  [[ $output == "$id"$'\t'*$'\n'0x0000000d$'\t'* ]]
}
