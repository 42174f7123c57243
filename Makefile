# cbrun: 'make help' lists the targets. CC, CFLAGS, LDFLAGS, DESTDIR and prefix are yours to set.

VERSION := 0.2.0

prefix     ?= /usr/local
bindir     ?= $(prefix)/bin
mandir     ?= $(prefix)/share/man
docdir     ?= $(prefix)/share/doc/cbrun
bashdir    ?= $(prefix)/share/bash-completion/completions
# what a package brings is below fish's own prefix; what does not come from one, it looks for only here
fishdir    ?= $(if $(filter /usr/local,$(prefix)),/etc/fish/completions,$(prefix)/share/fish/vendor_completions.d)
# where zsh looks for what a package brings, and for what does not come from one
zshdir     ?= $(prefix)/share/zsh/$(if $(filter /usr,$(prefix)),vendor-completions,site-functions)

# What is installed beside the program, and where.
documents = "man/cbrun.1:$(mandir)/man1/cbrun.1" "man/cbrun.conf.5:$(mandir)/man5/cbrun.conf.5" \
            "man/cbrun-examples.7:$(mandir)/man7/cbrun-examples.7" "man/cbrun-compare.7:$(mandir)/man7/cbrun-compare.7" \
            "man/cbrun-redis.7:$(mandir)/man7/cbrun-redis.7" \
            "README.md:$(docdir)/README.md" "CHANGELOG.md:$(docdir)/CHANGELOG.md" \
            "man/examples/cbrun.conf:$(docdir)/examples/cbrun.conf" \
            "contrib/systemd/mirror.service:$(docdir)/examples/mirror.service" \
            "contrib/systemd/mirror.timer:$(docdir)/examples/mirror.timer" \
            "contrib/hinted-curl:$(docdir)/examples/hinted-curl" \
            "contrib/prometheus/cbrun-alerts.yml:$(docdir)/examples/cbrun-alerts.yml" \
            "contrib/tldr/cbrun.md:$(docdir)/examples/tldr.md" \
            "contrib/prometheus/cbrun-dashboard.json:$(docdir)/examples/cbrun-dashboard.json" \
            $(foreach schema,$(wildcard contrib/schema/*.json),"$(schema):$(docdir)/schema/$(notdir $(schema))") \
            "completions/cbrun.bash:$(bashdir)/cbrun" "completions/_cbrun:$(zshdir)/_cbrun" \
            "completions/cbrun.fish:$(fishdir)/cbrun.fish"

CC         ?= cc
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
LIBRARIES  := sqlite3 jansson inih

# A static program starts in half the time, which is most of a call. Where an archive is missing, and with
# LINK=dynamic, as distributions want it, the libraries are shared.
LINK ?= static
libs_of      = $(or $(shell $(PKG_CONFIG) $(1) --libs $(LIBRARIES) 2>/dev/null),$(LIBRARIES:%=-l%)) -lm -lpthread
archive      = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))

# What talks to a Redis server, where it is. Even beside shared libraries it comes from its archive, if there is one:
# most calls use no server, and another library to load would cost them a tenth of their time.
hiredis      ?= $(if $(shell $(PKG_CONFIG) --exists hiredis && echo yes),$(or $(call archive,hiredis),-lhiredis))

libs_dynamic := $(hiredis) $(call libs_of)
libs_static  := $(hiredis) $(call libs_of,--static)
missing      := $(strip $(foreach library,c $(patsubst -l%,%,$(filter -l%,$(libs_static))),\
                  $(if $(call archive,$(library)),,$(library))))
ifneq ($(missing),)
LINK := dynamic
endif

# What the Debian packages are called that building, and testing, need. Node, with npm or without, is often there from elsewhere.
unless = $(if $(shell command -v $(1) 2>/dev/null),,$(2))
BUILD_PACKAGES := gcc libc6-dev make pkg-config libsqlite3-dev libjansson-dev libinih-dev libhiredis-dev zlib1g-dev
TRY_PACKAGES   := $(BUILD_PACKAGES) curl python3-minimal
CHECK_PACKAGES  = $(TRY_PACKAGES) bats bats-support bats-assert jq sqlite3 mandoc clang tmux strace procps util-linux cron \
                  openssh-client openssh-server rsync git parallel redis-server iproute2 postgresql wget \
                  python3-fastjsonschema bash-completion zsh fish systemd binutils lld prometheus prometheus-node-exporter \
                  libxml2-utils codespell chromium-headless-shell $(call unless,node,nodejs) $(call unless,npm,npm) \
                  $(if $(filter x86_64,$(shell uname -m)),libc6-dev-i386)

MODEL_PACKAGES := gcc libc6-dev make spin
CROSS_PACKAGES := gcc libc6-dev make dpkg-dev tcl bats bats-support bats-assert jq
BENCH_PACKAGES := $(BUILD_PACKAGES) jq strace valgrind time sqlite3
DEB_PACKAGES   := $(BUILD_PACKAGES) debhelper dpkg-dev lintian bats bats-support bats-assert jq sqlite3

# A flavour is a set of flags with its own objects: release, shared, asan, coverage, fuzz.
FLAVOUR ?= release
build   := build/$(FLAVOUR)

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wswitch-enum -Wformat=2 -Wvla -Wundef

fortify := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

# The same program, wherever it is built.
anywhere := -ffile-prefix-map='$(CURDIR)'=.

flags_shared   := -fstack-protector-strong -fPIE $(fortify) $(anywhere)
link_shared    := -pie -Wl,-z,relro,-z,now
ifeq ($(LINK),static)
# Not position-independent: relocating it would cost 5 % of a call. The linker warns of dlopen: libsqlite3 could load
# extensions, but is never asked to.
flags_release  := -fstack-protector-strong -fno-pie $(fortify) $(anywhere)
link_release   := -static -Wl,-z,relro,-z,now
else
flags_release  := $(flags_shared)
link_release   := $(link_shared)
endif
flags_asan     := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
link_asan      := -fsanitize=address,undefined
flags_coverage := --coverage -O0
link_coverage  := --coverage
flags_fuzz     := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1
link_fuzz      := -fsanitize=fuzzer,address,undefined

cppflags = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DCBRUN_VERSION='"$(VERSION)"' -Isrc $(CPPFLAGS)
cflags   = -std=c17 $(warnings) $(CFLAGS) $(flags_$(FLAVOUR))
ldflags  = $(LDFLAGS) $(link_$(FLAVOUR))
libs     = $(if $(filter release-static,$(FLAVOUR)-$(LINK)),$(libs_static),$(libs_dynamic))

link     = $(CC) $(cflags) $(ldflags) -o $@ $(filter-out $(linked),$^) $(libs)

# What has been built with another compiler, other flags or another version is built again; but not in a tree that was
# moved, of whose place no object knows.
compile_line := $(CC) $(cppflags) $(subst $(anywhere),,$(cflags))
link_line    := $(CC) $(subst $(anywhere),,$(cflags)) $(ldflags) $(libs)
compiled     := $(build)/compile-line
linked       := $(build)/link-line
listed       := $(build)/library-line

# Without libhiredis, the engine for a Redis server is one that says what is missing.
no_redis := src/store/redis/address.c src/store/redis/missing.c
sources  := $(filter-out src/generate/%,$(sort $(wildcard src/*/*.c src/*/*/*.c)))
sources  := $(if $(hiredis),$(filter-out %/missing.c,$(sources)),$(filter-out $(filter-out $(no_redis),$(wildcard src/store/redis/*.c)),$(sources)))
objects := $(sources:%.c=$(build)/%.o)
library := $(build)/libcbrun.a
units   := $(filter-out %/differential.c,$(wildcard tests/unit/*.c))
targets := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
fuzzers := $(targets:%=$(build)/tests/fuzz/%)

.PHONY: all
all: cbrun ## build ./cbrun

cbrun: $(build)/cbrun FORCE
	@cmp -s $< $@ || cp $< $@

# The stamps hold the lines, and change only when these do.
$(compiled): export line := $(compile_line)
$(linked): export line := $(link_line)
$(listed): export line = $(objects)
$(compiled) $(linked) $(listed): FORCE
	@mkdir -p $(@D)
	@echo "$$line" | cmp -s - $@ || echo "$$line" >$@

.PHONY: FORCE
FORCE:

# What is built on the way to something else is kept.
.SECONDARY:

$(build)/cbrun: $(build)/cbrun.o $(library) $(linked)
	$(link)

$(library): $(objects) $(listed)
	@rm -f $@
	@$(AR) rcsD $@ $(objects)

$(build)/%.o: %.c Makefile $(compiled)
	@mkdir -p $(@D)
	$(CC) $(cppflags) $(cflags) -MMD -MP -c -o $@ $<

# The program under test: the same objects, but for a clock that tests can set, and a kind of file system; and what it prints
# as JSON is kept.
tested := $(build)/cbrun.o $(patsubst %,$(build)/tests/fake/%.o,clock file_system witness $(if $(hiredis),surroundings)) \
          $(filter-out %/base/clock.o %/redis/surroundings.o,$(objects))
$(build)/tests/cbrun $(build)/tests/cbrun-forking: ldflags += -Wl,--wrap=json_value_print
$(build)/tests/cbrun: $(tested) $(linked)
	@mkdir -p $(@D)
	$(link)

# The same where vfork is fork, as under qemu-user.
$(build)/tests/cbrun-forking: $(tested) $(build)/tests/fake/vfork.o $(linked)
	@mkdir -p $(@D)
	$(link)

$(build)/tests/unit-tests: cppflags += -Itests
# test_config_file.c makes the library another one
$(build)/tests/unit-tests: ldflags += -Wl,--wrap=ini_parse_stream
$(build)/tests/unit-tests: $(units:%.c=$(build)/%.o) $(library) $(linked)
	$(link)

$(build)/tests/differential: $(build)/tests/unit/differential.o $(build)/tests/unit/reference.o $(linked)
	$(link)

# libFuzzer brings a main() of its own; elsewhere the targets only replay files.
$(build)/tests/fuzz/%: cppflags += -Itests
$(build)/tests/fuzz/fuzz_%: $(build)/tests/fuzz/fuzz_%.o $(build)/tests/fuzz/fuzz.o \
                            $(if $(filter fuzz,$(FLAVOUR)),,$(build)/tests/fuzz/replay.o) \
                            $(patsubst %,$(build)/tests/unit/%.o,walk policies unit) $(library) $(linked)
	$(link)

$(build)/tests/soak/%: tests/soak/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

$(build)/tests/soak/log_reset: $(build)/tests/soak/log_reset.o $(linked)
	$(link)

$(build)/tests/bench/%: $(build)/tests/bench/%.o $(library) $(linked)
	$(link)

$(build)/tests/experiments/%: $(build)/tests/experiments/%.o $(build)/tests/experiments/generated.o $(library) $(linked)
	$(link)

# What is written into documents from the table of options.
$(build)/generate: $(patsubst %.c,$(build)/%.o,$(wildcard src/generate/*.c)) $(library) $(linked)
	$(link)

-include $(shell find $(build) -name '*.d' -type f 2>/dev/null)

.PHONY: try
try: ## install what is missing, build, and show the main job in a scratch directory
	@tests/tools/packages $(TRY_PACKAGES)
	@$(MAKE) --no-print-directory all
	@tests/tools/try ./cbrun

.PHONY: check
check: ## install what is missing, build, and run every test
	@tests/tools/packages $(CHECK_PACKAGES)
	@$(MAKE) --no-print-directory -s $(axe) || echo "without axe-core, no browser judges the page"
	@tests/tools/check

# What judges the page of `report` in a browser, from npm.
axe := build/browser/node_modules/axe-core/axe.min.js
$(axe): tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p build/browser
	@cp $^ build/browser
	@cd build/browser && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --silent
	@touch $@

# What the tests run.
programs := $(addprefix $(build)/,cbrun generate tests/cbrun tests/cbrun-forking tests/unit-tests tests/differential tests/bench/fill tests/bench/week)

.PHONY: programs
programs: $(programs) fuzzers

# Files of bats that need no server, no terminal and no privilege, and little time. With TEST_BATS=, none is run.
TEST_BATS ?= attempts breaker guard rules schema status store usage

.PHONY: test
test: programs ## what needs nothing to be installed: for packagers; TEST_BATS are files of bats
	@tests/tools/test $(build) $(build)/tests/cbrun $(build)/cbrun $(TEST_BATS)

.PHONY: installcheck
installcheck: CBRUN ?= $(DESTDIR)$(bindir)/cbrun
installcheck: programs ## all of bats against the program that is installed, or CBRUN
	@tests/tools/test $(build) "$(CBRUN)" "$(CBRUN)" $(basename $(notdir $(wildcard tests/bats/*.bats)))

.PHONY: unit
unit: $(build)/tests/unit-tests $(build)/tests/differential $(build)/cbrun ## the breaker's unit tests
	$(build)/tests/unit-tests
	$(build)/tests/differential $(build)/cbrun

.PHONY: bats
bats: $(programs) ## the program's tests
	CBRUN=$(build)/tests/cbrun CBRUN_REAL=$(build)/cbrun bats tests/bats

STEADY_ROUNDS ?= 10

.PHONY: steady
steady: $(programs) ## the same STEADY_ROUNDS (10) times, beside four busy loops
	tests/tools/steady $(STEADY_ROUNDS)

.PHONY: seeds
seeds: $(fuzzers) ## the fuzz targets on their seeds, and on what they once found
	tests/tools/seeds $(build)/tests/fuzz

.PHONY: fuzzers
fuzzers: $(fuzzers)

.PHONY: asan
asan: ## the same tests under the address and undefined-behaviour sanitizers
	@tests/tools/packages $(CHECK_PACKAGES)
	$(MAKE) FLAVOUR=asan CFLAGS="-g" unit seeds bats

FUZZ_SECONDS ?= 30

.PHONY: fuzz
fuzz: ## look for inputs that break it, FUZZ_SECONDS (30) for each target
	@tests/tools/packages $(BUILD_PACKAGES) clang
	@tests/tools/libfuzzer
	$(MAKE) FLAVOUR=fuzz CC=clang CFLAGS="-g" fuzzers
	@tests/tools/fuzz build/fuzz $(FUZZ_SECONDS)

.PHONY: coverage
coverage: ## which lines the tests reach
	@tests/tools/packages $(CHECK_PACKAGES) gcovr
	$(MAKE) FLAVOUR=coverage CFLAGS="-g" programs
	tests/tools/coverage build/coverage

.PHONY: generated
generated: $(build)/generate ## write what the documents take from the table of options
	tests/tools/generated $<

.PHONY: check-generated
check-generated: $(build)/generate ## prove that it is fresh
	tests/tools/generated $< --check

.PHONY: check-since
check-since: $(build)/generate $(build)/cbrun ## prove that what is new says which release brought it, and that nothing released is gone
	@tests/tools/since $^

.PHONY: picture
picture: $(build)/tests/cbrun ## draw README's picture anew, from a real session in a terminal
	tests/tools/picture $< man/session.svg

.PHONY: faults
faults: $(build)/cbrun ## kill a call at each system call, let each fail, lose power, and kill some of many at once
	tests/tools/faults $(build)/cbrun
	tests/tools/power-loss $(build)/cbrun 300
	tests/tools/hammer $(build)/cbrun

.PHONY: soak
soak: $(build)/cbrun $(build)/tests/cbrun $(build)/tests/cbrun-forking $(build)/tests/unit-tests $(build)/tests/differential $(build)/tests/soak/step $(build)/tests/soak/log_reset ## faults at every point, lost power at thousands, other seeds, storms
	@tests/tools/packages $(CHECK_PACKAGES) gcovr
	tests/tools/soak $(build)

.PHONY: cross
cross: ## build for other machines, run there by qemu, and exchange stores: ARCH (all), with SUITE's libraries (stable)
	@tests/tools/packages $(CROSS_PACKAGES)
	@SUITE="$(SUITE)" tests/tools/cross $(ARCH)

.PHONY: musl
musl: ## the same on this machine, with another C library
	@$(MAKE) --no-print-directory cross ARCH=musl

.PHONY: model
model: ## search all states of a model of the protocol, with SIGKILL at any point, and prove that it could fail
	@tests/tools/packages $(MODEL_PACKAGES)
	@tests/model/check build/model

.PHONY: mutants
mutants: ## which changes of the source no test notices: a sample in half an hour; MUTANTS are options and paths
	tests/tools/mutants $(MUTANTS)

.PHONY: bench
bench: $(build)/cbrun $(build)/tests/bench/fill $(build)/tests/bench/breaker $(build)/tests/bench/pair ## what a call costs, beside GNU timeout
	@tests/tools/packages $(BENCH_PACKAGES)
	@$(MAKE) --no-print-directory -s FLAVOUR=shared build/shared/cbrun
	tests/tools/bench $(build)/cbrun $(build)

.PHONY: experiments
experiments: $(addprefix $(build)/tests/experiments/,jobs recovery fleet) ## EXPERIMENT_JOBS (1000) generated jobs under each policy: a table, CSV and pictures
	@tests/tools/packages $(BUILD_PACKAGES) python3-minimal gnuplot-nox
	@tests/experiments/run $(build) $(or $(EXPERIMENT_JOBS),1000)

.PHONY: lint
lint: ## both compilers without a warning, the man page, the layers, the lengths
	tests/tools/lint

.PHONY: layers
layers: $(library) ## the arrows between the directories of src point one way
	tests/tools/layers $(build)

.PHONY: dist
dist: ## pack the sources as build/cbrun-VERSION.tar.gz: the same bytes, wherever it is done
	@tests/tools/dist $(VERSION) build

.PHONY: distcheck
distcheck: dist ## build, check, install and uninstall what dist packs, and prove that it gives the same bytes
	@tests/tools/packages $(CHECK_PACKAGES)
	@tests/tools/distcheck $(VERSION)

.PHONY: deb
deb: dist ## build/deb/*.deb, with the sources beside it, and without a word from lintian
	@tests/tools/packages $(DEB_PACKAGES)
	@packaging/build-deb $(VERSION)

.PHONY: deb-story
deb-story: ## as root: install, use, upgrade, remove and purge it in a clean system of its own
	@tests/tools/packages $(DEB_PACKAGES) debootstrap
	@packaging/deb-story $(VERSION)

.PHONY: install
install: all ## install below $(DESTDIR)$(prefix)
	install -D -m 755 cbrun "$(DESTDIR)$(bindir)/cbrun"
	set -e; for pair in $(documents); do install -D -m 644 "$${pair%%:*}" "$(DESTDIR)$${pair#*:}"; done

.PHONY: uninstall
uninstall: ## remove what install installed
	rm -f "$(DESTDIR)$(bindir)/cbrun"
	for pair in $(documents); do rm -f "$(DESTDIR)$${pair#*:}"; done
	-rmdir "$(DESTDIR)$(docdir)/examples" "$(DESTDIR)$(docdir)/schema" "$(DESTDIR)$(docdir)" 2>/dev/null

.PHONY: clean
clean: ## remove what was built
	rm -rf build cbrun

# "make -j clean all" cleans first.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
