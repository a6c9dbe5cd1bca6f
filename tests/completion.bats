#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The bash completion, run by a real bash.


# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
# shellcheck disable=SC2016 # the inner shells expand these

load common

# complete_line LINE [TYPE]: what bash would offer at the end of LINE, one a line.
complete_line() {
  bash --norc --noprofile -c '
    source "$SOURCE_DIR/completions/shmtool.bash"
    COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=${2:-9}
    _shmtool
    [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "commands are offered, and help" {
  run -0 complete_line 'shmtool '
  for command in create attach-write read stat list rm help; do
    [[ $'\n'$output$'\n' == *$'\n'"$command"$'\n'* ]]
  done
}

@test "a beginning is completed" {
  run -0 complete_line 'shmtool lis'
  [ "$output" = list ]
  run -0 complete_line 'shmtool list --he'
  [ "$output" = --help ]
  run -0 complete_line 'shmtool help sta'
  [ "$output" = stat ]
}

@test "columns are offered, also after a comma, a plus and an equals sign" {
  run -0 complete_line 'shmtool list -o nat'
  [ "$output" = nattch ]
  run -0 complete_line 'shmtool list -o key,nat'
  [ "$output" = key,nattch ]
  run -0 complete_line 'shmtool list -o +nat'
  [ "$output" = +nattch ]
  run -0 complete_line 'shmtool list -S -nat'
  [ "$output" = -nattch ]
  # bash replaces only what follows the equals sign
  run -0 complete_line 'shmtool list --output=key,nat'
  [ "$output" = key,nattch ]
}

@test "live ids and keys are offered where a segment stands" {
  local id
  id=$(shmtool create -k 0xabc -m 640 12288)
  run -0 complete_line 'shmtool rm '
  [ "$output" = "$id"$'\n'0x00000abc ]
  run -0 complete_line 'shmtool rm 0x'
  [ "$output" = 0x00000abc ]
  run -0 complete_line 'shmtool create -k '
  [ "$output" = 0x00000abc ]
  run -0 complete_line 'shmtool stat 77 0x0'
  [ "$output" = 0x00000abc ]
}

@test "descriptions are shown only in a list of several" {
  local id
  id=$(shmtool create -k 0xabc -m 640 12288)
  run -0 complete_line 'shmtool rm ' 63
  [[ ${lines[0]} == "$id"*"mode 0640, 12288 bytes, nattch 0)" ]]
  run -0 complete_line 'shmtool rm 0x' 63
  [ "$output" = 0x00000abc ]
}

@test "where a file stands nothing is offered, so bash offers files" {
  shmtool create -k 0xabc 4096
  run -0 complete_line 'shmtool attach-write 0xabc '
  [ -z "$output" ]
  run -0 complete_line 'shmtool read -O '
  [ -z "$output" ]
  run -0 bash -c 'source "$SOURCE_DIR/completions/shmtool.bash"; complete -p shmtool'
  [[ $output == *'-o default'* ]]
}

@test "users are offered for an owner" {
  run -0 complete_line 'shmtool create -u roo'
  [ "$output" = root ]
}

@test "an unknown command offers nothing" {
  run -0 complete_line 'shmtool nosuch --'
  [ -z "$output" ]
}

@test "it works in an interactive shell" {
  require script
  printf 'source "$SOURCE_DIR/completions/shmtool.bash"\nPS1=\nshmtool create --k\t0x77 40\t96\nexit\n' >keys
  run -0 script -qec 'bash --norc --noprofile -i' /dev/null <keys
  run -0 shmtool stat -n -o size,key 0x77
  [ "$output" = "$(printf '4K\n0x00000077')" ]
}
