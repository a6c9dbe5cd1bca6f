# SPDX-License-Identifier: MIT
# What the manual has readers type and compile, as they see it on the page.
# shellcheck shell=bash

# The manual as man shows it at 80 columns, without overstrikes.
page() {
  mandoc -Tutf8 -O width=80 "$SOURCE_DIR/man/shmtool.1" | sed $'s/.\b//g'
}

# program NAME: the C of the manual from the comment "NAME.c" to the end of main.
program() {
  page | sed -n "/^ *\/\* $1\.c \*\/\$/,/^ *}\$/{s/^       //;p;/^}/q}"
}

# Compiles the programs of the manual, writer and reader, in this folder.
compile_programs() {
  require mandoc cc
  local name
  for name in writer reader; do
    program "$name" >"$name.c"
    cc -Wall -Wextra -Werror -o "$name" "$name.c"
  done
}
