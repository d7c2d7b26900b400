// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * clsact hooks, by libbpf's bpf_tc_*: the only room that attaches there.
 *
 * A revision is swapped in by one RTM_NEWTFILTER replace at the same prio and
 * handle, which cls_bpf does with list_replace_rcu (cls_bpf_change, line 520).
 * What hangs on a hook besides is tc.c's to tell.
 */
#include "hook.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include "error.h"
#include "program.h"
#include "tc.h"

static const char *hook_dev(const struct hook *hook)
{
	return hook->dev ? hook->dev : "(gone)";
}

/* The kernel's own words, if it gave any, else those for @code. */
static int refuse(const struct hook *hook, int code, const char *what)
{
	const char *words = libbpf_last_words();

	if (*words && code != -EPERM)
		return fail_errno(code, "dev %s %s: %s: %s", hook_dev(hook), at_word(hook->at), what, words);
	return fail_errno(code, "dev %s %s: %s", hook_dev(hook), at_word(hook->at), what);
}

/* libbpf looks at the padding of its structs, which only its own macro clears. */
#define TC_HOOK(name, hook, point) \
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, name, .ifindex = (int)(hook)->ifindex, .attach_point = point)

static enum bpf_tc_attach_point tc_point(const struct hook *hook)
{
	return hook->at == DAISY_AT_INGRESS ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

/* On the older qdisc `ingress` the kernel takes egress filters too, and runs them at ingress. */
static int check_qdisc(const struct hook *hook, const char *kind)
{
	if (strcmp(kind, "clsact") == 0 || (strcmp(kind, "ingress") == 0 && hook->at == DAISY_AT_INGRESS))
		return 0;
	return fail(-EBUSY, "dev %s %s: the device has the qdisc '%s', which has no such hook; clsact has (tc qdisc replace dev %s clsact)",
		    hook_dev(hook), at_word(hook->at), kind, hook_dev(hook));
}

/* *@ret_stands: the device has a qdisc with this hook. */
static int qdisc_find(const struct hook *hook, bool *ret_stands)
{
	char kind[16];
	int r = tc_qdisc_read(hook->ifindex, kind);

	if (r < 0)
		return refuse(hook, r, "cannot read the qdiscs");
	*ret_stands = kind[0];
	return kind[0] ? check_qdisc(hook, kind) : 0;
}

static int tc_make(const struct hook *hook)
{
	TC_HOOK(tc, hook, BPF_TC_INGRESS | BPF_TC_EGRESS);
	bool stands;
	int r;

	r = qdisc_find(hook, &stands);
	if (r < 0 || stands)
		return r;
	libbpf_hush();
	r = bpf_tc_hook_create(&tc);
	/* Somebody was faster. */
	if (r == -EEXIST)
		return qdisc_find(hook, &stands);
	return r < 0 ? refuse(hook, r, "cannot make clsact") : 0;
}

static bool handle_taken(const struct tc_filters *filters, uint32_t prio, uint32_t handle)
{
	for (size_t i = 0; i < filters->count; i++) {
		if (filters->list[i].prio == prio && filters->list[i].handle == handle)
			return true;
	}
	return false;
}

/* One prio holds filters of one kind and protocol only. */
static bool prio_usable(const struct tc_filters *filters, uint32_t prio)
{
	for (size_t i = 0; i < filters->count; i++) {
		const struct tc_filter *filter = &filters->list[i];

		if (filter->prio == prio && (filter->chain != 0 || filter->protocol != ETH_P_ALL ||
					     strcmp(filter->kind, "bpf") != 0))
			return false;
	}
	return true;
}

static int tc_place(struct hook *hook)
{
	auto_(tc_filters) struct tc_filters filters = { 0 };
	uint32_t prio = HOOK_TC_PRIO, handle = HOOK_TC_HANDLE;
	bool stands;
	int r;

	r = qdisc_find(hook, &stands);
	if (r < 0)
		return r;
	if (!stands)
		hook->flags |= DAISY_HOOK_CLSACT;
	r = tc_filters_read(hook->ifindex, hook->at, &filters);
	if (r < 0)
		return refuse(hook, r, "cannot read the filters");
	while (prio < CHAIN_PRIO_MAX && !prio_usable(&filters, prio))
		prio++;
	while (handle_taken(&filters, prio, handle))
		handle++;
	hook->prio = prio;
	hook->handle = handle;
	return 0;
}

static int tc_put(const struct hook *hook, int prog_fd, uint32_t flags)
{
	TC_HOOK(tc, hook, tc_point(hook));
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = hook->handle, .priority = hook->prio, .prog_fd = prog_fd,
			    .flags = flags);

	libbpf_hush();
	return bpf_tc_attach(&tc, &opts);
}

/* The program at @hook's prio and handle; 0: none, or no filter at all. */
static int prog_there(const struct hook *hook, uint32_t *ret_prog_id)
{
	auto_(tc_filters) struct tc_filters filters = { 0 };
	int r = tc_filters_read(hook->ifindex, hook->at, &filters);

	if (r < 0)
		return refuse(hook, r, "cannot read the filters");
	*ret_prog_id = 0;
	for (size_t i = 0; i < filters.count; i++) {
		if (filters.list[i].prio == hook->prio && filters.list[i].handle == hook->handle)
			*ret_prog_id = filters.list[i].prog_id;
	}
	return 0;
}

static int tc_attach(const struct hook *hook, int prog_fd)
{
	uint32_t there = 0;
	int r = tc_put(hook, prog_fd, 0);

	if (r == 0)
		return 0;
	if (r == -EEXIST && prog_there(hook, &there) == 0 && there == hook->prog_id)
		return 0;
	return refuse(hook, r, "cannot attach");
}

static int tc_swap(const struct hook *hook, int prog_fd)
{
	int r = tc_put(hook, prog_fd, BPF_TC_F_REPLACE);

	return r < 0 ? refuse(hook, r, "cannot attach") : 0;
}

static int tc_detach(const struct hook *hook)
{
	TC_HOOK(tc, hook, tc_point(hook));
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = hook->handle, .priority = hook->prio);
	uint32_t there;
	int r, code;

	r = prog_there(hook, &there);
	if (r < 0 || there != hook->prog_id)
		return r;
	libbpf_hush();
	code = bpf_tc_detach(&tc, &opts);
	if (code == 0)
		return 0;
	/* An error may also say that the filter, its qdisc or the device went meanwhile. */
	r = prog_there(hook, &there);
	return r == 0 && there != hook->prog_id ? 0 : refuse(hook, code, "cannot detach");
}

static int tc_release(const struct hook *hook)
{
	TC_HOOK(tc, hook, BPF_TC_INGRESS | BPF_TC_EGRESS);
	char kind[16];
	int r;

	if (!(hook->flags & DAISY_HOOK_CLSACT))
		return 0;
	r = tc_qdisc_read(hook->ifindex, kind);
	if (r < 0 || strcmp(kind, "clsact") != 0)
		return r;
	for (enum daisy_at at = 0; at < DAISY_AT_COUNT; at++) {
		auto_(tc_filters) struct tc_filters filters = { 0 };

		r = tc_filters_read(hook->ifindex, at, &filters);
		/* Also by what no packet meets alone, a hash table of u32 for example. */
		if (r < 0 || filters.told > 0)
			return r;
	}
	libbpf_hush();
	r = bpf_tc_hook_destroy(&tc);
	return r == -ENOENT || r == -ENODEV || r == -EINVAL ? 0 : r;
}

void hook_settle(void)
{
	/*
	 * MEMBARRIER_CMD_GLOBAL is synchronize_rcu() (kernel/sched/membarrier.c), and
	 * a classifier runs inside an RCU reader. Where it is refused (a kernel with
	 * nohz_full CPUs) a packet of this very moment may miss its last filters.
	 */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

const struct hook_ops hook_tc = {
	.make = tc_make,
	.place = tc_place,
	.attach = tc_attach,
	.swap = tc_swap,
	.detach = tc_detach,
	.release = tc_release,
};
