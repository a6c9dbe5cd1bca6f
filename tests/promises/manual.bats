#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who types the manual's examples from its first line to its last sees what it shows.

load ../common
load ../manual

# What a reader types as an ordinary user, and what the manual shows below it. The example of watch
# needs another shell.
session() {
  page | awk '
    /^   [^ ]/ { section = $1 }
    section == "watch" || !/^       / { shown = 0; next }
    { line = substr($0, 8) }
    line ~ /^[#$] / { shown = line ~ /^[$]/ }
    shown { print line }'
}

# Puts the same in the place of each process id, address and time.
alike() {
  sed -E 's/0x[0-9a-f]{9,}/ADDRESS/
    s/^([cl]pid): [0-9]+$/\1: PID/
    s/^idle: .*/idle: TIME/
    s/ root +[0-9]+$/ root PID/
    s/ +([0-9]s|IDLE)$/ IDLE/
    s/(0x[0-9a-f]{8}) +[0-9]+  root/\1 PID  root/
    s/ +(C?PID)/ \1/'
}

# follow: types what is on stdin, a command after the other, and compares what each prints.
follow() {
  local line command='' expected='' count=0
  while IFS= read -r line <&4; do
    if [[ "$line" != '$ '* ]]; then
      expected+=$line$'\n'
      continue
    fi
    compare
    command=${line#??} expected=''
  done 4<&0 </dev/null
  compare
  echo "$count commands"
  [ "$count" -ge 45 ]
}

compare() {
  [ -n "$command" ] || return 0
  count=$((count + 1))
  # By then the reader of the example of ps has ended; and that of limits is of a full namespace.
  if [[ "$command" == *--orphans* ]]; then shmtool wait --unattached "$id"; fi
  if [[ "$command" == 'shmtool limits '* ]]; then census >/proc/sys/kernel/shmmni; fi
  # As in a shell, a command that fails is not the end.
  eval "$command" >printed 2>&1 || true
  if [[ "$command" == *'echo "status $?"' ]]; then echo 4096 >/proc/sys/kernel/shmmni; fi
  diff <(printf %s "$expected" | alike) <(alike <printed) || {
    echo "after: $command"
    return 1
  }
}

@test "every example of the manual prints what it shows, in order" {
  require jq
  # The manual's owner is root, and its first id 0.
  [ "$(id -un)" = root ] || skip "needs root's name"
  require_limits
  compile_programs
  echo new1 >new1
  echo new2 >new2
  follow < <(session)
}

@test "the manual has at most 1000 lines" {
  require mandoc
  [ "$(page | wc -l)" -le 1000 ]
  require man
  [ "$(MANWIDTH=80 man -l "$SOURCE_DIR/man/shmtool.1" | wc -l)" -le 1000 ]
}

@test "apropos finds the manual by what it is for" {
  require mandb apropos
  mkdir -p man/man1
  cp "$SOURCE_DIR/man/shmtool.1" man/man1/
  mandb -q -c man 2>errors || skip "mandb does not work here"
  for word in 'shared memory' ipcs orphan; do
    run -0 apropos -M "$PWD/man" "$word"
    [[ "$output" == 'shmtool (1) '* ]]
  done
}
