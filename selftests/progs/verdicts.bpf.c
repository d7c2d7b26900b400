// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs in all sections that mean tc, two in one of them, and some that are
 * not tc: for the choice of a program. Each returns something of its own.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "tc.h"

SEC("tc")
int verdict_ok(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("tc")
int verdict_unspec(struct __sk_buff *skb)
{
	return TC_ACT_UNSPEC;
}

SEC("classifier")
int verdict_shot(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

SEC("classifier/pipe")
int verdict_pipe(struct __sk_buff *skb)
{
	return TC_ACT_PIPE;
}

SEC("tc/ingress")
int verdict_stolen(struct __sk_buff *skb)
{
	return TC_ACT_STOLEN;
}

SEC("tc/egress")
int verdict_trap(struct __sk_buff *skb)
{
	return TC_ACT_TRAP;
}

SEC("tcx/ingress")
int verdict_reclassify(struct __sk_buff *skb)
{
	return TC_ACT_RECLASSIFY;
}

SEC("tcx/egress")
int verdict_repeat(struct __sk_buff *skb)
{
	return TC_ACT_REPEAT;
}

SEC("action")
int verdict_queued(struct __sk_buff *skb)
{
	return TC_ACT_QUEUED;
}

/* A section that says nothing of the program's type, as tc's own loader takes it when it is named. */
SEC("from-container")
int verdict_odd(struct __sk_buff *skb)
{
	return 255;
}

SEC("xdp")
int verdict_xdp(struct xdp_md *xdp)
{
	return XDP_PASS;
}

SEC("socket")
int verdict_socket(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
