#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Real output against man/shmtool.schema.json.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# obey FILE...: each is UTF-8 and obeys the schema; prints the names of those that do not.
obey() {
  /usr/bin/python3 -c 'from importlib.util import find_spec; assert find_spec("jsonschema")' ||
    skip "python3-jsonschema is missing"
  /usr/bin/python3 -c '
import json, sys, jsonschema
with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
faults = 0
for name in sys.argv[2:]:
    try:
        with open(name, encoding="utf-8", errors="strict") as file:
            kind(schema).validate(json.load(file))
    except (ValueError, jsonschema.ValidationError) as fault:
        print(name)
        print(fault, file=sys.stderr)
        faults = 1
sys.exit(faults)' "$SOURCE_DIR/man/shmtool.schema.json" "$@"
}

# valid COMMAND...: its output, kept in `json`, obeys the schema.
valid() {
  "$@" >json
  obey json
}

# member NAME: that member of the first segment in `json`, as JSON.
member() {
  require jq
  jq -c ".segments[0].$1" json
}

@test "an empty list" {
  valid shmtool list -J
  [ "$(tr -d '\n' <json)" = '{"schema_version":1,"segments":[]}' ]
}

@test "list" {
  shmtool create -k 13 2K
  shmtool create -m 0 1
  valid shmtool list -J
  [ "$(grep -c '^{"key"' json)" -eq 2 ]
}

@test "stat" {
  shmtool create -k 13 2K
  shmtool attach-write -t x 0xd
  valid shmtool stat -J 0xd
  [ "$(member size)" = 2048 ]
  [ "$(member key)" = '"0x0000000d"' ]
}

@test "create" {
  valid shmtool create -J -k 13 2K
  [ "$(member size)" = 2048 ]
  [ "$(member mode)" = '"0600"' ]
}

@test "list with the columns on request" {
  shmtool create 2K
  valid shmtool list -J -o +orphan,ns,nspid
  [ "$(member orphan)" = true ]
  [ "$(member ns)" = null ]
}

@test "list of all namespaces" {
  shmtool create 2K
  valid shmtool list --all-ns -J
  ns=$(stat -L -c %i /proc/self/ns/ipc)
  [ "$(jq -c "[.segments[] | select(.ns == $ns) | .size, (.nspid > 0)]" json)" = '[2048,true]' ]
}

@test "ps" {
  valid shmtool ps -J
  grep -q '"attachments":\[\]' json
  hold "$(shmtool create -k 13 2K)"
  valid shmtool ps -J -o +pagesize
  require jq
  [ "$(jq -c '.attachments[] | [.key, .pid, .command]' json)" = "[\"0x0000000d\",$holder,\"holder\"]" ]
  valid shmtool ps -J --all-ns -o +args,cgroup
  [ "$(jq -c ".attachments[] | select(.pid == $holder) | .ns" json)" = "$(stat -Lc %i /proc/self/ns/ipc)" ]
  release
}

@test "limits" {
  shmtool create 2K
  valid shmtool limits -J
  require jq
  [ "$(jq -c '.limits[0] | [.limit, .used]' json)" = '["SHMMAX",2048]' ]
}

@test "watch" {
  require jq
  mkfifo changes
  timeout 30 shmtool watch -J >changes &
  exec {lines}<changes
  # Nobody sees its first look: a segment made after that is in the second.
  for _ in {1..100}; do
    shmtool create 2K
    if read -r -t 0.2 line <&"$lines"; then break; fi
  done
  kill $!
  wait $!
  echo "$line" >json
  obey json
  [ "$(jq -c '[.event, .size]' json)" = '["created",2048]' ]
  for change in '.event = "gone"' '.time = 0' '.time = null' '.size = "2K"' 'del(.event)' 'del(.id)'; do
    jq "$change" json >bad
    run -1 --separate-stderr obey bad
  done
}

@test "every column alone" {
  require jq
  shmtool create 2K
  columns=$(shmtool list -J -o +orphan,ns,nspid | jq -r '.segments[0] | keys_unsorted[]')
  for column in $columns; do
    shmtool list -J -o "$column" >"$column.json"
    [ "$(jq -r '.segments[0] | keys_unsorted[]' "$column.json")" = "$column" ]
  done
  obey ./*.json
}

@test "the schema is no rubber stamp" {
  require jq
  hold "$(shmtool create 2K)"
  valid shmtool list -J
  count=0
  # spoil COMMAND CHANGE...: its output with each CHANGE, which the schema must refuse.
  spoil() {
    local change
    for change in "${@:2}"; do
      count=$((count + 1))
      shmtool "$1" -J | jq "$change" >"$count.bad"
    done
  }
  spoil list '.segments[0].size = "2048"' '.segments[0].size = -1' '.segments[0].key = 13' \
    '.segments[0].status = "dest"' '.segments[0].status = ["gone"]' '.segments[0].atime = 0' \
    '.segments[0].mode = 384' '.segments = {}' 'del(.schema_version)' '.schema_version = 2' \
    'del(.segments)' '.segments[0].orphan = 1' '.segments[0].ns = "1"' '.segments[0].nspid = 0'
  spoil ps '.attachments[0].pid = 0' '.attachments[0].access = "w"' \
    '.attachments[0].mappings = null' '.attachments = {}' '.schema_version = 2'
  spoil limits '.limits[0].limit = "SHM"' '.limits[0].value = null' \
    '.limits[0].percent = "0.00"' '.limits = {}'
  run -1 --separate-stderr obey ./*.bad
  [ "${#lines[@]}" -eq "$count" ]
  release
}

@test "the types of a segment that is marked, locked and attached" {
  require python3
  require_locking
  id=$(shmtool create -k 13 2K)
  hold "$id"
  python3 -c "import ctypes; assert ctypes.CDLL(None).shmctl($id, 11, None) == 0"
  shmtool rm "$id"
  valid shmtool stat -J "$id"
  [ "$(member status)" = '["dest","locked"]' ]
  [ "$(member nattch)" = 1 ]
  [[ "$(member atime)" =~ ^\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\"$ ]]
  [ "$(member dtime)" = null ]
  release
}

@test "owners without an account are null" {
  require_root
  id=$(as_user 4242 shmtool create 1)
  valid shmtool stat -J "$id"
  for name in owner group creator creator_group; do [ "$(member "$name")" = null ]; done
  [ "$(member uid)" = 4242 ]
}

@test "what is unknown is null" {
  require_root
  require_mounts
  id=$(shmtool create 1)
  valid unlisted shmtool stat -J "$id"
  [ "$(member rss)" = null ]
  [ "$(member swap)" = null ]
}

@test "names that are not UTF-8 come out as UTF-8" {
  require_root
  require_mounts
  { cat /etc/passwd && printf 'caf\xe9"\\\x01:x:4242:4242::/:/bin/sh\n'; } >passwd
  shmtool create -u 4242 1
  # shellcheck disable=SC2016
  valid unshare --mount sh -c 'mount --bind passwd /etc/passwd && shmtool list -J'
  [[ "$(member owner)" == \"*caf* ]]
}

@test "names that are UTF-8 stay as they are" {
  require_root
  require_mounts
  { cat /etc/passwd && echo 'zoë:x:4242:4242::/:/bin/sh'; } >passwd
  shmtool create -u 4242 1
  # shellcheck disable=SC2016
  valid unshare --mount sh -c 'mount --bind passwd /etc/passwd && shmtool list -J'
  [ "$(member owner)" = '"zoë"' ]
}

@test "numbers near 2^63 are exact" {
  require python3
  create_enormous
  valid shmtool list -J
  grep -q '"size":9223372036854775807,' json
}

@test "numbers near 2^64 are exact" {
  require_root
  require_mounts
  {
    head -n 1 /proc/sysvipc/shm
    echo '-1 0 600 18446744073709551615 1 1 0 0 0 0 0 0 0 1 18446744073709551614 9007199254740993'
  } >listing
  valid covered listing shmtool list -J -o size,rss,swap
  grep -q '{"size":18446744073709551615,"rss":18446744073709551614,"swap":9007199254740993}' json
}

@test "a segment that is missing leaves valid JSON" {
  id=$(shmtool create 1)
  shmtool stat -J 77 "$id" 78 >partial || status=$?
  [ "$status" -eq 3 ]
  valid cat partial
  [ "$(member id)" = "$id" ]
}

@test "many segments are valid JSON" {
  many 1 300 1
  valid shmtool list -J
  [ "$(grep -c '^{"key"' json)" -eq 300 ]
}
