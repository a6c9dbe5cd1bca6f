# SPDX-License-Identifier: MIT
# bash completion for shmtool: asks the program itself what may stand at the cursor.
# shellcheck shell=bash

# Splits the line as the shell would, but runs nothing of it. Sets words and last, the number of the
# last one; of that begin, where in it that begins which readline will replace, and quote, which is
# still open. Fails where that cannot be told.
_shmtool_split() {
  local line=${COMP_LINE:0:COMP_POINT} char next
  local -i i started=0 closed=0

  words=('') last=0 begin=0 quote=''
  for ((i = 0; i < ${#line}; i++)); do
    char=${line:i:1} next=${line:i+1:1}
    case $quote$char in
      [[:space:]])
        ((started)) && words[++last]=''
        started=0 closed=0 begin=0
        continue
        ;;
      \'\' | \"\") quote='' closed=1 ;;
      \' | \") quote=$char begin=${#words[last]} ;;
      \\ | \"\\)
        [[ -n $quote && $next != [\"\\\$\`] ]] && words[last]+=\\
        words[last]+=$next
        i+=1
        ;;
      *)
        # Readline replaces what follows such a character, and '@' too.
        if [[ -z $quote && $COMP_WORDBREAKS == *"$char"* ]]; then
          begin=${#words[last]}
          [[ $char == @ ]] || begin+=1
        fi
        words[last]+=$char
        ;;
    esac
    started=1
  done
  ((!closed))
}

# Quotes candidate, so that it stands for itself behind the quote that is open.
_shmtool_quote() {
  local char

  case $quote in
    \') candidate=${candidate//\'/"'\\''"} ;;
    \")
      for char in \\ \" \$ \`; do candidate=${candidate//"$char"/"\\$char"}; done
      ;;
    *) [[ $candidate != *[^[:alnum:]_.,:=+@%/-]* ]] || printf -v candidate %q "$candidate" ;;
  esac
}

_shmtool() {
  local candidate description quote tab=$'\t'
  local -a words candidates descriptions
  local -i last begin widest=0 i

  # COMP_WORDS is split at ':' and '=', which stand inside words here (key:42, --mode=600).
  COMPREPLY=()
  _shmtool_split || return 0
  while IFS=$tab read -r candidate description; do
    case $candidate:$description in
      "command $last:")
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -c -- "${words[last]}")
        return
        ;;
      file: | 'command '*:)
        compopt -o default
        return
        ;;
    esac
    candidate=${candidate:begin}
    _shmtool_quote
    candidates+=("$candidate")
    descriptions+=("$description")
    ((${#candidate} > widest)) && widest=${#candidate}
  done < <("${words[0]/#\~\//$HOME/}" __complete "${words[@]:1}" 2>/dev/null)

  COMPREPLY=("${candidates[@]}")
  # A single candidate is inserted, several are shown: only then may descriptions stand there.
  if ((${#candidates[@]} > 1 && COMP_TYPE == 63)); then
    for ((i = 0; i < ${#candidates[@]}; i++)); do
      printf -v "COMPREPLY[i]" '%-*s  (%s)' "$widest" "${candidates[i]}" "${descriptions[i]}"
    done
  fi
}

complete -o nosort -F _shmtool shmtool
