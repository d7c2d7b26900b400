// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Where a filter goes in a chain: as the chain tells it, and as packets meet it. */
#include "lab.h"

#define SHOT 2

TestSuite(order, .init = lab_open, .timeout = 120);

static void add_prio(const char *name, unsigned int prio)
{
	lab_ok("add dev %s ingress %s obj %s prio %u", lab.dev, name, lab_object("count"), prio);
}

Test(order, prio_ascends_and_the_newest_is_first_within_one)
{
	add_prio("b1", 20);
	add_prio("c", 30);
	add_prio("a", 10);
	add_prio("b2", 20);
	add_prio("b3", 20);
	lab_expect_order("a b3 b2 b1 c");
}

Test(order, without_a_prio_a_filter_goes_behind_all_others)
{
	lab_add("a", "count");
	lab_add("b", "meter");
	lab_add("c", "count");
	lab_expect_order("a b c");
}

Test(order, before_and_after_name_the_place)
{
	lab_add("b", "count");
	lab_ok("add dev %s ingress a obj %s before b", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress d obj %s after b", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress c obj %s before d", lab.dev, lab_object("count"));
	lab_ok("add dev %s ingress e obj %s after d", lab.dev, lab_object("count"));
	lab_expect_order("a b c d e");
}

Test(order, no_place_beside_a_filter_that_is_not_there)
{
	lab_add("a", "count");
	lab_refused(1, "nobody", "add dev %s ingress b obj %s before nobody", lab.dev, lab_object("count"));
	lab_refused(1, "nobody", "move dev %s ingress a after nobody", lab.dev);
}

Test(order, move_changes_the_place_and_no_program)
{
	uint32_t id;

	lab_add("a", "count");
	lab_add("b", "verdict");
	lab_add("c", "count");
	id = lab_prog("c");
	lab_ok("move dev %s ingress c before a", lab.dev);
	lab_expect_order("c a b");
	cr_expect_eq(lab_prog("c"), id);
	lab_ok("move dev %s ingress c after b", lab.dev);
	lab_expect_order("a b c");
	cr_expect_eq(lab_prog("c"), id);
}

Test(order, packets_meet_the_filters_in_the_order_that_is_shown)
{
	lab_add("a", "count");
	lab_add("drop", "verdict");
	lab_add("b", "count");
	lab_set_verdict("drop", SHOT);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	cr_expect_eq(lab_counted("b"), 0);
	lab_ok("move dev %s ingress drop before a", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	cr_expect_eq(lab_counted("b"), 0);
	lab_ok("move dev %s ingress drop after b", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 20);
	cr_expect_eq(lab_counted("b"), 10);
}

Test(order, what_one_filter_writes_the_next_one_reads)
{
	lab_ok("add dev %s ingress write obj %s prog cb_write", lab.dev, lab_object("cb"));
	lab_ok("add dev %s ingress check obj %s prog cb_check", lab.dev, lab_object("cb"));
	lab_add("behind", "count");
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 10);
	lab_ok("move dev %s ingress write after check", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 10);
	cr_expect_eq(lab_stat("check", "verdicts.shot"), 10);
}

static const char *object_copy(size_t i)
{
	auto_(mem) char *name = text_format("o%zu.bpf.o", i);
	const char *path = lab_file(name, NULL, 0);

	lab_do("cp %s %s", lab_object("count"), path);
	return path;
}

Test(order, thirty_two_filters_from_as_many_objects_run_and_one_more_is_refused)
{
	auto_(lab_json) struct json_object *show = NULL;
	struct json_object *hook;

	for (size_t i = 0; i < 32; i++)
		lab_ok("add dev %s ingress f%zu obj %s", lab.dev, i, object_copy(i));
	lab_refused(1, "32", "add dev %s ingress f32 obj %s", lab.dev, lab_object("count"));
	lab_send(100);
	show = lab_show();
	hook = lab_hook(show, lab.dev, "ingress");
	cr_assert_eq(json_object_array_length(json_object_object_get(hook, "filters")), 32);
	for (size_t i = 0; i < 32; i++) {
		struct json_object *filter = json_object_array_get_idx(json_object_object_get(hook, "filters"), i);
		auto_(mem) char *name = text_format("f%zu", i);

		cr_expect_str_eq(lab_text(filter, "name"), name);
		cr_expect_eq(lab_number(filter, "packets"), 100);
		cr_expect_eq(lab_map_value((uint32_t)lab_number(filter, "prog_id"), "packets", 0), 100);
	}
}

Test(order, the_second_of_thirty_two_filters_may_drop)
{
	lab_add("first", "count");
	lab_add("drop", "verdict");
	for (size_t i = 2; i < 32; i++)
		lab_ok("add dev %s ingress f%zu obj %s", lab.dev, i, lab_object("count"));
	lab_set_verdict("drop", SHOT);
	lab_send(10);
	cr_expect_eq(lab_counted("first"), 10);
	cr_expect_eq(lab_counted("f2"), 0);
	cr_expect_eq(lab_counted("f31"), 0);
	lab_ok("move dev %s ingress drop after f31", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("f31"), 10);
	cr_expect_eq(lab_stat("drop", "verdicts.shot"), 20);
}
