// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Eight members of one chain, load_0 ... load_7. Each stamps on the packet that it
 * has run in its place, and which revision it is; the last one sorts what arrived
 * by whose stamps it bears. load2.bpf.c is the next revision.
 */
/* No relocations: for one libbpf reads all types of the kernel at every load, longer than all the rest of a change. */
#define BPF_NO_PRESERVE_ACCESS_INDEX
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

#ifndef REVISION
#define REVISION 0
#endif

#define MEMBERS 8
#define DISORDER (1 << MEMBERS) /* not all members ran, or not in their order */

#define KIND_DROP 1 /* first byte behind the Ethernet header: load_4 drops the frame */

/* Arrivals by stamps: bit i is the revision of load_i; the last entry counts those in disorder. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DISORDER + 1);
	__type(key, __u32);
	__type(value, __u64);
} arrivals SEC(".maps");

/* cb[0]: members that the packet has met, DISORDER once one was amiss; cb[1]: their revisions. */
static __always_inline void stamp(struct __sk_buff *skb, __u32 place)
{
	if (place == 0)
		skb->cb[1] = 0;
	skb->cb[0] = place == 0 || skb->cb[0] == place ? place + 1 : DISORDER;
	skb->cb[1] |= REVISION << place;
}

#define MEMBER(place) \
SEC("tc") \
int load_##place(struct __sk_buff *skb) \
{ \
	stamp(skb, place); \
	return TC_ACT_UNSPEC; \
}

MEMBER(0)
MEMBER(1)
MEMBER(2)
MEMBER(3)
MEMBER(5)
MEMBER(6)

SEC("tc")
int load_4(struct __sk_buff *skb)
{
	__u8 kind = 0;

	stamp(skb, 4);
	bpf_skb_load_bytes(skb, ETH_HLEN, &kind, sizeof(kind));
	/* One in disorder goes on, to be counted as such. */
	return kind == KIND_DROP && skb->cb[0] == 5 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("tc")
int load_7(struct __sk_buff *skb)
{
	__u32 stamps;
	__u64 *count;

	stamp(skb, 7);
	stamps = skb->cb[0] == MEMBERS ? skb->cb[1] & (DISORDER - 1) : DISORDER;
	count = bpf_map_lookup_elem(&arrivals, &stamps);
	if (count)
		__sync_fetch_and_add(count, 1);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
