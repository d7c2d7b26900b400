// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tail-calls within its own prog arrays, which empty themselves when nobody holds
 * them. The second array is used only by what the first one leads to.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

int tail_middle(struct __sk_buff *skb);
int tail_last(struct __sk_buff *skb);

/* 0: packets that came, 1: that reached tail_middle, 2: that reached tail_last */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} reached SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} middle SEC(".maps") = {
	.values = { [1] = (void *)&tail_middle },
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} last SEC(".maps") = {
	.values = { [0] = (void *)&tail_last },
};

static __always_inline void reach(__u32 place)
{
	__u64 *count = bpf_map_lookup_elem(&reached, &place);

	if (count)
		__sync_fetch_and_add(count, 1);
}

SEC("tc")
int tail(struct __sk_buff *skb)
{
	reach(0);
	bpf_tail_call(skb, &middle, 1);
	return TC_ACT_SHOT; /* the array is empty */
}

SEC("tc/middle")
int tail_middle(struct __sk_buff *skb)
{
	reach(1);
	bpf_tail_call(skb, &last, 0);
	return TC_ACT_SHOT;
}

SEC("classifier/last")
int tail_last(struct __sk_buff *skb)
{
	reach(2);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
