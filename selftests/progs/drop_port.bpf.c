// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Drops TCP and UDP to one port: a setting in .rodata, and reads of the packet. */
#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tc.h"

const volatile __u16 port = 23;

/* Where the transport header begins, and *protocol; 0 when it is neither IPv4 nor IPv6. */
static __always_inline __u32 transport(struct __sk_buff *skb, __u8 *protocol)
{
	struct ipv6hdr ip6;
	struct iphdr ip;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) < 0)
			return 0;
		*protocol = ip.protocol;
		return ETH_HLEN + ip.ihl * 4;
	}
	if (skb->protocol != bpf_htons(ETH_P_IPV6) || bpf_skb_load_bytes(skb, ETH_HLEN, &ip6, sizeof(ip6)) < 0)
		return 0;
	*protocol = ip6.nexthdr;
	return ETH_HLEN + sizeof(ip6);
}

SEC("tc")
int drop_port(struct __sk_buff *skb)
{
	__u8 protocol = 0;
	__u32 offset = transport(skb, &protocol);
	__be16 dest;

	if (!offset || (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP))
		return TC_ACT_UNSPEC;
	/* Both headers have it in their second 16 bits. */
	if (bpf_skb_load_bytes(skb, offset + 2, &dest, sizeof(dest)) < 0)
		return TC_ACT_UNSPEC;
	return dest == bpf_htons(port) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
