#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# System calls that fail seldom, made to fail by strace: what was not done is not said to be done.

load common

# failing PATH CALLS ERRNO COMMAND...: runs COMMAND, in which these system calls on PATH fail.
failing() {
  local path=$1 calls=$2 errno=$3
  shift 3
  strace -f -qq -o calls -P "$path" -e inject="$calls:error=$errno" env ASAN_OPTIONS=detect_leaks=0 "$@"
}

@test "an account that cannot be looked up is an error" {
  require strace
  shmtool create 1
  for errno in EIO EMFILE ENFILE; do
    run -1 --separate-stderr failing /etc/nsswitch.conf newfstatat,openat "$errno" shmtool list
    echo "$errno: $stderr"
    [ "${stderr_lines[0]%%:*}" = shmtool ]
  done
}
