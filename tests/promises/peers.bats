#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shmtool, ipcs and lsipc agree on the same segments, wherever those are right.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# A variety: keys, sizes, modes, attached and marked ones.
variety() {
  shmtool create -k 13 -m 666 2048
  shmtool create -k 0xfffffffe -m 640 1
  shmtool create -k 1 -m 0 12345678
  attached=$(shmtool create -m 604 4097)
  hold "$attached" 2
  id=$(shmtool create -k 2 100)
  shmtool read "$id" >/dev/null
  shmtool set -m 7 "$id"
}

# ipcs_rows OPTION: the rows of ipcs -m OPTION, blanks squeezed.
ipcs_rows() {
  ipcs -m "$@" | awk '/^(0x)?[0-9]/ { $1 = $1; print }'
}

# lsipc_says COLUMN...: tab-separated rows, in the order of ids.
lsipc_says() {
  require lsipc jq
  local columns=$*
  columns=${columns// /,}
  lsipc -m -J -b -P --time-format=iso -o "$columns" |
    jq -r --arg names "${columns,,}" \
      '[.[]][0][] | [.[$names | split(",")[]] | if . == null or . == "" then "-" else . end] | @tsv' | sort
}

# same_as_lsipc LSIPC_COLUMNS OUR_COLUMNS: both comma-separated.
same_as_lsipc() {
  variety
  lsipc_says "${1//,/ }" >theirs
  shmtool list -rn -o "$2" | sort >ours
  [ "$(wc -l <ours)" -eq 5 ]
  diff theirs ours
  release
}

@test "ipcs: keys, ids, owners, modes, sizes, nattch" {
  require ipcs
  require_root
  variety
  as_user 65534 shmtool create 77
  ipcs_rows | sed 's/ dest$//' >theirs
  shmtool list -rn -o key,id,owner,mode,size,nattch |
    awk '{ sub(/^0/, "", $4); sub(/^0+/, "", $4); if ($4 == "") $4 = 0; print }' >ours
  [ "$(wc -l <ours)" -eq 6 ]
  diff <(sort theirs) <(sort ours)
  release
}

@test "ipcs: a marked segment" {
  require ipcs
  id=$(shmtool create -k 13 1)
  hold "$id"
  shmtool rm "$id"
  run -0 shmtool list -rn -o key,id,owner,mode,size,nattch,status
  [ "$(ipcs_rows)" = "$(awk '{ sub(/^0/, "", $4); print }' <<<"$output")" ]
  release
}

@test "ipcs: creators and owners" {
  require ipcs
  require_root
  variety
  shmtool create -u 65534:65534 77
  as_user 65534 shmtool create -u 0:0 78
  ipcs_rows -c | awk '{ print $1, $3, $4, $5, $6 }' | sort >theirs
  shmtool list -rn -o id,creator,creator_group,owner,group | tr '\t' ' ' | sort >ours
  [ "$(wc -l <ours)" -eq 7 ]
  diff theirs ours
  release
}

@test "ipcs: process ids" {
  require ipcs
  variety
  ipcs_rows -p | awk '{ print $1, $3, $4 }' | sort >theirs
  shmtool list -rn -o id,cpid,lpid | tr '\t' ' ' | sort >ours
  [ "$(wc -l <ours)" -eq 5 ]
  diff theirs ours
  release
}

@test "lsipc: keys, ids and sizes" {
  same_as_lsipc KEY,ID,SIZE key,id,size
}

@test "lsipc: owners, creators and groups by name" {
  same_as_lsipc ID,USER,GROUP,CUSER,CGROUP id,owner,group,creator,creator_group
}

@test "lsipc: owners, creators and groups by number" {
  require_root
  shmtool create -u 65534:65534 77
  as_user 65534 shmtool create -u 0:0 78
  lsipc_says ID UID GID CUID CGID >theirs
  shmtool list -rn -o id,uid,gid,cuid,cgid | sort >ours
  diff theirs ours
}

@test "lsipc: modes" {
  variety
  lsipc_says ID PERMS >theirs
  shmtool list -rn -o id,mode | sort >ours
  diff <(awk '{ printf "%s %04d\n", $1, $2 }' theirs) <(tr '\t' ' ' <ours)
  release
}

@test "lsipc: nattch" {
  same_as_lsipc ID,NATTCH id,nattch
}

@test "lsipc: process ids" {
  same_as_lsipc ID,CPID,LPID id,cpid,lpid
}

@test "lsipc: times" {
  variety
  # Its ISO times, as seconds since 1970.
  lsipc_says ID ATTACH DETACH CTIME | while IFS=$'\t' read -r id attach detach change; do
    printf '%s' "$id"
    for time in "$attach" "$detach" "$change"; do
      case $time in
        '' | -) printf '\t-' ;;
        *) printf '\t%s' "$(date -d "$time" +%s)" ;;
      esac
    done
    echo
  done >theirs
  shmtool list -rn -o id,atime,dtime,ctime | sort >ours
  [ "$(wc -l <ours)" -eq 5 ]
  diff theirs ours
  release
}

@test "ipcrm removes what shmtool made, and shmtool what ipcmk made" {
  require ipcmk ipcrm
  id=$(shmtool create -k 13 1)
  ipcrm -m "$id"
  run -3 shmtool stat 0xd
  id=$(ipcmk -M 4096 | grep -o '[0-9]*$')
  [ "$(shmtool stat -rn -o mode,size "$id")" = "0644	4096" ]
  shmtool rm "$id"
  [ "$(census)" -eq 0 ]
}
