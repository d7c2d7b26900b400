// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Calls a helper that no kernel has yet, as a program for newer kernels does on an older one. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

static long (*const helper_of_tomorrow)(void) = (void *)9999;

SEC("tc")
int newer(struct __sk_buff *skb)
{
	return (int)helper_of_tomorrow();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
