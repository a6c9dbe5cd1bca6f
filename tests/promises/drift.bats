#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The man page, the JSON Schema, the completion and the README say what the help says: no more and
# no less.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
load ../common

# The manual without line breaks inside paragraphs and without overstrikes.
manual() {
  mandoc -Tascii -O width=1000 "$SOURCE_DIR/man/shmtool.1" | sed -e $'s/.\b//g'
}

# manual_section SECTION [SUBSECTION]: its lines.
manual_section() {
  manual | awk -v section="$1" -v subsection="${2:-}" '
    /^[^ ]/ { inside = $0 == section; current = ""; next }
    /^   [^ ]/ { current = substr($0, 4); next }
    inside && (subsection == "" || current == subsection)'
}

# The options that the text on stdin describes, each with all its forms: "-k, --key KEY".
options() {
  sed -nE 's/^ +((-[[:alnum:]], )?--[a-z][a-z-]*( [^a-z ]+)?)(  .*)?$/\1/p' | sort
}

# The same from the help of a COMMAND; fails if a line of its options is spelled in another way.
help_options() {
  local listed
  listed=$(shmtool "$1" --help | sed -n '/^Options:$/,/^$/p')
  [ "$(options <<<"$listed" | wc -l)" -eq "$(grep -c '^ .*-' <<<"$listed")" ] || return 1
  options <<<"$listed"
}

help_columns() {
  shmtool "$1" --help | sed -nE '/^Columns/,$s/^  [* ] ([a-z0-9_]+) +[^ ].*/\1/p'
}

# What the manual says of the columns of COMMAND, a line each: name, type in JSON, meaning.
manual_of_columns() {
  local table
  case $1 in
    list | stat) table=Segments ;;
    ps) table=Attachments ;;
    limits) table=Limits ;;
  esac
  manual_section COLUMNS "$table" | sed -nE 's/^     ([a-z0-9_]+)  +([a-z]+\??)  +([^ ].*)$/\1\t\2\t\3/p'
}

# The columns that the manual describes for COMMAND, in its order.
manual_columns() {
  manual_of_columns "$1" | cut -f 1
}

# The options that the manual describes for COMMAND: its own, those that its synopsis takes from what
# several commands share, and those that all have.
manual_options() {
  local synopsis form line
  synopsis=$(shmtool "$1" --help | sed '/^[^U ]/,$d' | tr '\n' ' ')
  manual_section COMMANDS "$1" | options
  manual_section DESCRIPTION 'Common options' | options
  {
    manual_section DESCRIPTION 'Output options'
    manual_section DESCRIPTION Filters
  } | options | while read -r line; do
    # In the synopsis an option stands in its short form, if it has one.
    form=$(sed -E 's/^(-.), --[a-z-]+/\1/' <<<"$line")
    [[ "$synopsis" != *[[\ ]"$form"[]\ ]* ]] || echo "$line"
  done
}

# The columns in the JSON of COMMAND without -o, in its order.
json_columns() {
  [ "$1" != stat ] || set -- stat key:13
  shmtool "$@" -J |
    jq -r '.segments, .attachments, .limits | select(.)[0] | keys_unsorted[]'
}

# schema_properties KIND: as JSON, what the schema says of the members of a segment, a limit, ….
schema_properties() {
  jq ".\"\$defs\".$1.properties" "$SOURCE_DIR/man/shmtool.schema.json"
}

# The kind of row that COMMAND prints.
kind_of() {
  case $1 in
    list | stat) echo segment ;;
    ps) echo attachment ;;
    limits) echo limit ;;
  esac
}

# The commands whose help has columns.
commands_with_columns() {
  local command
  for command in $(commands); do
    [ -z "$(help_columns "$command")" ] || echo "$command"
  done
}

# candidates WORD...: what the completion offers for the last WORD, sorted; fails if one of them
# lacks a description.
candidates() {
  local offered
  offered=$(shmtool __complete "$@")
  ! grep -vqP '^[^\t]+\t[^\t]+$' <<<"$offered" || return 1
  cut -f 1 <<<"$offered" | sort
}

# same NAME EXPECTED ACTUAL: both are the same, and not empty.
same() {
  echo "$1: expected (<) and found (>)"
  diff <(echo "$2") <(echo "$3")
  [ -n "$2" ]
}

@test "the help lists commands" {
  [ "$(commands | wc -l)" -ge 13 ]
}

@test "every command has help, on stdout" {
  run -0 --separate-stderr shmtool help
  [ -z "$stderr" ]
  same "--help" "$output" "$(shmtool --help)"
  for command in $(commands); do
    echo "$command"
    run -0 --separate-stderr shmtool "$command" --help
    [ -z "$stderr" ]
    [[ "$output" == "Usage: shmtool $command"* ]]
    same "$command -h" "$output" "$(shmtool "$command" -h)"
    same "help $command" "$output" "$(shmtool help "$command")"
  done
}

@test "no line of help is wider than 80 columns" {
  for command in '' $(commands); do
    # shellcheck disable=SC2086
    run ! grep -E '.{81}' <(shmtool help $command)
  done
}

# narrow COMMAND...: what it prints has rows, and no line that is wider than 80 columns.
narrow() {
  run -0 --separate-stderr "$@"
  echo "$output"
  [ "${#lines[@]}" -ge 2 ]
  run ! grep -E '.{81}' <<<"$output"
}

@test "no table is wider than 80 columns with its usual columns" {
  local id
  id=$(shmtool create -k 0xdeadbeef -m 666 123456789)
  hold "$id" 3 fifteen-letters
  for line in list 'list -b' ps limits 'rm --all --attached --dry-run'; do
    # shellcheck disable=SC2086
    narrow shmtool $line
  done
  release
}

@test "no table of list --all-ns is wider than 80 columns" {
  require_ipc_namespaces
  require_pid_namespaces
  # Of other namespaces the ids may be long.
  narrow unshare --ipc --pid --fork --mount-proc sh -c 'shmtool create -k 0xdeadbeef 123456789 >&2 && shmtool list --all-ns'
}

@test "the help of each command says what the list of commands says" {
  for command in $(commands); do
    summary=$(shmtool help | sed -n "s/^  $command  *//p")
    same "$command" "$summary" "$(shmtool "$command" --help | sed -n '2,${/^ /d; p; q}')"
  done
}

@test "the manual has a subsection for each command, and no other" {
  require mandoc
  found=$(manual | awk '/^[^ ]/ { inside = $0 == "COMMANDS" } inside && /^   [^ ]/ { print $1 }')
  same subsections "$(commands)" "$found"
}

@test "the manual has each command's synopsis" {
  require mandoc
  for command in $(commands); do
    synopsis=$(shmtool "$command" --help | sed '/^[^U ]/,$d; s/^Usage: //' | tr -s ' \n' ' ' | sed 's/ $//')
    found=$(manual_section COMMANDS "$command" | tr -s ' \n' ' ' | sed 's/^ //')
    echo "expected: $synopsis"
    echo "found: $found"
    [ -n "$synopsis" ]
    # What follows must begin a sentence, not go on with the synopsis.
    [[ "$found" == "$synopsis "[A-Z][a-z]* ]]
  done
}

@test "the manual has each command's options in all their forms, and no other" {
  require mandoc
  for command in $(commands); do
    found=$(manual_options "$command" | sort -u)
    # The manual says that it does without.
    [ "$command" != ftok ] || found=$(grep -v -e --ns <<<"$found")
    same "$command" "$(help_options "$command")" "$found"
  done
}

@test "the manual speaks of no long option that does not exist" {
  require mandoc
  known=$(for command in $(commands); do help_options "$command"; done | grep -oE -- '--[a-z-]+')
  # The manual has the reader type one command of another program.
  run -0 sed -E 's/unshare( --[a-z-]+)+//' <(manual)
  unknown=$(grep -oE -- '--[a-z][a-z-]+' <<<"$output" | grep -vxFe --version -e "$known" || true)
  echo "unknown: $unknown"
  [ -n "$known" ]
  [ -z "$unknown" ]
}

@test "the manual has each command's columns, in the same order" {
  require mandoc
  same 'commands with columns' $'list\nstat\nps\nlimits' "$(commands_with_columns)"
  for command in $(commands_with_columns); do
    same "$command" "$(help_columns "$command")" "$(manual_columns "$command")"
  done
}

@test "the manual says which columns JSON has only on request" {
  require mandoc jq
  hold "$(shmtool create -k 13 1)"
  for command in $(commands_with_columns); do
    requested=$(manual_of_columns "$command" | sed -nE 's/^([a-z0-9_]+)\t.*\tOn request[,.].*/\1/p')
    same "$command" "$(help_columns "$command" | grep -vxFe "${requested:-none}")" "$(json_columns "$command")"
  done
  release
}

@test "the manual names the columns that list shows by default" {
  require mandoc
  starred=$(shmtool list --help | sed -nE 's/^  \* ([a-z0-9_]+) .*/\1/p' | paste -sd ' ')
  found=$(manual_section COLUMNS | sed -nE 's/^ *list shows the columns (.*) unless .*/\1/p' | sed 's/,//g; s/ and / /')
  same starred "$starred" "$found"
}

@test "the schema has each command's columns, in the same order" {
  require jq
  for command in $(commands_with_columns); do
    found=$(schema_properties "$(kind_of "$command")" | jq -r 'keys_unsorted[]')
    same "$command" "$(help_columns "$command")" "$found"
  done
  starred=$(shmtool list --help | sed -nE 's/^  \* ([a-z0-9_]+) .*/\1/p')
  same watch $'time\nevent\n'"$starred" "$(schema_properties change | jq -r 'keys_unsorted[]')"
}

@test "the manual gives the columns the types of the schema" {
  require mandoc jq
  for command in $(commands_with_columns); do
    types=$(schema_properties "$(kind_of "$command")" | jq -r 'to_entries[] | .key + " " +
      (if .value.type == "array" then "array of \(.value.items.type)s"
       else [.value.type] | flatten | join(" or ") end)' | sed 's/ array of / /; s/ or null$/?/')
    found=$(manual_of_columns "$command" | cut -f 1,2 | tr '\t' ' ')
    same "$command" "$types" "$found"
  done
}

@test "the completion offers each command, and help" {
  same commands "$(printf '%s\n' "$(commands)" help --help --version | sort)" "$(candidates '')"
  same 'after help' "$(commands | sort)" "$(candidates help '')"
}

@test "the completion offers each command's options in all their forms, and no other" {
  for command in $(commands); do
    known=$(help_options "$command" | grep -oE -- '(^|, )--?[[:alnum:]-]+' | sed 's/^, //' | sort)
    same "$command -" "$known" "$(candidates "$command" -)"
    same "$command --" "$(grep -- '^--' <<<"$known")" "$(candidates "$command" --)"
  done
}

@test "the completion offers each column wherever an option takes one, and no other" {
  found=0
  for command in $(commands_with_columns); do
    for option in $(help_options "$command" | sed -nE 's/^(-.), (--[a-z-]+) (COLS|\[-\]COL)$/\1 \2/p'); do
      same "$command $option" "$(help_columns "$command" | sort)" "$(candidates "$command" "$option" '')"
      found=$((found + 1))
    done
  done
  [ "$found" -ge 8 ]
}

@test "the READMEs mention no command that there is not" {
  local command known
  known=" $(commands | tr '\n' ' ') help "
  # In code alone, not in a sentence.
  grep -ohE '(^    |`|\$\()shmtool [a-z][a-z-]+' "$SOURCE_DIR/README.md" "$SOURCE_DIR/src/README.md" |
    sed 's/.* //' | sort -u >mentioned
  [ "$(wc -l <mentioned)" -gt 5 ]
  while read -r command; do
    echo "$command"
    [[ "$known" == *" $command "* ]]
  done <mentioned
}

@test "the map of the source names every file" {
  for file in "$SOURCE_DIR"/src/*.c; do
    name=$(basename "$file")
    [[ $name = cmd_* ]] || grep -q "^| \`$name\` |" "$SOURCE_DIR/src/README.md"
  done
}

@test "the manual and the release have the version of the program" {
  version=$(shmtool --version)
  grep -qx "\.Os $version" "$SOURCE_DIR/man/shmtool.1"
  grep -qx "VERSION = ${version#shmtool }" "$SOURCE_DIR/Makefile"
}
