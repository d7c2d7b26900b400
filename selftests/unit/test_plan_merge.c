// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/plan_merge.c: what applying a file on a running chain gives, and to whom it is refused. */
#include "chains.h"

#include <errno.h>

static struct chain *merged(const struct chain *present, const struct chain *file, bool prune, bool force)
{
	struct chain *wanted = NULL;

	cr_assert_eq(plan_merge(present, file, "me", prune, force, &wanted), 0, "%s", error_text());
	return wanted;
}

static void expect_merged(const char *present_words, const char *file_words, bool prune, const char *names)
{
	auto_(chain) struct chain *present = running_of(present_words), *file = chain_of(file_words), *wanted = NULL;

	wanted = merged(present, file, prune, false);
	expect_names(wanted, names);
}

/* Refused without --force in a sentence that names @filter and @owner; done with it. */
static void expect_refused(const struct chain *present, const struct chain *file, const char *filter, const char *owner)
{
	auto_(chain) struct chain *wanted = NULL;

	cr_expect_eq(plan_merge(present, file, "me", false, false, &wanted), -EPERM);
	cr_expect_null(wanted);
	expect_sentence(ERROR_FAILED, filter, owner);
	wanted = merged(present, file, false, true);
}

Test(plan_merge, a_chain_that_runs_nowhere_is_the_file)
{
	auto_(chain) struct chain *file = chain_of("b a:5"), *wanted = NULL;

	wanted = merged(NULL, file, false, false);
	expect_numbers(wanted, "b:0.0 a:5.0");
	cr_expect_eq(wanted->revision, 0);
	cr_expect(wanted->filters[0]->reload && wanted->filters[1]->reload);
}

Test(plan_merge, the_file_gives_hooks_engine_and_name)
{
	auto_(chain) struct chain *present = running_of("a:10.1"), *file = chain_of("a"), *wanted = NULL;

	file->engine = DAISY_ENGINE_FUSED;
	cr_assert_eq(chain_add_hook(present, "eth0", 2, DAISY_AT_INGRESS), 0);
	cr_assert_eq(chain_add_hook(file, "eth1", 3, DAISY_AT_EGRESS), 0);
	wanted = merged(present, file, false, false);
	cr_expect_str_eq(wanted->name, "edge");
	cr_expect_eq(wanted->engine, DAISY_ENGINE_FUSED);
	cr_expect_eq(wanted->revision, 7);
	cr_assert_eq(wanted->hook_count, 1);
	cr_expect_str_eq(wanted->hooks[0].dev, "eth1");
}

Test(plan_merge, what_the_file_does_not_name_stays_where_it_stood)
{
	expect_merged("k1:1 a:2 k2:3 k3:4 b:5 k4:6", "a b", false, "k1 a k2 k3 b k4");
	expect_merged("k1:1 k2:2", "a", false, "k1 k2 a");
	expect_merged("k1:1 a:2", "", false, "k1 a");
}

Test(plan_merge, what_is_kept_follows_the_filter_it_stood_behind)
{
	expect_merged("k1:1 a:2 k2:3 b:4 k3:5", "b a", false, "k1 b k3 a k2");
	expect_merged("a:1 k:2 b:3", "x a y b z", false, "x a k y b z");
}

Test(plan_merge, prune_leaves_out_only_ones_own)
{
	expect_merged("k1:1 t1:2@you a:3 k2:4 t2:5@you", "a", true, "t1 a t2");
	expect_merged("k1:1 k2:2", "", true, "");
	expect_merged("k1:1 t1:2@you", "", true, "t1");
}

Test(plan_merge, an_equal_filter_keeps_the_loaded_program)
{
	auto_(chain) struct chain *present = running_of("a:10.3 b:20.1"), *file = chain_of("a b:20.1"), *wanted = NULL;
	const struct filter *filter;

	text_set(&present->filters[0]->source.section, "tc");
	present->filters[0]->flags = DAISY_F_IN_HW;
	wanted = merged(present, file, false, false);
	filter = wanted->filters[0];
	expect_numbers(wanted, "a:10.3 b:20.1");
	cr_expect_not(filter->reload);
	cr_expect_eq(filter->prog_id, 100);
	cr_expect_arr_eq(filter->tag, present->filters[0]->tag, DAISY_TAG_SIZE);
	cr_expect_str_eq(filter->source.section, "tc");
	cr_expect_eq(filter->flags, DAISY_F_IN_HW);
	cr_expect_eq(wanted->filters[1]->prog_id, 101);
	expect_steps(present, wanted, "");
}

Test(plan_merge, what_is_kept_keeps_the_loaded_program)
{
	auto_(chain) struct chain *present = running_of("a:10.3@you"), *file = chain_of(""), *wanted = NULL;

	present->filters[0]->reload = present->filters[0]->fresh_maps = true;
	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:10.3");
	cr_expect_eq(wanted->filters[0]->prog_id, 100);
	cr_expect_not(wanted->filters[0]->reload || wanted->filters[0]->fresh_maps);
}

Test(plan_merge, a_new_filter_is_loaded)
{
	auto_(chain) struct chain *present = running_of("a:10.1"), *file = chain_of("a x"), *wanted = NULL;

	wanted = merged(present, file, false, false);
	cr_expect(wanted->filters[1]->reload);
	cr_expect_eq(wanted->filters[1]->prog_id, 0);
}

Test(plan_merge, another_source_is_loaded_in_the_same_place)
{
	auto_(chain) struct chain *present = running_of("a:10.3"), *file = chain_of("a"), *wanted = NULL;

	text_set(&file->filters[0]->source.path, "/o/new.o");
	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:10.3");
	cr_expect(wanted->filters[0]->reload);
	cr_expect_eq(wanted->filters[0]->prog_id, 0);
	cr_expect_str_eq(wanted->filters[0]->source.path, "/o/new.o");
}

Test(plan_merge, another_digest_is_loaded)
{
	auto_(chain) struct chain *present = running_of("a:10.3"), *file = chain_of("a"), *wanted = NULL;

	present->filters[0]->source.has_digest = file->filters[0]->source.has_digest = true;
	file->filters[0]->source.digest[0] = 1;
	wanted = merged(present, file, false, false);
	cr_expect(wanted->filters[0]->reload);
	cr_expect_eq(wanted->filters[0]->source.digest[0], 1);
}

Test(plan_merge, a_filter_to_reload_is_loaded_though_equal)
{
	auto_(chain) struct chain *present = running_of("a:10.3 b:20.1"), *file = chain_of("a b"), *wanted = NULL;

	file->filters[0]->reload = true;
	file->filters[1]->fresh_maps = true;
	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:10.3 b:20.1");
	cr_expect(wanted->filters[0]->reload && !wanted->filters[0]->fresh_maps);
	cr_expect(wanted->filters[1]->reload && wanted->filters[1]->fresh_maps);
}

Test(plan_merge, changed_options_keep_the_program)
{
	auto_(chain) struct chain *present = running_of("a:10.3"), *file = chain_of("a"), *wanted = NULL;
	struct filter *named = file->filters[0];

	named->continue_on = 1U << DAISY_OK;
	named->classid = 0x10010;
	named->flags = DAISY_F_CLASSIFY;
	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:10.3");
	cr_expect_not(wanted->filters[0]->reload);
	cr_expect_eq(wanted->filters[0]->prog_id, 100);
	cr_expect(filter_options_same(wanted->filters[0], named));
	expect_steps(present, wanted, "replace a: classid 0:0 -> 1:10, mode changed, continue-on changed");
}

Test(plan_merge, a_given_prio_or_handle_wins_over_the_present_one)
{
	auto_(chain) struct chain *present = running_of("a:10.3 b:20.1"), *file = chain_of("a:15 b:20.4"), *wanted = NULL;

	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:15.0 b:20.4");
	cr_expect_not(wanted->filters[0]->reload || wanted->filters[1]->reload);
	cr_expect_eq(wanted->filters[0]->prog_id, 100);
}

Test(plan_merge, filters_brought_to_one_prio_do_not_quarrel_about_handles)
{
	auto_(chain) struct chain *present = running_of("a:10.1@you b:20.1@you"), *file = NULL, *wanted = NULL;

	file = chain_of("a:20@you b:20@you");
	wanted = merged(present, file, false, true);
	expect_numbers(wanted, "a:20.0 b:20.1");
}

Test(plan_merge, anothers_program_is_not_changed)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you"), *file = chain_of("x@you");

	text_set(&file->filters[0]->source.path, "/o/new.o");
	expect_refused(present, file, "'x'", "'you'");
}

Test(plan_merge, anothers_filter_is_not_reloaded)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you"), *file = chain_of("x@you");

	file->filters[0]->reload = true;
	expect_refused(present, file, "'x'", "'you'");
}

Test(plan_merge, anothers_options_are_not_changed)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you"), *file = chain_of("x@you");

	file->filters[0]->continue_on = 1U << DAISY_OK;
	expect_refused(present, file, "'x'", "'you'");
}

Test(plan_merge, anothers_numbers_are_not_changed)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you");
	auto_(chain) struct chain *prio = chain_of("x:11@you"), *handle = chain_of("x:10.2@you");

	expect_refused(present, prio, "'x'", "'you'");
	expect_refused(present, handle, "'x'", "'you'");
}

Test(plan_merge, a_filter_changes_its_owner_only_by_force)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you"), *mine = running_of("x:10.1");
	auto_(chain) struct chain *take = chain_of("x"), *give = chain_of("x@you"), *wanted = NULL;

	expect_refused(present, take, "'x'", "'you'");
	expect_refused(mine, give, "'x'", "'me'");
	wanted = merged(present, take, false, true);
	cr_expect_str_eq(wanted->filters[0]->owner, "me");
	cr_expect_not(wanted->filters[0]->reload);
	expect_steps(present, wanted, "replace x: owner 'you' -> 'me'");
}

Test(plan_merge, what_is_the_same_with_its_owner_is_unchanged_for_whoever_applies)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you a:20.1 y:30.2@them"), *wanted = NULL;
	auto_(chain) struct chain *file = chain_of("x:10.1@you a:20.1 y:30.2@them");

	wanted = merged(present, file, true, false);
	cr_expect_str_eq(wanted->filters[0]->owner, "you");
	expect_steps(present, wanted, "");
}

Test(plan_merge, a_new_filter_may_have_any_owner)
{
	auto_(chain) struct chain *present = running_of("a:10.1"), *file = chain_of("a x@you"), *wanted = NULL;

	wanted = merged(present, file, true, false);
	cr_expect_str_eq(wanted->filters[1]->owner, "you");
	expect_steps(present, wanted, "add x");
}

Test(plan_merge, a_handle_that_the_file_gives_away_is_not_kept)
{
	auto_(chain) struct chain *present = running_of("a:10.1"), *theirs = running_of("a:10.1@you"), *wanted = NULL;
	auto_(chain) struct chain *file = chain_of("a:10 b:10.1"), *hers = chain_of("a:10@you b:10.1");

	wanted = merged(present, file, false, false);
	expect_numbers(wanted, "a:10.0 b:10.1");
	expect_refused(theirs, hers, "'a'", "'you'");
}

Test(plan_merge, others_filters_do_not_change_places)
{
	auto_(chain) struct chain *present = running_of("x:10.1@you a:20.1 y:30.1@them");
	auto_(chain) struct chain *file = chain_of("y@them x@you");

	expect_refused(present, file, "'x'", "'you'");
}

Test(plan_merge, others_filters_do_not_change_places_behind_ones_own)
{
	auto_(chain) struct chain *present = running_of("a:10.1 x:20.1@you b:30.1 y:40.1@you");
	auto_(chain) struct chain *file = chain_of("b a");

	expect_refused(present, file, "'x'", "'you'");
}

Test(plan_merge, ones_own_filter_may_go_past_anothers)
{
	expect_merged("x:10.1@you a:20.1 y:30.1@you", "a x@you y@you", false, "a x y");
	expect_merged("a:10.1 x:20.1@you", "x@you a", false, "x a");
	expect_merged("x:10.1@you y:20.1@you", "a x@you b y@you", false, "a x b y");
}

static const struct chain *numbers_from;

static bool given_in_file(const struct filter *filter)
{
	const struct filter *named = chain_find(numbers_from, filter->name);

	return named && named->prio;
}

static const char *random_owner(uint32_t *seed)
{
	return chance(seed, 3) ? "me" : "you";
}

static struct chain *random_running(uint32_t *seed)
{
	auto_(chain) struct chain *chain = chain_of("");
	struct chain *running = NULL;
	uint32_t count = chance(seed, 8);
	char line[256] = "";

	for (uint32_t i = 0, prio = 1; i < count; i++, prio += chance(seed, 12))
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%c:%u@%s ", 'a' + i, prio,
			 random_owner(seed));
	running = running_of(line);
	cr_assert_eq(plan_number(running, NULL), 0);
	return running;
}

/* Some of the running filters and some new ones in any order, their given prios rising. */
static struct chain *random_file(uint32_t *seed)
{
	struct chain *file = chain_of("");

	for (uint32_t i = 0; i < 10; i++) {
		char word[32];

		if (chance(seed, 2))
			continue;
		snprintf(word, sizeof(word), "%c@%s", 'a' + i, random_owner(seed));
		cr_assert_eq(chain_insert(file, chance(seed, (uint32_t)file->filter_count + 1), filter_of(word)), 0);
	}
	for (uint32_t i = 0, prio = 1; i < file->filter_count; i++, prio += chance(seed, 20)) {
		struct filter *filter = file->filters[i];

		filter->prio = chance(seed, 3) ? 0 : prio;
		filter->handle = filter->prio && chance(seed, 2) ? 1 + chance(seed, 3) : 0;
		filter->continue_on = chance(seed, 2);
		if (chance(seed, 4) == 0)
			text_set(&filter->source.path, "/o/new.o");
	}
	return file;
}

/* The file's order is a part of the wanted one; nothing is lost but what was pruned. */
static void expect_applied(const struct chain *present, const struct chain *file, bool prune, const struct chain *wanted)
{
	int last = -1;

	for (size_t i = 0; i < file->filter_count; i++) {
		int index = chain_index(wanted, file->filters[i]->name);

		cr_expect_gt(index, last);
		last = index;
	}
	for (size_t i = 0; i < present->filter_count; i++) {
		const struct filter *was = present->filters[i];
		bool named = chain_find(file, was->name) != NULL;
		bool pruned = !named && prune && text_equal(was->owner, "me");

		cr_expect_eq(chain_find(wanted, was->name) == NULL, pruned);
	}
	for (size_t i = 0; i < wanted->filter_count; i++)
		cr_expect(chain_find(file, wanted->filters[i]->name) || chain_find(present, wanted->filters[i]->name));
}

static bool plan_has(const struct plan *plan, enum step_kind kind, const char *name)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].kind == kind && text_equal(plan->steps[i].filter, name))
			return true;
	}
	return false;
}

/* A filter without a step is as it was; without a move it stands where it stood among those that did not move. */
static void expect_steps_tell_all(const struct chain *present, const struct chain *wanted, const struct plan *plan)
{
	uint32_t places[32];
	size_t both = 0, stayed = 0;
	int last = -1;

	for (size_t i = 0; i < wanted->filter_count; i++) {
		const struct filter *is = wanted->filters[i], *was = chain_find(present, is->name);
		bool moved = plan_has(plan, STEP_MOVE, is->name), replaced = plan_has(plan, STEP_REPLACE, is->name);

		cr_expect_eq(plan_has(plan, STEP_ADD, is->name), was == NULL);
		if (!was)
			continue;
		places[both++] = 1 + (uint32_t)chain_index(present, is->name);
		cr_expect(replaced || (!is->reload && is->prog_id == was->prog_id && filter_options_same(was, is)));
		cr_expect(replaced || moved || (is->prio == was->prio && is->handle == was->handle));
		if (moved)
			continue;
		stayed++;
		cr_expect_gt(chain_index(present, is->name), last);
		last = chain_index(present, is->name);
	}
	cr_expect_eq(stayed, longest_by_trying(places, both, 0));
	for (size_t i = 0; i < present->filter_count; i++)
		cr_expect_eq(plan_has(plan, STEP_DEL, present->filters[i]->name),
			     chain_find(wanted, present->filters[i]->name) == NULL);
}

/* What commit.c leaves behind: all is loaded. */
static void run(struct chain *chain)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		struct filter *filter = chain->filters[i];

		cr_expect_eq(filter->reload, filter->prog_id == 0);
		filter->prog_id = filter->reload ? 900 + (uint32_t)i : filter->prog_id;
		filter->reload = false;
	}
}

static void expect_second_time_nothing(const struct chain *running, const struct chain *file, bool prune)
{
	auto_(chain) struct chain *again = NULL;

	again = merged(running, file, prune, false);
	cr_assert_eq(plan_number(again, given_in_file), 0, "%s", error_text());
	expect_steps(running, again, "");
}


Test(plan_merge, holds_for_any_chain_and_file)
{
	uint32_t seed = 7061977;
	size_t done = 0;

	for (int round = 0; round < 2000; round++) {
		auto_(chain) struct chain *present = random_running(&seed), *file = random_file(&seed), *wanted = NULL;
		auto_(plan) struct plan plan = { 0 };
		bool prune = chance(&seed, 2);
		int r;

		wanted = merged(present, file, prune, true);
		expect_applied(present, file, prune, wanted);
		numbers_from = file;
		r = plan_number(wanted, given_in_file);
		if (r == -EEXIST) {
			error_clear();
			continue;
		}
		cr_assert_eq(r, 0, "round %d: %s", round, error_text());
		cr_assert_eq(plan_steps(present, wanted, &plan), 0);
		expect_steps_tell_all(present, wanted, &plan);
		run(wanted);
		expect_second_time_nothing(wanted, file, prune);
		done++;
	}
	cr_expect_gt(done, 1500);
}
