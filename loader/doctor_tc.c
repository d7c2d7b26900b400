// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Checks of daisy doctor: hooks, tried on the loopback device of a network
 * namespace that a child process makes for itself and takes with it.
 *
 * It is hook_tc.c that makes and swaps here as for a chain, and tc.c that looks
 * whether the kernel agrees.
 */
#include "doctor.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>

#include "error.h"
#include "hook.h"
#include "kernel.h"
#include "tc.h"

#define TCX_INGRESS 46		/* BPF_TCX_INGRESS of linux/bpf.h since 6.6 */
#define ADVICE_CLSACT "load or build the kernel's module sch_ingress (CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_ACT)"
#define ADVICE_CLS_BPF "load or build the kernel's module cls_bpf (CONFIG_NET_CLS_BPF)"

/* A hook of nobody else's. Says what failed. */
static int hook_make(struct hook *hook)
{
	static char dev[] = "lo";

	if (unshare(CLONE_NEWNET) < 0)
		return fail_errno(-errno, "not tried, as no network namespace can be made");
	*hook = (struct hook){ .dev = dev, .ifindex = if_nametoindex(dev), .prio = HOOK_TC_PRIO, .handle = HOOK_TC_HANDLE };
	if (!hook->ifindex)
		return fail_errno(-errno, "dev %s", dev);
	return hook_tc.make(hook);
}

static int program_make(int *ret_fd)
{
	int r = doctor_program(TC_ACT_OK, ret_fd);

	return r < 0 ? fail_errno(r, "no program can be loaded") : 0;
}

/* The program is the one and only filter of the hook, at its prio and handle. Says what is there instead. */
static int hook_check(const struct hook *hook, int prog_fd)
{
	auto_(tc_filters) struct tc_filters filters = { 0 };
	const struct tc_filter *filter;
	struct prog_facts facts;
	int r = prog_facts(prog_fd, &facts);

	if (r == 0)
		r = tc_filters_read(hook->ifindex, hook->at, &filters);
	if (r < 0)
		return fail_errno(r, "%s: cannot read the filters", at_word(hook->at));
	if (filters.count != 1)
		return fail(-EPROTO, "%s: %zu filters where one was put", at_word(hook->at), filters.count);
	filter = &filters.list[0];
	if (filter->prio != hook->prio || filter->handle != hook->handle || filter->prog_id != facts.info.id)
		return fail(-EPROTO, "%s: not the program that was put there", at_word(hook->at));
	return 0;
}

static int clsact_check(void)
{
	struct hook hook;
	char kind[16];
	int r = hook_make(&hook);

	if (r < 0)
		return r;
	r = tc_qdisc_read(hook.ifindex, kind);
	if (r < 0)
		return fail_errno(r, "cannot read the qdiscs");
	return strcmp(kind, "clsact") == 0 ? 0 : fail(-EPROTO, "the qdisc that was made is '%s'", kind);
}

static void clsact_try(struct finding *finding)
{
	int r = clsact_check();

	if (r < 0)
		finding_refused(finding, advice_for(r, ADVICE_CLSACT));
	else
		finding_ok(finding, "can be made");
}

static int cls_bpf_check(void)
{
	auto_(fd) int fd = -1;
	struct hook hook;
	int r = hook_make(&hook);

	if (r == 0)
		r = program_make(&fd);
	for (hook.at = 0; hook.at < DAISY_AT_COUNT && r == 0; hook.at++) {
		r = hook_tc.swap(&hook, fd);
		if (r == 0)
			r = hook_check(&hook, fd);
	}
	return r;
}

static void cls_bpf_try(struct finding *finding)
{
	int r = cls_bpf_check();

	if (r < 0)
		finding_refused(finding, advice_for(r, ADVICE_CLS_BPF));
	else
		finding_ok(finding, "takes a program at ingress and at egress");
}

static int replace_check(void)
{
	auto_(fd) int old_fd = -1;
	auto_(fd) int new_fd = -1;
	struct hook hook;
	int r = hook_make(&hook);

	if (r == 0)
		r = program_make(&old_fd);
	if (r == 0)
		r = program_make(&new_fd);
	if (r == 0)
		r = hook_tc.swap(&hook, old_fd);
	if (r == 0)
		r = hook_tc.swap(&hook, new_fd);
	return r == 0 ? hook_check(&hook, new_fd) : r;
}

static void replace_try(struct finding *finding)
{
	int r = replace_check();

	if (r < 0)
		finding_refused(finding, advice_for(r, ADVICE_CLS_BPF));
	else
		finding_ok(finding, "a program takes the place of another, at its prio and handle, in one step");
}

static int tcx_check(void)
{
	auto_(fd) int fd = -1;
	auto_(fd) int link_fd = -1;
	int r = program_make(&fd);

	if (r < 0)
		return r;
	if (unshare(CLONE_NEWNET) < 0)
		return fail_errno(-errno, "not tried, as no network namespace can be made");
	link_fd = bpf_link_create(fd, (int)if_nametoindex("lo"), TCX_INGRESS, NULL);
	return link_fd < 0 ? fail_errno(link_fd, "a program cannot be attached there") : 0;
}

static void tcx_try(struct finding *finding)
{
	if (tcx_check() < 0)
		finding_refused(finding, "nothing; daisy does not need it for tc chains (kernels since 6.6 have it)");
	else
		finding_ok(finding, "a program can be attached there; it would run before tc's filters");
}

void probe_clsact(struct finding *finding)
{
	doctor_child(clsact_try, finding);
}

void probe_cls_bpf(struct finding *finding)
{
	doctor_child(cls_bpf_try, finding);
}

void probe_replace(struct finding *finding)
{
	doctor_child(replace_try, finding);
}

void probe_tcx(struct finding *finding)
{
	doctor_child(tcx_try, finding);
}
