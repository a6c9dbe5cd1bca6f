#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The jobs that people bring, each done by one line as it would be typed: what is behind run, fails or
# bash -c.

# Each test is a process of its own; `run`, `hold` and `creator` set variables.
# shellcheck disable=SC2030,SC2031,SC2154

load ../common

at_end() {
  local folder
  for folder in ${cgroups:-}; do rmdir "$folder"; done
  [ -z "${attached:-}" ] || kill "$attached"
}

@test "remove one user's orphans that are older than a day" {
  require_root
  require_capability sys_admin
  require_shifted
  as_user 4242 shmtool create -k 13 1
  as_user 4242 shmtool create -k 14 -m 666 1
  as_user 4243 shmtool create -k 15 1
  creator 16 600
  shmtool set -u 4242 0x10
  shmtool create -k 17 1
  # Not by hold, which has one process, as creator has.
  exec {out}< <(exec holder "$(shmtool stat -rn -o id 0xe)")
  attached=$!
  read -r _ <&"$out"
  run -0 --separate-stderr shmtool rm -u 4242 --orphans --older-than 1d -y
  [ "$output$stderr" = 'shmtool: rm: nothing to remove' ]
  shifted 90000 shmtool rm -u 4242 --orphans --older-than 1d -y
  [ "$(shmtool list -rn -o key | sort | paste -sd ' ')" = '0x0000000e 0x0000000f 0x00000010 0x00000011' ]
}

@test "bytes by user" {
  require_root
  shmtool create 1M
  as_user 4242 shmtool create 3000
  as_user 4242 shmtool create 2000
  run -0 bash -c 'shmtool metrics | grep ^shmtool_segment_bytes'
  [ "$(sort <<<"$output")" = "$(printf 'shmtool_segment_bytes{owner="%s"} %s\n' root 1048576 4242 5000 | sort)" ]
}

@test "an alarm when 80 % of SHMALL are in use" {
  require jq
  local alarm='shmtool limits -J | jq -e '\''.limits[] | select(.limit == "SHMALL") | .percent >= 80'\'' >/dev/null && echo ALARM'
  run -1 bash -c "$alarm"
  set_limit shmall 10
  shmtool create $((7 * $(getconf PAGESIZE)))
  run -1 bash -c "$alarm"
  shmtool create 1
  run -0 bash -c "$alarm"
  [ "$output" = ALARM ]
}

@test "who has the largest segment attached, with the command line" {
  shmtool create 4K
  shmtool create -k 13 3M
  shmtool create 2M
  hold "$(shmtool stat -rn -o id 0xd)" 2
  # shellcheck disable=SC2016
  run -0 --separate-stderr bash -c 'shmtool ps -o +args "$(shmtool list -q -S -size | head -n 1)"'
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[1]} =~ ^\ *[0-9]+\ +0x0000000d\ +$holder\ .*\ holder\ [0-9]+\ 2$ ]]
  [ -z "$stderr" ]
}

@test "save a segment, and restore it" {
  shmtool create -k 13 300001
  head -c 300001 /dev/urandom | tee bytes | shmtool attach-write 0xd
  run -0 shmtool read -O saved 0xd
  shmtool rm 0xd
  run -0 shmtool create -k 0xd --from saved
  shmtool read 0xd | cmp - bytes
  shmtool attach-write --fill 0 0xd
  run -0 shmtool attach-write 0xd saved
  shmtool read 0xd | cmp - bytes
}

@test "the difference of two segments" {
  local line='cmp <(shmtool read 0xd) <(shmtool read 0xe)'
  for key in 13 14; do
    shmtool create -k "$key" 5000
    shmtool attach-write -t 'the same' "key:$key"
  done
  run -0 bash -c "$line"
  shmtool attach-write -s 4 -t S 0xe
  run -1 bash -c "$line"
  run -1 bash -c 'diff <(shmtool read -x 0xd) <(shmtool read -x 0xe)'
  [ "${#lines[@]}" -eq 4 ]
}

@test "wait until it appears" {
  local maker
  { id=$(shmtool wait -w 100 0xd) && echo "$id" >seen; } 3>&- &
  maker=$(shmtool create -k 13 1)
  wait "$!"
  [ "$(<seen)" = "$maker" ]
}

@test "wait until nobody uses it, and remove it" {
  shmtool create -k 13 1
  hold "$(shmtool list -q)"
  { shmtool wait --unattached -w 100 0xd >seen && shmtool rm 0xd; } 3>&- &
  release
  wait "$!"
  [ "$(census)" -eq 0 ]
}

@test "why create fails" {
  shmtool create -k 13 2048
  fails 5 "*: key 0x0000000d: *: segment * (owner $(id -un), mode 0600, 2048 bytes)" shmtool create -k 13 4K
  set_limit shmmax 1048576
  fails 6 '*: 2097152 bytes: over SHMMAX, 1048576 (sysctl kernel.shmmax)' shmtool create 2M
  set_limit shmall 10
  fails 6 '* 1 of 10 pages in use, and this needs *SHMALL, sysctl kernel.shmall)' shmtool create 1M
  set_limit shmmni 1
  fails 6 '* 1 segment in use, of at most 1 (SHMMNI, sysctl kernel.shmmni)' shmtool create 1
  run -0 shmtool limits -rn -o limit,percent
  [[ $output == *$'SHMALL\t10.00\n'*$'SHMMNI\t100.00\n'* ]]
}

@test "which container holds the largest segment" {
  require_root
  require_ipc_namespaces
  require_pid_namespaces
  local name
  for name in small large; do
    make_cgroup "$name"
    cgroups+=" $cgroup"
  done
  # Only these are seen in a pid namespace of their own.
  # shellcheck disable=SC2016,SC2086
  run -0 unshare --pid --fork --mount-proc --kill-child bash -ec '
    sizes=(1M 5M)
    for cgroup; do
      exec {out}< <(echo 0 >"$cgroup/cgroup.procs" && exec unshare --ipc sh -c "shmtool create $sizes; exec sleep 1000")
      read -r _ <&"$out"
      sizes=("${sizes[@]:1}")
    done
    shmtool list --all-ns -o +cgroup -S -size | head -n 2' bash $cgroups
  [[ ${lines[0]} == KEY*CGROUP* ]]
  [[ ${lines[1]} == *' 5M '*"/${cgroup##*/} "* ]]
}
