#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The examples of the README print what it says.

load ../common

# part FROM TO: the indented lines of the README from the line FROM on and before TO.
part() {
  sed -n "/^$1/,/^$2/{/^$2/!s/^    //p}" "$SOURCE_DIR/README.md"
}

# Puts the same in the place of each time.
without_times() {
  sed -E 's/[0-9]{4}-[0-9-]+T[0-9:]+([+-][0-9:]+|Z)/TIME/g'
}

# Runs the commands on stdin one after the other in this shell and compares what each prints.
follow() {
  local line command='' expected='' status=0 count=0
  while IFS= read -r line; do
    if [[ "$line" != '$ '* && "$command" != *'|' ]]; then
      expected+=$line$'\n'
      continue
    elif [[ "$line" != '$ '* ]]; then
      command+=$line
      continue
    fi
    compare
    command=${line#??} expected=''
  done
  compare
  [ "$count" -ge "$1" ]
}

# One command of `follow`; the next one may ask for its status.
compare() {
  [ -n "$command" ] || return 0
  count=$((count + 1))
  eval "(exit $status); $command" >printed 2>&1 && status=0 || status=$?
  diff <(printf %s "$expected" | without_times) <(without_times <printed) || {
    echo "after: $command"
    return 1
  }
}

@test "the tour and the examples of JSON" {
  require jq
  # The README's owner is root, and its first id 0.
  [ "$(id -un)" = root ] || skip "needs root's name"
  require_own_namespace
  export TZ=UTC0
  follow 14 < <(part 'Create a segment: key 13' 'Remove it:')
  follow 7 < <(part '## JSON' '    \$ shmtool ps')
  follow 3 < <(part 'Remove it:' '## Remove many')
}
