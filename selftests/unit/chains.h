/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * chains.h: chains and plans as one line of text, so that a test reads as the
 * sentence it proves. A filter is NAME[:PRIO[.HANDLE]][@OWNER]; without an owner
 * it is mine; its program is the object /o/NAME.o.
 */
#ifndef TEST_CHAINS_H
#define TEST_CHAINS_H

#include <criterion/criterion.h>
#include <string.h>

#include "chain.h"
#include "error.h"
#include "plan.h"

static inline struct filter *filter_of(const char *word)
{
	char name[32] = "", owner[32] = "me";
	struct filter *filter = NULL;
	const char *at = strchr(word, '@');
	unsigned int prio = 0, handle = 0;

	cr_assert_geq(sscanf(word, "%31[^:@]:%u.%u", name, &prio, &handle), 1);
	if (at)
		snprintf(owner, sizeof(owner), "%s", at + 1);
	cr_assert_eq(filter_new(name, owner, &filter), 0);
	filter->prio = prio;
	filter->handle = handle;
	filter->source.kind = DAISY_SOURCE_OBJECT;
	filter->source.path = text_format("/o/%s.o", name);
	cr_assert_not_null(filter->source.path);
	return filter;
}

static inline struct chain *chain_of(const char *words)
{
	auto_(mem) char *copy = strdup(words);
	struct chain *chain = NULL;
	char *rest = NULL;

	cr_assert_eq(chain_new("edge", &chain), 0);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		cr_assert_eq(chain_insert(chain, chain->filter_count, filter_of(word)), 0);
	return chain;
}

/* The same with every filter loaded, as the kernel would tell it: ids 100, 101, ... */
static inline struct chain *running_of(const char *words)
{
	struct chain *chain = chain_of(words);

	chain->revision = 7;
	for (size_t i = 0; i < chain->filter_count; i++) {
		chain->filters[i]->prog_id = 100 + (uint32_t)i;
		memset(chain->filters[i]->tag, 1 + (int)i, DAISY_TAG_SIZE);
	}
	return chain;
}

static inline char *chain_line(const struct chain *chain, bool numbers)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	for (size_t i = 0; i < chain->filter_count; i++) {
		const struct filter *filter = chain->filters[i];

		fprintf(out, "%s%s", i ? " " : "", filter->name);
		if (numbers)
			fprintf(out, ":%u.%u", filter->prio, filter->handle);
	}
	fclose(out);
	return line;
}

static inline void expect_names(const struct chain *chain, const char *names)
{
	auto_(mem) char *line = chain_line(chain, false);

	cr_expect_str_eq(line, names);
}

static inline void expect_numbers(const struct chain *chain, const char *numbers)
{
	auto_(mem) char *line = chain_line(chain, true);

	cr_expect_str_eq(line, numbers);
}

/* Steps as "add a; replace b: program changed; attach eth0 ingress". */
static inline char *plan_line(const struct plan *plan)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];

		fprintf(out, "%s%s %s", i ? "; " : "", step_word(step->kind), step->filter ? step->filter : step->dev);
		if (!step->filter)
			fprintf(out, " %s", at_word(step->at));
		if (step->why)
			fprintf(out, ": %s", step->why);
	}
	fclose(out);
	return line;
}

static inline void expect_steps(const struct chain *present, const struct chain *wanted, const char *steps)
{
	auto_(plan) struct plan plan = { 0 };
	auto_(mem) char *line = NULL;

	cr_assert_eq(plan_steps(present, wanted, &plan), 0);
	line = plan_line(&plan);
	cr_expect_str_eq(line, steps);
}

/* The sentence that stands names all of @words, and is then forgotten. */
static inline void expect_sentence(enum error_kind kind, const char *first, const char *second)
{
	cr_assert(error_stands());
	cr_expect_eq(error_kind(), kind);
	cr_expect_not_null(strstr(error_text(), first), "%s", error_text());
	cr_expect_not_null(strstr(error_text(), second), "%s", error_text());
	error_clear();
}

/* xorshift: the same numbers on every machine. */
static inline uint32_t chance(uint32_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

/* Length of the longest part of @values that never falls and holds all of @must (bits), by trying every part. */
static inline size_t longest_by_trying(const uint32_t *values, size_t count, uint32_t must)
{
	size_t longest = 0;

	for (uint32_t part = 0; part < 1U << count; part++) {
		uint32_t last = 0;
		size_t length = 0;
		bool falls = (part & must) != must;

		for (size_t i = 0; i < count && !falls; i++) {
			if (!(part & 1U << i))
				continue;
			falls = values[i] == 0 || values[i] < last;
			last = values[i];
			length++;
		}
		if (!falls && length > longest)
			longest = length;
	}
	return longest;
}

#endif
