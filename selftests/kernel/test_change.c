// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Changes of a running chain: what they touch, what they leave, and who may make them. */
#include "lab.h"

TestSuite(change, .init = lab_open, .timeout = 120);

static uint32_t packets_map(const char *name)
{
	return lab_map_id(lab_prog(name), "packets");
}

static uint32_t revision(void)
{
	return (uint32_t)lab_stat(NULL, "revision");
}

Test(change, counts_one_revision_and_swaps_the_dispatcher)
{
	uint32_t before, program;
	auto_(lab_json) struct json_object *filters = NULL;

	lab_add("a", "count");
	before = revision();
	program = (uint32_t)lab_stat(NULL, "tc.prog_id");
	lab_add("b", "count");
	cr_expect_eq(revision(), before + 1);
	cr_expect_neq(lab_stat(NULL, "tc.prog_id"), program);
	filters = lab_filters(lab.dev, "ingress");
	cr_assert_eq(json_object_array_length(filters), 1);
	cr_expect_eq(lab_number(json_object_array_get_idx(filters, 0), "options.prog.id"), lab_stat(NULL, "tc.prog_id"));
}

Test(change, leaves_programs_and_maps_of_other_filters_as_they_are)
{
	uint32_t id, map;

	lab_add("keep", "count");
	id = lab_prog("keep");
	map = packets_map("keep");
	lab_send(10);
	lab_add("b", "meter");
	lab_ok("replace dev %s ingress b obj %s", lab.dev, lab_object("mark"));
	lab_ok("move dev %s ingress b before keep", lab.dev);
	lab_ok("del dev %s ingress b", lab.dev);
	cr_expect_eq(lab_prog("keep"), id);
	cr_expect_eq(packets_map("keep"), map);
	lab_send(10);
	cr_expect_eq(lab_counted("keep"), 20);
}

Test(change, replace_keeps_the_place_and_maps_that_match)
{
	uint32_t id, map;

	lab_add("a", "never");
	lab_add("b", "count");
	lab_add("c", "never");
	lab_send(10);
	id = lab_prog("b");
	map = packets_map("b");
	lab_ok("replace dev %s ingress b obj %s", lab.dev, lab_object("count_other"));
	lab_expect_order("a b c");
	cr_expect_neq(lab_prog("b"), id);
	cr_expect_eq(packets_map("b"), map);
	lab_send(10);
	cr_expect_eq(lab_counted("b"), 20);
	/* The program before it is nobody's any more. */
	lab_ok("show");
	for (int i = 0; i < LAB_WAIT_MS && lab_program_lives(id); i++)
		usleep(1000);
	cr_expect_not(lab_program_lives(id), "program %u is still loaded", id);
}

Test(change, replace_with_fresh_maps_begins_anew)
{
	uint32_t map;

	lab_add("b", "count");
	lab_send(10);
	map = packets_map("b");
	lab_ok("replace dev %s ingress b obj %s --fresh-maps", lab.dev, lab_object("count"));
	cr_expect_neq(packets_map("b"), map);
	lab_send(10);
	cr_expect_eq(lab_counted("b"), 10);
	cr_expect_eq(lab_stat("b", "packets"), 20);
}

Test(change, of_a_name_that_is_taken_or_missing_is_refused)
{
	lab_add("a", "count");
	lab_refused(1, "'a'", "add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "'b'", "replace dev %s ingress b obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "'b'", "del dev %s ingress b", lab.dev);
	lab_refused(1, "handle", "add dev %s ingress b obj %s prio %lu handle %lu", lab.dev, lab_object("count"),
		    (unsigned long)lab_stat("a", "prio"), (unsigned long)lab_stat("a", "handle"));
}

Test(change, with_the_last_filter_everything_goes)
{
	auto_(mem) char *pins = NULL, *qdisc = NULL;

	lab_mark();
	lab_add("a", "count");
	lab_add("b", "count");
	lab_ok("del dev %s ingress a", lab.dev);
	lab_ok("del dev %s ingress b", lab.dev);
	qdisc = lab_qdisc(lab.dev);
	pins = lab_pins();
	cr_expect_str_empty(qdisc);
	cr_expect_null(strstr(pins, "daisy/"), "left behind: %s", pins);
	lab_no_litter();
}

Test(change, flush_takes_the_whole_chain)
{
	auto_(mem) char *pins = NULL, *qdisc = NULL;

	lab_mark();
	lab_add("a", "count");
	lab_ok("add dev %s ingress b obj %s prog tail", lab.dev, lab_object("tail"));
	lab_ok("flush dev %s ingress", lab.dev);
	qdisc = lab_qdisc(lab.dev);
	pins = lab_pins();
	cr_expect_str_empty(qdisc);
	cr_expect_null(strstr(pins, "daisy/"), "left behind: %s", pins);
	lab_no_litter();
	lab_refused(1, lab.dev, "flush dev %s ingress", lab.dev);
}

Test(change, of_anothers_filter_needs_force)
{
	lab_ok("-o alice add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("-o bob add dev %s ingress b obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "alice", "-o bob del dev %s ingress a", lab.dev);
	lab_refused(1, "alice", "-o bob replace dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "alice", "-o bob move dev %s ingress a after b", lab.dev);
	lab_refused(1, "alice", "-o bob flush dev %s ingress", lab.dev);
	lab_ok("-o bob move dev %s ingress b before a", lab.dev);
	lab_expect_order("b a");
	lab_ok("-o bob del dev %s ingress a --force", lab.dev);
	lab_expect_order("b");
}

Test(change, by_force_keeps_the_owner)
{
	auto_(lab_json) struct json_object *show = NULL;

	lab_ok("-o alice add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("-o bob replace dev %s ingress a obj %s --force", lab.dev, lab_object("count"));
	show = lab_show();
	cr_expect_str_eq(lab_text(lab_filter(lab_hook(show, lab.dev, "ingress"), "a"), "owner"), "alice");
}

Test(change, of_a_revision_that_moved_is_refused_with_3)
{
	uint32_t now;

	lab_add("a", "count");
	now = revision();
	lab_refused(3, lab.dev, "add dev %s ingress b obj %s --expect %u", lab.dev, lab_object("count"), now + 1);
	lab_ok("add dev %s ingress b obj %s --expect %u", lab.dev, lab_object("count"), now);
	lab_refused(3, lab.dev, "del dev %s ingress b --expect %u", lab.dev, now);
	lab_refused(3, lab.dev, "flush dev %s ingress --expect %u", lab.dev, now);
	lab_refused(3, lab.dev, "move dev %s ingress b before a --expect %u", lab.dev, now);
	lab_ok("del dev %s ingress b --expect %u", lab.dev, now + 1);
}

static void expect_dry(const char *words, ...)
{
	auto_(mem) char *before = lab_picture(), *after = NULL, *text = NULL;
	auto_(lab_run) struct lab_run run = { 0 };
	va_list arguments;

	lab_mark();
	va_start(arguments, words);
	cr_assert_geq(vasprintf(&text, words, arguments), 0);
	va_end(arguments);
	run = lab_daisy("%s --dry-run", text);
	cr_expect_eq(run.code, 0, "%s: %s", text, run.err);
	cr_expect_str_not_empty(run.out, "%s says nothing of what it would do", text);
	after = lab_picture();
	cr_expect_str_eq(after, before, "%s --dry-run changed\n%sinto\n%s", text, before, after);
	lab_no_litter();
}

Test(change, that_is_only_tried_changes_nothing)
{
	expect_dry("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_add("a", "count");
	lab_add("b", "count");
	expect_dry("add dev %s ingress c obj %s", lab.dev, lab_object("count"));
	expect_dry("replace dev %s ingress a obj %s", lab.dev, lab_object("meter"));
	expect_dry("move dev %s ingress a after b", lab.dev);
	expect_dry("del dev %s ingress a", lab.dev);
	expect_dry("attach chain %s-ingress dev %s egress", lab.dev, lab.dev);
	expect_dry("flush dev %s ingress", lab.dev);
}

Test(change, answers_in_json_with_chain_revision_hooks_and_steps)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	auto_(lab_json) struct json_object *answer = NULL;
	struct json_object *steps;

	cr_assert_eq(run.code, 0, "%s", run.err);
	answer = lab_json(run.out);
	cr_expect_eq(lab_number(answer, "revision"), 1);
	cr_expect_not_null(strstr(lab_text(answer, "chain"), lab.dev));
	steps = json_object_object_get(answer, "steps");
	cr_expect_geq(json_object_array_length(steps), 1);
	cr_expect_eq(json_object_array_length(json_object_object_get(answer, "hooks")), 1);
}

Test(change, refused_with_json_says_why_as_an_object)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j del dev %s ingress a", lab.dev);
	auto_(lab_json) struct json_object *answer = NULL;

	cr_expect_eq(run.code, 1);
	cr_expect_str_empty(run.err);
	answer = lab_json(run.out);
	cr_expect_str_eq(lab_text(answer, "errno"), "ENOENT");
	cr_expect_not_null(strstr(lab_text(answer, "error"), lab.dev));
}

Test(change, under_traffic_loses_no_packet)
{
	lab_add("first", "count");
	lab_add("last", "count");
	for (size_t i = 0; i < 20; i++) {
		lab_send(100);
		lab_ok("add dev %s ingress between obj %s before last", lab.dev, lab_object("never"));
		lab_send(100);
		lab_ok("del dev %s ingress between", lab.dev);
	}
	cr_expect_eq(lab_counted("first"), 4000);
	cr_expect_eq(lab_counted("last"), 4000);
	cr_expect_eq(lab_stat("last", "packets"), 4000);
	cr_expect_eq(lab_stat(NULL, "packets"), 4000);
}
