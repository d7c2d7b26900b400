// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A chain whose pins somebody removed, and one that is looked at from a mount
 * namespace with another bpffs: the first is rebuilt, the second left alone.
 */
#include "lab.h"

#include <bpf/bpf.h>
#include <unistd.h>

TestSuite(repair, .init = lab_open, .timeout = 120);

/* --- what there is */

static bool is_damaged(struct json_object *hook)
{
	struct json_object *damaged;

	return json_object_object_get_ex(hook, "damaged", &damaged) && json_object_get_boolean(damaged);
}

static bool damaged(void)
{
	auto_(lab_json) struct json_object *show = lab_show();

	return is_damaged(lab_hook(show, lab.dev, "ingress"));
}

/* The kernel empties the array of programs in its own time. */
static void pins_remove(void)
{
	lab_do("rm -r /sys/fs/bpf/daisy");
	for (int i = 0; i < LAB_WAIT_MS / 10; i++) {
		if (damaged())
			return;
	}
	cr_assert_fail("without its pins, the chain is not called damaged");
}

/* Objects of two kinds, which counted 10 packets each, and no pins. */
static void chain_damaged(void)
{
	lab_add("a", "count");
	lab_add("b", "count_other");
	lab_send(10);
	pins_remove();
}

static void expect_gone(void)
{
	auto_(mem) char *pins = lab_pins(), *qdisc = lab_qdisc(lab.dev);

	cr_expect_null(strstr(pins, "daisy/"), "left behind: %s", pins);
	cr_expect_str_empty(qdisc);
}

/* One dispatcher, whole, and each of its filters, @names, meets every packet from now on. */
static void expect_whole(const char *names)
{
	auto_(lab_json) struct json_object *filters = lab_filters(lab.dev, "ingress");
	auto_(mem) char *words = strdup(names);
	uint64_t total = lab_stat(NULL, "packets");
	char *rest = NULL;

	lab_expect_order(names);
	cr_expect_not(damaged());
	cr_expect_eq(json_object_array_length(filters), 1, "%s", json_object_to_json_string(filters));
	for (char *name = strtok_r(words, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		uint64_t counted = lab_counted(name), reached = lab_stat(name, "packets");

		lab_send(10);
		cr_expect_eq(lab_counted(name), counted + 10, "filter %s does not run", name);
		cr_expect_eq(lab_stat(name, "packets"), reached + 10);
		total += 10;
	}
	cr_expect_eq(lab_stat(NULL, "packets"), total);
}

/* --- lost pins */

Test(repair, a_chain_without_pins_is_shown_as_damaged)
{
	auto_(lab_run) struct lab_run show = { 0 };

	chain_damaged();
	show = lab_daisy("show");
	cr_expect_eq(show.code, 0, "%s", show.err);
	cr_expect_not_null(strstr(show.out, "damaged"), "%s", show.out);
	lab_expect_order("a b");
	lab_send(10);
	cr_expect_eq(lab_stat("a", "packets"), 20);
	cr_expect_eq(lab_stat("a", "verdicts.missing"), 10);
	cr_expect_eq(lab_stat("b", "verdicts.missing"), 10);
}

Test(repair, add_rebuilds_the_chain_from_its_objects)
{
	chain_damaged();
	lab_add("c", "count");
	cr_expect_eq(lab_stat("a", "packets"), 10);
	cr_expect_eq(lab_stat("b", "packets"), 10);
	expect_whole("a b c");
}

Test(repair, replace_rebuilds_the_chain_from_its_objects)
{
	chain_damaged();
	lab_ok("replace dev %s ingress b obj %s", lab.dev, lab_object("count"));
	expect_whole("a b");
}

Test(repair, del_rebuilds_what_is_left_of_the_chain)
{
	chain_damaged();
	lab_ok("del dev %s ingress a", lab.dev);
	expect_whole("b");
}

Test(repair, a_change_by_the_chains_name_rebuilds_it)
{
	chain_damaged();
	lab_ok("move chain %s-ingress a after b", lab.dev);
	expect_whole("b a");
}

Test(repair, the_chain_is_changed_and_removed_as_ever_behind_it)
{
	lab_mark();
	chain_damaged();
	lab_add("c", "count");
	lab_ok("del dev %s ingress a", lab.dev);
	expect_whole("b c");
	lab_ok("flush dev %s ingress", lab.dev);
	expect_gone();
	lab_no_litter();
}

Test(repair, flush_takes_a_damaged_chain_off_with_its_clsact)
{
	lab_mark();
	chain_damaged();
	lab_ok("flush dev %s ingress", lab.dev);
	expect_gone();
	lab_no_litter();
	lab_add("a", "count");
	expect_whole("a");
}

Test(repair, del_of_the_last_filter_takes_a_damaged_chain_off_with_its_clsact)
{
	lab_mark();
	lab_add("a", "count");
	pins_remove();
	lab_ok("del dev %s ingress a", lab.dev);
	expect_gone();
	lab_no_litter();
}

static const char *file_of(const char *chain)
{
	return lab_text_file("chain.yaml",
			     "chains:\n  %s:\n"
			     "    - { name: a, program: { object: %s } }\n"
			     "    - { name: b, program: { object: %s } }\n"
			     "hooks:\n  - { chain: %s, dev: %s, at: ingress }\n",
			     chain, lab_object("count"), lab_object("count_other"), chain, lab.dev);
}

Test(repair, apply_of_the_same_chain_rebuilds_it)
{
	const char *file = file_of("edge");

	auto_(lab_run) struct lab_run plan = { 0 };

	lab_ok("apply %s", file);
	lab_send(10);
	pins_remove();
	plan = lab_daisy("plan %s", file);
	cr_expect_not_null(strstr(plan.out, "attach chain 'edge'"), "%s", plan.out);
	lab_ok("apply %s", file);
	expect_whole("a b");
	lab_run_clear(&plan);
	plan = lab_daisy("plan %s", file);
	cr_expect_str_eq(plan.out, "nothing to change\n");
}

Test(repair, apply_of_a_chain_that_is_to_leave_its_hook_finds_it_there)
{
	const char *file;

	lab_ok("apply %s", file_of("edge"));
	pins_remove();
	file = lab_text_file("egress.yaml",
			     "chains:\n  edge:\n    - { name: a, program: { object: %s } }\n"
			     "hooks:\n  - { chain: edge, dev: %s, at: egress }\n", lab_object("count"), lab.dev);
	lab_ok("apply %s", file);
	lab_expect_order("");
	lab_expect_order_at(__FILE__, __LINE__, lab.dev, "egress", "a b");
	lab_udp(true, 5000, 5, 5);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "b", "verdicts.unspec"), 5);
}

Test(repair, apply_of_the_same_chain_with_a_change_puts_no_second_dispatcher_there)
{
	const char *file;

	lab_ok("apply %s", file_of("edge"));
	pins_remove();
	file = lab_text_file("more.yaml",
			     "chains:\n  edge:\n"
			     "    - { name: b, program: { object: %s } }\n"
			     "    - { name: c, program: { object: %s } }\n"
			     "hooks:\n  - { chain: edge, dev: %s, at: ingress }\n",
			     lab_object("count_other"), lab_object("count"), lab.dev);
	lab_ok("apply %s --prune", file);
	expect_whole("b c");
}

Test(repair, a_pinned_member_is_taken_from_its_pin)
{
	auto_(fd) int fd = lab_load("count");
	uint32_t id = lab_program_id(fd);

	cr_assert_eq(bpf_obj_pin(fd, "/sys/fs/bpf/mine"), 0);
	lab_ok("add dev %s ingress a pinned /sys/fs/bpf/mine", lab.dev);
	lab_send(10);
	pins_remove();
	lab_add("b", "count");
	cr_expect_eq(lab_prog("a"), id);
	cr_expect_eq(lab_counted("a"), 10);
	expect_whole("a b");
}

/* Filters a, b and theirs; the last was given by id alone, and nothing holds its program any more. */
static uint32_t chain_damaged_by_id(void)
{
	auto_(fd) int fd = lab_load("count");
	uint32_t id = lab_program_id(fd);

	lab_add("a", "count");
	lab_add("b", "count");
	lab_ok("add dev %s ingress theirs id %u", lab.dev, id);
	fd_close(TAKE_FD(fd));
	pins_remove();
	for (int i = 0; i < LAB_WAIT_MS && lab_program_lives(id); i++)
		usleep(1000);
	cr_assert_not(lab_program_lives(id));
	return id;
}

Test(repair, a_member_by_id_that_is_gone_is_named)
{
	auto_(mem) char *program = text_format("filter 'theirs': program id %u", chain_damaged_by_id());

	lab_refused(1, program, "add dev %s ingress c obj %s", lab.dev, lab_object("count"));
	lab_refused(1, program, "replace dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_refused(1, program, "del dev %s ingress a", lab.dev);
	lab_refused(1, lab.dev, "del dev %s ingress a", lab.dev);
	cr_expect(damaged());
}

Test(repair, a_member_by_id_that_is_gone_can_be_replaced_or_taken_out)
{
	chain_damaged_by_id();
	lab_ok("replace dev %s ingress theirs obj %s", lab.dev, lab_object("count"));
	expect_whole("a b theirs");
	lab_ok("flush dev %s ingress", lab.dev);
	chain_damaged_by_id();
	lab_ok("del dev %s ingress theirs", lab.dev);
	expect_whole("a b");
	lab_ok("flush dev %s ingress", lab.dev);
	chain_damaged_by_id();
	lab_ok("flush dev %s ingress", lab.dev);
	expect_gone();
}

Test(repair, a_chain_of_two_hooks_is_rebuilt_on_both)
{
	lab_do("ip link add other0 type veth peer name other1");
	lab_do("ip link set other0 up");
	lab_do("ip link set other1 up");
	lab_add("a", "count");
	lab_ok("attach chain %s-ingress dev other0 ingress", lab.dev);
	pins_remove();
	lab_ok("add chain %s-ingress b obj %s", lab.dev, lab_object("count"));
	lab_expect_order_at(__FILE__, __LINE__, "other0", "ingress", "a b");
	lab_send_frames(&(struct lab_frame){ .dev = "other0" }, 7);
	cr_expect_eq(lab_counted("a"), 7);
	cr_expect_eq(lab_counted("b"), 7);
	expect_whole("a b");
}

/* --- another bpffs */

/* daisy as the words say, in a mount namespace with a bpffs of its own. */
static struct lab_run elsewhere(const char *words, ...)
{
	auto_(mem) char *text = NULL, *script = NULL;
	va_list arguments;

	va_start(arguments, words);
	cr_assert_geq(vasprintf(&text, words, arguments), 0);
	va_end(arguments);
	script = text_format("mount -t bpf bpf /sys/fs/bpf && exec %s/daisy %s", getenv("DAISY_BUILD"), text);
	return lab_argv((const char *const[]){ "unshare", "-m", "sh", "-c", script, NULL });
}

Test(repair, from_another_bpffs_a_chain_is_shown_as_it_is)
{
	auto_(lab_run) struct lab_run show = { 0 }, text = { 0 };
	auto_(lab_json) struct json_object *seen = NULL;
	auto_(mem) char *before = NULL, *after = NULL;
	struct json_object *hook;

	lab_add("a", "count");
	lab_add("b", "count");
	lab_send(10);
	before = lab_picture();
	show = elsewhere("-j show -s");
	cr_assert_eq(show.code, 0, "%s", show.err);
	seen = lab_json(show.out);
	hook = lab_hook(seen, lab.dev, "ingress");
	cr_expect_not(is_damaged(hook));
	cr_expect_eq(lab_number(lab_filter(hook, "b"), "packets"), 10);
	text = elsewhere("show dev %s ingress", lab.dev);
	cr_expect_eq(text.code, 0, "%s", text.err);
	cr_expect_null(strstr(text.out, "damaged"), "%s", text.out);
	after = lab_picture();
	cr_expect_str_eq(after, before);
}

static void refused_elsewhere(const char *words, ...)
{
	auto_(mem) char *before = lab_picture(), *after = NULL, *text = NULL;
	auto_(lab_run) struct lab_run run = { 0 };
	va_list arguments;

	lab_mark();
	va_start(arguments, words);
	cr_assert_geq(vasprintf(&text, words, arguments), 0);
	va_end(arguments);
	run = elsewhere("%s", text);
	lab_expect_refusal(__FILE__, __LINE__, &run, 1, "another bpffs");
	lab_expect_refusal(text, 0, &run, 1, lab.dev);
	after = lab_picture();
	cr_expect_str_eq(after, before, "'%s' in another bpffs changed\n%sinto\n%s", text, before, after);
	lab_no_litter();
}

Test(repair, from_another_bpffs_a_chain_is_not_changed)
{
	const char *file = file_of("mine-ingress");

	lab_add("a", "count");
	lab_add("b", "count");
	refused_elsewhere("add dev %s ingress c obj %s", lab.dev, lab_object("count"));
	refused_elsewhere("add dev %s ingress c obj %s --dry-run", lab.dev, lab_object("count"));
	refused_elsewhere("replace dev %s ingress a obj %s", lab.dev, lab_object("meter"));
	refused_elsewhere("move dev %s ingress a after b", lab.dev);
	refused_elsewhere("del dev %s ingress a", lab.dev);
	refused_elsewhere("flush dev %s ingress", lab.dev);
	refused_elsewhere("flush chain %s-ingress", lab.dev);
	refused_elsewhere("attach chain %s-ingress dev %s egress", lab.dev, lab.dev);
	refused_elsewhere("detach chain %s-ingress dev %s ingress", lab.dev, lab.dev);
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	lab_ok("flush dev %s ingress", lab.dev);
	lab_ok("apply %s", file);
	file = lab_text_file("other.yaml", "chains:\n  mine-ingress:\n    - { name: a, program: { object: %s } }\n",
			     lab_object("meter"));
	refused_elsewhere("apply %s", file);
	refused_elsewhere("apply %s --prune", file);
	lab_send(10);
	expect_whole("a b");
}

Test(repair, from_another_bpffs_a_free_hook_is_nobodys)
{
	auto_(lab_run) struct lab_run run = { 0 };

	lab_add("a", "count");
	run = elsewhere("add dev %s egress c obj %s", lab.dev, lab_object("count"));
	cr_expect_eq(run.code, 0, "%s", run.err);
	lab_expect_order("a");
	expect_whole("a");
}
