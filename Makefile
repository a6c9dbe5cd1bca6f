# SPDX-License-Identifier: MIT
# CC, CFLAGS, CPPFLAGS, LDFLAGS, PKG_CONFIG, PREFIX and DESTDIR are the user's to set; what the
# code needs is in variables of its own. V=1 shows the commands.

VERSION = 0.1.0

CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
BUILD = build

HARDENING = -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wpointer-arith -Wundef -Wvla
SHMTOOL_CPPFLAGS = -D_GNU_SOURCE -DSHMTOOL_VERSION='"$(VERSION)"' -Isrc
SHMTOOL_CFLAGS = -std=c11 $(WARNINGS) $(HARDENING)
SHMTOOL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
CJSON_CFLAGS = $(shell $(PKG_CONFIG) --cflags libcjson)
CJSON_LIBS = $(shell $(PKG_CONFIG) --libs libcjson)

objects = $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/*.c))

ifneq ($(V),1)
quiet = @echo "  $(1)" && 
endif

all: shmtool

shmtool: $(objects)
	$(call quiet,LD $@)$(CC) $(SHMTOOL_CFLAGS) $(CFLAGS) $(SHMTOOL_LDFLAGS) $(LDFLAGS) -o $@ $^ $(CJSON_LIBS)

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(call quiet,CC $<)$(CC) $(SHMTOOL_CPPFLAGS) $(CJSON_CFLAGS) $(CPPFLAGS) $(SHMTOOL_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d)

# --- tests -------------------------------------------------------------------------------------

programs = $(BUILD)/tests/holder $(BUILD)/tests/tutorial
units = $(patsubst tests/unit_%.c,$(BUILD)/tests/unit_%,$(wildcard tests/unit_*.c))

$(programs): $(BUILD)/tests/%: tests/%.c Makefile
	@mkdir -p $(@D)
	$(call quiet,CC $<)$(CC) -D_GNU_SOURCE $(CPPFLAGS) $(SHMTOOL_CFLAGS) $(CFLAGS) $(SHMTOOL_LDFLAGS) $(LDFLAGS) -o $@ $<

$(units): $(BUILD)/tests/%: tests/%.c $(filter-out $(BUILD)/main.o,$(objects)) Makefile
	@mkdir -p $(@D)
	$(call quiet,CC $<)$(CC) $(SHMTOOL_CPPFLAGS) $(CPPFLAGS) $(SHMTOOL_CFLAGS) $(CFLAGS) $(SHMTOOL_LDFLAGS) $(LDFLAGS) \
		-o $@ $(filter %.c %.o,$^) $(CJSON_LIBS) -lcmocka

check: shmtool $(programs) $(units)
	SHMTOOL=./shmtool UNITS=$(BUILD)/tests tests/run $(TESTS)
