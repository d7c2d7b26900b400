// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts packets and bytes by protocol: state in a hash map, which a replace has to keep. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct meter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* EtherType, as the packet has it */
	__type(value, struct meter);
} meters SEC(".maps");

SEC("tc")
int meter(struct __sk_buff *skb)
{
	struct meter first = { .packets = 1, .bytes = skb->len };
	__u32 protocol = skb->protocol;
	struct meter *meter = bpf_map_lookup_elem(&meters, &protocol);

	if (!meter) {
		bpf_map_update_elem(&meters, &protocol, &first, BPF_ANY);
		return TC_ACT_UNSPEC;
	}
	__sync_fetch_and_add(&meter->packets, 1);
	__sync_fetch_and_add(&meter->bytes, skb->len);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
