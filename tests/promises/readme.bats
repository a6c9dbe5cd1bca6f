#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the README shows is typed in its order and prints what it says. "$ COMMAND" is for the first
# shell, "2$ COMMAND" for the second one, which prints "2: LINE"; "2: ^C" interrupts it. "# COMMAND" is
# for root, outside. Each time stands for any, and 4711 for any process.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

declare -A in out pid busy

# shellcheck disable=SC2016 # the shells expand it
prompt='status=$?; echo "=done $$"; (exit $status)'

# The indented lines of the README, without their indentation; any other line is an empty one.
examples() {
  sed -E 's/^    //; t; s/.*//' "$SOURCE_DIR/README.md"
}

# start SHELL: a bash that gets what `enter` writes, and whose output `line_of` reads.
start() {
  mkfifo "in$1" "out$1"
  # What is started without -m ignores SIGINT.
  set -m
  bash <"in$1" >"out$1" 2>&1 3>&- &
  set +m
  pid[$1]=$!
  local input output
  exec {input}>"in$1" {output}<"out$1"
  in[$1]=$input out[$1]=$output
}

# enter SHELL COMMAND: what `prompt` prints tells that the command has ended, and which shell is there.
enter() {
  printf '%s\n' "$2" "$prompt" >&"${in[$1]}"
  busy[$1]=yes
}

# line_of SHELL [SECONDS]: reads the next $line; returns 1 where the command has ended instead, 2 where
# neither happens in time.
line_of() {
  IFS= read -r -t "${2:-30}" line <&"${out[$1]}" || return 2
  if [[ "$line" != '=done '* ]]; then return 0; fi
  pid[$1]=${line#* } busy[$1]=
  return 1
}

# The processes that SHELL waits for.
children() {
  cat "/proc/${pid[$1]}/task/${pid[$1]}/children"
}

# Whether SHELL waits for processes that all wait for something themselves.
waits() {
  local child state=
  for child in $(children "$1"); do
    state=$(cat "/proc/$child/stat") || return 1
    [[ "$state" == *') S '* && "$state" != *' (bash) '* ]] || return 1
  done
  [ -n "$state" ]
} 2>/dev/null

# settle SHELL: until its command has ended or waits for something.
settle() {
  while [ -n "${busy[$1]}" ] && ! waits "$1"; do
    ! line_of "$1" 0.05 || { echo "shell $1 printed: $line" && return 1; }
  done
}

# ended SHELL: until its command has ended, which prints no more.
ended() {
  [ -n "${busy[$1]}" ] || return 0
  ! line_of "$1" || echo "shell $1 printed: $line"
  [ -z "${busy[$1]}" ]
}

interrupt() {
  local children
  children=$(children "$1")
  # shellcheck disable=SC2086 # a list
  [ -z "$children" ] || kill -INT $children
}

at_end() {
  [ -z "${busy[2]:-}" ] || interrupt 2
}

# normal LINE: without what differs from time to time.
normal() {
  sed -E 's/[0-9]{4}-[0-9-]+T[0-9:]+([+-][0-9:]+|Z)/TIME/g; s/ +/ /g' <<<"$1"
}

# same EXPECTED ACTUAL
same() {
  local expected actual
  expected=$(normal "$1") actual=$(normal "$2")
  # shellcheck disable=SC2053 # the second part is a pattern where there is a process
  if [[ "$expected" == *4711* ]]; then
    [[ "$actual" == "${expected%%4711*}"+([0-9])"${expected#*4711}" ]]
  else
    [ "$expected" = "$actual" ]
  fi || {
    echo "expected: $1"
    echo "printed:  $2"
    return 1
  }
}

# prints SHELL EXPECTED: whether that is its next line.
prints() {
  line_of "$1" || line='(nothing)'
  same "$2" "$line"
}

# One line of the README. $typed says whether it is below a command.
follow() {
  case $1 in
    '$ '*)
      typed=yes
      echo "$1"
      ended 1
      enter 1 "${1#??}"
      ;;
    '2$ '*)
      echo "$1"
      ended 1
      ended 2
      enter 2 "${1#???}"
      settle 2
      ;;
    '2: ^C') ended 1 && interrupt 2 && ended 2 ;;
    '2: '*) ended 1 && prints 2 "${1#2: }" ;;
    '# '*) typed= ;;
    '')
      [ -z "$typed" ] || ended 1
      typed=
      ;;
    *) [ -z "$typed" ] || prints 1 "$1" ;;
  esac
}

@test "the tour" {
  require jq nsenter seq cmp
  require_user_namespaces
  # Older kernels let only the real root.
  probe users_limits unshare --ipc --user --map-root-user sh -c 'echo 1 >/proc/sys/kernel/shmmni' ||
    skip "needs a user namespace that may change its limits"
  export TZ=UTC0
  typed=
  start 1
  start 2
  while IFS= read -r row; do follow "$row"; done < <(examples && echo)
  ended 1
  [ "$(examples | grep -c '^\$ ')" -gt 30 ]
}

@test "the list of the segments of all containers" {
  require_root
  require_ipc_namespaces
  require_pid_namespaces
  shmtool create -k 13 2048
  mapfile -t expected < <(examples | sed -n '/^# /,/^$/p')
  [[ "${expected[0]}" == '# shmtool list --all-ns '* ]]
  read -ra command <<<"${expected[0]#??}"
  run -0 unshare --pid --fork --mount-proc "${command[@]}"
  [ "${#lines[@]}" -eq 2 ]
  same "${expected[1]}" "${lines[0]}"
  # Whatever its cells hold, each row has them all.
  cells='^0x[0-9a-f]{8} [0-9]+ [^ ]+ 0[0-7]{3} [^ ]+ [0-9]+ [^ ]+ [^ ]+ [0-9]+ [0-9]+$'
  for row in "${expected[@]:2:3}" "${lines[1]}"; do
    echo "$row"
    [[ "$(normal "$row")" =~ $cells ]]
  done
}
