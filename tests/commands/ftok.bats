#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ftok: the key that ftok(3) makes, and its warning.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
# shellcheck disable=SC2016 # the inner shells expand these

load ../common

# key_of PATH PROJ: what ftok(3) promises: 8 bits of PROJ, 8 of the device, 16 of the inode.
key_of() {
  local inode device
  read -r inode device < <(stat -Lc '%i %d' "$1")
  printf '0x%08x\n' $((($2 & 255) << 24 | (device & 255) << 16 | (inode & 65535)))
}

@test "the key is that of ftok(3); PROJ is 1, a number or a byte" {
  touch file
  ln -s file link
  run -0 --separate-stderr shmtool ftok file
  [ "$output" = "$(key_of file 1)" ]
  [ -z "$stderr" ]
  run -0 shmtool ftok link
  [ "$output" = "$(key_of file 1)" ]
  for pair in 1:1 7:7 9:9 255:255 a:97 A:65 -:45 ' :32' $'\xff:255'; do
    run -0 shmtool ftok -- file "${pair%:*}"
    [ "$output" = "$(key_of file "${pair#*:}")" ]
  done
  for proj in '' 0 256 01 00 0x1 ab 1a -1 é 4294967297; do
    run -2 --separate-stderr shmtool ftok -- file "$proj"
    [ -z "$output" ]
    [[ $stderr == "shmtool: ftok: PROJ '$proj': "* ]]
  done
  run -2 shmtool ftok
  run -2 shmtool ftok file 1 2
}

@test "a path that cannot be looked at is named, with the reason" {
  run -1 --separate-stderr shmtool ftok missing
  [ -z "$output" ]
  [ "$stderr" = "shmtool: ftok: missing: No such file or directory" ]
  touch file
  run -1 shmtool ftok file/below
  [[ $output == *"Not a directory" ]]
  run -1 shmtool ftok ''
  [[ $output == *"No such file or directory" ]]
  ln -s loop loop
  run -1 shmtool ftok loop
  [[ $output == *"$(strerror ELOOP)" ]]
  run -1 shmtool ftok "$(printf '%0300d' 0)"
  [[ $output == *"$(strerror ENAMETOOLONG)" ]]
}

@test "a folder that may not be searched is an error" {
  require_root
  mkdir -m 700 closed
  touch closed/file
  chmod 755 .
  run -1 as_user 4242 shmtool ftok closed/file
  [[ $output == *"Permission denied" ]]
}

@test "what it prints names a segment everywhere" {
  touch file
  shmtool create -k "$(shmtool ftok file)" 4096
  shmtool attach-write -t hello "$(shmtool ftok file)"
  run -0 shmtool read -t "$(shmtool ftok file)"
  [ "$output" = hello ]
  run -0 --separate-stderr shmtool ftok file
  [ -z "$stderr" ]
}

@test "a segment that another user owns or created is warned of" {
  require_root
  local key id
  touch file
  chmod 755 .
  key=$(shmtool ftok file)
  id=$(shmtool create -k "$key" -u 4242 4096)
  run -0 --separate-stderr shmtool ftok file
  [ "$output" = "$key" ]
  [ "$stderr" = "shmtool: ftok: warning: key $key: segment $id belongs to uid 4242 and was created by uid 0" ]
  run -0 --separate-stderr as_user 4242 shmtool ftok file
  [ "$output" = "$key" ]
  [[ $stderr == *"created by uid 0"* ]]
  shmtool rm "$id"
  as_user 4242 shmtool create -k "$key" 4096
  run -0 --separate-stderr as_user 4242 shmtool ftok file
  [ -z "$stderr" ]
  run -0 --separate-stderr shmtool ftok file
  [[ $stderr == *"belongs to uid 4242 and was created by uid 4242" ]]
}

@test "the key -1 is a key, not a failure" {
  require_root
  require_mounts
  # A file whose inode and device end in 0xffff and 0xff.
  run -0 --separate-stderr unshare --mount bash -ec '
    mkdir mounts
    for i in {1..300}; do
      mount -t tmpfs none mounts
      [ $(($(stat -c %d mounts) & 255)) -ne 255 ] || break
    done
    cd mounts
    [ $(($(stat -c %d .) & 255)) -eq 255 ] || exit 77
    seq 66000 | xargs touch
    file=$(ls -i | awk "\$1 % 65536 == 65535 { print \$2; exit }")
    shmtool ftok --trace "$file" 255' || [ "$status" -eq 77 ]
  [ "$status" -eq 0 ] || skip "optional: no device number ends in 0xff"
  [ "$output" = 0xffffffff ]
  [[ $stderr == *", 255) = 0xffffffff"* ]]
}

@test "--ns is refused: no key depends on a namespace" {
  fails 2 "shmtool: ftok: unknown option '--ns'" shmtool ftok --ns 1 .
}

@test "--trace shows the call" {
  touch file
  run -0 --separate-stderr shmtool ftok --trace file a
  [ "${stderr_lines[0]}" = "ftok(\"file\", 97) = $output" ]
  run -1 shmtool ftok --trace missing
  [ "${lines[0]}" = 'ftok("missing", 1) = -1 ENOENT' ]
  touch $'esc\e[31m'
  run -0 --separate-stderr shmtool ftok --trace $'esc\e[31m'
  [[ $stderr == 'ftok("esc\x1b[31m", 1) = 0x'* ]]
}
