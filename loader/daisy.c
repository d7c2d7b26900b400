// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The public face of the library: contexts, answers, words.
 *
 * The calls that change chains are edit.c's and apply.c's, the one that reads
 * them query.c's; here is what is left, and nothing that decides.
 */
#include "daisy.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "session.h"

const char *daisy_version(void)
{
	return DAISY_VERSION;
}

const char *daisy_error_text(void)
{
	return error_text();
}

enum daisy_error_kind daisy_error_kind(void)
{
	return (enum daisy_error_kind)error_kind();
}

int daisy_error_json(int code, FILE *out)
{
	return error_json(error_text(), code, out);
}

DEFINE_CLEANUP(daisy, struct daisy *, daisy_free)

int daisy_new(const struct daisy_options *options, struct daisy **ret_daisy)
{
	struct daisy_options given = { .size = sizeof(given) };
	auto_(daisy) struct daisy *daisy = NULL;
	int r;

	error_clear();
	if (options)
		memcpy(&given, options, options->size < sizeof(given) ? options->size : sizeof(given));
	if (given.owner && !name_valid_short(given.owner))
		return fail_input(-EINVAL, "owner '%s': 1 to %d bytes of UTF-8 without '/' and control characters",
				  given.owner, DAISY_OWNER_SIZE - 1);
	daisy = calloc(1, sizeof(*daisy));
	if (!daisy)
		return fail_memory();
	daisy->netns_fd = -1;
	if (text_set(&daisy->netns, given.netns) < 0 ||
	    text_set(&daisy->owner, given.owner ? given.owner : "default") < 0)
		return fail_memory();
	r = netns_open(daisy->netns, &daisy->netns_fd);
	if (r < 0)
		return r;
	*ret_daisy = TAKE_PTR(daisy);
	return 0;
}

void daisy_free(struct daisy *daisy)
{
	if (!daisy)
		return;
	fd_close(daisy->netns_fd);
	free(daisy->netns);
	free(daisy->owner);
	free(daisy);
}

int daisy_outcome_text(const struct daisy_outcome *outcome, FILE *out)
{
	error_clear();
	return outcome_text(&outcome->outcome, out);
}

int daisy_outcome_json(const struct daisy_outcome *outcome, FILE *out)
{
	error_clear();
	return outcome_json(&outcome->outcome, out);
}

size_t daisy_outcome_steps(const struct daisy_outcome *outcome)
{
	return outcome->outcome.plan.count;
}

uint32_t daisy_outcome_revision(const struct daisy_outcome *outcome)
{
	return outcome->outcome.revision;
}

void daisy_outcome_free(struct daisy_outcome *outcome)
{
	if (!outcome)
		return;
	outcome_clear(&outcome->outcome);
	free(outcome);
}

int daisy_view_text(const struct daisy_view *view, const struct daisy_style *style, FILE *out)
{
	struct daisy_style given = { .size = sizeof(given) };

	error_clear();
	if (style)
		memcpy(&given, style, style->size < sizeof(given) ? style->size : sizeof(given));
	return show_text(&view->view,
			 &(struct show_style){ .stats = given.stats, .colour = given.colour, .si = given.si }, out);
}

int daisy_view_json(const struct daisy_view *view, bool stats, FILE *out)
{
	error_clear();
	return show_json(&view->view, stats, out);
}

int daisy_view_yaml(const struct daisy_view *view, FILE *out)
{
	error_clear();
	return export_yaml(&view->view, out);
}

void daisy_view_free(struct daisy_view *view)
{
	if (!view)
		return;
	view_clear(&view->view);
	free(view);
}

int daisy_at_parse(const char *word, enum daisy_at *ret_at)
{
	static const char *const later[] = { "parent", "xdp" };

	for (enum daisy_at at = 0; at < DAISY_AT_COUNT; at++) {
		if (text_equal(word, at_word(at))) {
			*ret_at = at;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
		if (text_equal(word, later[i]))
			return -EOPNOTSUPP;
	}
	return -EINVAL;
}

int daisy_verdict_parse(const char *word, enum daisy_verdict *ret_verdict)
{
	return verdict_parse(word, ret_verdict);
}
