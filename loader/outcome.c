// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a change did, or would do, in sentences for people.
 *
 * The steps are plan.c's and so are their words; here they are put one below
 * the other, and it is said what stands now. The same for programs is
 * show_json.c's.
 */
#include "show.h"

#include "error.h"
#include "utf8.h"

void outcome_clear(struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->hook_count; i++) {
		free(outcome->hooks[i].chain);
		free(outcome->hooks[i].dev);
	}
	free(outcome->hooks);
	free(outcome->chain);
	free(outcome->note);
	plan_clear(&outcome->plan);
	*outcome = (struct outcome){ 0 };
}

/* One line, cleaned; takes @text, NULL meaning that there was no memory for it. */
static int line_write(const char *indent, char *text, FILE *out)
{
	auto_(mem) char *line = text ? utf8_cleaned(text) : NULL;

	free(text);
	if (!line)
		return fail_memory();
	fprintf(out, "%s%s\n", indent, line);
	return 0;
}

static int steps_write(const struct plan *plan, const char *indent, FILE *out)
{
	int r = 0;

	for (size_t i = 0; i < plan->count && r == 0; i++)
		r = line_write(indent, step_text(&plan->steps[i]), out);
	return r;
}

static int chain_write(const char *chain, uint32_t revision, FILE *out)
{
	if (revision == 0)
		return line_write("", text_format("chain '%s' runs nowhere now", chain), out);
	return line_write("", text_format("chain '%s' is at revision %u", chain, revision), out);
}

static bool hook_is_first(const struct outcome *outcome, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (text_equal(outcome->hooks[i].chain, outcome->hooks[index].chain))
			return false;
	}
	return true;
}

/* Where every chain stands after the change. */
static int chains_write(const struct outcome *outcome, FILE *out)
{
	int r = 0;

	if (outcome->chain)
		return chain_write(outcome->chain, outcome->revision, out);
	for (size_t i = 0; i < outcome->hook_count && r == 0; i++) {
		const struct outcome_hook *hook = &outcome->hooks[i];

		if (hook->chain && hook_is_first(outcome, i))
			r = chain_write(hook->chain, hook->revision, out);
	}
	return r;
}

int outcome_text(const struct outcome *outcome, FILE *out)
{
	bool dry = outcome->dry_run;
	int r;

	if (outcome->plan.count == 0) {
		fputs("nothing to change\n", out);
		return stream_done(out);
	}
	if (dry)
		fputs("nothing was changed; this would be done:\n", out);
	r = steps_write(&outcome->plan, dry ? "  " : "", out);
	if (r == 0 && outcome->note)
		r = line_write("", text_format("note: %s", outcome->note), out);
	if (r < 0)
		return r;
	if (!dry)
		r = chains_write(outcome, out);
	return r < 0 ? r : stream_done(out);
}
