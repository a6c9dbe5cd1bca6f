# SPDX-License-Identifier: MIT
# CC, CFLAGS, CPPFLAGS, LDFLAGS, PKG_CONFIG, PREFIX and DESTDIR are the user's to set; what the
# code needs is in variables of its own. V=1 shows the commands.

VERSION = 1.0.0

CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
BUILD = build

HARDENING = -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-align -Wundef -Wvla
SHMTOOL_CPPFLAGS = -D_GNU_SOURCE -DSHMTOOL_VERSION='"$(VERSION)"' -Isrc
SHMTOOL_CFLAGS = -std=c11 $(WARNINGS) $(HARDENING)
# Without "now": binding what a run does not call takes a third of a short command. LDFLAGS can add it.
SHMTOOL_LDFLAGS = -pie -Wl,-z,relro,-z,noexecstack,--as-needed
# cJSON: what tests/deps-source built for this compiler, else what pkg-config says, else -lcjson.
DEPS = build/deps/$(notdir $(CC))
ifneq ($(wildcard $(DEPS)/lib/libcjson.a),)
CJSON_CFLAGS = -I$(DEPS)/include
CJSON_LIBS = -L$(DEPS)/lib -lcjson
else
CJSON_CFLAGS = $(shell $(PKG_CONFIG) --cflags libcjson 2>/dev/null)
CJSON_LIBS = $(or $(shell $(PKG_CONFIG) --libs libcjson 2>/dev/null),-lcjson)
endif
compile = $(CC) $(SHMTOOL_CPPFLAGS) $(CJSON_CFLAGS) $(CPPFLAGS) $(SHMTOOL_CFLAGS) $(CFLAGS)
link = $(SHMTOOL_LDFLAGS) $(LDFLAGS)

objects = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/*.c))
helpers = $(patsubst tests/helpers/%.c,$(BUILD)/tests/%,$(wildcard tests/helpers/*.c))
units = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit_%,$(wildcard tests/unit/*.c))
fuzzers = $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))

ifneq ($(V),1)
short = @echo '  $(1)' &&
endif

# "make deps demo" and "make deps check" install first, also under -j.
ifneq ($(filter deps deps-ci deps-musl,$(MAKECMDGOALS)),)
ifneq ($(filter-out deps deps-ci deps-musl,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
endif

all: $(BUILD)/shmtool
	@cp -f $(BUILD)/shmtool shmtool

$(BUILD)/shmtool: $(objects)
	$(call short,LD $@)$(CC) $(SHMTOOL_CFLAGS) $(CFLAGS) $(link) -o $@ $^ $(CJSON_LIBS)

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) -MMD -MP -c -o $@ $<

# First, because it says so where a system is not of 64 bits.
$(filter-out $(BUILD)/sysv.o,$(objects)): | $(BUILD)/sysv.o

$(helpers): $(BUILD)/tests/%: tests/helpers/%.c Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) $(link) -o $@ $<

$(units): $(BUILD)/tests/unit_%: tests/unit/%.c $(filter-out $(BUILD)/main.o,$(objects)) Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) -MMD -MP -MF $@.dep $(link) -o $@ $(filter %.c %.o,$^) $(CJSON_LIBS) -lcmocka

-include $(wildcard $(BUILD)/*.d $(BUILD)/tests/*.dep)

check-build: $(BUILD)/shmtool $(helpers) $(units) $(fuzzers)

# Runs TESTS, or all; see tests/run.
check: check-build
	SHMTOOL=$(BUILD)/shmtool UNITS=$(BUILD)/tests tests/run $(TESTS)

# The suite again under the sanitizers, in a build of its own.
SANITIZERS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
check-sanitizers:
	$(MAKE) check BUILD=$(BUILD)/sanitizers CFLAGS='-O1 -g $(SANITIZERS)' HARDENING=-fPIE

# The suite in each place where users run it; see tests/places/run.
places: check-build
	$(MAKE) check-build CC=musl-gcc BUILD=$(BUILD)/musl || echo 'places: no build with musl'
	tests/places/run $(BUILD) $(BUILD)/musl

# The demo on another architecture, big-endian, under qemu-user.
check-s390x: $(BUILD)/shmtool
	tests/deps-source s390x-linux-gnu-gcc
	$(MAKE) $(BUILD)/s390x/shmtool CC=s390x-linux-gnu-gcc BUILD=$(BUILD)/s390x
	tests/cross/run $(BUILD)/shmtool $(BUILD)/s390x/shmtool qemu-s390x -L /usr/s390x-linux-gnu

# Fails every allocation of every command, alone and with all after it, under the sanitizers.
$(BUILD)/shmtool-oom: tests/oom/fail_alloc.c $(objects)
	$(call short,LD $@)$(compile) $(link) -Wl,--wrap=realloc,--wrap=tsearch,--wrap=opendir \
		-Wl,--wrap=fdopen,--wrap=ppoll -o $@ $^ $(CJSON_LIBS)

oom: $(BUILD)/shmtool-oom $(BUILD)/tests/holder $(BUILD)/tests/refuse $(BUILD)/bench/make_segments
	tests/oom/run $<

check-oom:
	$(MAKE) oom BUILD=$(BUILD)/sanitizers CFLAGS='-O1 -g $(SANITIZERS)' HARDENING=-fPIE

# Has each system call fail in turn, and kills shmtool before each.
$(BUILD)/faults/start.so: tests/preload/start.c
	@mkdir -p $(@D)
	$(call short,CC $<)$(CC) $(WARNINGS) -D_GNU_SOURCE $(CFLAGS) -shared -fPIC -o $@ $<

check-faults: $(BUILD)/shmtool $(BUILD)/faults/start.so
	tests/faults/run $^

# Compares random segments and round trips with other sources; see tests/diff/run.
diff_helpers = $(BUILD)/diff/populate $(BUILD)/diff/walk $(BUILD)/diff/roundtrip
$(diff_helpers): $(BUILD)/diff/%: tests/diff/%.c Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) $(link) -o $@ $<

check-diff: $(BUILD)/shmtool $(diff_helpers)
	tests/diff/run $(BUILD)/shmtool $(BUILD)/diff

# SOAK_MINUTES (2) of everything at once; see tests/soak/soak.c.
$(BUILD)/soak/soak: tests/soak/soak.c tests/soak/churn.c tests/soak/soak.h Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) $(link) -o $@ $(filter %.c,$^)

soak: $(BUILD)/shmtool $(BUILD)/soak/soak
	tests/soak/run $^

# Makes up input for each target of tests/fuzz in turn, FUZZ_SECONDS in all. "make check" builds the
# targets with replay.c instead of libFuzzer and gives them what is in their corpus.
FUZZ_MAIN = tests/fuzz/replay.c
$(fuzzers): $(BUILD)/tests/%: tests/fuzz/%.c $(FUZZ_MAIN) tests/fuzz/fuzz.h src/main.c \
		$(filter-out $(BUILD)/main.o,$(objects)) Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) $(link) -Wl,--wrap=die -o $@ $< $(FUZZ_MAIN) $(filter %.o,$^) $(CJSON_LIBS)

fuzzers: $(fuzzers)

fuzz:
	$(MAKE) fuzzers BUILD=$(BUILD)/fuzz CC=clang FUZZ_MAIN= HARDENING=-fPIE \
		CFLAGS='-O1 -g $(SANITIZERS) -fsanitize=fuzzer'
	tests/fuzz/run $(BUILD)/fuzz

# How much of src the suite and check-oom reach, in a build of its own.
coverage:
	rm -rf $(BUILD)/coverage
	$(MAKE) coverage-build BUILD=$(BUILD)/coverage CFLAGS='-O0 -g --coverage' HARDENING=-fPIE \
		CPPFLAGS='-include tests/coverage/flush.h'
	tests/coverage/run $(BUILD)/coverage

coverage-build: $(BUILD)/shmtool $(BUILD)/shmtool-oom $(BUILD)/bench/make_segments $(helpers) $(units) $(fuzzers)

# Times shmtool beside its peers, as root and as an ordinary user; BENCH_SIZE scales the copies,
# BENCH_RUNS the runs. With BENCH_STRICT=1 it fails where a row of tests/bench/targets is not reached.
bench_helpers = $(BUILD)/bench/make_segments $(BUILD)/bench/make_processes
$(bench_helpers): $(BUILD)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(call short,CC $<)$(compile) $(link) -o $@ $<

bench: $(BUILD)/shmtool $(bench_helpers)
	tests/bench/run $(BUILD)/shmtool $(BUILD)/bench $(BUILD)/bench.json

demo: $(BUILD)/shmtool
	tests/demo $<

lint:
	tests/lint

INSTALL = install
bindir = "$(DESTDIR)$(PREFIX)/bin"
mandir = "$(DESTDIR)$(PREFIX)/share/man/man1"
schemadir = "$(DESTDIR)$(PREFIX)/share/shmtool"
bashdir = "$(DESTDIR)$(PREFIX)/share/bash-completion/completions"
zshdir = "$(DESTDIR)$(PREFIX)/share/zsh/site-functions"
fishdir = "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"

install: $(BUILD)/shmtool
	$(INSTALL) -d $(bindir) $(mandir) $(schemadir) $(bashdir) $(zshdir) $(fishdir)
	$(INSTALL) -m 755 $(BUILD)/shmtool $(bindir)/shmtool
	$(INSTALL) -m 644 man/shmtool.1 $(mandir)/shmtool.1
	$(INSTALL) -m 644 man/shmtool.schema.json $(schemadir)/shmtool.schema.json
	$(INSTALL) -m 644 completions/shmtool.bash $(bashdir)/shmtool
	$(INSTALL) -m 644 completions/_shmtool $(zshdir)/_shmtool
	$(INSTALL) -m 644 completions/shmtool.fish $(fishdir)/shmtool.fish

uninstall:
	rm -f $(bindir)/shmtool $(mandir)/shmtool.1 $(schemadir)/shmtool.schema.json \
		$(bashdir)/shmtool $(zshdir)/_shmtool $(fishdir)/shmtool.fish
	-rmdir $(schemadir)

# The release, of what is committed: the same commit makes the same bytes.
dist:
	git -c tar.umask=0022 archive --prefix=shmtool-$(VERSION)/ -o shmtool-$(VERSION).tar HEAD
	gzip -9nf shmtool-$(VERSION).tar

clean:
	rm -rf $(BUILD) shmtool

deps:
	tests/deps

deps-ci:
	tests/deps ci

# cJSON and cmocka for "make CC=musl-gcc".
deps-musl:
	tests/deps-source musl-gcc

.PHONY: all bench check check-build check-diff check-faults check-oom check-s390x check-sanitizers clean coverage coverage-build demo deps deps-ci deps-musl dist fuzz fuzzers install lint oom places soak uninstall
