#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Installs the Debian packages that building and testing need, saying which were
# missing; does nothing when all are there.
set -eu
wanted="gcc libc6-dev pkg-config clang llvm bpftool libbpf-dev libelf-dev libmnl-dev libcyaml-dev libyaml-dev
	libjson-c-dev libmd-dev libcriterion-dev scdoc iproute2 iputils-ping procps util-linux valgrind"
missing=
for package in $wanted; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing what is missing:$missing"
[ "$(id -u)" = 0 ] || { echo "packages: must be root to install$missing" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } > "$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "packages: apt-get could not install$missing" >&2
	exit 1
fi
