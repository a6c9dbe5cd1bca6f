#!/usr/bin/env bats
# SPDX-License-Identifier: MIT

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# shows COLUMN [SEGMENT]: its value in the raw output.
shows() {
  shmtool stat -nr -o "$1" "${2:-$id}"
}

@test "a record has all columns in order" {
  id=$(shmtool create 4K)
  run -0 shmtool stat "$id"
  [ "$(cut -d : -f 1 <<<"$output")" = "$(columns)" ]
}

@test "raw output has all columns in order" {
  id=$(shmtool create 4K)
  run -0 shmtool stat -r "$id"
  [ "${lines[0]}" = "$(columns | tr '[:lower:]\n' '[:upper:]\t' | sed 's/\t$//')" ]
  [ "$(awk -F '\t' '{ print NF }' <<<"${lines[1]}")" -eq "$(columns | wc -l)" ]
}

@test "JSON has all columns in order" {
  require jq
  id=$(shmtool create 4K)
  run -0 shmtool stat -J "$id"
  [ "$(jq -r '.segments[0] | keys_unsorted[]' <<<"$output")" = "$(columns)" ]
}

@test "key and id" {
  id=$(shmtool create -k 0xABC 1)
  [ "$(shows key)" = 0x00000abc ]
  [ "$(shows id)" = "$id" ]
}

@test "negative keys are shown in hex" {
  shmtool create -k -2 1
  [ "$(shows key 0xfffffffe)" = 0xfffffffe ]
}

@test "owner, group and creator by name" {
  require_root
  id=$(shmtool create -u 65534:65534 1)
  [ "$(shows owner)" = "$(id -un 65534)" ]
  [ "$(shows group)" = "$(getent group 65534 | cut -d : -f 1)" ]
  [ "$(shows creator)" = root ]
  [ "$(shows creator_group)" = root ]
}

@test "owner, group and creator by number" {
  require_root
  id=$(as_user 4242 shmtool create -u 65534:65534 1)
  [ "$(shows uid,gid,cuid,cgid)" = $'65534\t65534\t4242\t4242' ]
}

@test "numbers stand where there is no account" {
  require_root
  id=$(as_user 4242 shmtool create 1)
  [ "$(shows owner,group,creator,creator_group)" = $'4242\t4242\t4242\t4242' ]
}

@test "mode, leading zero and all" {
  id=$(shmtool create -m 640 1)
  [ "$(shows mode)" = 0640 ]
  id=$(shmtool create -m 7 1)
  [ "$(shows mode)" = 0007 ]
}

@test "size in bytes, in a list for the eye" {
  for pair in 2048=2K 2500=2500 1023=1023 1048576=1M 1049600=1025K 1=1 155200000=148.0M; do
    id=$(shmtool create "${pair%=*}")
    [ "$(shmtool stat -o size "$id")" = "size: ${pair%=*}" ]
    [ "$(shmtool list -n -o size | tail -n 1 | tr -d ' ')" = "${pair#*=}" ]
  done
}

@test "size in bytes with -b" {
  id=$(shmtool create 2K)
  [ "$(shmtool stat -b -o size "$id")" = "size: 2048" ]
  [ "$(shmtool stat --bytes -o size "$id")" = "size: 2048" ]
}

@test "size in bytes in raw output" {
  id=$(shmtool create 2K)
  [ "$(shows size)" = 2048 ]
}

@test "pages are rounded up" {
  page=$(getconf PAGESIZE)
  id=$(shmtool create $((page + 1)))
  [ "$(shows pages)" -eq 2 ]
}

@test "nattch counts mappings" {
  id=$(shmtool create 1)
  hold "$id" 3
  [ "$(shows nattch)" -eq 3 ]
  release
  [ "$(shows nattch)" -eq 0 ]
}

@test "status of an ordinary segment is empty" {
  id=$(shmtool create 1)
  [ "$(shows status)" = - ]
}

@test "a marked segment has status dest, key 0 and its mode" {
  id=$(shmtool create -k 13 -m 640 1)
  hold "$id"
  shmtool rm "$id"
  [ "$(shows status,key,mode)" = $'dest\t0x00000000\t0640' ]
  release
}

@test "a locked segment has status locked" {
  require python3
  require_locking
  id=$(shmtool create 1)
  python3 -c "import ctypes; assert ctypes.CDLL(None).shmctl($id, 11, None) == 0"
  [ "$(shows status,mode)" = $'locked\t0600' ]
}

@test "a marked and locked segment has both" {
  require python3 jq
  require_locking
  id=$(shmtool create 1)
  hold "$id"
  python3 -c "import ctypes; assert ctypes.CDLL(None).shmctl($id, 11, None) == 0"
  shmtool rm "$id"
  [ "$(shows status)" = dest,locked ]
  [ "$(shmtool stat -J "$id" | jq -c '.segments[0].status')" = '["dest","locked"]' ]
  release
}

@test "times that never were are -" {
  id=$(shmtool create 1)
  [ "$(shows atime,dtime)" = $'-\t-' ]
  [ "$(shmtool stat -o atime "$id")" = "atime: -" ]
}

@test "times are the kernel's" {
  before=$(date +%s)
  id=$(shmtool create 1)
  shmtool read "$id" >/dev/null
  after=$(date +%s)
  for column in atime dtime ctime; do
    [ "$(shows "$column")" -eq "$(kernel_says "$column" "$id")" ]
    [ "$(shows "$column")" -ge "$before" ]
    [ "$(shows "$column")" -le "$after" ]
  done
}

@test "times in records are local with offset" {
  export TZ=XYZ-5:30
  id=$(shmtool create 1)
  seconds=$(shows ctime)
  [ "$(shmtool stat -o ctime "$id")" = "ctime: $(date -d "@$seconds" +%Y-%m-%dT%H:%M:%S+05:30)" ]
}

@test "times in JSON are UTC" {
  require jq
  id=$(TZ=XYZ-5:30 shmtool create 1)
  time=$(TZ=XYZ-5:30 shmtool stat -J "$id" | jq -r '.segments[0].ctime')
  [ "$time" = "$(date -u -d "@$(shows ctime)" +%Y-%m-%dT%H:%M:%SZ)" ]
}

@test "cpid and lpid" {
  id=$(shmtool create 1)
  hold "$id"
  [ "$(shows lpid)" -eq "$holder" ]
  [ "$(shows cpid)" -eq "$(kernel_says cpid "$id")" ]
  release
}

@test "rss grows with what was written" {
  page=$(getconf PAGESIZE)
  id=$(shmtool create $((4 * page)))
  [ "$(shows rss)" -eq 0 ]
  shmtool attach-write -t x "$id"
  [ "$(shows rss)" -eq "$page" ]
  [ "$(shows swap)" -eq 0 ]
}

@test "seq is the sequence in the id" {
  for _ in 1 2 3; do
    id=$(shmtool create 1)
    [ "$(shows seq)" -eq $((id >> 15)) ]
    shmtool rm "$id"
  done
}

@test "seq is told although the segment with the highest id went during the listing" {
  require_root
  require_mounts
  require_limits
  declare -a ids
  for sequence in 7 9; do
    echo $((sequence << 15)) >/proc/sys/kernel/shm_next_id
    ids[sequence]=$(shmtool create 1)
  done
  cat /proc/sysvipc/shm >listing
  shmtool rm "${ids[9]}"
  [ "$(covered listing shmtool list -rn -o id,seq)" = "${ids[7]}"$'\t7\n'"${ids[9]}"$'\t9' ]
  shmtool rm "${ids[7]}"
  [ "$(covered listing shmtool list -rn -o seq)" = $'-\n-' ]
}

@test "-o picks columns in the given order" {
  id=$(shmtool create 2K)
  run -0 shmtool stat -o size,key "$id"
  [ "$output" = $'size: 2048\nkey: 0x00000000' ]
}

@test "-o is used by JSON" {
  require jq
  id=$(shmtool create 2K)
  [ "$(shmtool stat -J -o size,id "$id" | jq -c '.segments[0]')" = "{\"size\":2048,\"id\":$id}" ]
}

@test "an unknown column is refused with a suggestion" {
  id=$(shmtool create 1)
  run -2 --separate-stderr shmtool stat -o ownr "$id"
  [ -z "$output" ]
  [[ "$stderr" == *"did you mean 'owner'?"* ]]
}

@test "bad column lists are refused" {
  id=$(shmtool create 1)
  for list in '' ',' 'key,' ',key' 'key,,id' 'key id' '+' 'key,key'; do
    run -2 shmtool stat -o "$list" "$id"
  done
}

@test "-n leaves out raw headings" {
  id=$(shmtool create 1)
  [ "$(shmtool stat -rn -o id "$id")" = "$id" ]
  [ "$(shmtool stat -r --noheadings -o id "$id")" = "$id" ]
}

@test "-J and -r exclude one another" {
  id=$(shmtool create 1)
  run -2 shmtool stat -J -r "$id"
}

@test "stat wants a segment" {
  run -2 shmtool stat
}

@test "several segments come in the order given" {
  first=$(shmtool create 1)
  second=$(shmtool create -k 13 1)
  [ "$(shmtool stat -rn -o id 0xd "$first")" = "$second"$'\n'"$first" ]
}

@test "records of several segments are apart" {
  first=$(shmtool create 1)
  second=$(shmtool create 1)
  run -0 bash -c "shmtool stat -o id $first $second"
  [ "$output" = "id: $first"$'\n\n'"id: $second" ]
}

@test "what is there is shown though another is missing" {
  id=$(shmtool create 1)
  run -3 --separate-stderr shmtool stat -rn -o id 77 "$id"
  [ "$output" = "$id" ]
  [[ "$stderr" == "shmtool: stat: 77: "*"no such segment"* ]]
}

@test "JSON of a missing segment is an empty array" {
  require jq
  run -3 --separate-stderr shmtool stat -J 77
  [ "$(jq -c '.segments' <<<"$output")" = '[]' ]
}

@test "a bare number that is a key is explained" {
  shmtool create -k 13 1
  run -3 shmtool stat 13
  [[ "$output" == *"key:13"* ]]
}

@test "a bare number is an id even where it is a key" {
  shmtool create -k 99 1
  id=$(shmtool create 1)
  [ "$(shmtool stat -rn -o id "$id")" = "$id" ]
}

@test "a segment of mode 0 is shown to anybody" {
  require_root
  id=$(shmtool create -k 13 -m 0 2K)
  run -0 as_user 4242 shmtool stat -rn -o key,mode,size 0xd
  [ "$output" = $'0x0000000d\t0000\t2048' ]
}

@test "a stranger is shown the same as root" {
  require_root
  id=$(shmtool create -m 600 2K)
  [ "$(as_user 4242 shmtool stat "$id")" = "$(shmtool stat "$id")" ]
}

@test "stat changes nothing" {
  id=$(shmtool create 2K)
  before=$(cat /proc/sysvipc/shm)
  shmtool stat "$id"
  shmtool stat -J "$id"
  [ "$(cat /proc/sysvipc/shm)" = "$before" ]
}

@test "where the listing is masked the kernel is asked" {
  require_root
  require_mounts
  id=$(shmtool create -k 13 -m 640 2K)
  masked() { covered /dev/null shmtool stat -rn -o key,id,mode,size,seq,rss "$1"; }
  [ "$(masked 0xd)" = "0x0000000d	$id	0640	2048	$((id >> 15))	-" ]
  [ "$(masked "$id")" = "$(masked 0xd)" ]
}

@test "where the listing is absent the kernel is asked" {
  require_root
  require_mounts
  id=$(shmtool create -k 13 -m 0 2K)
  [ "$(unlisted shmtool stat -rn -o id 0xd)" = "$id" ]
  run -3 unlisted shmtool stat 77
}

@test "JSON has null for what is unknown" {
  require_root
  require jq
  require_mounts
  id=$(shmtool create 2K)
  output=$(unlisted shmtool stat -J -o rss,swap "$id")
  [ "$(jq -c '.segments[0]' <<<"$output")" = '{"rss":null,"swap":null}' ]
}

@test "2^63-1 bytes and key 0xffffffff are exact" {
  require python3
  id=$(create_enormous)
  [ "$(shows key,size 0xffffffff)" = $'0xffffffff\t9223372036854775807' ]
  half=$((2 ** 62 / $(getconf PAGESIZE)))
  [ "$(shows pages)" -eq $((2 * half)) ]
  shmtool stat -J "$id" | grep -q '"size":9223372036854775807,'
}

@test "times west of Greenwich have a minus" {
  export TZ=XYZ+3:30
  id=$(shmtool create 1)
  [ "$(shmtool stat -o ctime "$id")" = \
    "ctime: $(date -d "@$(shmtool stat -rn -o ctime "$id")" +%Y-%m-%dT%H:%M:%S-03:30)" ]
}
