#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# A chain at work: real packets through four filters of docs/examples/edge.yaml,
# one of which is replaced under way, and every counter compared with what was
# sent. Needs root and DAISY_BUILD; touches nothing of this machine, for all of
# it happens in namespaces that end with it. Fails unless every number is right.
set -eu

# Mounts of its own: a bpffs and named network namespaces that nobody else sees.
if [ -z "${DAISY_DEMO:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "demo: needs root" >&2; exit 1; }
	: "${DAISY_BUILD:?demo: DAISY_BUILD names the directory of what was built}"
	DAISY_DEMO=1 exec timeout -k 5 90 "$DAISY_BUILD/private" sh "$0" "$@"
fi

top=$(cd "$(dirname "$0")/../.." && pwd)
here=$(mktemp -d)
daisy=$DAISY_BUILD/daisy
flow=

finish() {
	status=$?
	trap - EXIT INT TERM
	[ -z "$flow" ] || kill "$flow" 2>/dev/null || :
	"$daisy" -n edge flush chain edge >/dev/null 2>&1 || :
	rm -rf "$here"
	exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

say() { printf '\n%s\n' "$*"; }
run() { printf '  $ %s\n' "$*" | sed "s#$DAISY_BUILD/##g; s#$here/##g"; "$@" | sed 's/^/  /'; }
fail() { echo "demo: $*" >&2; exit 1; }
in_world() { ip netns exec world "$@"; }
in_edge() { ip netns exec edge "$@"; }
traffic() { where=$1; shift; "in_$where" "$DAISY_BUILD/traffic" "$@"; }

# same WHAT HAVE WANT
same() {
	[ "$2" = "$3" ] || fail "$1: $2, but it should be $3"
	printf '  %-44s %10s  as it should be\n' "$1" "$2"
}

# number FILTER KEY, of the show in show.json; FILTER - is the hook itself
number() {
	tr '{' '\n' < "$here/show.json" | awk -v name="$1" -v key="\"$2\": " '
		BEGIN { now = "-" }
		match($0, /"name": "[^"]*"/) { now = substr($0, RSTART + 9, RLENGTH - 10) }
		now == name && match($0, key "[0-9]+") {
			print substr($0, RSTART + length(key), RLENGTH - length(key)); exit
		}'
}

# What the veth itself has received: the count that daisy has no hand in.
received() { traffic edge frames daisy-edge; }

# Datagrams that reached the edge's UDP for a port where nobody listens.
strays() { in_edge awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp; }

# A receiver in the edge, with what it says on fd 4; returns when it can receive.
receiver() {
	rm -f "$here/said"
	mkfifo "$here/said"
	traffic edge "$@" > "$here/said" &
	exec 4< "$here/said"
	read -r word <&4 && [ "$word" = ready ] || fail "the receiver did not start"
}

come() { read -r count <&4 || fail "the receiver said nothing"; exec 4<&-; echo "$count" > "$here/come"; }

say "Two network namespaces, world and edge, joined by a veth. No IPv6 and no ARP, so that every packet is one of ours."
mount -t tmpfs tmpfs /run
mkdir /run/netns
mount -t bpf bpf /sys/fs/bpf || fail "this kernel has no bpffs"
for netns in world edge; do
	ip netns add "$netns"
	ip netns exec "$netns" sh -c 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do [ ! -e "$f" ] || echo 1 > "$f"; done'
done
ip -n world link add daisy-world address 02:00:00:00:00:01 type veth peer name daisy-edge address 02:00:00:00:00:02 netns edge
ip -n edge link set daisy-edge arp off up
ip -n world link set daisy-world arp off up
ip -n world addr add 10.9.8.1/24 dev daisy-world
ip -n edge addr add 10.9.8.2/24 dev daisy-edge
ip -n world neigh add 10.9.8.2 lladdr 02:00:00:00:00:02 nud permanent dev daisy-world
ip -n edge neigh add 10.9.8.1 lladdr 02:00:00:00:00:01 nud permanent dev daisy-edge

say "The chain of docs/examples/edge.yaml, its four filters from four objects, onto ingress of daisy-edge:"
cp "$top/docs/examples/edge.yaml" "$here/"
for object in meter drop_port never mark; do cp "$DAISY_BUILD/progs/$object.bpf.o" "$here/"; done
run "$daisy" -n edge plan "$here/edge.yaml"
run "$daisy" -n edge apply "$here/edge.yaml"
received > "$here/before"
read -r frames_before bytes_before < "$here/before"

say "10 pings, which pass all filters:"
in_world ping -q -c 10 -i 0.01 -W 5 10.9.8.2 > "$here/ping" || fail "a ping was lost: $(cat "$here/ping")"
same "pings answered" "$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$here/ping")" 10

say "200 UDP datagrams to port 5000, which pass, and 50 to port 23, which no-telnet drops:"
receiver udp-receive 10.9.8.2 5000 200
traffic world udp-send 10.9.8.2 5000 200
come
same "datagrams at port 5000" "$(cat "$here/come")" 200
stray=$(strays)
traffic world udp-send 10.9.8.2 23 50
same "datagrams behind the chain for port 23" $(($(strays) - stray)) 0

say "1 MB by TCP to port 5001:"
receiver tcp-receive 10.9.8.2 5001
traffic world tcp-send 10.9.8.2 5001 1000000
come
same "bytes at port 5001" "$(cat "$here/come")" 1000000

say "A flow of UDP, under which the meter is replaced. Its map stays, and no packet misses it:"
mkfifo "$here/stop" "$here/flow"
traffic world udp-flow 10.9.8.2 9 < "$here/stop" > "$here/flow" &
flow=$!
exec 5> "$here/stop" 6< "$here/flow"
read -r word <&6
received > "$here/then"
run "$daisy" -n edge replace chain edge meter obj "$here/meter.bpf.o"
received > "$here/now"
exec 5>&-
read -r flowed <&6
exec 6<&-
wait "$flow" || fail "the flow ended badly"
flow=
during=$(($(cut -d' ' -f1 "$here/now") - $(cut -d' ' -f1 "$here/then")))
[ "$during" -gt 0 ] || fail "no packet came during the replace"
echo "  $flowed datagrams flowed, $during of them while the meter was replaced"

say "What daisy counted:"
run "$daisy" -n edge show -s
"$daisy" -n edge -j show -s > "$here/show.json"
received > "$here/after"
read -r frames bytes < "$here/after"
frames=$((frames - frames_before))
bytes=$((bytes - bytes_before))

say "And what the veth counted, $frames packets with $bytes bytes:"
same "packets of the chain" "$(number - packets)" "$frames"
same "bytes of the chain" "$(number - bytes)" "$bytes"
same "packets at the meter" "$(number meter packets)" "$frames"
same "packets in the meter's own map" "$(bpftool map dump id "$(tr '{' '\n' < "$here/show.json" |
	sed -n 's/.*"map_ids": \[ *\([0-9]*\).*/\1/p' | head -n 1)" | sed -n 's/.*"packets": \([0-9]*\).*/\1/p')" "$frames"
same "packets dropped by no-telnet" "$(number no-telnet shot)" 50
same "packets at never" "$(number never packets)" $((frames - 50))
same "packets at mark" "$(number mark packets)" $((frames - 50))
same "packets that met an empty slot" "$(number mark missing)" 0
# What was sent, but for TCP, whose frames nobody can foretell.
[ "$frames" -gt $((10 + 200 + 50 + flowed)) ] || fail "more was sent than came"

say "The chain is taken off, and with it the clsact that daisy made:"
run "$daisy" -n edge flush chain edge
[ -z "$(tc -n edge qdisc show dev daisy-edge ingress)" ] || fail "a qdisc is left behind"
echo
echo "demo: every number is right"
