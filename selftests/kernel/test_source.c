// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Where programs come from: objects with all their sections, pins and ids. */
#include "lab.h"

TestSuite(source, .init = lab_open, .timeout = 120);

/* What verdicts.bpf.c has in each section. */
static const struct section {
	const char *section;
	const char *verdict;
} sections[] = {
	{ "classifier", "shot" },
	{ "classifier/pipe", "unspec" },
	{ "tc/ingress", "stolen" },
	{ "tc/egress", "trap" },
	{ "tcx/ingress", "unspec" },
	{ "tcx/egress", "unspec" },
	{ "action", "unspec" },
	{ "from-container", "unspec" },
};

Test(source, every_section_name_of_tc_runs_in_one_chain)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		auto_(mem) char *verdict = text_format("verdicts.%s", sections[i].verdict);
		uint64_t before;

		lab_ok("add dev %s ingress it obj %s sec %s", lab.dev, lab_object("verdicts"), sections[i].section);
		before = lab_stat("it", verdict);
		lab_send(5);
		cr_expect_eq(lab_stat("it", verdict) - before, 5, "section %s", sections[i].section);
		cr_expect_eq(lab_stat("it", "verdicts.missing"), 0);
		lab_ok("del dev %s ingress it", lab.dev);
	}
}

Test(source, sections_of_every_name_run_one_behind_the_other)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (strcmp(sections[i].verdict, "unspec") == 0)
			lab_ok("add dev %s ingress f%zu obj %s sec %s", lab.dev, i, lab_object("verdicts"), sections[i].section);
	}
	lab_add("behind", "count");
	lab_send(5);
	cr_expect_eq(lab_counted("behind"), 5);
}

Test(source, a_symbol_chooses_between_programs_of_one_section)
{
	lab_ok("add dev %s ingress a obj %s prog verdict_unspec", lab.dev, lab_object("verdicts"));
	lab_ok("add dev %s ingress b obj %s prog verdict_ok", lab.dev, lab_object("verdicts"));
	lab_send(5);
	cr_expect_eq(lab_stat("a", "verdicts.unspec"), 5);
	cr_expect_eq(lab_stat("b", "verdicts.ok"), 5);
}

Test(source, an_object_that_leaves_a_choice_must_be_told_which)
{
	lab_refused(1, "verdict_ok", "add dev %s ingress a obj %s sec tc", lab.dev, lab_object("verdicts"));
	lab_refused(1, "nosuch", "add dev %s ingress a obj %s sec nosuch", lab.dev, lab_object("verdicts"));
	lab_refused(1, "nosuch", "add dev %s ingress a obj %s prog nosuch", lab.dev, lab_object("verdicts"));
}

Test(source, a_program_of_another_type_is_refused)
{
	lab_refused(1, "xdp", "add dev %s ingress a obj %s", lab.dev, lab_object("xdp"));
	lab_refused(1, "xdp", "add dev %s ingress a obj %s sec xdp", lab.dev, lab_object("verdicts"));
	lab_refused(1, "socket", "add dev %s ingress a obj %s sec socket", lab.dev, lab_object("verdicts"));
}

Test(source, a_pinned_program_runs_and_stays_pinned)
{
	auto_(fd) int fd = lab_load("count");
	auto_(mem) char *pins = NULL;
	auto_(lab_json) struct json_object *show = NULL;
	uint32_t id = lab_program_id(fd);

	lab_do("bpftool prog pin id %u /sys/fs/bpf/mine", id);
	lab_ok("add dev %s ingress a pinned /sys/fs/bpf/mine", lab.dev);
	cr_expect_eq(lab_prog("a"), id);
	lab_send(10);
	cr_expect_eq(lab_map_value(id, "packets", 0), 10);
	show = lab_show();
	cr_expect_str_eq(lab_text(lab_filter(lab_hook(show, lab.dev, "ingress"), "a"), "source.pinned"), "/sys/fs/bpf/mine");
	lab_ok("del dev %s ingress a", lab.dev);
	pins = lab_pins();
	cr_expect_not_null(strstr(pins, "/sys/fs/bpf/mine"));
}

Test(source, a_program_taken_by_id_outlives_who_loaded_it)
{
	auto_(fd) int fd = lab_load("count");
	uint32_t id = lab_program_id(fd);

	lab_ok("add dev %s ingress a id %u", lab.dev, id);
	fd_close(TAKE_FD(fd));
	lab_send(10);
	lab_add("b", "never");
	lab_send(10);
	cr_expect_eq(lab_prog("a"), id);
	cr_expect_eq(lab_map_value(id, "packets", 0), 20);
}

Test(source, a_pin_or_an_id_that_is_none_is_refused)
{
	lab_refused(1, "/sys/fs/bpf/none", "add dev %s ingress a pinned /sys/fs/bpf/none", lab.dev);
	lab_refused(1, "4000000000", "add dev %s ingress a id 4000000000", lab.dev);
}

Test(source, a_pin_or_an_id_of_another_type_is_refused)
{
	auto_(mem) char *text = NULL;
	auto_(lab_json) struct json_object *program = NULL;

	lab_do("bpftool prog load %s /sys/fs/bpf/other type xdp", lab_object("xdp"));
	text = lab_must("bpftool -j prog show pinned /sys/fs/bpf/other");
	program = lab_json(text);
	lab_refused(1, "xdp", "add dev %s ingress a pinned /sys/fs/bpf/other", lab.dev);
	lab_refused(1, "xdp", "add dev %s ingress a id %lu", lab.dev, (unsigned long)lab_number(program, "id"));
}

Test(source, a_map_that_is_pinned_by_name_is_no_program)
{
	lab_do("bpftool map create /sys/fs/bpf/map type array key 4 value 8 entries 1 name m");
	lab_refused(1, "/sys/fs/bpf/map", "add dev %s ingress a pinned /sys/fs/bpf/map", lab.dev);
}

Test(source, a_member_with_tail_calls_of_its_own_keeps_its_arrays)
{
	lab_ok("add dev %s ingress tail obj %s prog tail", lab.dev, lab_object("tail"));
	lab_add("behind", "count");
	lab_send(10);
	for (uint32_t place = 0; place < 3; place++)
		cr_expect_eq(lab_map_value(lab_prog("tail"), "reached", place), 10, "place %u", place);
	cr_expect_eq(lab_counted("behind"), 10);
	lab_ok("del dev %s ingress behind", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_map_value(lab_prog("tail"), "reached", 2), 20);
}

Test(source, members_with_subprograms_deep_frames_and_routes_run)
{
	lab_ok("add dev %s ingress subprog obj %s", lab.dev, lab_object("subprog"));
	lab_ok("add dev %s ingress realm obj %s", lab.dev, lab_object("realm"));
	lab_ok("add dev %s ingress mark obj %s", lab.dev, lab_object("mark"));
	lab_add("behind", "count");
	lab_send(10);
	cr_expect_eq(lab_counted("behind"), 10);
}

Test(source, a_map_that_pins_itself_is_shared_by_its_name)
{
	auto_(mem) char *pins = NULL;

	lab_add("a", "pinned");
	lab_add("b", "pinned");
	lab_send(10);
	cr_expect_eq(lab_map_id(lab_prog("a"), "daisy_test_pin"), lab_map_id(lab_prog("b"), "daisy_test_pin"));
	cr_expect_eq(lab_map_value(lab_prog("a"), "daisy_test_pin", 0), 20);
	lab_ok("flush dev %s ingress", lab.dev);
	pins = lab_pins();
	cr_expect_not_null(strstr(pins, "/sys/fs/bpf/daisy_test_pin"), "the object's own pin: %s", pins);
}

Test(source, the_verifiers_last_words_are_told)
{
	lab_refused(1, "invalid access to map value", "add dev %s ingress a obj %s", lab.dev, lab_object("refused"));
	lab_refused(1, "newer kernel", "add dev %s ingress a obj %s", lab.dev, lab_object("newer"));
	lab_refused(1, "newer kernel", "add dev %s ingress a obj %s", lab.dev, lab_object("newer_map"));
}
