// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/plan_number.c: prios that never fall, handles unique within a prio, and as few changes as can be. */
#include "chains.h"

#include <errno.h>

/* In these tests another owner's filter is one that must not be renumbered. */
static bool theirs(const struct filter *filter)
{
	return strcmp(filter->owner, "me") != 0;
}

static void expect_numbered(const char *from, const char *to)
{
	auto_(chain) struct chain *chain = chain_of(from);

	cr_assert_eq(plan_number(chain, theirs), 0, "%s: %s", from, error_text());
	expect_numbers(chain, to);
}

Test(plan_number, an_empty_chain_needs_none)
{
	expect_numbered("", "");
}

Test(plan_number, new_filters_are_spaced_by_the_step)
{
	expect_numbered("a b c", "a:10.1 b:20.1 c:30.1");
}

Test(plan_number, numbers_that_fit_stay)
{
	expect_numbered("a:1.7 b:1.3 c:500.2 d:65535.1", "a:1.7 b:1.3 c:500.2 d:65535.1");
}

Test(plan_number, no_filter_has_to_be_fixed)
{
	auto_(chain) struct chain *chain = chain_of("a@you b:20@you");

	cr_assert_eq(plan_number(chain, NULL), 0);
	expect_numbers(chain, "a:10.1 b:20.1");
}

Test(plan_number, a_new_last_one_stands_a_step_behind)
{
	expect_numbered("a:10.1 b:25.1 c", "a:10.1 b:25.1 c:35.1");
}

Test(plan_number, a_step_that_would_tie_is_halved)
{
	expect_numbered("a:10.1 x b:20.1", "a:10.1 x:15.1 b:20.1");
	expect_numbered("a:10.1 x b:21.1", "a:10.1 x:20.1 b:21.1");
}

Test(plan_number, a_narrow_gap_is_halved)
{
	expect_numbered("a:10.1 x b:16.1", "a:10.1 x:13.1 b:16.1");
	expect_numbered("x b:5.1", "x:3.1 b:5.1");
}

Test(plan_number, without_a_gap_prios_tie)
{
	expect_numbered("a:10.1 x y b:10.2", "a:10.1 x:10.3 y:10.4 b:10.2");
	expect_numbered("x y b:1.1", "x:1.2 y:1.3 b:1.1");
}

Test(plan_number, never_goes_above_the_limit)
{
	expect_numbered("a:65530.1 x y z:65535.1", "a:65530.1 x:65533.1 y:65534.1 z:65535.1");
	expect_numbered("a:65535.1 x y", "a:65535.1 x:65535.2 y:65535.3");
	expect_numbered("a:70000.1", "a:10.1");
}

Test(plan_number, the_one_out_of_order_is_renumbered)
{
	expect_numbered("c:30.1 a:10.1 b:20.1", "c:5.1 a:10.1 b:20.1");
	expect_numbered("a:10.1 c:40.1 b:20.1 d:30.1", "a:10.1 c:15.1 b:20.1 d:30.1");
	expect_numbered("b:20.1 c:30.1 a:10.1", "b:20.1 c:30.1 a:40.1");
}

Test(plan_number, one_fixed_prio_outweighs_all_others)
{
	expect_numbered("a:20.1 b:21.1 c:22.1 d:23.1 x:5.1@you", "a:3.1 b:4.1 c:5.2 d:5.3 x:5.1");
}

Test(plan_number, fixed_prios_that_fall_are_refused_by_name)
{
	auto_(chain) struct chain *chain = chain_of("a x:20@you y z:10@you");

	cr_expect_eq(plan_number(chain, theirs), -EINVAL);
	expect_sentence(ERROR_INPUT, "'x'", "'z'");
	expect_numbers(chain, "a:0.0 x:20.0 y:0.0 z:10.0");
}

Test(plan_number, a_fixed_filter_without_prio_is_given_one)
{
	expect_numbered("a:10.1 x@you b:30.1", "a:10.1 x:20.1 b:30.1");
}

Test(plan_number, fixed_numbers_beyond_the_limit_are_refused)
{
	auto_(chain) struct chain *prio = chain_of("x:65536@you"), *handle = chain_of("x:10.2147483648@you");

	cr_expect_eq(plan_number(prio, theirs), -EINVAL);
	expect_sentence(ERROR_INPUT, "'x'", "65536");
	cr_expect_eq(plan_number(handle, theirs), -EINVAL);
	expect_sentence(ERROR_INPUT, "'x'", "2147483648");
}

Test(plan_number, given_handles_stay)
{
	expect_numbered("a:10.9 b:10.2147483647 c:20.9", "a:10.9 b:10.2147483647 c:20.9");
}

Test(plan_number, the_lowest_handle_not_kept_by_a_later_one_is_given)
{
	expect_numbered("a:10 b:10 c:10.1 d:10.3", "a:10.2 b:10.4 c:10.1 d:10.3");
}

Test(plan_number, the_first_of_two_equal_handles_keeps_it)
{
	expect_numbered("a:10.5 b:10.5 c:10.5", "a:10.5 b:10.1 c:10.2");
}

Test(plan_number, who_comes_to_a_prio_leaves_the_handles_there_alone)
{
	expect_numbered("c:30.5 a:10.5", "c:30.5 a:40.5");
	expect_numbered("c:30.5 a:1.5 b:1.6", "c:1.1 a:1.5 b:1.6");
}

Test(plan_number, a_fixed_filter_keeps_its_handle_before_others)
{
	expect_numbered("a:10.5 x:10.5@you c:10.5", "a:10.1 x:10.5 c:10.2");
}

Test(plan_number, a_handle_beyond_the_limit_is_given_anew)
{
	expect_numbered("a:10.2147483648", "a:10.1");
}

Test(plan_number, a_handle_is_kept_in_a_new_prio_where_it_is_free)
{
	expect_numbered("c:30.4 a:10.1 b:20.1", "c:5.4 a:10.1 b:20.1");
}

Test(plan_number, one_handle_fixed_twice_in_a_prio_is_refused_by_name)
{
	auto_(chain) struct chain *chain = chain_of("x:10.5@you a y:10.5@you");

	cr_expect_eq(plan_number(chain, theirs), -EEXIST);
	expect_sentence(ERROR_INPUT, "'x'", "'y'");
	expect_numbers(chain, "x:10.5 a:0.0 y:10.5");
	expect_numbered("x:10.5@you y:20.5@you", "x:10.5 y:20.5");
}

/* Up to 9 filters; the fixed ones never fall, the others have any number or none. */
static struct chain *random_chain(uint32_t *seed)
{
	struct chain *chain = chain_of("");
	uint32_t count = chance(seed, 10), floor = 1 + chance(seed, 3);

	for (uint32_t i = 0; i < count; i++) {
		char word[64];

		floor += chance(seed, 8);
		if (chance(seed, 4) == 0)
			snprintf(word, sizeof(word), "%c:%u.%u@you", 'a' + i, floor, chance(seed, 5));
		else if (chance(seed, 2) == 0)
			snprintf(word, sizeof(word), "%c:%u.%u", 'a' + i, chance(seed, 40), chance(seed, 5));
		else if (chance(seed, 4) == 0)
			snprintf(word, sizeof(word), "%c:%u", 'a' + i, 65520 + chance(seed, 20));
		else
			snprintf(word, sizeof(word), "%c", 'a' + i);
		cr_assert_eq(chain_insert(chain, i, filter_of(word)), 0);
	}
	return chain;
}

static void expect_ordered_and_unique(const struct chain *chain)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		const struct filter *filter = chain->filters[i];

		cr_expect(filter->prio >= 1 && filter->prio <= CHAIN_PRIO_MAX);
		cr_expect(filter->handle >= 1 && filter->handle <= CHAIN_HANDLE_MAX);
		for (size_t j = 0; j < i; j++) {
			cr_expect_leq(chain->filters[j]->prio, filter->prio);
			cr_expect(chain->filters[j]->prio != filter->prio ||
				  chain->filters[j]->handle != filter->handle);
		}
	}
}

static void expect_fixed_unchanged(const struct chain *before, const struct chain *after)
{
	for (size_t i = 0; i < before->filter_count; i++) {
		const struct filter *was = before->filters[i], *is = after->filters[i];

		if (!theirs(was))
			continue;
		cr_expect_eq(is->prio, was->prio);
		cr_expect(is->handle == was->handle || was->handle == 0);
	}
}

static void expect_fewest_changed(const struct chain *before, const struct chain *after)
{
	uint32_t prios[16], must = 0;
	size_t kept = 0;

	for (size_t i = 0; i < before->filter_count; i++) {
		uint32_t prio = before->filters[i]->prio;

		prios[i] = prio <= CHAIN_PRIO_MAX ? prio : 0;
		must |= theirs(before->filters[i]) ? 1U << i : 0;
		kept += prios[i] && after->filters[i]->prio == prios[i];
	}
	cr_expect_geq(kept, longest_by_trying(prios, before->filter_count, must));
}

static void expect_stable(const struct chain *chain)
{
	auto_(chain) struct chain *again = NULL;
	auto_(mem) char *line = chain_line(chain, true);

	cr_assert_eq(chain_copy(chain, &again), 0);
	cr_assert_eq(plan_number(again, theirs), 0);
	expect_numbers(again, line);
}

Test(plan_number, holds_for_any_chain)
{
	uint32_t seed = 20240607;
	size_t numbered = 0;

	for (int round = 0; round < 3000; round++) {
		auto_(chain) struct chain *before = random_chain(&seed);
		auto_(chain) struct chain *after = NULL;
		int r;

		cr_assert_eq(chain_copy(before, &after), 0);
		r = plan_number(after, theirs);
		if (r == -EEXIST) {
			error_clear();
			continue;
		}
		cr_assert_eq(r, 0, "round %d: %s", round, error_text());
		expect_ordered_and_unique(after);
		expect_fixed_unchanged(before, after);
		expect_fewest_changed(before, after);
		expect_stable(after);
		numbered++;
	}
	cr_expect_gt(numbered, 2000);
}
