// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * loader/plan.c: the steps that separate two chains. What is wanted is proved in
 * test_plan_merge.c, its numbers in test_plan_number.c.
 */
#include "chains.h"

#include <errno.h>

static void hook(struct chain *chain, const char *dev, uint32_t ifindex, enum daisy_at at)
{
	cr_assert_eq(chain_add_hook(chain, dev, ifindex, at), 0);
}

Test(plan, equal_chains_need_no_step)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *wanted = NULL;

	hook(present, "eth0", 2, DAISY_AT_INGRESS);
	cr_assert_eq(chain_copy(present, &wanted), 0);
	expect_steps(present, wanted, "");
}

Test(plan, a_chain_that_runs_nowhere_is_added_and_attached)
{
	auto_(chain) struct chain *wanted = chain_of("a:10.1 b:20.1");

	hook(wanted, "eth0", 2, DAISY_AT_INGRESS);
	hook(wanted, "eth0", 2, DAISY_AT_EGRESS);
	expect_steps(NULL, wanted, "add a; add b; attach eth0 ingress; attach eth0 egress");
}

Test(plan, a_chain_without_filters_is_taken_off_all_hooks)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *wanted = chain_of("");

	hook(present, "eth0", 2, DAISY_AT_INGRESS);
	hook(present, "eth1", 3, DAISY_AT_EGRESS);
	hook(wanted, "eth0", 2, DAISY_AT_INGRESS);
	hook(wanted, "eth7", 7, DAISY_AT_INGRESS);
	expect_steps(present, wanted, "del a; del b; detach eth0 ingress; detach eth1 egress");
}

Test(plan, filters_come_and_go_without_touching_others)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1 c:30.1");
	auto_(chain) struct chain *wanted = running_of("a:10.1 x:25.1 c:30.1");

	wanted->filters[2]->prog_id = 102;
	expect_steps(present, wanted, "del b; add x");
}

Test(plan, hooks_come_and_go_by_device_and_side)
{
	auto_(chain) struct chain *present = running_of("a:10.1");
	auto_(chain) struct chain *wanted = running_of("a:10.1");

	hook(present, "eth0", 2, DAISY_AT_INGRESS);
	hook(present, NULL, 9, DAISY_AT_INGRESS);
	hook(wanted, "renamed", 2, DAISY_AT_INGRESS);
	hook(wanted, "renamed", 2, DAISY_AT_EGRESS);
	expect_steps(present, wanted, "detach #9 ingress; attach renamed egress");
}

Test(plan, a_program_to_load_is_a_replace)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1 c:30.1");
	auto_(chain) struct chain *wanted = running_of("a:10.1 b:20.1 c:30.1");

	wanted->filters[0]->reload = true;
	wanted->filters[1]->prog_id = 500;
	text_set(&wanted->filters[2]->source.path, "/o/other.o");
	expect_steps(present, wanted,
		     "replace a: program changed; replace b: program changed; replace c: program changed");
}

Test(plan, a_replace_says_every_reason)
{
	auto_(chain) struct chain *present = running_of("a:10.1");
	auto_(chain) struct chain *wanted = running_of("a:20.2@you");
	struct filter *filter = wanted->filters[0];

	filter->reload = filter->fresh_maps = true;
	filter->classid = 0x10010;
	filter->flags = DAISY_F_CLASSIFY | DAISY_F_SKIP_SW | DAISY_F_IN_HW;
	filter->continue_on = 1U << DAISY_OK;
	expect_steps(present, wanted,
		     "replace a: program changed, fresh maps, owner 'me' -> 'you', classid 0:0 -> 1:10, mode changed, "
		     "skip_sw changed, continue-on changed, prio 10 -> 20, handle 1 -> 2");
}

Test(plan, each_option_alone_is_a_reason)
{
	auto_(chain) struct chain *present = running_of("a:10.1");
	auto_(chain) struct chain *wanted = running_of("a:10.1");
	struct filter *filter = wanted->filters[0];

	filter->continue_on = 1U << DAISY_OK;
	expect_steps(present, wanted, "replace a: continue-on changed");
	filter->continue_on = 0;
	filter->flags = DAISY_F_SKIP_HW;
	expect_steps(present, wanted, "replace a: skip_hw changed");
	filter->flags = DAISY_F_IN_HW;
	expect_steps(present, wanted, "");
	filter->handle = 4;
	expect_steps(present, wanted, "replace a: handle 1 -> 4");
}

Test(plan, a_new_prio_in_the_same_place_is_a_replace)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1 c:30.1");
	auto_(chain) struct chain *wanted = running_of("a:10.1 b:25.1 c:30.1");

	expect_steps(present, wanted, "replace b: prio 20 -> 25");
}

Test(plan, only_what_changed_places_is_a_move)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1 c:30.1 d:40.1");
	auto_(chain) struct chain *wanted = running_of("d:5.1 a:10.1 b:20.1 c:30.1");

	for (size_t i = 0; i < 4; i++)
		wanted->filters[i]->prog_id = 100 + (uint32_t)chain_index(present, wanted->filters[i]->name);
	expect_steps(present, wanted, "move d: prio 40 -> 5");
}

Test(plan, of_two_that_swap_the_one_with_the_new_prio_moves)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *up = chain_of("b:20.1 a:30.1");
	auto_(chain) struct chain *down = chain_of("b:5.1 a:10.1");

	up->filters[0]->prog_id = down->filters[0]->prog_id = 101;
	up->filters[1]->prog_id = down->filters[1]->prog_id = 100;
	expect_steps(present, up, "move a: prio 10 -> 30");
	expect_steps(present, down, "move b: prio 20 -> 5");
}

Test(plan, a_move_within_a_prio_has_no_reason)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:10.2 c:10.3");
	auto_(chain) struct chain *wanted = chain_of("c:10.3 a:10.1 b:10.2");

	wanted->filters[0]->prog_id = 102;
	wanted->filters[1]->prog_id = 100;
	wanted->filters[2]->prog_id = 101;
	expect_steps(present, wanted, "move c");
}

Test(plan, what_moves_and_changes_has_both_steps)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *wanted = chain_of("b:5.2 a:10.1");

	wanted->filters[1]->prog_id = 100;
	wanted->filters[0]->reload = true;
	expect_steps(present, wanted, "move b: prio 20 -> 5, handle 1 -> 2; replace b: program changed");
}

Test(plan, newcomers_move_nobody)
{
	auto_(chain) struct chain *present = running_of("a:10.1 b:20.1");
	auto_(chain) struct chain *wanted = chain_of("x:5.1 a:10.1 y:15.1 b:20.1 z:30.1");

	wanted->filters[1]->prog_id = 100;
	wanted->filters[3]->prog_id = 101;
	expect_steps(present, wanted, "add x; add y; add z");
}

Test(plan, steps_are_appended)
{
	auto_(plan) struct plan plan = { 0 };
	auto_(chain) struct chain *one = chain_of("a"), *two = chain_of("b");
	auto_(mem) char *line = NULL;

	text_set(&two->name, "core");
	cr_assert_eq(plan_steps(NULL, one, &plan), 0);
	cr_assert_eq(plan_steps(NULL, two, &plan), 0);
	line = plan_line(&plan);
	cr_expect_str_eq(line, "add a; add b");
	cr_expect_str_eq(plan.steps[0].chain, "edge");
	cr_expect_str_eq(plan.steps[1].chain, "core");
	plan_clear(&plan);
	cr_expect_eq(plan.count, 0);
	cr_expect_null(plan.steps);
}

Test(plan, a_step_reads_as_a_sentence)
{
	struct step replace = { STEP_REPLACE, (char *)"edge", (char *)"meter", NULL, 0, (char *)"program changed" };
	struct step add = { STEP_ADD, (char *)"edge", (char *)"meter", NULL, 0, NULL };
	struct step attach = { STEP_ATTACH, (char *)"edge", NULL, (char *)"eth0", DAISY_AT_EGRESS, NULL };
	auto_(mem) char *text = NULL, *bare = NULL, *hooked = NULL;

	text = step_text(&replace);
	bare = step_text(&add);
	hooked = step_text(&attach);
	cr_expect_str_eq(text, "replace filter 'meter' of chain 'edge': program changed");
	cr_expect_str_eq(bare, "add filter 'meter' of chain 'edge'");
	cr_expect_str_eq(hooked, "attach chain 'edge' dev eth0 egress");
}

Test(plan, steps_have_the_words_of_the_commands)
{
	cr_expect_str_eq(step_word(STEP_ADD), "add");
	cr_expect_str_eq(step_word(STEP_REPLACE), "replace");
	cr_expect_str_eq(step_word(STEP_DEL), "del");
	cr_expect_str_eq(step_word(STEP_MOVE), "move");
	cr_expect_str_eq(step_word(STEP_ATTACH), "attach");
	cr_expect_str_eq(step_word(STEP_DETACH), "detach");
}
