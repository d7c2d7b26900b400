// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Asks for the packet's route, which the kernel then keeps on egress; in a subprogram, where it is easily missed. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

static __noinline __u32 realm_of(struct __sk_buff *skb)
{
	return bpf_get_route_realm(skb);
}

SEC("tc")
int realm(struct __sk_buff *skb)
{
	skb->mark = realm_of(skb);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
