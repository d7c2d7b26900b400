# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# daisy: one Makefile, no recursion; everything made lands in $(B).
#
#   make            library, command, dispatcher, manual pages
#   make demo       installs what is missing, builds, and shows a chain at work (root)
#   make test       everything that can be tested on this machine (root)
#   make help       all targets
#
# B=DIR builds elsewhere, V=1 shows commands, WERROR=1 and SAN=1 are for CI,
# VMLINUX_H= and VMLINUX_BTF= choose the kernel's types (vmlinux/generate.sh).

B		?= build
PREFIX		?= /usr/local
LIBDIR		?= $(PREFIX)/lib
VERSION		:= 0.1.0
SOVERSION	:= 0

CC		?= gcc
CLANG		?= clang
BPFTOOL		?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG	?= pkg-config
CFLAGS		?= -O2 -g

PACKAGES	:= libbpf libmnl libcyaml yaml-0.1 json-c libmd
DEPS_CFLAGS	= $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
DEPS_LIBS	= $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
ALL_CFLAGS	= -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -Wmissing-prototypes \
		  -Wformat=2 -fvisibility=hidden -fPIC $(CFLAGS) -Iinclude -Iloader -I$(B) \
		  -DDAISY_VERSION='"$(VERSION)"' $(DEPS_CFLAGS)
ifeq ($(WERROR),1)
ALL_CFLAGS	+= -Werror
BPF_WERROR	:= -Werror
endif
ifeq ($(SAN),1)
ALL_CFLAGS	+= -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SAN_LIBS	:= -fsanitize=address,undefined
endif

BPF_ARCH	:= $(shell uname -m | sed -e s/x86_64/x86/ -e s/aarch64/arm64/ -e s/ppc64le/powerpc/ -e s/riscv64/riscv/ -e s/s390x/s390/)
# Without BPF_NO_PRESERVE_ACCESS_INDEX every load would make libbpf read the
# kernel's whole BTF: 30 ms, for types that are the same in all kernels.
BPF_CFLAGS	= -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -DBPF_NO_PRESERVE_ACCESS_INDEX \
		  -Wall -Wno-unused-function -Wno-compare-distinct-pointer-types $(BPF_WERROR) -Iinclude -I$(B) -Ibpf

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif

CLI_SRC		:= $(wildcard loader/cli*.c loader/cmd_*.c)
LIB_SRC		:= $(filter-out $(CLI_SRC),$(wildcard loader/*.c offload/*.c))
UNIT_SRC	:= $(wildcard selftests/unit/*.c)
KERNEL_SRC	:= $(wildcard selftests/kernel/*.c)
PROG_SRC	:= $(wildcard selftests/progs/*.bpf.c)
obj		= $(patsubst %.c,$(B)/obj/%.o,$(1))
PROGS		:= $(patsubst selftests/progs/%.bpf.c,$(B)/progs/%.bpf.o,$(PROG_SRC))
MAN		:= $(B)/man/daisy.8 $(B)/man/daisy.yaml.5

all: $(B)/daisy $(B)/libdaisy.a $(B)/libdaisy.so $(B)/libdaisy.pc $(MAN)

help:
	@echo 'make [all]    library, command and manual pages in $(B)/'
	@echo 'make demo     a chain at work between two namespaces (root)'
	@echo 'make test     unit, kernel, crash and sanitizer tests (root)'
	@echo 'make unit     unit tests alone, without privileges'
	@echo 'make kernel   kernel tests alone (root)'
	@echo 'make load     10,000 changes of each kind under traffic (root)'
	@echo 'make bench    time of a change, beside tc filter replace (root)'
	@echo 'make install  to $$DESTDIR$$PREFIX'
	@echo 'make packages what the build needs, from Debian (root)'
	@echo 'make clean'

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help demo test unit kernel load bench install packages progs clean FORCE

# --- the kernel's types, the dispatcher
$(B)/vmlinux.h: vmlinux/generate.sh vmlinux/fallback.h
	$(call say,VMLINUX,$@)
	$(Q)mkdir -p $(@D) && BPFTOOL='$(BPFTOOL)' sh vmlinux/generate.sh $@

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(B)/vmlinux.h
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

$(B)/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@

# --- library and command
$(B)/obj/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(call obj,loader/dispatcher.c): | $(B)/dispatcher.skel.h

$(B)/libdaisy.a: $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/libdaisy.so.$(VERSION): $(call obj,$(LIB_SRC)) loader/libdaisy.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libdaisy.so.$(SOVERSION) -Wl,--version-script=loader/libdaisy.map \
		-Wl,-z,defs $(if $(SAN),,-Wl,--no-undefined) $(LDFLAGS) -o $@ $(filter %.o,$^) $(DEPS_LIBS) $(SAN_LIBS)

$(B)/libdaisy.so: $(B)/libdaisy.so.$(VERSION)
	$(Q)ln -sf libdaisy.so.$(VERSION) $(B)/libdaisy.so.$(SOVERSION)
	$(Q)ln -sf libdaisy.so.$(SOVERSION) $@

$(B)/libdaisy.pc: FORCE
	$(Q)mkdir -p $(@D) && printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$${prefix}/include' '' \
		'Name: libdaisy' 'Description: chains of tc BPF programs on one hook' 'Version: $(VERSION)' \
		'Requires.private: $(PACKAGES)' 'Libs: -L$${libdir} -ldaisy' 'Cflags: -I$${includedir}' > $@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/daisy: $(call obj,$(CLI_SRC)) $(B)/libdaisy.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(DEPS_LIBS) $(SAN_LIBS)

$(B)/man/%: docs/%.scd
	$(call say,MAN,$@)
	$(Q)mkdir -p $(@D) && scdoc < $< > $@

# --- tests
$(B)/progs/%.bpf.o: selftests/progs/%.bpf.c $(B)/vmlinux.h
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D) && $(CLANG) $(filter-out -DBPF_NO_PRESERVE_ACCESS_INDEX,$(BPF_CFLAGS)) -Iselftests/progs -MMD -MP -c $< -o $@

progs: $(PROGS)

TEST_LIBS	= $(shell $(PKG_CONFIG) --libs criterion)

$(call obj,$(UNIT_SRC) $(KERNEL_SRC)): ALL_CFLAGS += -Iselftests -Iselftests/unit -Iselftests/kernel

# The words of the command line are parsed without the library, so they are tested here too.
$(B)/test-unit: $(call obj,$(UNIT_SRC) $(wildcard loader/cli_*.c)) $(B)/libdaisy.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(DEPS_LIBS) $(TEST_LIBS) $(SAN_LIBS)

$(B)/test-kernel: $(call obj,$(KERNEL_SRC)) $(B)/libdaisy.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(DEPS_LIBS) $(TEST_LIBS) $(SAN_LIBS)

$(B)/traffic: $(call obj,selftests/demo/traffic.c)
$(B)/private: $(call obj,selftests/private.c)
$(B)/traffic $(B)/private:
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(SAN_LIBS)

$(B)/bench-change: $(call obj,selftests/bench/bench_change.c) $(B)/libdaisy.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(DEPS_LIBS) $(SAN_LIBS)

unit: $(B)/test-unit progs
	DAISY_BUILD=$(abspath $(B)) $(B)/test-unit

kernel: $(B)/daisy $(B)/test-kernel progs
	DAISY_BUILD=$(abspath $(B)) $(B)/test-kernel -j1

load: $(B)/daisy $(B)/test-kernel progs
	DAISY_BUILD=$(abspath $(B)) DAISY_CHANGES=10000 $(B)/test-kernel -j1 --filter 'load/*' --verbose

# Packages first, in a make of its own: what they bring changes what make computes.
test:
	$(Q)sh selftests/packages.sh
	$(Q)B='$(B)' MAKE='$(MAKE)' sh selftests/run.sh

demo:
	$(Q)sh selftests/packages.sh
	$(Q)$(MAKE) --no-print-directory B='$(B)' $(B)/daisy $(B)/traffic $(B)/private progs
	$(Q)DAISY_BUILD=$(abspath $(B)) sh selftests/demo/demo.sh

bench: $(B)/daisy $(B)/bench-change progs
	DAISY_BUILD=$(abspath $(B)) $(B)/bench-change

packages:
	sh selftests/packages.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/doc/daisy/examples
	install -m 755 $(B)/daisy $(DESTDIR)$(PREFIX)/sbin/
	install -m 644 $(B)/libdaisy.a $(DESTDIR)$(LIBDIR)/
	install -m 755 $(B)/libdaisy.so.$(VERSION) $(DESTDIR)$(LIBDIR)/
	ln -sf libdaisy.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libdaisy.so.$(SOVERSION)
	ln -sf libdaisy.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libdaisy.so
	install -m 644 $(B)/libdaisy.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 include/daisy.h include/daisy_abi.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/man/daisy.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 $(B)/man/daisy.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 docs/daisy.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/daisy
	install -m 644 README.md docs/*.md $(DESTDIR)$(PREFIX)/share/doc/daisy/
	install -m 644 docs/examples/* $(DESTDIR)$(PREFIX)/share/doc/daisy/examples/

clean:
	rm -rf $(B)

FORCE:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
