#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The filters of list, and the column orphan.

# Each test is a process of its own; `run`, `hold` and `creator` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# unshare is deaf to SIGTERM while it waits for its child.
at_end() {
  [ -z "${HOLDER_PID:-}" ] || kill -KILL "$HOLDER_PID"
}

# ids ARG...: the ids that list shows, on one line.
ids() {
  shmtool list -q "$@" | paste -sd ' '
}

# orphan ID: that column of a segment.
orphan() {
  shmtool stat -rn -o orphan "$1"
}

# aged ID COLUMN SECONDS...: a listing, in the file `listing`, in which the times of segment ID lie
# so many seconds back; those that are not named are 0.
aged() {
  awk -v id="$1" -v now="$(date +%s)" -v ages="${*:2}" '
    NR == 1 { print; split(ages, age); for (i = 1; i in age; i += 2) back[age[i]] = age[i + 1]; next }
    $2 == id { $12 = $13 = $14 = 0
               if ("atime" in back) $12 = now - back["atime"]
               if ("dtime" in back) $13 = now - back["dtime"]
               if ("ctime" in back) $14 = now - back["ctime"] }
    { printf "%10d %10d  %4s %21s %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n",
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 }
    ' /proc/sysvipc/shm >listing.new
  mv listing.new listing
}

# older AGE: the ids that are older by that listing.
older() {
  covered listing shmtool list -q --older-than "$1" | paste -sd ' '
}

# new_pids SCRIPT ARG...: bash runs SCRIPT as process 1 of a pid namespace with a /proc of its own.
new_pids() {
  unshare --pid --fork --mount-proc --kill-child bash -ec "$1" bash "${@:2}" 3>&-
}

@test "-u shows what a user owns" {
  require_root
  shmtool create 1
  mine=$(shmtool create -u 4242 1)
  given=$(as_user 4242 shmtool create -u 65534 1)
  [ "$(ids -u 4242)" = "$mine" ]
  [ "$(ids --user=65534)" = "$given" ]
  [ "$(ids -u "$(id -un 65534)")" = "$given" ]
}

@test "-u of a user without segments shows none" {
  shmtool create 1
  run -0 shmtool list -q -u 4242
  [ -z "$output" ]
}

@test "-u of nobody who exists is refused" {
  for user in no-such-user '' -1 4294967295 4294967296 root:root; do
    run -2 --separate-stderr shmtool list -u "$user"
    [ -z "$output" ]
    [[ "$stderr" == "shmtool: list: "* ]]
  done
}

@test "--unattached shows what nobody has attached" {
  attached=$(shmtool create 1)
  other=$(shmtool create 1)
  hold "$attached"
  [ "$(ids --unattached)" = "$other" ]
  release
  HOLDER_PID=
  [ "$(ids --unattached)" = "$attached $other" ]
}

@test "a segment whose creator is gone is an orphan" {
  id=$(shmtool create 1)
  [ "$(orphan "$id")" = true ]
  [ "$(ids --orphans)" = "$id" ]
}

@test "a segment whose creator lives is none" {
  creator 0 600
  [ "$(orphan "$id")" = false ]
  run -0 shmtool list -q --orphans
  [ -z "$output" ]
}

@test "a segment that somebody has attached is none" {
  id=$(shmtool create 1)
  hold "$id"
  [ "$(orphan "$id")" = false ]
  run -0 shmtool list -q --orphans
  [ -z "$output" ]
  release
  HOLDER_PID=
  [ "$(ids --orphans)" = "$id" ]
}

@test "the column is typed in JSON: true, false, null" {
  require_root
  require jq
  require_mounts
  require_pid_namespaces
  gone=$(shmtool create 1)
  creator 0 600
  [ "$(shmtool list -J -o id,orphan | jq -c '[.segments[] | [.id, .orphan]]')" = \
    "[[$gone,true],[$id,false]]" ]
  # shellcheck disable=SC2016
  [ "$(new_pids 'shmtool list -J -o orphan' | jq -c '[.segments[].orphan]')" = "[null,null]" ]
}

@test "the column is there on request only" {
  shmtool create 1
  [[ "$(shmtool list)" != *ORPHAN* ]]
  [[ "$(shmtool list -J)" != *orphan* ]]
  [[ "$(shmtool list -o +orphan)" == *ORPHAN* ]]
}

@test "a creator in another pid namespace is unknown, and its segment no orphan" {
  require_root
  require_mounts
  require_pid_namespaces
  shmtool create 1
  # shellcheck disable=SC2016
  run -0 new_pids '
    [ "$(shmtool list -rn -o cpid,orphan)" = $'"'0\t-'"' ]
    [ -z "$(shmtool list -q --orphans)" ]
    own=$(shmtool create 1)
    [ "$(shmtool list -q --orphans)" = "$own" ]'
}

@test "a creator in a pid namespace below is seen, alive or not" {
  require_root
  require_mounts
  require_pid_namespaces
  creator 0 600 unshare --pid --fork --mount-proc --kill-child
  creator=$(shmtool stat -rn -o cpid "$id")
  [ "$creator" -gt 1 ]
  [ "$(orphan "$id")" = false ]
  # The first process of a pid namespace is deaf to SIGTERM; unshare ends when it has reaped it.
  pid=$HOLDER_PID
  HOLDER_PID=
  kill -KILL "$creator"
  wait "$pid" || true
  [ "$(orphan "$id")" = true ]
}

@test "where /proc is of another pid namespace a creator that lives is not looked up in it" {
  require_root
  require python3
  require_pid_namespaces
  run -0 unshare --pid --fork python3 -c '
import ctypes, subprocess
ctypes.CDLL(None).shmget(0, 1, 0o1600)
subprocess.run(["shmtool", "list", "-rn", "-o", "orphan"])'
  [ "$output" = false ]
}

@test "a process that has the creator's number counts as the creator, however late it started" {
  require_root
  require_mounts
  require_pid_namespaces
  require_limits
  # shellcheck disable=SC2016
  run -0 new_pids '
    id=$(shmtool create 1)
    creator=$(shmtool stat -rn -o cpid "$id")
    # Clocks are set: by none of them is told who was first.
    until [ "$(date +%s)" -gt $(($(shmtool stat -rn -o ctime "$id") + 1)) ]; do :; done
    echo $((creator - 1)) >/proc/sys/kernel/ns_last_pid
    sleep 1000 &
    [ $! -eq "$creator" ]
    [ "$(shmtool stat -rn -o orphan "$id")" = false ]
    [ -z "$(shmtool list -q --orphans)" ]
    kill $!
    wait $! || true
    [ "$(shmtool stat -rn -o orphan "$id")" = true ]'
}

@test "a creator whose /proc is hidden is not called gone" {
  require_root
  require_mounts
  creator 0 600
  # hidepid hides the process from other users, not that it exists.
  # shellcheck disable=SC2016
  run -0 unshare --mount sh -ec '
    mount -t proc -o hidepid=invisible proc /proc
    # shellcheck disable=SC2016
    setpriv --reuid 4242 --regid 4242 --clear-groups --inh-caps=-all shmtool list -q --orphans'
  [ -z "$output" ]
}

@test "--older-than 0s is everything" {
  id=$(shmtool create 1)
  other=$(shmtool create 1)
  hold "$other"
  [ "$(ids --older-than 0s)" = "$id $other" ]
}

@test "--older-than of minutes, hours and days shows nothing that is new" {
  shmtool create 1
  for age in 10m 1h 1d 1000d; do
    run -0 shmtool list -q --older-than "$age"
    [ -z "$output" ]
  done
}

@test "--older-than tells the units apart" {
  require_root
  require_mounts
  id=$(shmtool create 1)
  aged "$id" ctime 200000
  for age in 199000s 3333m 55h 2d; do [ "$(older "$age")" = "$id" ]; done
  for age in 201000s 3350m 56h 3d; do [ -z "$(older "$age")" ]; done
}

@test "the latest of the three times counts" {
  require_root
  require_mounts
  id=$(shmtool create 1)
  aged "$id" atime 9000 dtime 8000 ctime 7200
  [ "$(older 119m)" = "$id" ]
  [ -z "$(older 121m)" ]
  aged "$id" atime 7200 dtime 8000 ctime 9000
  [ "$(older 119m)" = "$id" ]
  [ -z "$(older 121m)" ]
  aged "$id" atime 9000 dtime 7200 ctime 8000
  [ "$(older 119m)" = "$id" ]
  [ -z "$(older 121m)" ]
}

@test "times in the future are not old, except for 0s" {
  require_root
  require_mounts
  id=$(shmtool create 1)
  aged "$id" ctime -5000
  [ -z "$(older 1s)" ]
  [ -z "$(older 1000d)" ]
}

@test "bad ages are refused" {
  for age in '' s 1 1x -1s +1s 1.5h '1 h' ' 1h' 1hh 0x1h 1w 1M 18446744073709551616s \
    18446744073709551615d; do
    run -2 --separate-stderr shmtool list --older-than "$age"
    [ -z "$output" ]
    [[ "$stderr" == "shmtool: list: "* ]]
  done
}

@test "filters are anded" {
  require_root
  attached=$(shmtool create -u 4242 1)
  foreign=$(shmtool create 1)
  mine=$(shmtool create -u 4242 1)
  hold "$attached"
  [ "$(ids -u 4242)" = "$attached $mine" ]
  [ "$(ids --unattached)" = "$foreign $mine" ]
  [ "$(ids -u 4242 --unattached)" = "$mine" ]
  [ "$(ids -u 4242 --unattached --orphans --older-than 0s)" = "$mine" ]
  [ -z "$(ids -u 4242 --unattached --older-than 1h)" ]
}

@test "every kind of output is filtered" {
  require_root
  require jq
  shmtool create 1
  id=$(shmtool create -u 4242 1)
  [ "$(shmtool list -n -u 4242 | wc -l)" -eq 1 ]
  [ "$(shmtool list -rn -o id -u 4242)" = "$id" ]
  [ "$(shmtool list -J -u 4242 | jq -c '[.segments[].id]')" = "[$id]" ]
  [ "$(shmtool list -J -u 65534 | jq -c .segments)" = "[]" ]
}

@test "filters work where the listing is masked" {
  require_root
  require_mounts
  shmtool create 1
  id=$(shmtool create -u 4242 -m 0 1)
  [ "$(unlisted shmtool list -q -u 4242 --unattached --older-than 0s)" = "$id" ]
  [ -z "$(unlisted shmtool list -q -u 4242 --older-than 1h)" ]
}

@test "filtering changes nothing" {
  shmtool create 1
  before=$(cat /proc/sysvipc/shm)
  shmtool list --unattached --orphans --older-than 0s -o +orphan
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

# visitor ID: a process that attaches the segment, detaches it, and lives on until the test ends.
visitor() {
  require python3
  coproc HOLDER {
    exec python3 -c '
import ctypes, signal, sys
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
assert libc.shmdt(ctypes.c_void_p(libc.shmat(int(sys.argv[1]), None, 0))) == 0
print("detached", flush=True)
signal.pause()' "$1" 3>&-
  }
  read -r _ <&"${HOLDER[0]}"
}

@test "a segment that a living process had attached last is no orphan" {
  id=$(shmtool create 1)
  visitor "$id"
  [ "$(kernel_says nattch "$id")" -eq 0 ]
  [ "$(orphan "$id")" = false ]
  [ -z "$(ids --orphans)" ]
  [ "$(shmtool metrics | grep '^shmtool_segments_orphaned')" = "shmtool_segments_orphaned 0" ]
  release
  HOLDER_PID=
  [ "$(orphan "$id")" = true ]
  [ "$(ids --orphans)" = "$id" ]
}

@test "the last process in another pid namespace is unknown, and the segment no orphan" {
  require_root
  require_mounts
  require_pid_namespaces
  # shellcheck disable=SC2016
  coproc HOLDER { new_pids '
    id=$(shmtool create 1)
    shmtool stat -rn -o id,lpid,orphan "$id"
    read -r _
    echo $(shmtool stat -rn -o lpid,orphan "$id") "$(shmtool list -q --orphans)."
    read -r _'; }
  read -r id line <&"${HOLDER[0]}"
  [ "$line" = $'0\ttrue' ]
  shmtool read "$id" >out
  echo >&"${HOLDER[1]}"
  read -r line <&"${HOLDER[0]}"
  [ "$line" = '0 - .' ]
}

@test "a creator that has ended, but that nobody has reaped, is gone" {
  require python3
  coproc HOLDER {
    exec python3 -c '
import ctypes, os, signal
child = os.fork()
if child == 0:
    ctypes.CDLL(None).shmget(0, 1, 0o1600)
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print(child, flush=True)
signal.pause()' 3>&-
  }
  read -r line <&"${HOLDER[0]}"
  id=$(shmtool list -q)
  [ "$(shmtool stat -rn -o cpid "$id")" = "$line" ]
  grep -q '^State:.Z' "/proc/$line/status"
  [ "$(orphan "$id")" = true ]
  [ "$(ids --orphans)" = "$id" ]
}

@test "a creator whose first thread has ended while another runs is not gone" {
  require python3
  coproc HOLDER {
    exec python3 -c '
import ctypes, os, signal, threading
libc = ctypes.CDLL(None)
id = libc.shmget(0, 1, 0o1600)
def run_on():
    while open("/proc/self/stat").read().rpartition(")")[2].split()[0] != "Z":
        os.sched_yield()
    print(id, flush=True)
    signal.pause()
threading.Thread(target=run_on).start()
libc.pthread_exit(None)' 3>&-
  }
  read -r id <&"${HOLDER[0]}"
  [ "$(orphan "$id")" = false ]
  [ -z "$(ids --orphans)" ]
}

# living ID: its segment is neither listed as an orphan nor removed, whatever the clock says.
living() {
  local seconds
  for seconds in 3600 -3600; do
    # An hour later all is old, an hour earlier nothing is.
    [ "$(shifted $seconds shmtool list -q --older-than 30m)" = "$([ $seconds -lt 0 ] || echo "$1")" ]
    [ -z "$(shifted $seconds shmtool list -q --orphans)" ]
    [ "$(shifted $seconds shmtool stat -rn -o orphan "$1")" = false ]
    shifted $seconds shmtool rm --orphans --older-than 30m -y
    shifted $seconds shmtool rm --orphans --older-than 0s -y
    [ "$(ids)" = "$1" ]
  done
}

@test "a clock that is set an hour forward or back makes no living creator gone" {
  require_shifted
  creator 13 600
  living "$id"
}

@test "a clock that is set an hour forward or back does not make gone who attached last" {
  require_shifted
  id=$(shmtool create 1)
  visitor "$id"
  living "$id"
}

@test "a clock that is set makes no segment of the dead a living one's" {
  require_shifted
  id=$(shmtool create 1)
  [ "$(shifted 3600 shmtool list -q --orphans --older-than 30m)" = "$id" ]
  [ "$(shifted -3600 shmtool list -q --orphans)" = "$id" ]
}
