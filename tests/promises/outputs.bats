#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Output that is lost: every form of output of every command, with each stream closed or broken.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common
load ../forms

# into_broken_pipe COMMAND...: runs COMMAND with its stdout a pipe that nobody reads any more.
into_broken_pipe() {
  local broken_pipe status=0
  open_broken_pipe
  "$@" >&"$broken_pipe" || status=$?
  exec {broken_pipe}>&-
  return "$status"
}

# onto STREAM COMMAND...: runs COMMAND so that stdout is full, a pipe that nobody reads (SIGPIPE
# default or ignored), or with the streams closed that STREAM names; what it prints else goes to
# `printed` and `err`.
onto() {
  local stream=$1 streams='>printed 2>err'
  shift
  case $stream in
    full) streams='>/dev/full 2>err' ;;
    pipe) set -- into_broken_pipe env --default-signal=PIPE "$@" && streams='2>err' ;;
    ignored) set -- into_broken_pipe env --ignore-signal=PIPE "$@" && streams='2>err' ;;
  esac
  [[ $stream != *0* ]] || streams+=' <&-'
  [[ $stream != *1* ]] || streams+=' >&-'
  [[ $stream != *2* ]] || streams+=' 2>&-'
  : >printed
  : >err
  eval '"$@"' "$streams"
}

# wrong STREAM: says what is wrong after a $line whose status was $status, or returns 1. What it
# $prints may be lost; where nothing is, it leaves $after of what was $before.
wrong() {
  local expected=$after lost=1
  [ -n "$prints" ] && [[ $1 = full || $1 = pipe || $1 = ignored || $1 = *1* ]] || lost=
  # What cannot be said is not done, but for what is said afterwards.
  [ -z "$lost" ] || [[ $line = 'rm -v'* ]] || expected=$before
  count_all
  if [ -n "$lost" ] && [ "$status" -eq 0 ]; then
    echo "status 0 though the output is lost"
  elif [ -z "$lost" ] && [ "$status" -ne 0 ]; then
    echo "status $status though nothing is lost: $(<err)"
  elif [ -n "$lost" ] && [[ $1 != *2* && $status -ne 141 && $(<err) != *:* ]]; then
    echo "status $status without a message"
  elif [ "$count" != "$expected" ]; then
    echo "segments and semaphore sets: $count, expected $expected"
  elif ! files_are_dots; then
    echo "something is written to a file where it does not belong"
  elif [[ $count != "$before" || $1 = "$last" ]] && ! segments_are_dots; then
    echo "something is written to a segment where it does not belong"
  else
    return 1
  fi
}

lines=lines
usually() {
  local status=0
  # shellcheck disable=SC2086
  onto normal shmtool $line || { status=$? && echo "shmtool $line: status $status: $(<err)"; }
  prints=$(head -c 1 printed)
  count_all
  after=$count
  return "$status"
}

try() {
  # shellcheck disable=SC2086
  onto "$1" shmtool $line || status=$?
}

# Writes `lines`: all forms, and what else prints.
write_lines() {
  local command
  all_forms >lines
  printf '%s\n' help --help --version '__complete l' 'help list' '__complete stat 0x' >>lines
  for command in $(commands); do
    printf '%s\n' "$command --help" "__complete $command -"
  done >>lines
}

@test "a command that has no case here fails these tests" {
  run -1 forms nonsense
  commands() { echo nonsense; }
  run ! all_forms
}

@test "no command hides that its output is lost" {
  write_lines
  (every_form full pipe ignored 1 01)
}

@test "no command needs a stream that it does not use, and no file takes the place of one" {
  require_no_valgrind
  write_lines
  (every_form 0 2 02 12 012)
}

@test "a reader that stops after one byte ends all that print more than a pipe holds" {
  shmtool create -k 13 4M
  head -c 4M /dev/urandom | shmtool attach-write 0xd
  many 100 2599
  { forms list | grep -v all-ns && printf '%s\n' 'read 0xd' 'read -x 0xd' '__complete rm 0x' 'rm --all -y'; } >lines
  while read -r line; do
    for signal in default ignore; do
      run -0 bash -c "env --$signal-signal=PIPE shmtool $line 2>err | head -c 1; echo \${PIPESTATUS[0]}"
      echo "$signal shmtool $line: $output"
      case $signal:$line in
        *-q) ;; # short enough
        default:*) [ "${output:1}" -eq 141 ] && [ ! -s err ] ;;
        ignore:*) [ "${output:1}" -eq 1 ] && [[ $(<err) = "shmtool: "*"Broken pipe"* ]] ;;
      esac
    done
  done <lines
  [ "$(census)" -eq 2501 ]
}

@test "watch ends as soon as it cannot say what it sees" {
  expected=
  while read -r line; do
    for stream in full 1 01 12 012 pipe ignored; do
      mkdir "$line $stream"
      (
        cd "$line $stream" || exit
        status=0
        # shellcheck disable=SC2086
        onto "$stream" timeout 60 shmtool $line 3>&- || status=$?
        echo $status >status
      ) &
      # A reader that has seen enough is no failure.
      case $stream in
        pipe | ignored) expected+="$line $stream: 0"$'\n' ;;
        *) expected+="$line $stream: 1"$'\n' ;;
      esac
    done
  done < <(forms watch)
  # Until they have ended: a look that finds something fails.
  while [ -n "$(jobs -rp)" ]; do
    shmtool create 1 >/dev/null
    timeout 0.1 tail --pid="$(jobs -rp | head -n 1)" -s 0.02 -f /dev/null || true
  done
  [ "$(grep . -- */status | sed 's|/status:|: |' | sort)" = "$(sort <<<"${expected%?}")" ]
  for stream in full 1 01; do
    for line in "watch $stream" "watch -J $stream"; do
      [[ "$(<"$line/err")" = "shmtool: watch: stdout: "* ]]
    done
  done
}
