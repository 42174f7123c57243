# cbrun: 'make help' lists the targets. CC, CFLAGS, LDFLAGS, DESTDIR and prefix are yours to set.

VERSION := 0.1.0

prefix     ?= /usr/local
bindir     ?= $(prefix)/bin
mandir     ?= $(prefix)/share/man
docdir     ?= $(prefix)/share/doc/cbrun

CC         ?= cc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
LIBRARIES  := sqlite3 jansson inih

# What the Debian packages are called that building, and testing, need.
BUILD_PACKAGES := gcc libc6-dev make pkg-config libsqlite3-dev libjansson-dev libinih-dev
TRY_PACKAGES   := $(BUILD_PACKAGES) curl python3-minimal
CHECK_PACKAGES := $(TRY_PACKAGES) bats bats-support bats-assert jq sqlite3 mandoc clang tmux strace procps util-linux

# A flavour is a set of flags with its own objects: release, asan, coverage.
FLAVOUR ?= release
build   := build/$(FLAVOUR)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wswitch-enum -Wformat=2 -Wvla -Wundef

flags_release  := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
link_release   := -pie -Wl,-z,relro,-z,now
flags_asan     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
link_asan      := -fsanitize=address,undefined
flags_coverage := --coverage -O0
link_coverage  := --coverage

cppflags = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCBRUN_VERSION='"$(VERSION)"' -Isrc $(CPPFLAGS)
cflags   = -std=c17 $(warnings) $(CFLAGS) $(flags_$(FLAVOUR))
ldflags  = $(LDFLAGS) $(link_$(FLAVOUR))
libs     = $(shell $(PKG_CONFIG) --libs $(LIBRARIES) 2>/dev/null || echo -lsqlite3 -ljansson -linih)

sources := $(filter-out src/generate/%,$(sort $(wildcard src/*/*.c)))
objects := $(sources:%.c=$(build)/%.o)
library := $(build)/libcbrun.a
units   := $(filter-out %/differential.c %/reference.c,$(wildcard tests/unit/*.c))

.PHONY: all
all: cbrun ## build ./cbrun

cbrun: $(build)/cbrun
	@cp $< $@

$(build)/cbrun: $(build)/cbrun.o $(library)
	$(CC) $(cflags) $(ldflags) -o $@ $^ $(libs)

$(library): $(objects)
	@rm -f $@
	@$(AR) rcs $@ $^

$(build)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

# The program under test: the same objects, but for a clock that tests can set.
$(build)/tests/cbrun: $(build)/cbrun.o $(build)/tests/fake/clock.o $(filter-out %/base/clock.o,$(objects))
	@mkdir -p $(@D)
	$(CC) $(cflags) $(ldflags) -o $@ $^ $(libs)

$(build)/tests/unit-tests: cppflags += -Itests
$(build)/tests/unit-tests: $(units:%.c=$(build)/%.o) $(library)
	$(CC) $(cflags) $(ldflags) -o $@ $^ $(libs)

$(build)/tests/differential: $(build)/tests/unit/differential.o $(build)/tests/unit/reference.o
	$(CC) $(cflags) $(ldflags) -o $@ $^

# What is written into documents from the table of options.
$(build)/generate: $(patsubst %.c,$(build)/%.o,$(wildcard src/generate/*.c)) $(library)
	$(CC) $(cflags) $(ldflags) -o $@ $^ $(libs)

-include $(shell find build -name '*.d' 2>/dev/null)

.PHONY: try
try: ## install what is missing, build, and show the main job in a scratch directory
	@tests/tools/packages $(TRY_PACKAGES)
	@$(MAKE) --no-print-directory all
	@tests/tools/try ./cbrun

.PHONY: check
check: ## install what is missing, build, and run every test
	@tests/tools/packages $(CHECK_PACKAGES)
	@tests/tools/check

.PHONY: unit
unit: $(build)/tests/unit-tests $(build)/tests/differential $(build)/cbrun ## the breaker's unit tests
	$(build)/tests/unit-tests
	$(build)/tests/differential $(build)/cbrun

.PHONY: bats
bats: $(build)/cbrun $(build)/tests/cbrun ## the program's tests
	CBRUN=$(CURDIR)/$(build)/tests/cbrun CBRUN_REAL=$(CURDIR)/$(build)/cbrun bats tests/bats

.PHONY: asan
asan: ## the same tests under the address and undefined-behaviour sanitizers
	@tests/tools/packages $(CHECK_PACKAGES)
	$(MAKE) FLAVOUR=asan CFLAGS="-g" unit bats

.PHONY: coverage
coverage: ## which lines the tests reach (needs gcovr)
	$(MAKE) FLAVOUR=coverage CFLAGS="-g" unit bats
	gcovr --root . --object-directory build/coverage src

.PHONY: generated
generated: $(build)/generate ## write what the documents take from the table of options
	tests/tools/generated $<

.PHONY: check-generated
check-generated: $(build)/generate ## prove that it is fresh
	tests/tools/generated $< --check

.PHONY: lint
lint: ## both compilers without a warning, the man page, the layers, the lengths
	tests/tools/lint $(cppflags)

.PHONY: layers
layers: $(library) ## the arrows between the directories of src point one way
	tests/tools/layers $(build)

.PHONY: install
install: all ## install below $(DESTDIR)$(prefix)
	install -D -m 755 cbrun $(DESTDIR)$(bindir)/cbrun
	install -D -m 644 man/cbrun.1 $(DESTDIR)$(mandir)/man1/cbrun.1
	install -D -m 644 README.md $(DESTDIR)$(docdir)/README.md
	install -D -m 644 CHANGELOG.md $(DESTDIR)$(docdir)/CHANGELOG.md

.PHONY: uninstall
uninstall: ## remove what install installed
	rm -f $(DESTDIR)$(bindir)/cbrun $(DESTDIR)$(mandir)/man1/cbrun.1
	rm -f $(DESTDIR)$(docdir)/README.md $(DESTDIR)$(docdir)/CHANGELOG.md
	-rmdir $(DESTDIR)$(docdir) 2>/dev/null

.PHONY: clean
clean: ## remove what was built
	rm -rf build cbrun

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
