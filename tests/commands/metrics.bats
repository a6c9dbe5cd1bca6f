#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Prometheus text: what it says, and that it is well formed.

# Each test is a process of its own; `run` and `hold` set variables.
# shellcheck disable=SC2030,SC2031,SC2154
load ../common

# metric NAME[{LABELS}]: its value.
metric() {
  shmtool metrics | awk -v name="shmtool_$1" '$1 == name { print $2 }'
}

# well_formed: the text on stdin has families with HELP, TYPE gauge and samples of theirs, none
# twice, with whole numbers and at most the labels ns and owner.
well_formed() {
  python3 -c '
import re, sys
families, samples, family = set(), set(), None
lines = sys.stdin.read().split("\n")
assert lines.pop() == ""
for number, line in enumerate(lines):
    if line.startswith("# HELP "):
        family = re.fullmatch(r"# HELP (shmtool_[a-z_]+) [A-Z].*\.", line)[1]
        assert family not in families
        families.add(family)
        assert lines[number + 1] == f"# TYPE {family} gauge"
    elif not line.startswith("#"):
        sample = re.fullmatch(r"([a-z_]+)(\{(ns=\"\d+\",?)?(owner=\"([^\"\\\n]|\\[\"\\n])*\")?\})? \d+", line)
        assert sample and sample[1] == family, line
        assert line.rsplit(" ", 1)[0] not in samples, line
        samples.add(line.rsplit(" ", 1)[0])'
}

@test "an empty namespace" {
  require python3
  run -0 --separate-stderr shmtool metrics
  [ -z "$stderr" ]
  shmtool metrics | well_formed
  [ "$(metric segments_attached)" -eq 0 ]
  [ "$(metric segments_marked)" -eq 0 ]
  [ "$(metric segments_orphaned)" -eq 0 ]
  [ "$(metric attachments)" -eq 0 ]
  [ "$(metric pages_used)" -eq 0 ]
  [ -z "$(metric "segments{owner=\"$(id -un)\"}")" ]
}

@test "limits are exact" {
  [ "$(metric limit_segments)" = "$(cat /proc/sys/kernel/shmmni)" ]
  [ "$(metric limit_pages)" = "$(cat /proc/sys/kernel/shmall)" ]
  [ "$(metric limit_segment_bytes)" = "$(cat /proc/sys/kernel/shmmax)" ]
}

@test "counts and bytes by owner" {
  require_root
  require python3
  shmtool create 4096
  as_user 4242 shmtool create 1
  id=$(shmtool create 10000)
  shmtool attach-write --fill 1 -l 5000 "$id"
  page=$(getconf PAGESIZE)
  shmtool metrics | well_formed
  [ "$(metric 'segments{owner="root"}')" -eq 2 ]
  [ "$(metric 'segment_bytes{owner="root"}')" -eq 14096 ]
  [ "$(metric 'resident_bytes{owner="root"}')" -eq $(((5000 + page - 1) / page * page)) ]
  [ "$(metric 'swapped_bytes{owner="root"}')" -eq 0 ]
  [ "$(metric 'segments{owner="4242"}')" -eq 1 ]
  [ "$(metric 'segment_bytes{owner="4242"}')" -eq 1 ]
  [ "$(metric pages_used)" -eq $((1 + (10000 + page - 1) / page + 1)) ]
}

@test "states" {
  held=$(shmtool create 4K)
  shmtool create 4K
  hold "$held" 3
  [ "$(metric segments_attached)" -eq 1 ]
  [ "$(metric attachments)" -eq 3 ]
  [ "$(metric segments_marked)" -eq 0 ]
  [ "$(metric segments_orphaned)" -eq 1 ]
  shmtool rm "$held"
  [ "$(metric segments_marked)" -eq 1 ]
}

@test "a segment whose creator lives is not orphaned, nor one whose creator is not seen" {
  require_root
  require python3
  require_mounts
  require_pid_namespaces
  python3 -c '
import ctypes, subprocess, sys
assert ctypes.CDLL(None).shmget(0, 1, 0o1600) != -1
text = subprocess.run(["shmtool", "metrics"], stdout=subprocess.PIPE, check=True).stdout
assert b"\nshmtool_segments_orphaned 0\n" in text'
  [ "$(metric segments_orphaned)" -eq 1 ]
  run -0 unshare --pid --fork --mount-proc shmtool metrics
  [[ $output = *$'\nshmtool_segments_orphaned 0\n'* ]]
}

@test "sums of enormous segments saturate" {
  for key in 1 2 3; do create_enormous "$key"; done
  [ "$(metric "segment_bytes{owner=\"$(id -un)\"}")" = 18446744073709551615 ]
}

@test "users of one name are one owner" {
  require_root
  require python3
  require_mounts
  as_user 4242 shmtool create 1
  as_user 4243 shmtool create 1
  as_user 4244 shmtool create 1
  printf 'root:x:0:0::/:\ntwo:x:4242:4242::/:\ntwo:x:4244:4244::/:\n' >passwd
  run -0 unshare --mount sh -c 'mount --bind passwd /etc/passwd && shmtool metrics'
  well_formed <<<"$output"
  [ "$(grep '^shmtool_segments{' <<<"$output")" = $'shmtool_segments{owner="4243"} 1\nshmtool_segments{owner="two"} 2' ]
}

@test "an owner's name is escaped" {
  require_root
  require python3
  require_mounts
  as_user 4242 shmtool create 1
  printf 'root:x:0:0::/:\na"b\\c\e:x:4242:4242::/:\n' >passwd
  run -0 unshare --mount sh -c 'mount --bind passwd /etc/passwd && shmtool metrics'
  well_formed <<<"$output"
  [[ $output = *'shmtool_segments{owner="a\"b\\x5cc\\x1b"} 1'* ]]
}

@test "with --all-ns each series has the label ns" {
  require_root
  require python3
  require_limits
  require_ipc_namespaces
  shmtool create 1
  own=$(stat -Lc %i /proc/self/ns/ipc)
  # shellcheck disable=SC2016
  exec {out}< <(exec unshare --ipc sh -c '
    echo 77 >/proc/sys/kernel/shmmni; exec holder "$(shmtool create 8K)" 2' 3>&-)
  HOLDER_PID=$!
  read -r _ <&"$out"
  there=$(stat -Lc %i "/proc/$HOLDER_PID/ns/ipc")
  shmtool metrics --all-ns >all
  well_formed <all
  for sample in "segment_bytes{ns=\"$own\",owner=\"root\"} 1" "segment_bytes{ns=\"$there\",owner=\"root\"} 8192" \
    "attachments{ns=\"$own\"} 0" "attachments{ns=\"$there\"} 2" "segments_attached{ns=\"$there\"} 1" \
    "pages_used{ns=\"$own\"} 1" "limit_segments{ns=\"$own\"} $(</proc/sys/kernel/shmmni)" \
    "limit_segments{ns=\"$there\"} 77"; do
    grep -qxF "shmtool_$sample" all
  done
  run ! grep -v '^#\|{ns="' all
  [[ "$(shmtool metrics)" != *ns=* ]]
}

@test "what the kernel does not tell is left out" {
  require_root
  require python3
  require_mounts
  shmtool create 1
  run -0 unshare --mount sh -c 'mount -t tmpfs none /proc/sysvipc && shmtool metrics'
  well_formed <<<"$output"
  [[ $output = *shmtool_segment_bytes* && $output != *resident_bytes* && $output != *swapped_bytes* ]]
}

@test "no operands, no options of its own" {
  run -2 shmtool metrics 7
  run -2 shmtool metrics -J
}

@test "promtool accepts it" {
  command -v promtool >/dev/null || skip "optional: promtool is missing"
  shmtool metrics | promtool check metrics
  id=$(shmtool create 4K)
  hold "$id"
  run -0 bash -c 'shmtool metrics | promtool check metrics'
  [ -z "$output" ]
}
