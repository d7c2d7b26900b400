#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Every command of daisy once and more, good and bad, each with the exit code it
# must end with, in mount and network namespaces that end with the session.
#
#     DAISY_BUILD=build sh selftests/session.sh
#
# DAISY is the command (default $DAISY_BUILD/daisy), WRAP what it is run by, for
# example valgrind, which may write to the file that SESSION_LOG names: it is shown
# when a command ends otherwise than it must. The last line is "session: N passed, N failed, N skipped".
set -u

if [ -z "${DAISY_SESSION:-}" ]; then
	: "${DAISY_BUILD:?session: DAISY_BUILD names the directory of what was built}"
	if ! "$DAISY_BUILD/private" --net true 2>/dev/null; then
		echo "session: skipped: needs root and namespaces"
		echo "session: 0 passed, 0 failed, 1 skipped"
		exit 0
	fi
	DAISY_SESSION=1 exec "$DAISY_BUILD/private" --net sh "$0" "$@"
fi

daisy=${DAISY:-$DAISY_BUILD/daisy}
wrap=${WRAP:-}
progs=$DAISY_BUILD/progs
passed=0
failed=0

mount -t tmpfs tmpfs /run && mkdir /run/netns /run/session && mount -t bpf bpf /sys/fs/bpf || exit 1
here=/run/session
export SESSION_LOG=$here/log

# What daisy says beside its answer: nothing, or one line why not; with -j, that is the answer.
quiet() {
	lines=$(wc -l < "$here/err")
	case "$1 $2" in
	"0 "* | *" -j") [ "$lines" = 0 ] ;;
	*) [ "$lines" = 1 ] ;;
	esac
}

# expect EXIT WORDS...
expect() {
	want=$1
	shift
	$wrap "$daisy" "$@" > "$here/out" 2> "$here/err"
	got=$?
	if [ "$got" = "$want" ] && quiet "$want" "${1:-}"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "session: daisy $*: exit $got, expected $want"
	sed 's/^/    /' "$here/err"
	[ ! -s "$SESSION_LOG" ] || sed 's/^/    /' "$SESSION_LOG"
}

ip netns add far
ip link set lo up
ip link add here0 type veth peer name far0 netns far
ip link set here0 up
ip link add more0 type veth peer name more1
hook="dev here0 ingress"
cp "$progs/count.bpf.o" "$here/"
head -c 700 "$progs/count.bpf.o" > "$here/cut.bpf.o"
long=$(printf '%0256d' 0)

cat > "$here/good.yaml" <<EOF
chains:
  in:
    - name: a
      program: { object: count.bpf.o, section: tc }
    - name: b
      program: { object: $progs/drop_port.bpf.o }
      continue-on: [ok, shot]
  out:
    - name: c
      program: { object: $progs/tail.bpf.o, symbol: tail }
hooks:
  - { chain: in, dev: here0, at: ingress }
  - { chain: in, dev: "more*", at: ingress }
  - { chain: out, dev: here0, at: egress }
EOF
sed "s#tail.bpf.o, symbol: tail#refused.bpf.o#" "$here/good.yaml" > "$here/refused.yaml"
printf 'chains:\n  in:\n    - nme: a\n' > "$here/wrong.yaml"
printf 'chains: [\n' > "$here/broken.yaml"

# What needs nothing.
expect 0 version
expect 0 -j version
expect 0 help
expect 0 help add
expect 0 -j help
expect 0 doctor
expect 0 -j doctor
expect 2
expect 2 frobnicate
expect 2 --frobnicate
expect 2 help frobnicate
expect 0 show
expect 0 -j show -s
expect 0 export

# One chain, filter by filter.
expect 0 add $hook b obj "$progs/count.bpf.o" --dry-run
expect 0 add $hook b obj "$progs/count.bpf.o"
expect 0 add $hook a obj "$progs/meter.bpf.o" sec tc before b
expect 0 -j add $hook c obj "$progs/verdicts.bpf.o" sec classifier/pipe prio 500 handle 0x17
expect 0 add $hook d obj "$progs/tail.bpf.o" prog tail continue-on ok,shot
expect 0 add $hook e obj "$progs/subprog.bpf.o"
expect 0 add $hook f obj "$progs/realm.bpf.o" after a
expect 0 add $hook p obj "$progs/pinned.bpf.o"
bpftool prog load "$progs/never.bpf.o" /sys/fs/bpf/never type classifier
expect 0 add $hook pin pinned /sys/fs/bpf/never
expect 0 add $hook id id "$(bpftool prog show pinned /sys/fs/bpf/never | sed -n 's/^\([0-9]*\):.*/\1/p')"
expect 0 show
expect 0 show $hook -s
expect 0 -j show chain here0-ingress -s
expect 0 move $hook b before a
expect 0 -j move $hook b after a
expect 0 replace $hook b obj "$progs/count_other.bpf.o"
expect 0 replace $hook b obj "$progs/count.bpf.o" --fresh-maps
expect 0 -o other add $hook theirs obj "$progs/mark.bpf.o"
expect 1 del $hook theirs
expect 0 del $hook theirs --force
expect 3 del $hook a --expect 4711
expect 3 -j del $hook a --expect 4711
expect 0 del $hook a

# Several hooks, another netns.
expect 0 attach chain here0-ingress dev more0 ingress
expect 0 attach chain here0-ingress dev here0 egress
expect 1 attach chain here0-ingress dev here0 egress
expect 1 add $hook g obj "$progs/count.bpf.o"
expect 0 add chain here0-ingress g obj "$progs/count.bpf.o"
expect 0 -j show -s
expect 0 detach chain here0-ingress dev more0 ingress
expect 0 -j detach chain here0-ingress dev here0 egress
expect 1 detach chain here0-ingress dev here0 egress
expect 0 -n far add dev far0 ingress a obj "$progs/count.bpf.o"
expect 0 -n /run/netns/far show -s
expect 0 -n far flush dev far0 ingress
expect 1 -n nowhere show

# Files.
expect 0 export
expect 0 export $hook
cp "$here/out" "$here/export.yaml"
expect 0 -j export
expect 0 flush $hook
expect 0 apply "$here/export.yaml"
expect 0 apply "$here/export.yaml"
expect 0 flush chain here0-ingress
expect 0 plan "$here/good.yaml"
expect 0 -j plan "$here/good.yaml"
expect 0 apply "$here/good.yaml" --dry-run
expect 0 apply "$here/good.yaml"
expect 0 -j apply "$here/good.yaml"
expect 0 add chain in more obj "$progs/count.bpf.o"
expect 0 apply "$here/good.yaml" --prune
expect 1 apply "$here/refused.yaml"
expect 1 -j apply "$here/refused.yaml"
expect 2 apply "$here/wrong.yaml"
expect 2 apply "$here/broken.yaml"
expect 2 apply "$here/missing.yaml"
expect 2 apply "$here/good.yaml" "$here/wrong.yaml"
expect 2 apply
expect 2 plan

# Refusals.
expect 1 add dev none0 ingress x obj "$progs/count.bpf.o"
expect 1 add chain none x obj "$progs/count.bpf.o"
expect 1 add chain in a obj "$progs/count.bpf.o"
expect 1 add chain in x obj "$here/missing.bpf.o"
expect 1 add chain in x obj "$here/cut.bpf.o"
expect 1 add chain in x obj "$here/good.yaml"
expect 1 add chain in x obj "$progs/xdp.bpf.o"
expect 1 add chain in x obj "$progs/refused.bpf.o"
expect 1 add chain in x obj "$progs/newer.bpf.o"
expect 1 add chain in x obj "$progs/newer_map.bpf.o"
expect 1 add chain in x obj "$progs/verdicts.bpf.o"
expect 1 add chain in x obj "$progs/count.bpf.o" sec none
expect 1 add chain in x obj "$progs/count.bpf.o" prog none
expect 1 add chain in x pinned /sys/fs/bpf/none
expect 1 add chain in x id 4000000000
expect 1 replace chain in x obj "$progs/count.bpf.o"
expect 1 move chain in x before a
expect 1 del chain in x
expect 1 flush chain none
expect 1 show chain none
expect 1 add chain in x match "tcp dst port 23" action drop
expect 1 add chain in x bytecode "1,6 0 0 0"
expect 1 add chain in x obj "$progs/count.bpf.o" engine fused
expect 1 adopt $hook
expect 1 release $hook
expect 2 add chain in "$long" obj "$progs/count.bpf.o"
expect 2 add chain in "" obj "$progs/count.bpf.o"
expect 2 add chain in x obj "$progs/count.bpf.o" prio 0
expect 2 add chain in x obj "$progs/count.bpf.o" prio 1 before a
expect 2 add chain in x
expect 2 add dev here0 sideways x obj "$progs/count.bpf.o"

# A device goes; the next command sweeps.
ip link del more0
expect 0 show
expect 0 flush chain in
expect 0 flush chain out
expect 0 -j show -s
if [ -n "$(ls /sys/fs/bpf/daisy)" ]; then
	failed=$((failed + 1))
	echo "session: left behind: $(find /sys/fs/bpf/daisy)"
fi

echo "session: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
