// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The scenes: every change that a chain can go through, and what each means, as
 * files for apply, as a command, and as programs that a packet must meet.
 */
#include "crash_parts.h"

#include <ctype.h>

/* --- what it means */

const char *scene_name(const struct crash_chain *chain)
{
	static char name[32];

	if (chain->name)
		return chain->name;
	snprintf(name, sizeof(name), "%s-ingress", lab.dev);
	return name;
}

const char *scene_order(const struct crash_chain *chain, enum state state)
{
	return state == BEFORE ? chain->before : chain->after;
}

static unsigned int scene_places(const struct crash_chain *chain, enum state state)
{
	return state == BEFORE ? chain->places_before : chain->places_after;
}

uint32_t scene_revision(const struct crash_chain *chain, enum state state)
{
	return state == BEFORE || !chain->before ? 1 : 2;
}

const struct crash_chain *scene_chain(const struct crash_scene *scene, enum state state, enum crash_place place)
{
	for (size_t i = 0; i < ARRAY_SIZE(scene->chains); i++) {
		const struct crash_chain *chain = &scene->chains[i];

		if (scene_order(chain, state) && scene_places(chain, state) & CRASH_AT(place))
			return chain;
	}
	return NULL;
}

/* The letters that count a packet there. */
static void scene_letters(const struct crash_scene *scene, enum state state, enum crash_place place, char to[LETTERS + 1])
{
	const struct crash_chain *chain = scene_chain(scene, state, place);

	snprintf(to, LETTERS + 1, "%.*s", chain ? (int)strcspn(scene_order(chain, state), ".") : 0,
		 chain ? scene_order(chain, state) : "");
}

const char *place_dev(enum crash_place place)
{
	return place == CRASH_OTHER ? OTHER : lab.dev;
}

const char *place_at(enum crash_place place)
{
	return place == CRASH_OUT ? "egress" : "ingress";
}

/* Letters in one order, to compare. */
static void sort(char *text)
{
	for (size_t i = 0; text[i]; i++) {
		for (size_t j = i + 1; text[j]; j++) {
			if (text[j] < text[i]) {
				char swap = text[i];

				text[i] = text[j];
				text[j] = swap;
			}
		}
	}
}

bool scene_runs(const struct crash_scene *scene, enum state state, enum crash_place place, const char *letters)
{
	char expected[LETTERS + 1], met[128];

	scene_letters(scene, state, place, expected);
	snprintf(met, sizeof(met), "%s", letters);
	sort(expected);
	sort(met);
	return strcmp(met, expected) == 0;
}

/* --- files and words */

static const char *object_of(char letter)
{
	return lab_object(letter == '.' ? "verdicts" : isupper((unsigned char)letter) ? "count_other" : "count");
}

static void filter_write(FILE *out, char letter)
{
	if (letter == '.')
		fprintf(out, "    - { name: stop, program: { object: %s, symbol: verdict_ok } }\n", object_of(letter));
	else
		fprintf(out, "    - { name: %c, program: { object: %s } }\n", tolower((unsigned char)letter),
			object_of(letter));
}

static void chain_write(FILE *out, const struct crash_chain *chain, enum state state)
{
	const char *letters = scene_order(chain, state);

	if (!letters)
		return;
	fprintf(out, "  %s:\n", scene_name(chain));
	for (; *letters; letters++)
		filter_write(out, *letters);
}

static void hooks_write(FILE *out, const struct crash_chain *chain, enum state state)
{
	for (enum crash_place place = 0; place < CRASH_PLACES; place++) {
		if (scene_order(chain, state) && scene_places(chain, state) & CRASH_AT(place))
			fprintf(out, "  - { chain: %s, dev: %s, at: %s }\n", scene_name(chain), place_dev(place),
				place_at(place));
	}
}

/* NULL if nothing runs in @state. */
const char *scene_file(const struct crash_scene *scene, enum state state, const char *name)
{
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("chains:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(scene->chains); i++)
		chain_write(out, &scene->chains[i], state);
	fputs("hooks:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(scene->chains); i++)
		hooks_write(out, &scene->chains[i], state);
	fclose(out);
	return strchr(text, '{') ? lab_text_file(name, "%s", text) : NULL;
}

static const char *word_of(const char *word, const char *file)
{
	if (strcmp(word, "@dev") == 0)
		return lab.dev;
	if (strcmp(word, "@count") == 0)
		return lab_object("count");
	if (strcmp(word, "@other") == 0)
		return lab_object("count_other");
	if (strcmp(word, "@file") == 0)
		return file;
	return word;
}

char *scene_words(const struct crash_scene *scene, const char *file)
{
	auto_(mem) char *copy = strdup(scene->words);
	char *words = NULL, *rest = NULL;
	size_t size;
	FILE *out = open_memstream(&words, &size);

	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		fprintf(out, "%s ", word_of(word, file));
	fclose(out);
	return words;
}

/* --- all scenes */

const struct crash_scene crash_add_first = {
	.what = "add to an empty hook",
	.chains = { { .after = "a", .places_after = CRASH_AT(CRASH_IN) } },
	.words = "add dev @dev ingress a obj @count",
};

const struct crash_scene crash_add = {
	.what = "add a second filter",
	.chains = { { "c", "a", "ab", CRASH_AT(CRASH_IN), CRASH_AT(CRASH_IN) } },
	.words = "add chain c b obj @count",
};

const struct crash_scene crash_replace = {
	.what = "replace",
	.chains = { { "c", "ab", "aB", CRASH_AT(CRASH_IN), CRASH_AT(CRASH_IN) } },
	.words = "replace chain c b obj @other",
};

const struct crash_scene crash_del = {
	.what = "del",
	.chains = { { "c", "abd", "ad", CRASH_AT(CRASH_IN), CRASH_AT(CRASH_IN) } },
	.words = "del chain c b",
};

const struct crash_scene crash_del_last = {
	.what = "del the last filter",
	.chains = { { .name = "c", .before = "a", .places_before = CRASH_AT(CRASH_IN) } },
	.words = "del chain c a",
};

const struct crash_scene crash_move = {
	.what = "move",
	.chains = { { "c", "a.b", "ab.", CRASH_AT(CRASH_IN), CRASH_AT(CRASH_IN) } },
	.words = "move chain c b before stop",
};

const struct crash_scene crash_apply = {
	.what = "apply over three hooks",
	.chains = { { "c", "ab.d", "dB.a", CRASH_AT_ALL, CRASH_AT_ALL } },
	.words = "apply @file",
};

const struct crash_scene crash_apply_first = {
	.what = "apply over three empty hooks",
	.chains = { { .name = "c", .after = "a.b", .places_after = CRASH_AT_ALL } },
	.words = "apply @file",
};

const struct crash_scene crash_apply_two = {
	.what = "apply of two chains",
	.chains = { { "c", "ab", "aB", CRASH_AT(CRASH_IN), CRASH_AT(CRASH_IN) },
		    { "d", "x", "x", CRASH_AT(CRASH_OUT), CRASH_AT(CRASH_OUT) | CRASH_AT(CRASH_OTHER) } },
	.words = "apply @file",
};

const struct crash_scene crash_flush = {
	.what = "flush over three hooks",
	.chains = { { .name = "c", .before = "ab", .places_before = CRASH_AT_ALL } },
	.words = "flush chain c",
};

const struct crash_scene crash_attach = {
	.what = "attach",
	.chains = { { "c", "ab", "ab", CRASH_AT(CRASH_IN) | CRASH_AT(CRASH_OUT), CRASH_AT_ALL } },
	.words = "attach chain c dev " OTHER " ingress",
};

const struct crash_scene crash_detach = {
	.what = "detach",
	.chains = { { "c", "ab", "ab", CRASH_AT_ALL, CRASH_AT(CRASH_IN) | CRASH_AT(CRASH_OUT) } },
	.words = "detach chain c dev " OTHER " ingress",
};
