// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two maps whose names the kernel cuts to the same 15 bytes: nobody can tell the old ones apart. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

struct by_address {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct by_address connections_by_source SEC(".maps");
struct by_address connections_by_target SEC(".maps");

static __always_inline void add(void *map, __u64 value)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(map, &key);

	if (count)
		__sync_fetch_and_add(count, value);
}

SEC("tc")
int prefixed(struct __sk_buff *skb)
{
	add(&connections_by_source, 1);
	add(&connections_by_target, 1000);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
