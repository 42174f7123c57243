# cbrun: see 'make help'. CFLAGS, LDFLAGS, CC, DESTDIR and prefix are yours.

VERSION := 0.1.0

prefix      ?= /usr/local
bindir      ?= $(prefix)/bin
mandir      ?= $(prefix)/share/man
docdir      ?= $(prefix)/share/doc/cbrun

CC          ?= cc
CFLAGS      ?= -O2 -g
PKG_CONFIG  ?= pkg-config
LIBRARIES   := sqlite3 jansson

# A flavour is a set of flags with its own objects: release, asan, coverage.
FLAVOUR     ?= release
build       := build/$(FLAVOUR)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wswitch-enum -Wformat=2 -Wvla -Wundef
hardening := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
hardening_ld := -pie -Wl,-z,relro,-z,now
flags_release  := $(hardening)
flags_asan     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
flags_coverage := --coverage -O0
ld_release  := $(hardening_ld)
ld_asan     := -fsanitize=address,undefined
ld_coverage := --coverage

cppflags = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCBRUN_VERSION='"$(VERSION)"' -Isrc $(CPPFLAGS)
cflags   = -std=c17 $(warnings) $(CFLAGS) $(flags_$(FLAVOUR)) $(shell $(PKG_CONFIG) --cflags $(LIBRARIES) 2>/dev/null)
ldflags  = $(LDFLAGS) $(ld_$(FLAVOUR))
libs     = $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null || echo -lsqlite3 -ljansson)

sources := $(sort $(wildcard src/*/*.c))
objects := $(sources:%.c=$(build)/%.o)
library := $(build)/libcbrun.a

.PHONY: all
all: cbrun

cbrun: $(build)/cbrun
	@cp $< $@

$(build)/cbrun: $(build)/cbrun.o $(library)
	$(CC) $(cflags) $(ldflags) -o $@ $^ $(libs)

$(library): $(objects)
	@rm -f $@
	$(AR) rcs $@ $^

$(build)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d) $(build)/cbrun.d

clean:
	rm -rf build cbrun
