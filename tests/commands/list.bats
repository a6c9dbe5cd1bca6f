#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# ids ARG...: the ids that list shows, on one line.
ids() {
  shmtool list -rn -o id "$@" | paste -sd ' '
}

@test "without segments there is only the heading" {
  run -0 shmtool list
  [ "$(tr -s ' ' <<<"$output")" = "KEY ID OWNER MODE SIZE NATTCH STATUS" ]
}

@test "without segments -n, -q and -rn print nothing" {
  for options in -n -q -rn; do
    run -0 shmtool list "$options"
    [ -z "$output" ]
  done
}

@test "the table shows every segment" {
  first=$(shmtool create -k 13 -m 666 2K)
  second=$(shmtool create 2500)
  run -0 shmtool list
  [ "${#lines[@]}" -eq 3 ]
  [ "$(tr -s ' ' <<<"${lines[1]}")" = "0x0000000d $first $(id -un) 0666 2K 0 -" ]
  [ "$(tr -s ' ' <<<"${lines[2]}")" = "0x00000000 $second $(id -un) 0600 2500 0 -" ]
}

@test "lines have no blanks at the end" {
  shmtool create 1
  run -1 bash -c 'shmtool list | grep " $"'
}

@test "the columns are aligned" {
  shmtool create 1
  shmtool create 123457
  run -0 shmtool list -o size,key
  [[ "${lines[0]}" == *" KEY" ]]
  starts=$(awk '{ print match($0, /(KEY|0x00000000)$/) }' <<<"$output" | sort -u)
  [ "$(wc -l <<<"$starts")" -eq 1 ]
}

@test "long owner names are not cut" {
  require_root
  require_mounts
  name=an-owner-with-a-long-name-of-31ch
  cp /etc/passwd passwd
  echo "$name:x:4242:4242::/:/bin/sh" >>passwd
  shmtool create -u 4242 1
  # shellcheck disable=SC2016
  run -0 unshare --mount sh -c 'mount --bind passwd /etc/passwd && shmtool list -n -o owner'
  [ "$output" = "$name" ]
}

@test "raw output is tab-separated, exact, with - for an empty cell" {
  id=$(shmtool create -k 13 2K)
  run -0 shmtool list --raw -o +atime,ctime
  [ "${lines[0]}" = $'KEY\tID\tOWNER\tMODE\tSIZE\tNATTCH\tSTATUS\tATIME\tCTIME' ]
  [ "${lines[1]}" = "0x0000000d	$id	$(id -un)	0600	2048	0	-	-	$(kernel_says ctime "$id")" ]
}

@test "-q prints ids alone" {
  first=$(shmtool create 1)
  second=$(shmtool create 1)
  run -0 shmtool list -q
  [ "$output" = "$first"$'\n'"$second" ]
  [ "$(shmtool list --quiet)" = "$output" ]
}

@test "-b prints bytes" {
  shmtool create 2K
  [ "$(shmtool list -n -o size)" = 2K ]
  [ "$(shmtool list -n -b -o size)" = 2048 ]
  [ "$(shmtool list -n --bytes -o size)" = 2048 ]
}

@test "-n leaves the headings out" {
  shmtool create 1
  [ "$(shmtool list -n | wc -l)" -eq 1 ]
  [ "$(shmtool list --noheadings | wc -l)" -eq 1 ]
}

@test "-o picks columns" {
  id=$(shmtool create -k 13 1)
  [ "$(shmtool list -r -o id,key)" = $'ID\tKEY\n'"$id"$'\t0x0000000d' ]
  [ "$(shmtool list -r --output=id,key)" = "$(shmtool list -r -o id,key)" ]
}

@test "-o + adds columns" {
  [ "$(shmtool list -r -o +cpid,seq)" = $'KEY\tID\tOWNER\tMODE\tSIZE\tNATTCH\tSTATUS\tCPID\tSEQ' ]
}

@test "every column of stat can be listed" {
  id=$(shmtool create -k 13 -m 640 2K)
  all=$(shmtool stat -r "$id" | head -n 1 | tr 'A-Z\t' 'a-z,')
  [ "$(shmtool list -r -o "$all")" = "$(shmtool stat -r "$id")" ]
}

@test "JSON has all columns" {
  id=$(shmtool create -k 13 -m 640 2K)
  [ "$(shmtool list -J)" = "$(shmtool stat -J "$id")" ]
  [ "$(shmtool list --json)" = "$(shmtool list -J)" ]
}

@test "JSON with -o has just those" {
  require jq
  id=$(shmtool create 2K)
  [ "$(shmtool list -J -o id,size | jq -c .segments)" = "[{\"id\":$id,\"size\":2048}]" ]
}

@test "JSON of nothing is an empty array" {
  require jq
  [ "$(shmtool list -J | jq -c .)" = '{"schema_version":1,"segments":[]}' ]
}

@test "JSON has one segment a line" {
  for _ in 1 2 3; do shmtool create 1; done
  [ "$(shmtool list -J | grep -c '^{"key":')" -eq 3 ]
}

@test "-S sorts numbers as numbers" {
  big=$(shmtool create 100)
  small=$(shmtool create 9)
  middle=$(shmtool create 20)
  [ "$(ids -S size)" = "$small $middle $big" ]
  [ "$(ids --sort size)" = "$small $middle $big" ]
}

@test "-S - sorts from high to low" {
  middle=$(shmtool create 20)
  small=$(shmtool create 9)
  big=$(shmtool create 100)
  [ "$(ids -S -size)" = "$big $middle $small" ]
  [ "$(ids --sort=-size)" = "$big $middle $small" ]
}

@test "-S sorts keys without a sign" {
  high=$(shmtool create -k -1 1)
  low=$(shmtool create -k 1 1)
  middle=$(shmtool create -k 0x7fffffff 1)
  [ "$(ids -S key)" = "$low $middle $high" ]
}

@test "-S sorts owners by name" {
  require_root
  root=$(shmtool create 1)
  nobody=$(shmtool create -u 65534 1)
  [ "$(ids -S owner)" = "$nobody $root" ]
  [ "$(ids -S uid)" = "$root $nobody" ]
}

@test "-S takes a column that is not shown" {
  second=$(shmtool create -m 640 1)
  first=$(shmtool create -m 600 1)
  [ "$(ids -S mode)" = "$first $second" ]
  # Whether it is marked or locked has no part in it.
  hold "$first"
  shmtool rm "$first"
  [ "$(ids -S mode)" = "$first $second" ]
}

@test "-S keeps the order of what is equal" {
  first=$(shmtool create 1)
  second=$(shmtool create 1)
  third=$(shmtool create 1)
  [ "$(ids -S size)" = "$first $second $third" ]
}

@test "-S takes every column" {
  id=$(shmtool create 1)
  shmtool create 2
  [ "$(columns | wc -l)" -ge 23 ]
  for column in $(columns); do
    [ "$(shmtool list -q -S "$column" | wc -l)" -eq 2 ]
  done
}

@test "-S with an unknown column is refused" {
  for column in nonsense '' - --size +size size,key; do
    run -2 shmtool list -S "$column"
  done
}

@test "-S sorts JSON and ids too" {
  big=$(shmtool create 100)
  small=$(shmtool create 9)
  require jq
  [ "$(shmtool list -q -S size | paste -sd ' ')" = "$small $big" ]
  [ "$(shmtool list -J -S size | jq -c '[.segments[].id]')" = "[$small,$big]" ]
}

@test "-J, -r and -q exclude one another" {
  run -2 shmtool list -J -r
  run -2 shmtool list -J -q
  run -2 shmtool list -r -q
}

@test "an operand is refused" {
  run -2 shmtool list 1
}

@test "a marked segment is listed with status dest" {
  id=$(shmtool create -k 13 1)
  hold "$id"
  shmtool rm 0xd
  [ "$(shmtool list -rn -o key,id,nattch,status)" = "0x00000000	$id	1	dest" ]
  release
}

@test "anybody is shown everything" {
  require_root
  shmtool create -k 13 -m 0 1
  as_user 65534 shmtool create 1
  [ "$(as_user 4242 shmtool list)" = "$(shmtool list)" ]
}

@test "list changes nothing" {
  shmtool create -k 13 2K
  before=$(cat /proc/sysvipc/shm)
  shmtool list -J
  shmtool list
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "what list shows is what the kernel shows, for many segments" {
  many 1 500 1000
  kernel=$(awk 'NR > 1 { print $1, $2, $4, $5, $6, $7, $14 }' /proc/sysvipc/shm)
  tool=$(shmtool list -rn -o key,id,size,cpid,lpid,nattch,ctime |
    perl -ane '$F[0] = hex $F[0]; print "@F\n"')
  [ "$(wc -l <<<"$kernel")" -eq 500 ]
  [ "$tool" = "$kernel" ]
}

@test "where the listing is masked the kernel is asked" {
  require_root
  require_mounts
  shmtool create -k 13 -m 640 2K
  as_user 4242 shmtool create 1
  columns=key,id,owner,group,creator,cuid,cgid,mode,size,nattch,status,ctime,cpid,lpid,pages
  expected=$(shmtool list -r -o "$columns")
  [ "$(covered /dev/null shmtool list -r -o "$columns")" = "$expected" ]
  [ "$(unlisted shmtool list -r -o "$columns")" = "$expected" ]
}

@test "where the listing is masked by its header alone the kernel is asked" {
  require_root
  require_mounts
  head -n 1 /proc/sysvipc/shm >header
  id=$(shmtool create 1)
  [ "$(covered header shmtool list -q)" = "$id" ]
}

@test "where the listing is masked every segment is found, gaps or not" {
  require_root
  require_mounts
  many 1 300
  perl -e 'for (1 .. 300) { shmctl(shmget($_, 1, 0), 0, 0) // die if $_ % 7 }'
  expected=$(shmtool list -q)
  [ "$(wc -l <<<"$expected")" -eq 42 ]
  [ "$(covered /dev/null shmtool list -q)" = "$expected" ]
}

@test "where the listing is masked strangers and mode 0 are shown as well" {
  require_root
  require_mounts
  shmtool create -k 13 -m 0 2K
  [ "$(unlisted setpriv --reuid 4242 --clear-groups --inh-caps=-all shmtool list)" = \
    "$(shmtool list)" ]
}

@test "a masked listing of no segments is empty" {
  require_root
  require_mounts
  run -0 covered /dev/null shmtool list -q
  [ -z "$output" ]
}

@test "a listing that cannot be read is no empty list" {
  require_root
  require_mounts
  shmtool create -k 13 1
  # The memory of a process gives EIO at its address 0.
  run covered "/proc/$$/mem" shmtool list -q
  [ "$status" -ne 0 ] || [ "$output" = "$(shmtool list -q)" ]
}

@test "every field of the listing is told apart, and one without rss and swap is refused" {
  require_root
  require_mounts
  {
    echo '       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime'
    echo '        -2      32769  3640         10    11    12     13    14    15    16    17         18         19         20'
  } >old
  sed '1s/$/ rss swap/; 2s/$/ 21 22/' old >listing
  run -0 covered listing shmtool list -rn -o key,id,mode,status,size,cpid,lpid,nattch,uid,gid,cuid,cgid,atime,dtime,ctime,rss,swap
  [ "$output" = "0xfffffffe	32769	0640	dest,locked	10	11	12	13	14	15	16	17	18	19	20	21	22" ]
  fails 1 "shmtool: list: *not in a format*" covered old shmtool list
}

@test "a listing with a torn row is an error" {
  require_root
  require_mounts
  {
    head -n 1 /proc/sysvipc/shm
    echo '        13          0   600         10    11    12      0     0     0     0     0         18'
  } >listing
  run -1 covered listing shmtool list
}

@test "a segment of 2^63-1 bytes is listed exactly with -b, rounded without" {
  require python3
  create_enormous
  [ "$(shmtool list -n -b -o key,size | tr -s ' ')" = "0xffffffff 9223372036854775807" ]
  [ "$(shmtool list -n -o key,size | tr -s ' ')" = "0xffffffff 8.0E" ]
}

@test "a locked segment is listed as locked" {
  require python3
  require_locking
  id=$(shmtool create 1)
  python3 -c "import ctypes; assert ctypes.CDLL(None).shmctl($id, 11, None) == 0"
  [ "$(shmtool list -n -o status)" = locked ]
}

@test "without the listing every field is told apart" {
  require_root
  require_mounts
  id=$(setpriv --reuid 4242 --regid 4343 --clear-groups --inh-caps=-all shmtool create -u 4444:4545 -m 644 2K)
  hold "$id"
  columns=id,uid,gid,cuid,cgid,atime,dtime,ctime,cpid,lpid
  [ "$(unlisted shmtool list -r -o "$columns")" = "$(shmtool list -r -o "$columns")" ]
}

@test "idle is the time since the latest use, on request" {
  require_shifted
  require jq
  shmtool create 1
  run -0 shifted 100 shmtool list -n -o idle
  [[ $output =~ ^1m4[0-9]s$ ]]
  run -0 shifted 273700 shmtool stat -o idle "$(shmtool list -q)"
  [ "$output" = 'idle: 3d4h' ]
  run -0 shifted -100 shmtool list -rn -o idle
  [ "$output" = 0 ]
  [ "$(shifted 1000 shmtool list -J -o idle | jq '.segments[0].idle >= 1000')" = true ]
  # What --older-than compares.
  [ -n "$(shifted 100 shmtool list -q --older-than 90s)" ]
}

@test "creator_command is that of the process with the creator's number, if it is there" {
  creator 13 600
  [[ "$(shmtool list -n -o creator_command)" == *'python3 -c \x0aimport ctypes'*' 13 600' ]]
  shmtool create -k 14 1
  [ "$(shmtool stat -n -o creator_command 0xe)" = - ]
  run -0 shmtool list
  [[ $output != *COMMAND* ]]
}

@test "cgroup is told with --all-ns" {
  require_own_namespace
  shmtool create -k 13 1
  [ "$(shmtool list -n -o cgroup)" = - ]
  own=$(stat -Lc %i /proc/self/ns/ipc)
  cgroup=$(sed -nE 's/^[0-9]+:memory://p' /proc/self/cgroup)
  cgroup=${cgroup:-$(sed -n 's/^0:://p' /proc/self/cgroup)}
  [ "$(shmtool list --all-ns -rn -o ns,key,cgroup | grep "^$own")" = "$own"$'\t'"0x0000000d"$'\t'"${cgroup:--}" ]
}

@test "-S status sorts by what is shown, not by permission bits" {
  first=$(shmtool create -k 13 -m 700 1)
  second=$(shmtool create -k 14 -m 600 1)
  run -0 shmtool list -q -S status
  [ "$output" = "$first"$'\n'"$second" ]
  shmtool set -m 777 0xe
  run -0 shmtool list -q -S -status
  [ "$output" = "$first"$'\n'"$second" ]
}
