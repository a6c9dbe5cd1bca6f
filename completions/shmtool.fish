# SPDX-License-Identifier: MIT
# fish completion for shmtool: asks the program itself what may stand at the cursor.

function __shmtool_ask
    set -l typed (commandline -ct)
    set -l word
    # Of what is typed last a quote may still be open.
    for quote in '' \' '"'
        set word (string unescape -- "$typed$quote"); and break
    end
    set -l words (commandline -opc) "$word"
    set -l command (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l offered ($command __complete $words[2..-1] 2>/dev/null)
    if string match -q -- 'command *' "$offered"
        # Its number counts from 0.
        set -e words[1..(string replace 'command ' '' $offered)] words[-1]
        complete -C (string join ' ' -- (string escape -- $words) $typed) |
            string replace -r -- '^[^\t]+$' '$0\t'
    else
        string join \n -- $offered
    end
end

complete -c shmtool -f -k -a '(__shmtool_ask | string match -v -- file)'
complete -c shmtool -F -n 'test "$(__shmtool_ask)" = file'
