// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Other people's qdiscs, filters and numbers, and a killed change behind which
 * another netns is served first. Programs that only look like a dispatcher are
 * test_others_hostile.c's, what is promised of a change test_others_promise.c's.
 */
#include "crash.h"

#include <bpf/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

TestSuite(others, .init = lab_open, .timeout = 300);

static void expect_qdisc(const char *kind)
{
	auto_(mem) char *found = lab_qdisc(lab.dev);

	cr_expect_str_eq(found, kind, "the qdisc is '%s', not '%s'", found, kind);
}
/* --- qdiscs */

/* The chain is gone with its clsact; what stands now is somebody else's. */
static void clsact_anew(void)
{
	lab_add("a", "count");
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	lab_do("tc qdisc add dev %s clsact", lab.dev);
}

Test(others, a_clsact_that_was_made_anew_survives_show)
{
	auto_(mem) char *pins = NULL;

	clsact_anew();
	lab_ok("show");
	expect_qdisc("clsact");
	lab_ok("show dev %s ingress", lab.dev);
	lab_ok("export");
	expect_qdisc("clsact");
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "%s", pins);
}

Test(others, a_clsact_that_was_made_anew_survives_every_change)
{
	auto_(lab_run) struct lab_run flush = { 0 };

	clsact_anew();
	flush = lab_daisy("flush dev %s ingress", lab.dev);
	lab_expect_refusal(__FILE__, __LINE__, &flush, 1, lab.dev);
	expect_qdisc("clsact");
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	clsact_anew();
	lab_ok("add dev %s egress out obj %s", lab.dev, lab_object("count"));
	lab_ok("del dev %s egress out", lab.dev);
	expect_qdisc("clsact");
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	clsact_anew();
	lab_add("b", "count");
	lab_add("c", "count");
	lab_ok("del dev %s ingress b", lab.dev);
	lab_ok("flush dev %s ingress", lab.dev);
	expect_qdisc("clsact");
}

Test(others, a_clsact_that_was_made_anew_below_a_chain_of_two_hooks_survives)
{
	lab_do("ip link add other0 type veth peer name other1");
	lab_add("a", "count");
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	lab_ok("show");
	lab_ok("add chain %s-ingress b obj %s", lab.dev, lab_object("count"));
	lab_ok("flush chain %s-ingress", lab.dev);
	expect_qdisc("clsact");
}

Test(others, an_ingress_qdisc_has_no_chain_on_egress)
{
	auto_(lab_json) struct json_object *all = NULL, *hook = NULL;
	auto_(lab_run) struct lab_run show = { 0 }, text = { 0 };

	lab_do("tc qdisc add dev %s ingress", lab.dev);
	lab_add("a", "count");
	all = lab_show();
	cr_expect_eq(json_object_array_length(all), 1, "%s", json_object_to_json_string(all));
	cr_expect_str_eq(lab_text(lab_hook(all, lab.dev, "ingress"), "tc.attach"), "ingress");
	show = lab_daisy("-j show dev %s egress", lab.dev);
	cr_expect_eq(show.code, 0, "%s", show.err);
	hook = lab_json(show.out);
	cr_expect_eq(json_object_array_length(hook), 0, "%s", show.out);
	text = lab_daisy("show dev %s ingress", lab.dev);
	cr_expect_not_null(strstr(text.out, "ingress prio "), "%s", text.out);
	cr_expect_null(strstr(text.out, "clsact"), "%s", text.out);
}

Test(others, an_ingress_qdisc_takes_no_chain_on_egress)
{
	auto_(mem) char *egress = text_format("dev %s egress", lab.dev);

	lab_do("tc qdisc add dev %s ingress", lab.dev);
	lab_add("a", "count");
	lab_refused(1, egress, "add dev %s egress b obj %s", lab.dev, lab_object("count"));
	lab_refused(1, egress, "add dev %s egress b obj %s --dry-run", lab.dev, lab_object("count"));
	lab_refused(1, egress, "attach chain %s-ingress dev %s egress", lab.dev, lab.dev);
	lab_refused(1, egress, "detach chain %s-ingress dev %s egress", lab.dev, lab.dev);
	lab_refused(1, egress, "flush dev %s egress", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	lab_ok("flush dev %s ingress", lab.dev);
	expect_qdisc("ingress");
}

/* --- filters at daisy's own place */

#define OUR_PRIO 49
#define OUR_HANDLE 1

/* Where daisy would put its dispatcher. */
static uint32_t foreign_at_our_place(void)
{
	auto_(lab_json) struct json_object *filters = NULL;

	lab_do("tc filter add dev %s ingress prio %u handle %u protocol all bpf da obj %s sec tc", lab.dev, OUR_PRIO,
	       OUR_HANDLE, lab_object("count"));
	filters = lab_filters(lab.dev, "ingress");
	cr_assert_eq(json_object_array_length(filters), 1);
	return (uint32_t)lab_number(json_object_array_get_idx(filters, 0), "options.prog.id");
}

static bool stands_at_our_place(uint32_t id)
{
	auto_(lab_json) struct json_object *filters = lab_filters(lab.dev, "ingress");

	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *filter = json_object_array_get_idx(filters, i);

		if (lab_number(filter, "options.prog.id") == id && lab_number(filter, "pref") == OUR_PRIO)
			return true;
	}
	return false;
}

static void expect_beside(uint32_t foreign, uint64_t counted)
{
	lab_send(10);
	cr_expect(stands_at_our_place(foreign));
	cr_expect_eq(lab_map_value(foreign, "packets", 0), counted);
	cr_expect(lab_stat(NULL, "tc.prio") != OUR_PRIO || lab_stat(NULL, "tc.handle") != OUR_HANDLE);
}

Test(others, a_foreign_filter_at_daisys_prio_and_handle_stays)
{
	uint32_t foreign;

	lab_do("tc qdisc add dev %s clsact", lab.dev);
	foreign = foreign_at_our_place();
	lab_add("a", "count");
	expect_beside(foreign, 10);
	lab_add("b", "count");
	lab_ok("del dev %s ingress a", lab.dev);
	expect_beside(foreign, 20);
	cr_expect_eq(lab_counted("b"), 10);
	lab_ok("flush dev %s ingress", lab.dev);
	cr_expect(stands_at_our_place(foreign));
	expect_qdisc("clsact");
}

Test(others, a_foreign_filter_that_took_daisys_place_stays)
{
	uint32_t foreign;

	lab_add("a", "count");
	cr_assert_eq(lab_stat(NULL, "tc.prio"), OUR_PRIO);
	cr_assert_eq(lab_stat(NULL, "tc.handle"), OUR_HANDLE);
	lab_do("tc filter del dev %s ingress prio %u", lab.dev, OUR_PRIO);
	foreign = foreign_at_our_place();
	lab_ok("show");
	lab_refused(1, lab.dev, "flush dev %s ingress", lab.dev);
	cr_expect(stands_at_our_place(foreign));
	lab_add("a", "count");
	expect_beside(foreign, 10);
	lab_ok("flush dev %s ingress", lab.dev);
	cr_expect(stands_at_our_place(foreign));
	expect_qdisc("clsact");
}

Test(others, a_foreign_filter_that_took_one_of_two_hooks_stays)
{
	uint32_t foreign;

	lab_do("ip link add other0 type veth peer name other1");
	lab_add("a", "count");
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_do("tc filter del dev %s ingress prio %u", lab.dev, OUR_PRIO);
	foreign = foreign_at_our_place();
	lab_ok("add chain %s-ingress b obj %s", lab.dev, lab_object("count"));
	cr_expect(stands_at_our_place(foreign));
	lab_expect_order_at(__FILE__, __LINE__, "other0", "ingress", "a b");
	lab_ok("flush chain %s-ingress", lab.dev);
	cr_expect(stands_at_our_place(foreign));
	expect_qdisc("clsact");
}

/* --- other owners' numbers */

static const char *file_with(const char *numbers)
{
	return lab_text_file("numbers.yaml",
			     "chains:\n  edge:\n    - { name: mine, program: { object: %s }, %s }\n"
			     "hooks:\n  - { chain: edge, dev: %s, at: ingress }\n", lab_object("count"), numbers, lab.dev);
}

/* Chain edge: mine at prio 10, then alice's at prio 20 handle 1. */
static void chain_with_alice(void)
{
	lab_ok("apply %s", file_with("prio: 10"));
	lab_ok("-o alice add chain edge hers obj %s prio 20 handle 1", lab_object("count"));
}

Test(others, a_file_does_not_renumber_another_owners_prio)
{
	chain_with_alice();
	lab_refused(1, "alice", "apply %s", file_with("prio: 30"));
	lab_refused(1, "alice", "plan %s", file_with("prio: 30"));
	lab_refused(1, "'hers'", "apply %s --prune", file_with("prio: 30"));
	lab_ok("apply %s", file_with("prio: 15"));
	cr_expect_eq(lab_stat("mine", "prio"), 15);
	lab_ok("apply %s --force", file_with("prio: 30"));
	lab_expect_order("mine hers");
	cr_expect_geq(lab_stat("hers", "prio"), 30);
}

Test(others, a_file_does_not_renumber_another_owners_handle)
{
	chain_with_alice();
	lab_refused(1, "alice", "apply %s", file_with("prio: 20, handle: 1"));
	lab_ok("apply %s", file_with("prio: 20, handle: 2"));
	cr_expect_eq(lab_stat("hers", "handle"), 1);
	lab_ok("apply %s --force", file_with("prio: 20, handle: 1"));
	cr_expect_eq(lab_stat("mine", "handle"), 1);
	cr_expect_neq(lab_stat("hers", "handle"), 1);
}

/* --- numbers of one's own */

static void refused_as_taken(const char *words)
{
	auto_(mem) char *text = text_format("dev %s ingress new obj %s %s", lab.dev, lab_object("count"), words);
	auto_(lab_run) struct lab_run run = lab_daisy("-j add %s", text);
	auto_(lab_json) struct json_object *answer = lab_json(run.out);

	cr_expect_eq(run.code, 1, "%s", words);
	cr_expect_str_eq(lab_text(answer, "errno"), "EEXIST", "%s: %s", words, run.out);
	lab_refused(1, "'new': handle", "add %s", text);
	lab_refused(1, "'new': handle", "add %s --dry-run", text);
}

Test(others, a_named_handle_that_is_taken_is_refused)
{
	/* Of one prio, what comes last runs first, as in tc. */
	lab_ok("add dev %s ingress b obj %s prio 1 handle 2", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress a obj %s prio 1 handle 1", lab.dev, lab_object("count"));
	refused_as_taken("handle 1 prio 1");
	refused_as_taken("handle 1 before a");
	refused_as_taken("handle 2 before a");
	refused_as_taken("handle 2 before b");
	refused_as_taken("handle 1 after a");
	lab_ok("add dev %s ingress new obj %s handle 3 before b", lab.dev, lab_object("count"));
	lab_expect_order("a new b");
	cr_expect_eq(lab_stat("new", "handle"), 3);
}

Test(others, replace_with_the_prio_that_a_filter_has_keeps_its_place)
{
	lab_ok("add dev %s ingress c obj %s prio 10", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress b obj %s prio 10", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress a obj %s prio 10", lab.dev, lab_object("count"));
	lab_expect_order("a b c");
	lab_ok("replace dev %s ingress b obj %s prio 10", lab.dev, lab_object("meter"));
	lab_expect_order("a b c");
	lab_ok("replace dev %s ingress a obj %s prio 10 handle %lu", lab.dev, lab_object("meter"),
	       (unsigned long)lab_stat("a", "handle"));
	lab_expect_order("a b c");
	lab_ok("replace dev %s ingress a obj %s prio 20", lab.dev, lab_object("meter"));
	lab_expect_order("b c a");
}

/* --- a program that daisy made for itself */

Test(others, a_dispatcher_is_no_member)
{
	auto_(fd) int fd = -1;
	uint32_t id;

	lab_add("a", "count");
	id = (uint32_t)lab_stat(NULL, "tc.prog_id");
	fd = bpf_prog_get_fd_by_id(id);
	cr_assert_geq(fd, 0);
	cr_assert_eq(bpf_obj_pin(fd, "/sys/fs/bpf/dispatcher"), 0);
	lab_refused(1, "dispatcher", "add dev %s ingress new id %u", lab.dev, id);
	lab_refused(1, "dispatcher", "add dev %s egress new id %u", lab.dev, id);
	lab_refused(1, "dispatcher", "add dev %s ingress new id %u --dry-run", lab.dev, id);
	lab_refused(1, "dispatcher", "replace dev %s ingress a id %u", lab.dev, id);
	lab_refused(1, "'new'", "add dev %s ingress new pinned /sys/fs/bpf/dispatcher", lab.dev);
}

/* --- a killed change, and a command in another netns behind it */

/* Id of the one program there, 0: none. */
static uint32_t program_at(const char *at)
{
	auto_(lab_json) struct json_object *filters = lab_filters(lab.dev, at);

	return json_object_array_length(filters) == 0 ? 0 :
	       (uint32_t)lab_number(json_object_array_get_idx(filters, 0), "options.prog.id");
}

/* A command in another netns must not see a dispatcher that only waits for the kernel to free it. */
static void wait_for_end_of(uint32_t was, uint32_t is)
{
	for (int i = 0; was && was != is && i < LAB_WAIT_MS && lab_program_lives(was); i++)
		usleep(1000);
}

/* Killed at its call number @at; true if that left one hook with a chain and one without. */
static bool killed_between(const char *words, size_t at)
{
	uint32_t was_in = program_at("ingress"), was_out = program_at("egress");
	auto_(crash) struct crash crash = crash_daisy((struct crash_stop){ .at = at }, words);
	uint32_t in = program_at("ingress"), out = program_at("egress");

	cr_assert(crash.stopped);
	if (!in == !out)
		return false;
	wait_for_end_of(was_in, in);
	wait_for_end_of(was_out, out);
	lab_ok("-n %s show", lab.netns);
	return true;
}

static void expect_completed(const char *in, const char *out)
{
	lab_expect_order(in);
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", out);
}

/* A netlink message is what touches a hook; all are tried. */
static size_t kill_between(const char *words, void (*begin)(void), void (*expect)(void))
{
	auto_(crash) struct crash whole = { 0 };
	size_t met = 0;

	begin();
	whole = crash_daisy((struct crash_stop){ 0 }, words);
	cr_assert_eq(whole.code, 0, "%s", whole.err);
	for (size_t i = 0; i < whole.calls; i++) {
		if (whole.numbers[i] != SYS_sendto && whole.numbers[i] != SYS_sendmsg)
			continue;
		begin();
		if (!killed_between(words, i + 1))
			continue;
		expect();
		met++;
	}
	return met;
}

/* Two chains, so that one of them runs nowhere when the change is killed between them. */
static const char *file_of_both(const char *name, const char *dev)
{
	return lab_text_file(name,
			     "chains:\n  in:\n    - { name: a, program: { object: %s } }\n"
			     "  out:\n    - { name: b, program: { object: %s } }\n"
			     "hooks:\n  - { chain: in, dev: \"%s\", at: ingress }\n"
			     "  - { chain: out, dev: \"%s\", at: egress }\n",
			     lab_object("count"), lab_object("count"), dev, dev);
}

static void begin_with_none(void)
{
	lab_ok("apply %s", file_of_both("none.yaml", "none*"));
}

static void begin_with_both(void)
{
	lab_ok("apply %s", file_of_both("both.yaml", lab.dev));
}

static void expect_both(void)
{
	expect_completed("a", "b");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
}

static void expect_none(void)
{
	auto_(mem) char *pins = NULL;

	expect_completed("", "");
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "%s", pins);
	expect_qdisc("");
}

Test(others, a_killed_apply_is_completed_behind_a_command_in_another_netns)
{
	auto_(mem) char *words = text_format("apply %s", file_of_both("both.yaml", lab.dev));

	cr_expect_gt(kill_between(words, begin_with_none, expect_both), 0);
}

Test(others, a_killed_apply_that_takes_chains_off_is_completed_behind_a_command_in_another_netns)
{
	auto_(mem) char *words = text_format("apply %s", file_of_both("none.yaml", "none*"));

	cr_expect_gt(kill_between(words, begin_with_both, expect_none), 0);
}
