#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Makes vmlinux.h: from VMLINUX_H (a ready one), VMLINUX_BTF (a BTF file), the
# running kernel's BTF, or, where there is none, the small fallback beside this.
set -eu
out=$1
here=$(dirname "$0")
btf=${VMLINUX_BTF:-/sys/kernel/btf/vmlinux}
if [ -n "${VMLINUX_H:-}" ]; then
	cp "$VMLINUX_H" "$out"
elif [ -r "$btf" ] && ${BPFTOOL:-bpftool} btf dump file "$btf" format c > "$out.new" 2>/dev/null; then
	mv "$out.new" "$out"
elif [ -n "${VMLINUX_BTF:-}" ]; then
	echo "vmlinux: cannot read BTF from $btf" >&2
	exit 1
else
	rm -f "$out.new"
	cp "$here/fallback.h" "$out"
	echo "  note: no kernel BTF here; using vmlinux/fallback.h" >&2
fi
