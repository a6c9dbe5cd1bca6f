#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The completions, run by a real bash, zsh and fish.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
# shellcheck disable=SC2016 # the inner shells expand these

load ../common

# complete_line LINE [TYPE]: what bash would offer at the end of LINE, one a line.
complete_line() {
  bash --norc --noprofile -c '
    source "$SOURCE_DIR/completions/shmtool.bash"
    COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=${2:-9}
    compopt() { echo "$@"; }
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

@test "where a file stands, and only there, bash is asked for files" {
  for line in 'attach-write 0xabc ' 'read -O ' 'create --from=' 'ftok ' 'semlock 0xabc cat '; do
    run -0 complete_line "shmtool $line"
    [ "$output" = '-o default' ]
  done
  for line in 'stat ' 'list ' 'list --sort x' 'create -m ' 'attach-write 0xabc file ' 'ftok file ' 'nosuch '; do
    run -0 complete_line "shmtool $line"
    [ -z "$output" ]
  done
  run -0 bash -c 'source "$SOURCE_DIR/completions/shmtool.bash"; complete -p shmtool'
  [[ $output != *'default'* ]]
}

@test "the segments offered are those of the namespace that --ns names" {
  require_ipc_namespaces
  shmtool create -k 0xabc 1
  # shellcheck disable=SC2016
  coproc HOLDER { exec unshare --ipc sh -c 'shmtool create -k 0xdef 1 >&2 && echo made && read -r _'; }
  read -r _ <&"${HOLDER[0]}"
  for option in "--ns $HOLDER_PID" "--ns=$HOLDER_PID"; do
    # shellcheck disable=SC2086
    run -0 shmtool __complete rm $option 0x
    [[ $output == 0x00000def$'\t'* ]]
    [ "${#lines[@]}" -eq 1 ]
  done
  run -0 shmtool __complete rm --ns 4194304 ''
  [ -z "$output" ]
  release
}

@test "users are offered for an owner" {
  run -0 complete_line 'shmtool create -u roo'
  [ "$output" = root ]
  run -0 complete_line 'shmtool list --user=roo'
  [ "$output" = root ]
}

@test "groups are offered after a user and a colon" {
  run -0 shmtool __complete create -u 0:roo
  [ "$output" = $'0:root\tgroup' ]
  run -0 shmtool __complete set --owner=nobody:roo
  [ "$output" = $'--owner=nobody:root\tgroup' ]
  run -0 complete_line 'shmtool create -u nobody:roo'
  [ "$output" = root ]
}

@test "ids and keys are offered after id:, key: and --key=" {
  local id
  id=$(shmtool create -k 0xabc 4096)
  run -0 shmtool __complete rm id:
  [[ $output == "id:$id"$'\t'* ]]
  [ "${#lines[@]}" -eq 1 ]
  run -0 shmtool __complete rm key:
  [[ $output == "key:0x00000abc"$'\t'* ]]
  [ "${#lines[@]}" -eq 1 ]
  run -0 complete_line 'shmtool create --key=0x'
  [ "$output" = 0x00000abc ]
}

# The size of the huge pages of FOLDER, with its largest unit.
huge_name() {
  local kib=${1##*-} units=KMG
  kib=${kib%kB}
  while ((kib % 1024 == 0)); do kib=$((kib / 1024)) units=${units:1}; done
  echo "$kib${units::1}"
}

@test "ages, processes and sizes of huge pages are offered" {
  run -0 complete_line 'shmtool list --older-than '
  [ "$output" = $'10m\n1h\n1d\n7d' ]
  hold "$(shmtool create 1)"
  for line in 'list --ns' 'ps --pid'; do
    # shellcheck disable=SC2086
    run -0 shmtool __complete $line "$holder"
    [ "$output" = "$holder"$'\t'"holder $(shmtool list -q)" ]
  done
  release
  for size in /sys/kernel/mm/hugepages/hugepages-*; do
    [ -e "$size" ] || skip "optional: there are no huge pages"
    run -0 shmtool __complete create --huge ''
    [[ $'\n'$output == *$'\n'"$(huge_name "$size")"$'\t'* ]]
  done
}

@test "an unknown command offers nothing" {
  run -0 complete_line 'shmtool nosuch --'
  [ -z "$output" ]
}

@test "it works in an interactive shell" {
  require_terminal
  printf 'source "$SOURCE_DIR/completions/shmtool.bash"\nPS1=\nshmtool create --k\t0x77 40\t96\nexit\n' >keys
  run -0 script -qec 'bash --norc --noprofile -i' /dev/null <keys
  run -0 shmtool stat -n -o size,key 0x77
  [ "$output" = "$(printf '4096\n0x00000077')" ]
}

# complete_in_zsh LINE: what zsh would offer at the end of LINE, each with a colon and its
# description. What belongs to zle is replaced.
complete_in_zsh() {
  zsh -fc '
    _call_program() { shift; eval "$@" }
    _describe() { print -rl -- "${(@P)@[-1]}" }
    _files() { print -r -- "file:$PREFIX" }
    compset() { PREFIX=${PREFIX#*=} }
    words=("${(@z)1}")
    [[ $1 != *" " ]] || words+=("")
    CURRENT=$#words PREFIX=$words[-1]
    source "$SOURCE_DIR/completions/_shmtool"' zsh "$1"
}

# A folder that fish takes for its sockets, so that it makes none in /tmp.
fish_folder() {
  [ -d runtime ] || mkdir -m 700 runtime
  echo "$PWD/runtime"
}

# complete_in_fish LINE: what fish offers at the end of LINE, each with a tab and its description.
complete_in_fish() {
  HOME=$PWD XDG_RUNTIME_DIR=$(fish_folder) fish --no-config -c '
    source "$SOURCE_DIR/completions/shmtool.fish"
    complete -C "$argv[1]"' "$1"
}

# check_offers COMPLETE SEPARATOR: what zsh and fish have in common.
check_offers() {
  local id
  id=$(shmtool create -k 0xabc -m 640 12288)
  run -0 "$1" 'shmtool '
  [[ $output == *"create$2Create a segment"* ]]
  [[ $output == *"help$2"* ]]
  run -0 "$1" 'shmtool help sta'
  [[ $output == "stat$2"* ]]
  [ "${#lines[@]}" -eq 1 ]
  run -0 "$1" 'shmtool rm '
  [ "$output" = "$(printf "%s$2$(id -un), mode 0640, 12288 bytes, nattch 0\n" "$id" 0x00000abc)" ]
  run -0 "$1" 'shmtool list --he'
  [ "$output" = "--help$2show this help" ]
  run -0 "$1" 'shmtool list --output=key,nat'
  [ "$output" = "--output=key,nattch$2mappings that are attached" ]
  run -0 "$1" 'shmtool list -S -nat'
  [ "$output" = "-nattch$2mappings that are attached" ]
}

@test "zsh offers what the program says, and files where it says so" {
  command -v zsh >/dev/null || skip "optional: zsh is missing"
  check_offers complete_in_zsh :
  run -0 complete_in_zsh 'shmtool read -O fi'
  [ "$output" = file:fi ]
  run -0 complete_in_zsh 'shmtool create --from=fi'
  [ "$output" = file:fi ]
}

@test "fish offers what the program says, and files where it says so" {
  command -v fish >/dev/null || skip "optional: fish is missing"
  check_offers complete_in_fish $'\t'
  touch file
  run -0 complete_in_fish 'shmtool read -O fi'
  [ "$output" = file ]
  run -0 complete_in_fish 'shmtool create --from=fi'
  [ "$output" = --from=file ]
}

@test "it works in an interactive zsh" {
  require_terminal
  command -v zsh >/dev/null || skip "optional: zsh is missing"
  require_terminal
  shmtool create -k 0xabc -m 640 12288
  {
    echo 'fpath=($SOURCE_DIR/completions $fpath); autoload -Uz compinit; compinit -D -u; PS1='
    printf 'shmtool create --k\t0x77 40\t96\nshmtool stat 0x0\t\t\nexit\n'
  } >keys
  TERM=xterm run script -qec 'zsh -f -i' /dev/null <keys
  [[ $output == *"mode 0640, 12288 bytes"* ]]
  run -0 shmtool stat -n -o size,key 0x77
  [ "$output" = "$(printf '4096\n0x00000077')" ]
}

# completes INIT SHELL: what is typed in the interactive SHELL, with a tab behind it, becomes what
# completed_lines says. INIT has control-G append the line to the file `completed` and empty it.
completes() {
  require_terminal
  local id typed
  id=$(shmtool create -k 0xabc 4096)
  hold "$id"
  # Its number must not be the beginning of another.
  while compgen -G "/proc/${holder}[0-9]*" >/dev/null; do
    release
    hold "$id"
  done
  touch afile
  ln -s "$(command -v shmtool)" shmtool
  completed_lines "$id" "$holder" >wanted
  {
    echo "$1"
    while IFS='>' read -r typed _; do
      [[ $typed == '~'* ]] || typed="shmtool $typed"
      printf '%s\t\a' "$typed"
    done <wanted
    printf 'exit\n'
  } >keys
  TERM=xterm HOME=$PWD XDG_RUNTIME_DIR=$(fish_folder) timeout 60 script -qec "$2" /dev/null <keys >screen
  release
  cat -v screen
  # Behind what was completed a blank is put.
  diff <(sed -E '/^(.*)>\1$/!s/ ?$/ /; s/.*>([^~])/shmtool \1/; s/.*>//' wanted) completed
  run ! grep -iE 'unknown|not found|error' screen
}

# completed_lines ID PID: what is typed, a '>', and what it becomes.
completed_lines() {
  cat <<EOF
metr>metrics
~/shmtool limi>~/shmtool limits
help limi>help limits
list --user=roo>list --user=root
create --key=>create --key=0x00000abc
create -k >create -k 0x00000abc
stat key:>stat key:0x00000abc
stat id:>stat id:$1
wait 0x>wait 0x00000abc
wait --una>wait --unattached
rm 77 0x>rm 77 0x00000abc
rm -vf id:>rm -vf id:$1
set -u root:roo>set -u root:root
create --owner=root:roo>create --owner=root:root
list --older-than 10>list --older-than 10m
list --older-than=7>list --older-than=7d
ps -u roo>ps -u root
ps -S -comm>ps -S -command
ps -o +arg>ps -o +args
ps --output=pid,arg>ps --output=pid,args
limits -o limit,perc>limits -o limit,percent
semlock 0xd mkfif>semlock 0xd mkfifo
semlock -w 3 id:$1 mkfif>semlock -w 3 id:$1 mkfifo
semlock 0xd cat afi>semlock 0xd cat afile
semlock key:0xd cat -A afi>semlock key:0xd cat -A afile
attach-write 0xd afi>attach-write 0xd afile
attach-write id:0 ~/afi>attach-write id:0 ~/afile
read -O afi>read -O afile
read --file=afi>read --file=afile
create --from afi>create --from afile
create --from=afi>create --from=afile
ftok afi>ftok afile
afi>afi
help afi>help afi
stat afi>stat afi
list afi>list afi
list --sort afi>list --sort afi
list --sort=afi>list --sort=afi
list -u afi>list -u afi
create afi>create afi
create -m afi>create -m afi
attach-write afi>attach-write afi
attach-write 0xd afile afi>attach-write 0xd afile afi
ftok afile afi>ftok afile afi
limits afi>limits afi
EOF
  # The blank alone tells that the number was offered.
  printf '%s\n' "list --ns $2>list --ns $2 " "ps --pid=$2>ps --pid=$2 "
  local size
  for size in /sys/kernel/mm/hugepages/hugepages-*; do
    [ -e "$size" ] || continue
    size=$(huge_name "$size")
    echo "create --huge=${size%?}>create --huge=$size"
  done
}

@test "an interactive bash completes what can stand there" {
  completes 'source "$SOURCE_DIR/completions/shmtool.bash"; PS1=
    report() { echo "$READLINE_LINE" >>completed; READLINE_LINE=; }; bind -x '\''"\C-g": report'\' \
    'bash --norc --noprofile -i'
}

@test "an interactive zsh completes what can stand there" {
  command -v zsh >/dev/null || skip "optional: zsh is missing"
  completes 'fpath=($SOURCE_DIR/completions $fpath); autoload -Uz compinit; compinit -D -u; PS1=
    report() { print -r -- "$BUFFER" >>completed; BUFFER= }; zle -N report; bindkey "^G" report' \
    'zsh -f -i'
}

@test "an interactive fish completes what can stand there" {
  command -v fish >/dev/null || skip "optional: fish is missing"
  completes 'source "$SOURCE_DIR/completions/shmtool.fish"
    bind \cg "commandline >>completed; commandline \"\""' 'fish --no-config -i'
}

# with_accounts COMMAND...: runs COMMAND where there are accounts whose names a shell takes for more
# than a word, with numbers from 60001 on, and others that move the cursor.
with_accounts() {
  {
    cat /etc/passwd
    printf '%s\n' 'CORP\alice:x:60001:60001::/:' 'a b:x:60002:60002::/:' \
      'evil$(touch X)x:x:60003:60003::/:' "it's:x:60004:60004::/:" 'user@corp:x:60005:60005::/:'
    printf 'up\e[A:x:60006:60006::/:\nthe\ttab:x:60007:60007::/:\nc1\xc2\x9b:x:60008:60008::/:\n'
  } >passwd
  unshare --mount sh -c 'mount --bind passwd /etc/passwd && exec "$@"' sh "$@"
}

@test "names that the shell would take apart are quoted, behind an open quote too" {
  require_root
  require_mounts
  local typed expected
  while IFS='>' read -r typed expected; do
    echo "$typed"
    run -0 with_accounts bash -c "$(declare -f complete_line)"'; complete_line "$1"' bash "shmtool list $typed"
    [ "$output" = "$expected" ]
  done <<'EOF'
-u CORP>CORP\\alice
-u CORP\\al>CORP\\alice
-u 'CORP>CORP\alice
-u 'CORP\al>CORP\alice
-u "CORP\\al>CORP\\alice
-u a\ >a\ b
-u 'a >a b
-u evil>evil\$\(touch\ X\)x
-u evil\$\(>evil\$\(touch\ X\)x
-u 'evil$(touch >evil$(touch X)x
-u "evil>evil\$(touch X)x
-u it\'>it\'s
-u 'it>it'\''s
-u "it>it's
-u user@>@corp
-u user@co>@corp
-u 'user@co>user@corp
-u 'CORP'\\al>
-o $(touch X)nat>
--output='key,nat>key,nattch
-u 'a b' -o key,nat>key,nattch
EOF
  [ ! -e X ]
}

@test "no control character is printed" {
  require_root
  require_mounts
  run -0 with_accounts shmtool __complete list -u ''
  [[ $output == *'CORP\alice'$'\t'* ]]
  # A tab stands between the word and what it is.
  run ! grep -P '[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]|\t.*\t' <<<"$output"
  run -0 with_accounts shmtool __complete list -u the
  [ -z "$output" ]
  run -0 shmtool __complete list $'--output=\e[A,nat'
  [ -z "$output" ]
  shmtool create -u 60006 1
  run -0 with_accounts shmtool __complete stat ''
  [[ $output == *$'\t''up\x1b[A, mode '* ]]
}

# types SHELL...: what is completed in an interactive shell means the account, and runs nothing.
# Begun for each: the start of the name, and the same behind a quote.
types() {
  require_mounts
  local number id
  for number in 60001 60002 60003 60004 60005; do
    id=$(shmtool create -u $number 1)
    echo "$id" >>expected
  done
  {
    printf 'shmtool list -q -u %s\t >>plain\n' CORP 'a\ ' evil "it\\'" user@
    printf "shmtool list -q -u '%s\\t >>single\\n" CORP 'a ' evil it user@
    printf 'shmtool list -q -u "%s\t >>double\n' CORP 'a ' evil it user@
    echo exit
  } >>keys
  with_accounts env TERM=xterm HOME="$PWD" XDG_RUNTIME_DIR="$(fish_folder)" timeout 60 script -qec "$*" /dev/null <keys >screen
  cat -v screen
  for file in plain single double; do
    echo "$file"
    diff expected $file
  done
  [ ! -e X ]
}

@test "an interactive bash completes names that have to be quoted, and runs nothing of them" {
  require_root
  require_terminal
  printf 'source "$SOURCE_DIR/completions/shmtool.bash"\nPS1=\n' >keys
  types bash --norc --noprofile -i
}

@test "an interactive zsh completes names that have to be quoted, and runs nothing of them" {
  command -v zsh >/dev/null || skip "optional: zsh is missing"
  require_root
  require_terminal
  echo 'fpath=($SOURCE_DIR/completions $fpath); autoload -Uz compinit; compinit -D -u; PS1=' >keys
  types zsh -f -i
}

@test "an interactive fish completes names that have to be quoted, and runs nothing of them" {
  command -v fish >/dev/null || skip "optional: fish is missing"
  require_root
  require_terminal
  echo 'source "$SOURCE_DIR/completions/shmtool.fish"' >keys
  types fish --no-config -i
}
