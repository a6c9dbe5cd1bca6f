# SPDX-License-Identifier: MIT
# fish completion for shmtool: asks the program itself what may stand at the cursor.

function __shmtool_complete
    set -l typed (commandline -ct)
    set -l word
    # Of what is typed last a quote may still be open.
    for quote in '' \' '"'
        set word (string unescape -- "$typed$quote"); and break
    end
    set -l words (commandline -opc) "$word"
    set -l offered ($words[1] __complete $words[2..-1] 2>/dev/null)
    if set -q offered[1]
        string join \n -- $offered
    else
        # The value of an option may be a file too.
        set -l option (string match -r -- '^--[^=]+=' $words[-1])
        for path in (__fish_complete_path (string replace -- "$option" '' $words[-1]))
            echo "$option$path"
        end
    end
end

complete -c shmtool -f -k -a '(__shmtool_complete)'
