// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a plan or a dry run says of a change, and patterns that no device has. */
#include "lab.h"

/* add refuses it and names device and filter, and so do a dry run, a file and its plan. */
static void refused_everywhere(const char *program, const char *in_file, const char *sentence)
{
	auto_(mem) char *words = text_format("dev %s ingress new %s", lab.dev, program);
	static const struct { const char *begin, *end; bool file; } commands[] = {
		{ "add", "", false }, { "add", " --dry-run", false }, { "apply", "", true }, { "apply", " --dry-run", true },
		{ "plan", "", true },
	};
	const char *file;

	file = lab_text_file("new.yaml", "chains:\n  c:\n    - { name: new, program: %s }\n"
			     "hooks:\n  - { chain: c, dev: %s, at: ingress }\n", in_file, lab.dev);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		auto_(mem) char *command = text_format("%s %s%s", commands[i].begin, commands[i].file ? file : words,
						       commands[i].end);
		auto_(lab_run) struct lab_run run = { 0 };

		lab_refused(1, sentence, "%s", command);
		run = lab_daisy("%s", command);
		cr_expect_not_null(strstr(run.err, lab.dev), "%s: no device: %s", command, run.err);
		cr_expect_not_null(strstr(run.err, "'new'"), "%s: no filter: %s", command, run.err);
	}
}

static void refused_object_everywhere(const char *path, const char *section, const char *sentence)
{
	auto_(mem) char *words = text_format("obj %s%s%s", path, section ? " sec " : "", section ? section : "");
	auto_(mem) char *in_file = text_format("{ object: %s%s%s }", path, section ? ", section: " : "",
					       section ? section : "");

	refused_everywhere(words, in_file, sentence);
}

Test(others, what_cannot_be_loaded_is_refused_beforehand_naming_device_and_filter)
{
	refused_object_everywhere("/run/lab/none.bpf.o", NULL, "/run/lab/none.bpf.o");
	refused_object_everywhere(lab_object("xdp"), NULL, "xdp");
	refused_object_everywhere(lab_object("count"), "nosuch", "nosuch");
	refused_object_everywhere(lab_object("refused"), NULL, "invalid access");
	refused_everywhere("pinned /sys/fs/bpf/none", "{ pinned: /sys/fs/bpf/none }", "/sys/fs/bpf/none");
}

Test(others, an_id_that_is_none_is_refused_beforehand_naming_device_and_filter)
{
	auto_(mem) char *device = text_format("dev %s ingress", lab.dev);

	lab_refused(1, "program id 2147483647", "add %s new id 2147483647", device);
	lab_refused(1, "program id 2147483647", "add %s new id 2147483647 --dry-run", device);
	lab_refused(1, device, "add %s new id 2147483647 --dry-run", device);
	lab_refused(1, "'new'", "add %s new id 2147483647 --dry-run", device);
}

Test(others, another_sum_is_refused_beforehand)
{
	const char *file = lab_text_file("sum.yaml",
		"chains:\n  c:\n    - name: a\n      program: { object: %s, sha256: "
		"0000000000000000000000000000000000000000000000000000000000000000 }\n"
		"hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab_object("count"), lab.dev);

	lab_refused(1, "SHA-256", "plan %s", file);
	lab_refused(1, "SHA-256", "apply %s", file);
	lab_refused(1, "filter 'a'", "plan %s", file);
	lab_refused(1, lab.dev, "plan %s", file);
}

static const char *file_of_filters(size_t count)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *file;

	fprintf(out, "chains:\n  c:\n");
	for (size_t i = 0; i < count; i++)
		fprintf(out, "    - { name: f%zu, program: { object: %s } }\n", i, lab_object("never"));
	fprintf(out, "hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab.dev);
	fclose(out);
	file = lab_file("filters.yaml", text, size);
	free(text);
	return file;
}

Test(others, more_filters_than_run_are_refused_beforehand)
{
	lab_refused(1, "33 filters", "plan %s", file_of_filters(33));
	lab_refused(1, "33 filters", "apply %s", file_of_filters(33));
	lab_ok("apply %s", file_of_filters(32));
	lab_refused(1, "33 filters", "plan %s", file_of_filters(33));
	lab_refused(1, "33 filters", "add dev %s ingress new obj %s --dry-run", lab.dev, lab_object("never"));
	lab_refused(1, "33 filters", "add dev %s ingress new obj %s", lab.dev, lab_object("never"));
	lab_refused(1, lab.dev, "add dev %s ingress new obj %s", lab.dev, lab_object("never"));
}

Test(others, a_plan_pins_no_map)
{
	const char *file = lab_text_file("pinned.yaml",
		"chains:\n  c:\n    - { name: a, program: { object: %s } }\n    - { name: b, program: { object: %s } }\n"
		"hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab_object("pinned"), lab_object("count"), lab.dev);
	auto_(mem) char *before = lab_picture(), *after = NULL;

	lab_mark();
	lab_ok("add dev %s ingress a obj %s --dry-run", lab.dev, lab_object("pinned"));
	lab_ok("plan %s", file);
	after = lab_picture();
	cr_expect_str_eq(after, before);
	lab_no_litter();
	lab_ok("apply %s", file);
	free(TAKE_PTR(before));
	free(TAKE_PTR(after));
	before = lab_picture();
	cr_expect_not_null(strstr(before, "daisy_test_pin"));
	lab_ok("replace dev %s ingress b obj %s --dry-run", lab.dev, lab_object("pinned"));
	after = lab_picture();
	cr_expect_str_eq(after, before);
}

Test(others, a_refused_file_pins_no_map)
{
	const char *file = lab_text_file("pinned.yaml",
		"chains:\n  c:\n    - { name: a, program: { object: %s } }\n    - { name: b, program: { object: %s } }\n"
		"hooks:\n  - { chain: c, dev: %s, at: ingress }\n", lab_object("pinned"), lab_object("refused"), lab.dev);

	lab_refused(1, "'b'", "plan %s", file);
	lab_refused(1, "'b'", "apply %s", file);
}

/* --- patterns */

static const char *file_of_pattern(void)
{
	return lab_text_file("pattern.yaml",
			     "chains:\n  c:\n    - { name: a, program: { object: %s } }\n"
			     "    - { name: b, program: { object: %s } }\n"
			     "hooks:\n  - { chain: c, dev: \"pat*\", at: ingress }\n", lab_object("count"),
			     lab_object("count"));
}

static void expect_nothing_to_change(const char *command)
{
	auto_(lab_run) struct lab_run run = { 0 }, json = { 0 };
	auto_(lab_json) struct json_object *answer = NULL;
	auto_(mem) char *before = lab_picture(), *after = NULL;

	lab_mark();
	run = lab_daisy("%s", command);
	cr_expect_eq(run.code, 0, "%s: %s", command, run.err);
	cr_expect_str_empty(run.err);
	cr_expect_str_eq(run.out, "nothing to change\n", "%s: %s", command, run.out);
	json = lab_daisy("-j %s", command);
	answer = lab_json(json.out);
	cr_expect_eq(json_object_array_length(json_object_object_get(answer, "steps")), 0, "%s", json.out);
	after = lab_picture();
	cr_expect_str_eq(after, before);
	lab_no_litter();
}

Test(others, a_pattern_without_a_device_changes_nothing)
{
	auto_(mem) char *plan = text_format("plan %s", file_of_pattern());
	auto_(mem) char *apply = text_format("apply %s", file_of_pattern());

	expect_nothing_to_change(plan);
	expect_nothing_to_change(apply);
}

/* What `-j @command` answers as steps: "del a, detach pat0, ...". */
static char *steps_of(const char *command)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j %s", command);
	auto_(lab_json) struct json_object *answer = NULL;
	struct json_object *steps;
	char *text = NULL;
	size_t size;
	FILE *out;

	cr_assert_eq(run.code, 0, "%s: %s%s", command, run.out, run.err);
	answer = lab_json(run.out);
	steps = json_object_object_get(answer, "steps");
	out = open_memstream(&text, &size);
	for (size_t i = 0; i < json_object_array_length(steps); i++)
		fprintf(out, "%s\n", json_object_to_json_string(json_object_array_get_idx(steps, i)));
	fclose(out);
	return text;
}

static void expect_taken_off(const char *steps)
{
	cr_expect_not_null(strstr(steps, "\"del\""), "%s", steps);
	cr_expect_not_null(strstr(steps, "\"detach\""), "%s", steps);
	cr_expect_not_null(strstr(steps, "gone0"), "%s", steps);
	cr_expect_null(strstr(steps, "\"add\""), "%s", steps);
}

Test(others, a_chain_goes_with_the_last_device_of_its_pattern)
{
	const char *file = file_of_pattern();
	auto_(mem) char *plan = text_format("plan %s", file), *apply = text_format("apply %s", file);
	auto_(mem) char *planned = NULL, *done = NULL, *pins = NULL, *qdisc = NULL;

	lab_do("ip link add pat0 type veth peer name other1");
	lab_mark();
	lab_ok("apply %s", file);
	lab_expect_order_at(__FILE__, __LINE__, "pat0", "ingress", "a b");
	lab_do("ip link set pat0 name gone0");
	planned = steps_of(plan);
	lab_expect_order_at(__FILE__, __LINE__, "gone0", "ingress", "a b");
	done = steps_of(apply);
	cr_expect_str_eq(done, planned);
	expect_taken_off(done);
	lab_expect_order_at(__FILE__, __LINE__, "gone0", "ingress", "");
	pins = lab_pins();
	cr_expect_null(strstr(pins, "daisy/"), "%s", pins);
	qdisc = lab_qdisc("gone0");
	cr_expect_str_empty(qdisc);
	lab_no_litter();
	expect_nothing_to_change(apply);
}

Test(others, a_chain_stays_on_the_devices_that_a_pattern_still_has)
{
	const char *file = file_of_pattern();

	lab_do("ip link add pat0 type veth peer name pat1");
	lab_ok("apply %s", file);
	lab_do("ip link set pat0 name gone0");
	lab_ok("apply %s", file);
	lab_expect_order_at(__FILE__, __LINE__, "gone0", "ingress", "");
	lab_expect_order_at(__FILE__, __LINE__, "pat1", "ingress", "a b");
	lab_do("ip link del pat1");
	lab_ok("apply %s", file);
	lab_do("ip link add pat2 type veth peer name other1");
	lab_ok("apply %s", file);
	lab_expect_order_at(__FILE__, __LINE__, "pat2", "ingress", "a b");
}

Test(others, another_owners_filter_does_not_go_with_a_pattern)
{
	const char *file = file_of_pattern();

	lab_do("ip link add pat0 type veth peer name other1");
	lab_ok("apply %s", file);
	lab_ok("-o alice add chain c hers obj %s", lab_object("count"));
	lab_do("ip link set pat0 name gone0");
	lab_refused(1, "alice", "apply %s", file);
	lab_refused(1, "alice", "plan %s", file);
	lab_ok("apply %s --force", file);
	lab_expect_order_at(__FILE__, __LINE__, "gone0", "ingress", "");
}
