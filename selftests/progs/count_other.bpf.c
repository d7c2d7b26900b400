// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The next build of count: the array is as it was, the globals are not. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

__u64 found;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *packet = bpf_map_lookup_elem(&packets, &key);

	if (packet)
		__sync_fetch_and_add(packet, 1);
	__sync_fetch_and_add(&found, 1);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
