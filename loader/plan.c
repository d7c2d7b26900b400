// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * wanted - present = steps.
 *
 * Pure data: this room makes no system call. It tells which steps separate two
 * chains, in words for people. How a file and a running chain become the wanted
 * one is plan_merge.c's, its prios and handles plan_number.c's; carrying the
 * steps out is commit.c's.
 */
#include "plan.h"

#include <stdarg.h>

#include "error.h"
#include "rank.h"

static void step_clear(struct step *step)
{
	free(step->chain);
	free(step->filter);
	free(step->dev);
	free(step->why);
	*step = (struct step){ 0 };
}

static inline void step_cleanup(struct step *step)
{
	step_clear(step);
}

void plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		step_clear(&plan->steps[i]);
	free(plan->steps);
	*plan = (struct plan){ 0 };
}

const char *step_word(enum step_kind kind)
{
	static const char *const words[] = {
		[STEP_ADD] = "add",
		[STEP_REPLACE] = "replace",
		[STEP_DEL] = "del",
		[STEP_MOVE] = "move",
		[STEP_ATTACH] = "attach",
		[STEP_DETACH] = "detach",
	};

	return words[kind];
}

char *step_text(const struct step *step)
{
	const char *colon = step->why ? ": " : "";
	const char *why = step->why ? step->why : "";

	if (step->filter)
		return text_format("%s filter '%s' of chain '%s'%s%s", step_word(step->kind),
				   step->filter, step->chain, colon, why);
	return text_format("%s chain '%s' dev %s %s%s%s", step_word(step->kind),
			   step->chain, step->dev, at_word(step->at), colon, why);
}

/* Moves @step to the end of @plan. */
static int plan_append(struct plan *plan, struct step *step)
{
	struct step *grown = reallocarray(plan->steps, plan->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory();
	grown[plan->count++] = *step;
	plan->steps = grown;
	*step = (struct step){ 0 };
	return 0;
}

static int plan_add_filter(struct plan *plan, enum step_kind kind, const char *chain, const char *filter,
			   const char *why)
{
	auto_(step) struct step step = { .kind = kind };

	if (text_set(&step.chain, chain) < 0 ||
	    text_set(&step.filter, filter) < 0 ||
	    text_set(&step.why, why) < 0)
		return fail_memory();
	return plan_append(plan, &step);
}

static int plan_add_hook(struct plan *plan, enum step_kind kind, const char *chain, const struct hook *hook)
{
	auto_(step) struct step step = { .kind = kind, .at = hook->at };

	/* A device that is gone has no name, but its hook has to be told from others. */
	step.dev = hook->dev ? text_format("%s", hook->dev) : text_format("#%u", hook->ifindex);
	if (!step.dev || text_set(&step.chain, chain) < 0)
		return fail_memory();
	return plan_append(plan, &step);
}

__attribute__((format(printf, 2, 3)))
static void why_say(FILE *out, const char *format, ...)
{
	va_list arguments;

	if (ftell(out) > 0)
		fputs(", ", out);
	va_start(arguments, format);
	vfprintf(out, format, arguments);
	va_end(arguments);
}

static void why_flag(FILE *out, const struct filter *was, const struct filter *is, uint32_t flag, const char *words)
{
	if ((was->flags ^ is->flags) & flag)
		why_say(out, "%s", words);
}

/* What a filter does: everything but its place. */
static void why_content(FILE *out, const struct filter *was, const struct filter *is)
{
	char from[32], to[32];

	if (is->reload || was->prog_id != is->prog_id || !source_same(&was->source, &is->source))
		why_say(out, "program changed");
	if (is->fresh_maps)
		why_say(out, "fresh maps");
	if (!text_equal(was->owner, is->owner))
		why_say(out, "owner '%s' -> '%s'", was->owner ? was->owner : "", is->owner ? is->owner : "");
	if (was->classid != is->classid)
		why_say(out, "classid %s -> %s", classid_format(from, sizeof(from), was->classid),
			classid_format(to, sizeof(to), is->classid));
	why_flag(out, was, is, DAISY_F_CLASSIFY, "mode changed");
	why_flag(out, was, is, DAISY_F_SKIP_SW, "skip_sw changed");
	why_flag(out, was, is, DAISY_F_SKIP_HW, "skip_hw changed");
	if (was->continue_on != is->continue_on)
		why_say(out, "continue-on changed");
}

static void why_place(FILE *out, const struct filter *was, const struct filter *is)
{
	if (was->prio != is->prio)
		why_say(out, "prio %u -> %u", was->prio, is->prio);
	if (was->handle != is->handle)
		why_say(out, "handle %u -> %u", was->handle, is->handle);
}

/* *@ret_text is NULL when nothing of it changed. */
static int why_text(const struct filter *was, const struct filter *is, bool content, bool place, char **ret_text)
{
	auto_(mem) char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return fail_memory();
	if (content)
		why_content(out, was, is);
	if (place)
		why_place(out, was, is);
	/* The text is whole only once the stream is closed. */
	if (fclose(out) != 0)
		return fail_memory();
	*ret_text = size ? TAKE_PTR(text) : NULL;
	return 0;
}

static int steps_move(struct plan *plan, const char *chain, const struct filter *was, const struct filter *is)
{
	auto_(mem) char *why = NULL;
	int r;

	r = why_text(was, is, false, true, &why);
	if (r < 0)
		return r;
	return plan_add_filter(plan, STEP_MOVE, chain, is->name, why);
}

static int steps_replace(struct plan *plan, const char *chain, const struct filter *was, const struct filter *is,
			 bool moved)
{
	auto_(mem) char *why = NULL;
	int r;

	r = why_text(was, is, true, !moved, &why);
	if (r < 0 || !why)
		return r;
	return plan_add_filter(plan, STEP_REPLACE, chain, is->name, why);
}

static int steps_gone(const struct chain *present, const struct chain *wanted, struct plan *plan)
{
	int r;

	for (size_t i = 0; i < present->filter_count; i++) {
		const char *name = present->filters[i]->name;

		if (chain_find(wanted, name))
			continue;
		r = plan_add_filter(plan, STEP_DEL, wanted->name, name, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Of two filters that changed places, the one whose prio changed as well is said to have moved. */
static void ranks_of_places(const struct chain *present, const struct chain *wanted, struct rank *ranks)
{
	for (size_t i = 0; i < wanted->filter_count; i++) {
		int index = chain_index(present, wanted->filters[i]->name);

		if (index < 0)
			continue;
		ranks[i].value = (uint32_t)index;
		ranks[i].weight = wanted->filter_count + 1;
		if (present->filters[index]->prio == wanted->filters[i]->prio)
			ranks[i].weight++;
	}
	ranks_keep(ranks, wanted->filter_count);
}

static int steps_of_filters(const struct chain *present, const struct chain *wanted, struct plan *plan)
{
	auto_(mem) struct rank *ranks = ranks_new(wanted->filter_count);
	int r = 0;

	if (!ranks)
		return fail_memory();
	ranks_of_places(present, wanted, ranks);
	for (size_t i = 0; i < wanted->filter_count && r == 0; i++) {
		const struct filter *is = wanted->filters[i];
		const struct filter *was = chain_find(present, is->name);

		if (!was) {
			r = plan_add_filter(plan, STEP_ADD, wanted->name, is->name, NULL);
			continue;
		}
		if (!ranks[i].kept)
			r = steps_move(plan, wanted->name, was, is);
		if (r == 0)
			r = steps_replace(plan, wanted->name, was, is, !ranks[i].kept);
	}
	return r;
}

/* A step of @kind for each hook of @of that @without has not. */
static int steps_of_hooks(const struct chain *of, const struct chain *without, enum step_kind kind, struct plan *plan)
{
	int r;

	for (size_t i = 0; i < of->hook_count; i++) {
		const struct hook *hook = &of->hooks[i];

		if (chain_find_hook(without, hook->ifindex, hook->at))
			continue;
		r = plan_add_hook(plan, kind, of->name, hook);
		if (r < 0)
			return r;
	}
	return 0;
}

int plan_steps(const struct chain *present, const struct chain *wanted, struct plan *plan)
{
	static const struct chain nothing;
	/* A chain without filters runs nowhere, whatever hooks it was given. */
	const struct chain *hooked = wanted->filter_count ? wanted : &nothing;
	int r;

	if (!present)
		present = &nothing;
	r = steps_gone(present, wanted, plan);
	if (r < 0)
		return r;
	r = steps_of_filters(present, wanted, plan);
	if (r < 0)
		return r;
	r = steps_of_hooks(present, hooked, STEP_DETACH, plan);
	if (r < 0)
		return r;
	return steps_of_hooks(hooked, present, STEP_ATTACH, plan);
}
