# SPDX-License-Identifier: MIT
# bash completion for shmtool: asks the program itself what may stand at the cursor.
# shellcheck shell=bash

_shmtool() {
  local line=${COMP_LINE:0:COMP_POINT} word candidate description tab=$'\t'
  local -a words candidates descriptions
  local -i widest=0 i

  # COMP_WORDS is split at ':' and '=', which stand inside words here (key:42, --mode=600).
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  word=${words[${#words[@]} - 1]}
  while IFS=$tab read -r candidate description; do
    # Readline replaces only what follows the last ':' or '='.
    candidate=${candidate#"${word%"${word##*[:=]}"}"}
    candidates+=("$candidate")
    descriptions+=("$description")
    ((${#candidate} > widest)) && widest=${#candidate}
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)

  COMPREPLY=("${candidates[@]}")
  # A single candidate is inserted, several are shown: only then may descriptions stand there.
  if ((${#candidates[@]} > 1 && COMP_TYPE == 63)); then
    for ((i = 0; i < ${#candidates[@]}; i++)); do
      printf -v "COMPREPLY[i]" '%-*s  (%s)' "$widest" "${candidates[i]}" "${descriptions[i]}"
    done
  fi
}

complete -o default -o nosort -F _shmtool shmtool
