// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Hooks: sides, qdiscs, several at once, other people's filters, and devices that change. */
#include "lab.h"

#include <unistd.h>

TestSuite(hook, .init = lab_open, .timeout = 120);

static void expect_qdisc(const char *kind)
{
	auto_(mem) char *found = lab_qdisc(lab.dev);

	cr_expect_str_eq(found, kind, "the qdisc is '%s', not '%s'", found, kind);
}

static size_t filters_on(const char *dev, const char *side)
{
	auto_(lab_json) struct json_object *filters = lab_filters(dev, side);

	return json_object_array_length(filters);
}

/* --- both sides, several hooks */

Test(hook, both_sides_of_a_device_have_chains_of_their_own)
{
	lab_ok("add dev %s ingress in obj %s", lab.dev, lab_object("count"));
	lab_ok("add dev %s egress out obj %s", lab.dev, lab_object("drop_port"));
	lab_udp(true, 23, 5, 0);
	lab_udp(false, 23, 5, 5);
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "ingress", "in");
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", "out");
	lab_ok("flush dev %s ingress", lab.dev);
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", "out");
	lab_udp(true, 23, 5, 0);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "out", "verdicts.shot"), 10);
	lab_ok("flush dev %s egress", lab.dev);
	expect_qdisc("");
}

static void second_veth(void)
{
	lab_do("ip link add other0 type veth peer name other1");
	lab_do("ip link set other0 up");
	lab_do("ip link set other1 up");
}

Test(hook, a_chain_runs_on_several_and_changes_on_all_at_once)
{
	second_veth();
	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_ok("attach chain %s-ingress dev other0 egress", lab.dev);
	lab_send(10);
	lab_send_frames(&(struct lab_frame){ .dev = "other0" }, 7);
	cr_expect_eq(lab_counted("a"), 17);
	cr_expect_eq(lab_stat("a", "packets"), 10);
	cr_expect_eq(lab_stat_at("other0", "ingress", "a", "packets"), 7);
	lab_ok("add chain %s-ingress b obj %s", lab.dev, lab_object("count"));
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "ingress", "a b");
	lab_expect_order_at(__FILE__, __LINE__, "other0", "ingress", "a b");
	lab_expect_order_at(__FILE__, __LINE__, "other0", "egress", "a b");
	lab_send_frames(&(struct lab_frame){ .dev = "other0" }, 7);
	cr_expect_eq(lab_counted("b"), 7);
	lab_ok("detach chain %s-ingress dev other0 ingress", lab.dev);
	lab_send_frames(&(struct lab_frame){ .dev = "other0" }, 7);
	cr_expect_eq(lab_counted("b"), 7);
	lab_send(10);
	cr_expect_eq(lab_counted("b"), 17);
}

Test(hook, that_is_shared_is_changed_through_its_chain_only)
{
	second_veth();
	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_refused(1, lab.dev, "add dev %s ingress b obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "other0", "add dev other0 ingress b obj %s", lab_object("count"));
}

Test(hook, takes_one_chain_only)
{
	second_veth();
	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("add dev other0 ingress b obj %s", lab_object("count"));
	lab_refused(1, "other0", "attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_refused(1, lab.dev, "attach chain %s-ingress dev %s ingress", lab.dev, lab.dev);
	lab_refused(1, "other0", "detach chain %s-ingress dev other0 ingress", lab.dev);
}

Test(hook, the_last_one_off_takes_the_chain_with_it)
{
	auto_(mem) char *pins = NULL;

	lab_mark();
	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("detach chain %s-ingress dev %s ingress", lab.dev, lab.dev);
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "%s", pins);
	expect_qdisc("");
	lab_no_litter();
}

/* --- what is not daisy's */

Test(hook, filters_of_others_stay_and_are_shown_where_they_run)
{
	auto_(lab_json) struct json_object *show = NULL;
	struct json_object *foreign;
	uint32_t before, after;

	lab_do("tc qdisc add dev %s clsact", lab.dev);
	before = lab_foreign(lab.dev, "ingress", 1, "count");
	after = lab_foreign(lab.dev, "ingress", 60000, "count");
	lab_add("a", "count");
	lab_send(10);
	show = lab_show();
	foreign = json_object_object_get(lab_hook(show, lab.dev, "ingress"), "foreign");
	cr_assert_eq(json_object_array_length(foreign), 2);
	cr_expect_str_eq(lab_text(json_object_array_get_idx(foreign, 0), "where"), "before");
	cr_expect_eq(lab_number(json_object_array_get_idx(foreign, 0), "prog_id"), before);
	cr_expect_eq(lab_number(json_object_array_get_idx(foreign, 0), "prio"), 1);
	cr_expect_str_eq(lab_text(json_object_array_get_idx(foreign, 0), "kind"), "cls_bpf");
	cr_expect_str_eq(lab_text(json_object_array_get_idx(foreign, 1), "where"), "after");
	cr_expect_eq(lab_number(json_object_array_get_idx(foreign, 1), "prog_id"), after);
	lab_ok("flush dev %s ingress", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_map_value(before, "packets", 0), 20);
	cr_expect_eq(lab_map_value(after, "packets", 0), 20);
	cr_expect_eq(filters_on(lab.dev, "ingress"), 2);
	expect_qdisc("clsact");
}

Test(hook, a_filter_of_others_at_daisys_own_prio_is_not_overwritten)
{
	uint32_t prio, foreign;

	lab_add("a", "count");
	prio = (uint32_t)lab_stat(NULL, "tc.prio");
	lab_ok("flush dev %s ingress", lab.dev);
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	foreign = lab_foreign(lab.dev, "ingress", prio, "count");
	lab_add("a", "count");
	lab_send(10);
	cr_expect_eq(filters_on(lab.dev, "ingress"), 2);
	cr_expect_eq(lab_counted("a"), 10);
	lab_ok("flush dev %s ingress", lab.dev);
	cr_expect(lab_program_lives(foreign));
	cr_expect_eq(filters_on(lab.dev, "ingress"), 1);
}

Test(hook, a_clsact_of_others_stays)
{
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	lab_add("a", "count");
	lab_ok("del dev %s ingress a", lab.dev);
	expect_qdisc("clsact");
}

Test(hook, a_clsact_of_daisys_goes_unless_others_hang_on_it)
{
	lab_add("a", "count");
	expect_qdisc("clsact");
	lab_ok("del dev %s ingress a", lab.dev);
	expect_qdisc("");
	lab_add("a", "count");
	lab_foreign(lab.dev, "egress", 1, "count");
	lab_ok("del dev %s ingress a", lab.dev);
	expect_qdisc("clsact");
	cr_expect_eq(filters_on(lab.dev, "egress"), 1);
}

Test(hook, an_ingress_qdisc_serves_ingress_and_refuses_egress)
{
	lab_do("tc qdisc add dev %s ingress", lab.dev);
	lab_add("a", "count");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	/* sch_ingress would put it on ingress without a word. */
	lab_refused(1, lab.dev, "add dev %s egress b obj %s", lab.dev, lab_object("count"));
	lab_ok("del dev %s ingress a", lab.dev);
	expect_qdisc("ingress");
}

/* --- devices */

Test(hook, a_device_that_is_renamed_keeps_its_chain)
{
	auto_(mem) char *old = strdup(lab.dev);

	lab_add("a", "count");
	lab_send(10);
	lab_do("ip link set %s down", old);
	lab_do("ip link set %s name new0", old);
	lab_do("ip link set new0 up");
	snprintf(lab.dev, sizeof(lab.dev), "new0");
	lab_expect_order("a");
	cr_expect_eq(lab_stat("a", "packets"), 10);
	lab_ok("add dev new0 ingress b obj %s", lab_object("count"));
	lab_expect_order("a b");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 20);
	lab_refused(1, old, "add dev %s ingress c obj %s", old, lab_object("count"));
	lab_ok("flush dev new0 ingress");
	lab_expect_order("");
}

Test(hook, a_device_that_is_gone_leaves_nothing_after_the_next_command)
{
	auto_(mem) char *pins = NULL;

	lab_mark();
	second_veth();
	lab_ok("add dev other0 ingress a obj %s", lab_object("count"));
	lab_do("ip link del other0");
	lab_ok("show");
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "left behind: %s", pins);
	lab_no_litter();
}

Test(hook, a_chain_of_which_one_device_is_gone_runs_on_on_the_other)
{
	second_veth();
	lab_add("a", "count");
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	lab_do("ip link del other0");
	lab_ok("show");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	lab_add("b", "count");
	lab_expect_order("a b");
	lab_send(10);
	cr_expect_eq(lab_counted("b"), 10);
}

Test(hook, a_filter_that_somebody_else_removed_is_swept)
{
	auto_(mem) char *pins = NULL;

	lab_mark();
	lab_add("a", "count");
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	lab_ok("show");
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "left behind: %s", pins);
	lab_no_litter();
	lab_add("a", "count");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
}

Test(hook, a_device_that_is_none_is_refused)
{
	lab_refused(1, "none0", "add dev none0 ingress a obj %s", lab_object("count"));
	lab_refused(1, "none0", "show dev none0 ingress");
	lab_refused(1, "nochain", "add chain nochain a obj %s", lab_object("count"));
	lab_refused(1, "nochain", "show chain nochain");
}

/* --- network namespaces */

static void expect_far(const char *netns)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j -n %s show dev %s ingress -s", netns, lab.peer);
	auto_(lab_json) struct json_object *show = NULL;
	struct json_object *hook;

	cr_assert_eq(run.code, 0, "%s: %s", netns, run.err);
	show = lab_json(run.out);
	hook = lab_hook(show, lab.peer, "ingress");
	cr_expect_eq(lab_number(lab_filter(hook, "a"), "packets"), 5);
}

Test(hook, is_found_in_a_netns_by_name_and_by_path)
{
	auto_(mem) char *path = text_format("/run/netns/%s", lab.netns);

	lab_ok("-n %s add dev %s ingress a obj %s", lab.netns, lab.peer, lab_object("count"));
	lab_udp(true, 5000, 5, 5);
	expect_far(lab.netns);
	expect_far(path);
	lab_refused(1, lab.peer, "show dev %s ingress", lab.peer);
	lab_ok("-n %s flush dev %s ingress", path, lab.peer);
}

Test(hook, chains_of_two_netns_with_one_name_do_not_meet)
{
	lab_do("ip -n %s link add %s type veth peer name q", lab.netns, lab.dev);
	lab_add("a", "count");
	lab_ok("-n %s add dev %s ingress b obj %s", lab.netns, lab.dev, lab_object("count"));
	lab_expect_order("a");
	lab_ok("-n %s flush dev %s ingress", lab.netns, lab.dev);
	lab_expect_order("a");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
}

Test(hook, a_netns_that_is_none_is_refused)
{
	const char *file = lab_text_file("file", "no netns");

	lab_refused(1, "nowhere", "-n nowhere show");
	lab_refused(1, "/run/nowhere", "-n /run/nowhere show");
	lab_refused(1, file, "-n %s show", file);
}

Test(hook, a_netns_that_is_gone_leaves_nothing_after_the_next_command)
{
	lab_mark();
	lab_do("ip netns add gone");
	lab_do("ip -n gone link add g0 type veth peer name g1");
	lab_ok("-n gone add dev g0 ingress a obj %s", lab_object("count"));
	lab_do("ip netns del gone");
	/* The kernel takes a netns apart in its own time. */
	for (int i = 0; i < LAB_WAIT_MS / 10; i++) {
		auto_(mem) char *pins = NULL;

		lab_ok("show");
		pins = lab_pins();
		if (!strstr(pins, "daisy/"))
			break;
	}
	lab_no_litter();
}
