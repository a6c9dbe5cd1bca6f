#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What goes through a pipe of shmtool's own (read -x and -t, attach-write -t, --fill, --zero-rest), with
# large pipes and with small ones, and the pipes of others.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# frugal COMMAND...: runs COMMAND as a user whose pages for pipes are used up (pipe(7)): a new pipe
# has one page or two, and may not have more.
frugal() {
  python3 -c '
import fcntl, os, subprocess, sys
SET, GET = 1031, 1032
pipes = [os.pipe()]
while fcntl.fcntl(pipes[-1][0], GET) > 2 * os.sysconf("SC_PAGESIZE"):
    try:
        fcntl.fcntl(pipes[-1][0], SET, 1 << 20)
    except PermissionError:
        pass
    pipes.append(os.pipe())
sys.exit(subprocess.run(sys.argv[1:]).returncode)' "$@"
}

# What is done to a segment of 300007 bytes, mostly at odd offsets, and what there is then to be read.
scenario() {
  shmtool attach-write --fill 0x61 0xd &&
    shmtool attach-write -s 1 -l 70001 --fill 0x62 0xd &&
    shmtool attach-write -s 200001 -t "$(printf 'word %.0s' {1..4000})" -0 0xd &&
    shmtool read -x 0xd >hex &&
    shmtool read -t -s 3 0xd >text &&
    printf cde | shmtool attach-write -s 99999 --zero-rest 0xd &&
    shmtool read -x 0xd >zeros
}

# check: that the scenario came out right.
check() {
  {
    printf a
    printf 'b%.0s' {1..70001}
    printf 'a%.0s' {1..129999}
    printf 'word %.0s' {1..4000}
    printf '\0'
    printf 'a%.0s' {1..80005}
  } >expected
  [ "$(wc -c <expected)" -eq 300007 ]
  cmp hex <(hexdump -C expected)
  cmp text <({ head -c 220001 expected | tail -c +4; echo; })
  cmp zeros <({ head -c 99999 expected; printf cde; head -c 200005 /dev/zero; } | hexdump -C)
}

@test "all bytes come through, at any offset" {
  shmtool create -k 13 300007
  scenario
  check
}

@test "all bytes come through where the user's pages for pipes are used up" {
  require python3
  require_no_valgrind
  user=()
  # Root has no limit. A user of its own, for it takes from all processes of the user.
  ! probe root as_user 4242 true || user=(as_user 4747)
  chmod 777 .
  shmtool create -k 13 -m 666 300007
  export -f scenario frugal
  run -0 "${user[@]}" bash -c 'frugal bash -c scenario'
  check
}

@test "a pipe that is larger than shmtool would make it stays so" {
  require python3
  shmtool create -k 13 4M
  run -0 python3 -c '
import fcntl, os, subprocess, sys
SET, GET, SIZE = 1031, 1032, 2 << 20
reader, writer = os.pipe()
try:
    fcntl.fcntl(writer, SET, SIZE)
except PermissionError:
    print("small")
    sys.exit()
os.write(writer, b"x" * 9)
subprocess.run(["shmtool", "attach-write", "-l", "9", "0xd"], stdin=reader, check=True)
assert fcntl.fcntl(writer, GET) == SIZE
subprocess.run(["shmtool", "read", "-l", "9", "0xd"], stdout=writer, check=True)
assert fcntl.fcntl(writer, GET) == SIZE'
  [ "$output" != small ] || skip "optional: no larger pipe may be had"
}

@test "where no descriptor is left it says so, and the segment is as it was" {
  require_plain_build
  shmtool create -k 13 10
  shmtool attach-write --fill 0x2e 0xd
  for line in 'read -x 0xd' 'read -t 0xd' 'attach-write -t x 0xd' 'attach-write --fill 7 0xd'; do
    run -1 --separate-stderr bash -c "exec 3>&- && ulimit -n 4 && exec shmtool $line"
    [[ "$stderr" == "shmtool: ${line%% *}: "*"$(strerror EMFILE)"* ]]
    [ -z "$output" ]
  done
  [ "$(shmtool read 0xd)" = .......... ]
}
