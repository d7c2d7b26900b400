// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Characters of a text.
 *
 * wcwidth() and mbrtowc() speak the locale of the process, which a library may
 * not set; names are UTF-8 whatever the locale is. What a name may hold is
 * chain_words.c's to say.
 */
#include "utf8.h"

#include <string.h>

struct range { uint32_t from, to; };

/* Combining marks, joiners, variation selectors. */
static const struct range narrow[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f },
	{ 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x2064 }, { 0x20d0, 0x20f0 },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
};

/* East Asian Wide and Fullwidth, and emoji. */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x4dbf }, { 0x4e00, 0xa4cf }, { 0xa960, 0xa97c },
	{ 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static size_t size_of_first(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0)
		return 0;
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf8 ? 4 : 0;
}

size_t utf8_read(const char *text, uint32_t *ret_char)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = (uint8_t)text[0];
	size_t size = size_of_first(first);
	uint32_t value = size == 1 ? first : first & (0x7fU >> size);

	for (size_t i = 1; i < size; i++) {
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((uint8_t)text[i] & 0x3f);
	}
	if (size == 0 || value < least[size] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*ret_char = value;
	return size;
}

bool utf8_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool utf8_valid(const char *text)
{
	uint32_t c;
	size_t size;

	for (; *text; text += size) {
		size = utf8_read(text, &c);
		if (size == 0)
			return false;
	}
	return true;
}

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++) {
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	}
	return false;
}

static size_t char_width(uint32_t c)
{
	if (is_in(narrow, ARRAY_SIZE(narrow), c))
		return 0;
	return is_in(wide, ARRAY_SIZE(wide), c) ? 2 : 1;
}

size_t utf8_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		uint32_t c;
		size_t size = utf8_read(text, &c);

		width += size ? char_width(c) : 1;
		text += size ? size : 1;
	}
	return width;
}

char *utf8_cleaned(const char *text)
{
	size_t size = strlen(text) * 4 + 1;
	char *clean = malloc(size);

	return clean ? text_clean(clean, size, text) : NULL;
}
