// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The verdict rule of cls_bpf, for every named verdict and others from all over
 * 32 bits: what ends the chain, what goes on, and what becomes of the packet.
 */
#include "lab.h"

#define OK 0
#define SHOT 2

TestSuite(verdict, .init = lab_open, .timeout = 120);

static const struct act {
	int32_t value;
	const char *counted;	/* verdict it is counted as */
	bool ends;
	bool arrives;		/* the packet, at a socket */
} acts[] = {
	{ -1, "unspec", false, true },
	{ 0, "ok", true, true },
	{ 1, "unspec", false, true },		/* RECLASSIFY */
	{ 2, "shot", true, false },
	{ 3, "unspec", false, true },		/* PIPE */
	{ 4, "stolen", true, false },
	{ 5, "unspec", false, true },		/* QUEUED */
	{ 6, "unspec", false, true },		/* REPEAT */
	{ 7, "redirect", true, false },		/* to nowhere */
	{ 8, "trap", true, false },
	{ 9, "unspec", false, true },
	{ 31, "unspec", false, true },
	{ 32, "unspec", false, true },		/* 0, were it cut to 5 bits */
	{ 34, "unspec", false, true },		/* SHOT, the same way */
	{ 64, "unspec", false, true },
	{ 66, "unspec", false, true },
	{ 255, "unspec", false, true },
	{ 256, "unspec", false, true },
	{ 258, "unspec", false, true },
	{ 0x10000002, "unspec", false, true },	/* TC_ACT_JUMP's form */
	{ 0x20000000, "unspec", false, true },
	{ -2, "unspec", false, true },
	{ -8, "unspec", false, true },
	{ INT32_MAX, "unspec", false, true },
	{ INT32_MIN, "unspec", false, true },
	{ INT32_MIN + 2, "unspec", false, true },
};

/* first, act, behind; and a filter of tc's own behind the whole chain. */
static uint32_t chain_make(void)
{
	lab_add("first", "count");
	lab_add("act", "verdict");
	lab_add("behind", "count");
	return lab_foreign(lab.dev, "ingress", 60000, "count");
}

static void act_check(const struct act *act, uint32_t outside)
{
	auto_(mem) char *verdict = text_format("verdicts.%s", act->counted);
	uint64_t behind = lab_counted("behind"), far = lab_map_value(outside, "packets", 0), counted = lab_stat("act", verdict);
	uint64_t on = act->ends ? 0 : 3;

	lab_set_verdict("act", act->value);
	lab_udp(false, 5000, 3, act->arrives ? 3 : 0);
	cr_expect_eq(lab_counted("behind") - behind, on, "%d: the next filter saw %lu packets, not %lu", act->value,
		     (unsigned long)(lab_counted("behind") - behind), (unsigned long)on);
	cr_expect_eq(lab_map_value(outside, "packets", 0) - far, on, "%d: tc's next filter", act->value);
	cr_expect_eq(lab_stat("act", verdict) - counted, 3, "%d is not counted as %s", act->value, act->counted);
}

Test(verdict, each_ends_the_chain_or_goes_on_as_cls_bpf_has_it)
{
	uint32_t outside = chain_make();

	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		act_check(&acts[i], outside);
	cr_expect_eq(lab_counted("first"), 3 * ARRAY_SIZE(acts));
	cr_expect_eq(lab_stat("act", "packets"), 3 * ARRAY_SIZE(acts));
	cr_expect_eq(lab_stat("act", "verdicts.missing"), 0);
}

Test(verdict, of_every_filter_is_counted_by_its_name)
{
	chain_make();
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		lab_set_verdict("act", acts[i].value);
		lab_send(i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		auto_(mem) char *verdict = text_format("verdicts.%s", acts[i].counted);

		if (acts[i].ends)
			cr_expect_eq(lab_stat("act", verdict), i + 1, "%s", verdict);
	}
}

Test(verdict, continue_on_goes_on_behind_what_it_names)
{
	lab_ok("add dev %s ingress act obj %s continue-on ok,shot", lab.dev, lab_object("verdict"));
	lab_add("behind", "count");
	lab_set_verdict("act", OK);
	lab_send(10);
	lab_set_verdict("act", SHOT);
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 20);
	cr_expect_eq(lab_stat("act", "verdicts.unspec"), 20);
	cr_expect_eq(lab_stat("act", "verdicts.ok"), 0);
	cr_expect_eq(lab_stat("act", "verdicts.shot"), 0);
	lab_set_verdict("act", 4);
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 20);
	cr_expect_eq(lab_stat("act", "verdicts.stolen"), 10);
}

Test(verdict, a_packet_that_goes_on_behind_a_drop_arrives)
{
	lab_ok("add dev %s ingress act obj %s continue-on shot", lab.dev, lab_object("verdict"));
	lab_set_verdict("act", SHOT);
	lab_udp(false, 5000, 10, 10);
}

Test(verdict, replace_keeps_continue_on_until_it_is_given_anew)
{
	auto_(lab_json) struct json_object *show = NULL;

	lab_ok("add dev %s ingress act obj %s continue-on ok", lab.dev, lab_object("verdict"));
	lab_add("behind", "count");
	lab_ok("replace dev %s ingress act obj %s", lab.dev, lab_object("verdict"));
	lab_set_verdict("act", OK);
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 10);
	lab_ok("replace dev %s ingress act obj %s continue-on shot", lab.dev, lab_object("verdict"));
	lab_set_verdict("act", OK);
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 10);
	cr_expect_eq(lab_stat("act", "verdicts.ok"), 10);
}

Test(verdict, on_egress_a_drop_keeps_the_packet_here)
{
	lab_ok("add dev %s egress drop obj %s", lab.dev, lab_object("drop_port"));
	lab_udp(true, 23, 10, 0);
	lab_udp(true, 24, 10, 10);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "drop", "verdicts.shot"), 10);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "drop", "verdicts.unspec"), 10);
}
