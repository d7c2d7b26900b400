// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/outcome.c: what a change did, as people read it. */
#include "views.h"

static void step_add(struct outcome *outcome, enum step_kind kind, const char *filter, const char *dev, const char *why)
{
	struct plan *plan = &outcome->plan;
	struct step *step;

	plan->steps = reallocarray(plan->steps, plan->count + 1, sizeof(*step));
	cr_assert_not_null(plan->steps);
	step = &plan->steps[plan->count++];
	*step = (struct step){ .kind = kind };
	text_set(&step->chain, "edge");
	text_set(&step->filter, filter);
	text_set(&step->dev, dev);
	text_set(&step->why, why);
}

static void hook_add(struct outcome *outcome, const char *chain, uint32_t revision)
{
	struct outcome_hook *hook;

	outcome->hooks = reallocarray(outcome->hooks, outcome->hook_count + 1, sizeof(*hook));
	cr_assert_not_null(outcome->hooks);
	hook = &outcome->hooks[outcome->hook_count++];
	*hook = (struct outcome_hook){ .ifindex = 2, .revision = revision };
	text_set(&hook->chain, chain);
	text_set(&hook->dev, "eth0");
}

static void expect_outcome(const struct outcome *outcome, const char *text)
{
	auto_(mem) char *got = NULL;
	size_t size;
	FILE *out = open_memstream(&got, &size);

	cr_assert_eq(outcome_text(outcome, out), 0);
	fclose(out);
	cr_expect_str_eq(got, text);
}

Test(outcome, no_step_is_nothing_to_change)
{
	auto_(outcome) struct outcome outcome = { .revision = 8 };

	text_set(&outcome.chain, "edge");
	expect_outcome(&outcome, "nothing to change\n");
	outcome.dry_run = true;
	expect_outcome(&outcome, "nothing to change\n");
}

Test(outcome, a_change_ends_with_the_revision)
{
	auto_(outcome) struct outcome outcome = { .revision = 8 };

	text_set(&outcome.chain, "edge");
	step_add(&outcome, STEP_REPLACE, "meter", NULL, "program changed");
	step_add(&outcome, STEP_ATTACH, NULL, "eth0", NULL);
	expect_outcome(&outcome, "replace filter 'meter' of chain 'edge': program changed\n"
		       "attach chain 'edge' dev eth0 ingress\n"
		       "chain 'edge' is at revision 8\n");
}

Test(outcome, a_dry_run_says_that_nothing_was_changed)
{
	auto_(outcome) struct outcome outcome = { .revision = 8, .dry_run = true };

	text_set(&outcome.chain, "edge");
	step_add(&outcome, STEP_DEL, "me\nter", NULL, NULL);
	expect_outcome(&outcome, "nothing was changed; this would be done:\n"
		       "  del filter 'me\\x0ater' of chain 'edge'\n");
}

Test(outcome, of_several_chains_each_is_told_once)
{
	auto_(outcome) struct outcome outcome = { 0 };

	step_add(&outcome, STEP_DEL, "meter", NULL, NULL);
	hook_add(&outcome, "edge", 8);
	hook_add(&outcome, "core", 3);
	hook_add(&outcome, "edge", 8);
	expect_outcome(&outcome, "del filter 'meter' of chain 'edge'\n"
		       "chain 'edge' is at revision 8\n"
		       "chain 'core' is at revision 3\n");
}

Test(outcome, a_chain_that_is_gone_runs_nowhere)
{
	auto_(outcome) struct outcome outcome = { 0 };

	text_set(&outcome.chain, "edge");
	step_add(&outcome, STEP_DEL, "meter", NULL, NULL);
	expect_outcome(&outcome, "del filter 'meter' of chain 'edge'\nchain 'edge' runs nowhere now\n");
}

Test(outcome, a_full_disk_is_told)
{
	auto_(outcome) struct outcome outcome = { 0 };
	auto_(file) FILE *full = full_file();

	cr_expect_eq(outcome_text(&outcome, full), -ENOSPC);
	expect_sentence(ERROR_FAILED, "cannot write", "No space left");
}
