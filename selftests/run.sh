#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What `make test` runs: everything that can be tested on this machine. Each part
# ends with "NAME: N passed, N failed, N skipped", the whole with the sums.
# B and MAKE come from make.
set -u
: "${B:=build}" "${MAKE:=make}"
export DAISY_BUILD
mkdir -p "$B"
DAISY_BUILD=$(cd "$B" && pwd)
here=$(dirname "$0")
passed=0
failed=0
skipped=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

heading() { printf '\n== %s\n' "$*"; }

# part NAME PASSED FAILED SKIPPED
part() {
	echo "$1: $2 passed, $3 failed, $4 skipped"
	passed=$((passed + $2))
	failed=$((failed + $3))
	skipped=$((skipped + $4))
}

# one NAME COMMAND...: a part that is a single test
one() {
	name=$1
	shift
	if "$@"; then part "$name" 1 0 0; else part "$name" 0 1 0; fi
}

build() { $MAKE --no-print-directory B="$B" "$@"; }

lines() { grep -c "$@" || :; }

# criterion NAME PROGRAM OPTION...: its own report tells what passed; a program that fails without one failed once.
criterion() {
	name=$1
	shift
	rm -f "$scratch/tap"
	"$@" "--tap=$scratch/tap"
	status=$?
	touch "$scratch/tap"
	sed -n 's/^ok .*- \(.*\)  *# SKIP */skipped: \1: /p' "$scratch/tap"
	bad=$(lines '^not ok' < "$scratch/tap")
	left=$(lines '^ok .*# SKIP' < "$scratch/tap")
	good=$(($(lines '^ok' < "$scratch/tap") - left))
	[ "$status" = 0 ] || [ "$bad" -gt 0 ] || bad=1
	part "$name" "$good" "$bad" "$left"
}

# session NAME: selftests/session.sh with DAISY and WRAP as they are
session() {
	sh "$here/session.sh" > "$scratch/session"
	sed '$d' "$scratch/session"
	counts=$(sed -n '$s/^session: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$scratch/session")
	# shellcheck disable=SC2086
	part "$1" ${counts:-0 1 0}
}

heading "build"
one build build all "$B/test-unit" "$B/test-kernel" "$B/traffic" "$B/private" progs

heading "unit tests"
criterion unit "$B/test-unit"

heading "kernel tests"
criterion kernel "$B/test-kernel" -j1

heading "unit tests and a session of every command, under AddressSanitizer and UBSan"
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
if build SAN=1 B="$B/san" "$B/san/daisy" "$B/san/test-unit"; then
	criterion unit-sanitizers "$B/san/test-unit"
	DAISY="$DAISY_BUILD/san/daisy" session sanitizers
else
	part sanitizers 0 1 0
fi

heading "the same under valgrind"
if command -v valgrind > /dev/null 2>&1; then
	valgrind="valgrind -q --error-exitcode=99 --leak-check=full --suppressions=$here/valgrind.supp"
	# shellcheck disable=SC2086
	criterion unit-valgrind $valgrind "$B/test-unit"
	WRAP="$valgrind --log-file=%q{SESSION_LOG}" session valgrind
else
	echo "skipped: valgrind is not installed"
	part valgrind 0 0 1
fi

heading "demo"
if [ "$(id -u)" = 0 ]; then
	one demo sh "$here/demo/demo.sh"
else
	echo "skipped: needs root"
	part demo 0 0 1
fi

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
