// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The words of a chain's parts, and which names may be given.
 *
 * Commands, the file, JSON and messages all take their words from here, so that
 * what one writes the others read. Where a word stood, and what is wrong when it
 * is none, is left to those who read it.
 */
#include "chain.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "utf8.h"

/* Control characters would let a name rewrite the terminal that lists it. */
static bool name_valid(const char *name, size_t limit)
{
	uint32_t c;
	size_t size;

	if (!name || !*name || strnlen(name, limit) == limit)
		return false;
	for (; *name; name += size) {
		size = utf8_read(name, &c);
		if (size == 0 || utf8_control(c))
			return false;
	}
	return true;
}

bool name_valid_filter(const char *name)
{
	return name_valid(name, DAISY_NAME_SIZE);
}

bool name_valid_short(const char *name)
{
	/* A chain's name becomes one step of a path in bpffs. */
	return name_valid(name, DAISY_CHAIN_SIZE) && !strchr(name, '/') &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

_Static_assert(DAISY_CHAIN_SIZE == DAISY_OWNER_SIZE, "one limit for chains and owners");

static const char *const at_words[] = {
	[DAISY_AT_INGRESS] = "ingress",
	[DAISY_AT_EGRESS] = "egress",
};

static const char *const engine_words[] = {
	[DAISY_ENGINE_TAILCALL] = "tailcall",
	[DAISY_ENGINE_FUSED] = "fused",
	[DAISY_ENGINE_KERNEL] = "kernel",
};

static const char *const verdict_words[] = {
	[DAISY_UNSPEC] = "unspec",
	[DAISY_OK] = "ok",
	[DAISY_SHOT] = "shot",
	[DAISY_STOLEN] = "stolen",
	[DAISY_TRAP] = "trap",
	[DAISY_REDIRECT] = "redirect",
};

_Static_assert(ARRAY_SIZE(at_words) == DAISY_AT_COUNT, "a word for each side");
_Static_assert(ARRAY_SIZE(verdict_words) == DAISY_VERDICTS, "a word for each verdict");

/* A manifest of the kernel may hold any number: it must not become a NULL for printf. */
static const char *word_of(const char *const *words, size_t count, size_t index)
{
	return index < count ? words[index] : "unknown";
}

static int word_parse(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(words[i], word))
			return (int)i;
	}
	return -EINVAL;
}

const char *at_word(enum daisy_at at)
{
	return word_of(at_words, ARRAY_SIZE(at_words), at);
}

const char *engine_word(enum daisy_engine engine)
{
	return word_of(engine_words, ARRAY_SIZE(engine_words), engine);
}

int engine_parse(const char *word, enum daisy_engine *ret_engine)
{
	int r = word_parse(engine_words, ARRAY_SIZE(engine_words), word);

	if (r < 0)
		return r;
	*ret_engine = (enum daisy_engine)r;
	return 0;
}

const char *verdict_word(enum daisy_verdict verdict)
{
	return word_of(verdict_words, ARRAY_SIZE(verdict_words), verdict);
}

int verdict_parse(const char *word, enum daisy_verdict *ret_verdict)
{
	int r = word_parse(verdict_words, ARRAY_SIZE(verdict_words), word);

	if (r < 0)
		return r;
	*ret_verdict = (enum daisy_verdict)r;
	return 0;
}

/* strtoul() would let signs, blanks and 0x through. */
static int hex16_parse(const char *text, size_t size, uint32_t *ret_value)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!isxdigit(c))
			return -EINVAL;
		value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
		if (value > 0xffff)
			return -EINVAL;
	}
	*ret_value = value;
	return 0;
}

int classid_parse(const char *text, uint32_t *ret_classid)
{
	const char *colon = strchr(text, ':');
	uint32_t major, minor;

	if (!colon || colon == text)
		return -EINVAL;
	if (hex16_parse(text, (size_t)(colon - text), &major) < 0 ||
	    hex16_parse(colon + 1, strlen(colon + 1), &minor) < 0)
		return -EINVAL;
	*ret_classid = major << 16 | minor;
	return 0;
}

char *classid_format(char *to, size_t size, uint32_t classid)
{
	snprintf(to, size, "%x:%x", classid >> 16, classid & 0xffff);
	return to;
}
