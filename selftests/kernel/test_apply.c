// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Files: what apply makes of them, all or nothing, and what export gives back. */
#include "lab.h"

TestSuite(apply, .init = lab_open, .timeout = 120);

/* Two chains of which the second one's filter is of object @second. */
static const char *two_chains(const char *name, const char *second)
{
	return lab_text_file(name,
			     "chains:\n"
			     "  in:\n"
			     "    - name: meter\n"
			     "      program: { object: %s, section: tc }\n"
			     "    - name: drop\n"
			     "      program: { object: %s }\n"
			     "  out:\n"
			     "    - name: it\n"
			     "      program: { object: %s }\n"
			     "      continue-on: [ok]\n"
			     "hooks:\n"
			     "  - { chain: in, dev: %s, at: ingress }\n"
			     "  - { chain: out, dev: %s, at: egress }\n",
			     lab_object("meter"), lab_object("drop_port"), lab_object(second), lab.dev, lab.dev);
}

Test(apply, makes_several_chains_what_the_file_says)
{
	const char *file = two_chains("two.yaml", "count");

	lab_ok("apply %s", file);
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "ingress", "meter drop");
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", "it");
	lab_udp(false, 23, 5, 0);
	lab_udp(true, 23, 5, 5);
	cr_expect_eq(lab_stat("drop", "verdicts.shot"), 5);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "it", "packets"), 5);
}

Test(apply, once_more_changes_nothing)
{
	const char *file = two_chains("two.yaml", "count");
	auto_(mem) char *before = NULL, *after = NULL;

	lab_ok("apply %s", file);
	before = lab_picture();
	lab_ok("apply %s", file);
	after = lab_picture();
	cr_expect_str_eq(after, before);
}

Test(apply, is_all_or_nothing_when_the_verifier_refuses_the_last_chain)
{
	lab_refused(1, "invalid access", "apply %s", two_chains("bad.yaml", "refused"));
	lab_ok("apply %s", two_chains("good.yaml", "count"));
	lab_send(10);
	lab_refused(1, "'it'", "apply %s", two_chains("bad.yaml", "refused"));
	cr_expect_eq(lab_stat("meter", "packets"), 10);
}

Test(apply, of_two_files_with_one_wrong_does_nothing)
{
	const char *good = two_chains("good.yaml", "count");
	const char *wrong = lab_text_file("wrong.yaml", "chains:\n  x:\n    - nme: y\n");

	lab_refused(2, "wrong.yaml:3", "apply %s %s", good, wrong);
	lab_refused(2, "wrong.yaml:3", "plan %s %s", good, wrong);
}

Test(apply, keeps_filters_of_the_command_line_until_prune)
{
	const char *file = two_chains("two.yaml", "count");

	lab_ok("apply %s", file);
	lab_ok("add dev %s ingress mine obj %s after meter", lab.dev, lab_object("count"));
	lab_ok("-o other add dev %s ingress theirs obj %s", lab.dev, lab_object("count"));
	lab_ok("apply %s", file);
	lab_expect_order("meter mine drop theirs");
	lab_ok("apply %s --prune", file);
	lab_expect_order("meter drop theirs");
}

Test(apply, takes_a_pattern_for_devices)
{
	const char *file;

	lab_do("ip link add pat0 type veth peer name pat1");
	file = lab_text_file("pattern.yaml",
			     "chains:\n  c:\n    - name: a\n      program: { object: %s }\n"
			     "hooks:\n  - { chain: c, dev: \"pat*\", at: ingress }\n", lab_object("count"));
	lab_ok("apply %s", file);
	lab_expect_order_at(__FILE__, __LINE__, "pat0", "ingress", "a");
	lab_expect_order_at(__FILE__, __LINE__, "pat1", "ingress", "a");
}

Test(apply, finds_objects_beside_the_file)
{
	const char *file;

	lab_do("cp %s /run/lab/near.bpf.o", lab_object("count"));
	file = lab_text_file("near.yaml",
			     "chains:\n  c:\n    - name: a\n      program: { object: near.bpf.o }\n"
			     "hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab.dev);
	lab_ok("apply %s", file);
	lab_expect_order("a");
}

Test(apply, loads_an_object_anew_that_was_built_anew)
{
	const char *file;
	uint32_t id;

	lab_do("cp %s /run/lab/it.bpf.o", lab_object("count"));
	file = lab_text_file("it.yaml",
			     "chains:\n  c:\n    - name: a\n      program: { object: it.bpf.o }\n"
			     "hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab.dev);
	lab_ok("apply %s", file);
	id = lab_prog("a");
	lab_send(10);
	lab_do("cp %s /run/lab/it.bpf.o", lab_object("count_other"));
	lab_ok("apply %s", file);
	cr_expect_neq(lab_prog("a"), id);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 20);
	cr_expect_eq(lab_stat("a", "packets"), 20);
}

Test(apply, refuses_an_object_whose_sum_is_another)
{
	const char *file = lab_text_file("sum.yaml",
		"chains:\n  c:\n    - name: a\n      program: { object: %s, sha256: "
		"0000000000000000000000000000000000000000000000000000000000000000 }\n"
		"hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab_object("count"), lab.dev);

	lab_refused(1, "SHA-256", "apply %s", file);
}

/* A show without what is another with every load. */
static char *essence_of(struct json_object *show)
{
	static const char *const changing[] = { "revision", "packets", "bytes", "tc" };

	for (size_t i = 0; i < json_object_array_length(show); i++) {
		struct json_object *hook = json_object_array_get_idx(show, i);
		struct json_object *filters = json_object_object_get(hook, "filters");

		for (size_t k = 0; k < ARRAY_SIZE(changing); k++)
			json_object_object_del(hook, changing[k]);
		for (size_t k = 0; k < json_object_array_length(filters); k++) {
			struct json_object *filter = json_object_array_get_idx(filters, k);

			json_object_object_del(filter, "prog_id");
			json_object_object_del(filter, "map_ids");
			json_object_object_del(filter, "packets");
			json_object_object_del(filter, "bytes");
			json_object_object_del(filter, "verdicts");
		}
	}
	return strdup(json_object_to_json_string(show));
}

static char *essence(void)
{
	auto_(lab_json) struct json_object *show = lab_show();

	return essence_of(show);
}

static const char *exported(const char *name)
{
	auto_(lab_run) struct lab_run run = lab_daisy("export");

	cr_assert_eq(run.code, 0, "%s", run.err);
	return lab_file(name, run.out, strlen(run.out));
}

Test(apply, of_an_export_gives_the_same_show)
{
	auto_(mem) char *before = NULL, *after = NULL;
	const char *file;

	lab_ok("apply %s", two_chains("two.yaml", "count"));
	lab_ok("add dev %s ingress x obj %s prio 5 handle 0x17 continue-on ok,shot", lab.dev, lab_object("verdict"));
	lab_ok("add dev %s ingress y obj %s prog cb_write before drop", lab.dev, lab_object("cb"));
	before = essence();
	file = exported("export.yaml");
	lab_ok("apply %s", file);
	after = essence();
	cr_expect_str_eq(after, before);
	free(TAKE_PTR(after));
	lab_ok("flush chain in");
	lab_ok("flush chain out");
	lab_ok("apply %s", file);
	after = essence();
	cr_expect_str_eq(after, before, "after flush and apply\n%s\nnot\n%s", after, before);
}

Test(apply, of_an_export_over_what_runs_takes_no_step)
{
	auto_(mem) char *before = NULL, *after = NULL;
	const char *file;

	lab_ok("apply %s", two_chains("two.yaml", "count"));
	before = lab_picture();
	file = exported("export.yaml");
	lab_ok("apply %s", file);
	after = lab_picture();
	cr_expect_str_eq(after, before);
}

Test(apply, of_an_export_with_several_owners_is_the_same_to_each_of_them)
{
	auto_(mem) char *before = NULL, *after = NULL;
	const char *file;

	lab_ok("add dev %s ingress mine obj %s", lab.dev, lab_object("count"));
	lab_ok("-o alice add dev %s ingress hers obj %s", lab.dev, lab_object("count"));
	before = lab_picture();
	file = exported("export.yaml");
	lab_ok("apply %s", file);
	lab_ok("-o alice apply %s --prune", file);
	lab_ok("-o bob apply %s --prune", file);
	after = lab_picture();
	cr_expect_str_eq(after, before);
	free(TAKE_PTR(before));
	free(TAKE_PTR(after));
	before = essence();
	lab_ok("flush dev %s ingress --force", lab.dev);
	lab_ok("-o bob apply %s", file);
	after = essence();
	cr_expect_str_eq(after, before, "after flush and apply\n%s\nnot\n%s", after, before);
}

Test(apply, is_told_beforehand_by_plan)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(lab_json) struct json_object *answer = NULL;
	auto_(mem) char *before = lab_picture(), *after = NULL;

	run = lab_daisy("-j plan %s", two_chains("two.yaml", "count"));
	cr_assert_eq(run.code, 0, "%s", run.err);
	answer = lab_json(run.out);
	/* Three filters, two hooks. */
	cr_expect_eq(json_object_array_length(json_object_object_get(answer, "steps")), 5, "%s", run.out);
	after = lab_picture();
	cr_expect_str_eq(after, before);
}

Test(apply, does_not_change_anothers_filter_without_force)
{
	const char *file = two_chains("two.yaml", "count");

	lab_ok("-o alice apply %s", file);
	lab_refused(1, "alice", "-o bob apply %s", two_chains("other.yaml", "never"));
	lab_ok("-o bob apply %s --force", two_chains("other.yaml", "never"));
}
