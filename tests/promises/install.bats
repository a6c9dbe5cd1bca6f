#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Makefile: variables, installation, and that both commands of the README work in order.

# Each test is a process of its own.
# shellcheck disable=SC2030,SC2031
# shellcheck disable=SC2016 # the inner shells expand these

load ../common

build() {
  env -u MAKEFLAGS -u MAKEOVERRIDES make -C "$SOURCE_DIR" --no-print-directory BUILD="$BATS_TEST_TMPDIR/build" "$@"
}

@test "install puts everything in place, and uninstall takes it away" {
  local root="$BATS_TEST_TMPDIR/a root" file
  cp "$(command -v shmtool)" built
  mkdir build
  run -0 make -C "$SOURCE_DIR" -n install DESTDIR="$root" PREFIX=/usr
  build install DESTDIR="$root" PREFIX=/usr
  for file in bin/shmtool share/man/man1/shmtool.1 share/shmtool/shmtool.schema.json \
    share/bash-completion/completions/shmtool share/zsh/site-functions/_shmtool \
    share/fish/vendor_completions.d/shmtool.fish; do
    [ -f "$root/usr/$file" ]
  done
  run -0 "$root/usr/bin/shmtool" list
  build uninstall DESTDIR="$root" PREFIX=/usr
  run -0 find "$root" -type f
  [ -z "$output" ]
}

@test "the user's CFLAGS, CPPFLAGS and LDFLAGS are used and need nothing in them" {
  run -0 build CFLAGS=-Os CPPFLAGS=-DUSERS_OWN LDFLAGS=-Wl,-O1 V=1 "$BATS_TEST_TMPDIR/build/shmtool"
  [[ $output == *-DUSERS_OWN* ]]
  [[ $output == *-Os* ]]
  [[ $output == *-Wl,-O1* ]]
  run -0 "$BATS_TEST_TMPDIR/build/shmtool" --version
}

@test "a changed header rebuilds what includes it" {
  build -s "$BATS_TEST_TMPDIR/build/shmtool"
  run -0 build -n -W src/parse.h "$BATS_TEST_TMPDIR/build/shmtool"
  [[ $output == *"src/parse.c"* ]]
  [[ $output != *"src/hexdump.c"* ]]
}

@test "it builds with musl" {
  command -v musl-gcc >/dev/null || skip "optional: musl-gcc is missing"
  [ -e /usr/include/cjson/cJSON.h ] || skip "cJSON.h is missing"
  # cJSON built for glibc does not link with musl, but every file compiles.
  local file objects=()
  for file in "$SOURCE_DIR"/src/*.c; do
    objects+=("$BATS_TEST_TMPDIR/build/$(basename "$file" .c).o")
  done
  mkdir include
  ln -s /usr/include/cjson include/cjson
  ln -s /usr/include/linux /usr/include/asm-generic include/
  ln -s /usr/include/"$(gcc -print-multiarch)"/asm include/asm
  run -0 build CC=musl-gcc CPPFLAGS="-I$PWD/include" CFLAGS=-Werror HARDENING=-fPIE \
    "${objects[@]}"
}

@test "deps does nothing where all is there" {
  # It would install what is not.
  require cc pkg-config jq script hexdump python3 perl mandoc
  run -0 "$SOURCE_DIR/tests/deps"
  [ -z "$output" ]
}

@test "the demo shows each command and leaves nothing behind" {
  run -0 make -C "$SOURCE_DIR" --no-print-directory BUILD="$BATS_TEST_TMPDIR/build" demo
  [[ $output == *"\$ shmtool create -k 13 -m 666 2048"* ]]
  [[ $output == *"I'm share memory"* ]]
  [ "$(census)" -eq 0 ]
}

# checkout DIR: a clone of what is committed.
checkout() {
  git clone -q "$SOURCE_DIR" "$1" || skip "git does not clone this checkout"
}

@test "a release is what is committed: it has the same bytes, and builds, tests and installs without git" {
  require git gzip
  [ -e "$SOURCE_DIR/.git" ] || skip "optional: .git is missing"
  require_own_namespace
  checkout one
  checkout two
  echo changed >>two/README.md
  build -s -C "$PWD/one" dist
  (umask 077 && TZ=UTC-5 build -s -C "$PWD/two" dist)
  run -0 git -C one status --short
  [ -z "$output" ]
  tarball=$(cd one && echo *.tar.gz)
  cmp "one/$tarball" "two/$tarball"

  tar -xzf "one/$tarball"
  release=$PWD/${tarball%.tar.gz}
  diff -r -x .git -x "$tarball" one "$release"
  mkdir refusing
  printf '#!/bin/sh\necho git >>"%s/called"\nexit 1\n' "$PWD" >refusing/git
  chmod +x refusing/git
  # bats inside bats, without the outer one's environment and folder.
  env -i PATH="$PWD/refusing:$(tr : '\n' <<<"$PATH" | grep -v /bats-core | paste -sd :)" HOME="$HOME" \
    make -s -C "$release" CFLAGS=-O0 check install TESTS=tests/commands/ftok.bats DESTDIR="$PWD/root" PREFIX=/usr
  [ ! -e called ]
  run -0 root/usr/bin/shmtool --version
  [ "$output" = "$(basename "$release" | tr - ' ')" ]
}
