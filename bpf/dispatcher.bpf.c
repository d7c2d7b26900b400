// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The dispatcher: one program that runs a whole chain by cls_bpf's rule.
 *
 * Loaded anew for every revision, with the manifest as its .rodata: what the
 * manifest says is constant to the verifier, so the slots that are not used are
 * removed and every tail call has a constant index, which the JIT makes a jump.
 * Filling the manifest and the maps, and putting the program on a hook, is
 * userspace's; all layouts are daisy_abi.h's.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "daisy_abi.h"

#define TC_ACT_UNSPEC (-1)

const volatile struct daisy_manifest manifest = {};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, DAISY_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} daisy_slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct daisy_counters);
} daisy_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct daisy_base);
} daisy_base SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct daisy_hook_key);
	__type(value, struct daisy_hook_info);
} daisy_hooks SEC(".maps");

static __always_inline void count(struct daisy_count *counter, __u32 bytes)
{
	counter->packets++;
	counter->bytes += bytes;
}

/*
 * What a slot answers when nothing is in it. The answer is made of a value that
 * neither clang nor the verifier can know: to both, the code behind a tail call
 * is all that a slot can return, and with a plain -1 here they would remove the
 * caller's handling of every other verdict as dead.
 */
static __always_inline int slot_missing(struct __sk_buff *skb, struct daisy_counters *counters, __u32 slot)
{
	count(&counters->filters[slot].by[DAISY_UNSPEC], skb->len);
	return (int)counters->zero + TC_ACT_UNSPEC;
}

/* A tail call from a subprogram takes the place of the subprogram only: the program returns to the dispatcher. */
#define SLOT(i) \
static __noinline int slot_##i(struct __sk_buff *skb, struct daisy_counters *counters) \
{ \
	bpf_tail_call_static(skb, &daisy_slots, i); \
	return slot_missing(skb, counters, i); \
}

#define EACH_SLOT(X) \
	X(0)  X(1)  X(2)  X(3)  X(4)  X(5)  X(6)  X(7)  \
	X(8)  X(9)  X(10) X(11) X(12) X(13) X(14) X(15) \
	X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) \
	X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)

EACH_SLOT(SLOT)

/* TC_ACT_* -> enum daisy_verdict, a digit each: OK 0, SHOT 2, STOLEN 4, REDIRECT 7, TRAP 8. */
#define VERDICT_OF_ACT \
	((__u64)DAISY_OK | (__u64)DAISY_SHOT << 8 | (__u64)DAISY_STOLEN << 16 | \
	 (__u64)DAISY_REDIRECT << 28 | (__u64)DAISY_TRAP << 32)

static __noinline int chain_end(struct daisy_counters *counters, __u32 slot, __u32 act, __u32 bytes)
{
	__u32 verdict = VERDICT_OF_ACT >> (act * 4 & 63) & 7;

	if (slot < DAISY_SLOTS && verdict < DAISY_VERDICTS)
		count(&counters->filters[slot].by[verdict], bytes);
	return (int)act;
}

static __always_inline struct daisy_counters *counters_find(struct __sk_buff *skb)
{
	/* Behind the hooks' entries lies one for packets of a hook that is not listed. */
	__u32 index = manifest.hook_count;

	if (manifest.hook >= 0) {
		index = (__u32)manifest.hook;
	} else {
		struct daisy_hook_key key = { .ifindex = skb->ifindex, .at = manifest.at };
		struct daisy_hook_info *info = bpf_map_lookup_elem(&daisy_hooks, &key);

		if (info)
			index = info->index;
	}
	return bpf_map_lookup_elem(&daisy_counters, &index);
}

/* Never run: it makes base one of the program's maps, so that whoever finds the program finds its counts. */
static __always_inline void base_name(void)
{
	__u32 index = 0;

	if (manifest.version == 0)
		bpf_map_lookup_elem(&daisy_base, &index);
}

/*
 * A program that asks for the packet's route makes cls_bpf keep it on egress
 * (line 402). The kernel looks at the dispatcher alone, so it must hold the call,
 * though it never makes it.
 */
static __always_inline void route_keep(struct __sk_buff *skb, const struct daisy_counters *counters)
{
	if (manifest.needs_dst && counters->zero)
		bpf_get_route_realm(skb);
}

#define RUN(i) \
	if (manifest.count > i) { \
		skb->tc_classid = manifest.filters[i].classid & 0xffff; \
		act = slot_##i(skb, counters); \
		if (act < 32 && manifest.filters[i].ends >> act & 1) \
			return chain_end(counters, i, act, bytes); \
	}

SEC("tc")
int daisy(struct __sk_buff *skb)
{
	struct daisy_counters *counters = counters_find(skb);
	__u32 bytes = skb->len;
	__u32 act;

	base_name();
	if (!counters)
		return TC_ACT_UNSPEC;
	route_keep(skb, counters);
	EACH_SLOT(RUN)
	count(&counters->passed, bytes);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
