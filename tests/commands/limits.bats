#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The limits of an IPC namespace and what is used of them, up to the ends of 64 bits.

# Each test is a process of its own; `run` sets variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# row NAME: that row of the raw output, with spaces for tabs.
row() {
  shmtool limits -rn | tr '\t' ' ' | grep "^$1 "
}

@test "an empty namespace" {
  require_limits
  page=$(getconf PAGESIZE)
  set_limit shmmax 1048576
  set_limit shmall 8192
  set_limit shmmni 100
  run -0 --separate-stderr shmtool limits -r
  [ -z "$stderr" ]
  [ "${lines[0]}" = $'LIMIT\tVALUE\tUSED\tPERCENT\tUNIT\tSIZE\tSYSCTL' ]
  [ "${lines[1]}" = $'SHMMAX\t1048576\t0\t0.00\tbytes\t1048576\tkernel.shmmax' ]
  [ "${lines[2]}" = $'SHMALL\t8192\t0\t0.00\tpages\t'"$((8192 * page))"$'\tkernel.shmall' ]
  [ "${lines[3]}" = $'SHMMNI\t100\t0\t0.00\tsegments\t-\tkernel.shmmni' ]
  [ "${lines[4]}" = $'SHMMIN\t1\t-\t-\tbytes\t1\t-' ]
  [ "${lines[5]}" = $'PAGE_SIZE\t'"$page"$'\t-\t-\tbytes\t'"$page"$'\t-' ]
  [ "${#lines[@]}" -eq 6 ]
}

@test "what is used: the largest segment, pages rounded for each, segments" {
  require_limits
  page=$(getconf PAGESIZE)
  set_limit shmmax $((8 * page))
  set_limit shmall 16
  set_limit shmmni 3
  shmtool create 1
  shmtool create $((2 * page + 1))
  [ "$(row SHMMAX)" = "SHMMAX $((8 * page)) $((2 * page + 1)) 25.00 bytes $((8 * page)) kernel.shmmax" ]
  [ "$(row SHMALL)" = "SHMALL 16 4 25.00 pages $((16 * page)) kernel.shmall" ]
  [ "$(row SHMMNI)" = 'SHMMNI 3 2 66.66 segments - kernel.shmmni' ]
}

@test "values near 2^64 are exact" {
  set_limit shmmax 18446744073709551615
  set_limit shmall 18446744073709551615
  create_enormous
  pages=$((9223372036854775807 / $(getconf PAGESIZE) + 1))
  [ "$(row SHMMAX)" = 'SHMMAX 18446744073709551615 9223372036854775807 49.99 bytes - kernel.shmmax' ]
  [ "$(row SHMALL)" = "SHMALL 18446744073709551615 $pages 0.01 pages - kernel.shmall" ]
  set_limit shmmax 18446744073709551614
  [ "$(row SHMMAX)" = \
    'SHMMAX 18446744073709551614 9223372036854775807 50.00 bytes 18446744073709551614 kernel.shmmax' ]
  require jq
  shmtool limits -J | grep -F '"value":18446744073709551614,"used":9223372036854775807,"percent":50.00,'
  shmtool limits -J | grep -F '"limit":"SHMALL","value":18446744073709551615,'
  shmtool limits -J | jq -e '.limits | length == 5'
}

@test "a limit lowered below what is in use, or to 0" {
  require_limits
  shmtool create 4K
  shmtool create 4K
  set_limit shmmni 1
  [ "$(row SHMMNI)" = 'SHMMNI 1 2 200.00 segments - kernel.shmmni' ]
  set_limit shmmni 0
  [ "$(row SHMMNI)" = 'SHMMNI 0 2 - segments - kernel.shmmni' ]
  set_limit shmall 0
  [ "$(row SHMALL)" = 'SHMALL 0 2 - pages 0 kernel.shmall' ]
}

@test "a percentage beyond 64 bits is left out" {
  set_limit shmmax 18446744073709551615
  create_enormous
  set_limit shmmax 1
  [ "$(row SHMMAX)" = 'SHMMAX 1 9223372036854775807 - bytes 1 kernel.shmmax' ]
}

@test "sizes have units in the table, none with -b" {
  set_limit shmmax 1048576
  run -0 shmtool limits
  [[ ${lines[0]} = LIMIT* ]]
  [[ ${lines[1]} = *' 1M '* ]]
  run -0 shmtool limits -n -b
  [[ ${lines[0]} = SHMMAX*' 1048576 '*' 1048576 '* ]]
  [ "${#lines[@]}" -eq 5 ]
}

@test "what nobody has limited is unlimited in the table, a number elsewhere" {
  set_limit shmmax 18446744073692774399
  set_limit shmall 18446744073692774399
  run -0 shmtool limits -n -o limit,value,size
  [ "$(tr -s ' ' <<<"${lines[0]}")" = 'SHMMAX unlimited unlimited' ]
  [ "$(tr -s ' ' <<<"${lines[1]}")" = 'SHMALL unlimited -' ]
  [[ $(shmtool limits -b) == *'SHMMAX     18446744073692774399 '* ]]
  [[ $(row SHMALL) == 'SHMALL 18446744073692774399 '* ]]
  [[ $(shmtool limits -J -o value) == *'{"value":18446744073692774399}'* ]]
  set_limit shmmax 18446744073692774398
  [[ $(shmtool limits -n -o limit,value) == *'SHMMAX     18446744073692774398'* ]]
}

@test "no line is wider than 80 columns" {
  run -0 shmtool limits
  for line in "${lines[@]}"; do [ "${#line}" -le 80 ]; done
}

@test "-o picks columns" {
  run -0 shmtool limits -n -o limit,sysctl
  [ "$(tr -s ' ' <<<"${lines[0]}")" = 'SHMMAX kernel.shmmax' ]
  run -0 shmtool __complete limits -o per
  [[ $output = percent$'\t'* ]]
}

@test "JSON is typed" {
  require jq
  set_limit shmmax 1048576
  shmtool create 4K
  run -0 shmtool limits -J
  [ "$(jq -c '.limits[0]' <<<"$output")" = \
    '{"limit":"SHMMAX","value":1048576,"used":4096,"percent":0.39,"unit":"bytes","size":1048576,"sysctl":"kernel.shmmax"}' ]
  [ "$(jq -c '.limits[3]' <<<"$output")" = \
    '{"limit":"SHMMIN","value":1,"used":null,"percent":null,"unit":"bytes","size":1,"sysctl":null}' ]
  [ "$(jq -r '[.limits[].limit] | join(" ")' <<<"$output")" = 'SHMMAX SHMALL SHMMNI SHMMIN PAGE_SIZE' ]
}

@test "they are the namespace's own, and --ns shows another's" {
  require_root
  require_ipc_namespaces
  set_limit shmmni 100
  local out pid
  exec {out}< <(exec unshare --ipc sh -c 'echo 50 >/proc/sys/kernel/shmmni; echo; exec sleep 300' 3>&-)
  pid=$!
  read -r _ <&"$out"
  run -0 shmtool limits -rn --ns "$pid"
  kill "$pid"
  [[ ${lines[2]} = $'SHMMNI\t50\t'* ]]
  [[ $(row SHMMNI) = 'SHMMNI 100 '* ]]
}

@test "anybody may look" {
  require_root
  shmtool create 4K
  run -0 as_user 4242 shmtool limits -rn
  [[ ${lines[0]} = $'SHMMAX\t'*$'\t4096\t'* ]]
  [[ ${lines[2]} = $'SHMMNI\t'*$'\t1\t'* ]]
}

@test "the command line is checked" {
  run -2 shmtool limits 7
  run -2 shmtool limits -J -r
}

@test "the calls are traced" {
  run -0 --separate-stderr shmtool limits --trace
  [[ $stderr = *'shmctl(0, IPC_INFO, &info) = '*'shmctl(0, SHM_INFO, &info) = '* ]]
}
