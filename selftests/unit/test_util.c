// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/util.c: texts and numbers. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "util.h"

static void expect_number(const char *text, uint64_t max, int code, uint64_t value)
{
	uint64_t got = 42;

	cr_expect_eq(text_number(text, max, &got), code, "%s", text);
	cr_expect_eq(got, code == 0 ? value : 42, "%s", text);
}

Test(util, a_number_is_decimal_or_hexadecimal)
{
	expect_number("0", 9, 0, 0);
	expect_number("010", 99, 0, 10);
	expect_number("0x1F", 99, 0, 31);
	expect_number("18446744073709551615", UINT64_MAX, 0, UINT64_MAX);
}

Test(util, what_is_no_number_leaves_the_answer_untouched)
{
	static const char *const texts[] = { "", " 1", "1 ", "+1", "-1", "0x", "x1", "1x", "0x1g", "1.0", "one" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		expect_number(texts[i], UINT64_MAX, -EINVAL, 0);
}

Test(util, a_number_beyond_the_limit_is_out_of_range)
{
	expect_number("10", 9, -ERANGE, 0);
	expect_number("18446744073709551616", UINT64_MAX, -ERANGE, 0);
	expect_number("0xfffffffffffffffff", UINT64_MAX, -ERANGE, 0);
}

static void expect_clean(const char *from, const char *to)
{
	char clean[64];

	cr_expect_str_eq(text_clean(clean, sizeof(clean), from), to);
}

Test(util, a_clean_text_obeys_no_terminal)
{
	expect_clean("plain", "plain");
	expect_clean("größe 花", "größe 花");
	expect_clean("a\tb\x1b[0m\x7f", "a\\x09b\\x1b[0m\\x7f");
	expect_clean("c1 \xc2\x9b", "c1 \\xc2\\x9b");
	expect_clean("broken \xff\xc3", "broken \\xff\\xc3");
	expect_clean("half a pair \xed\xa0\x80", "half a pair \\xed\\xa0\\x80");
}

Test(util, a_clean_text_is_cut_between_characters)
{
	char clean[6];

	cr_expect_str_eq(text_clean(clean, sizeof(clean), "abc花"), "abc");
	cr_expect_str_eq(text_clean(clean, sizeof(clean), "ab\x01z"), "ab");
	cr_expect_str_eq(text_clean(clean, 1, "a"), "");
}

Test(util, texts_are_equal_also_when_both_are_none)
{
	cr_expect(text_equal(NULL, NULL));
	cr_expect_not(text_equal(NULL, ""));
	cr_expect(text_equal("a", "a"));
}

Test(util, a_text_is_set_over_what_was_there)
{
	auto_(mem) char *text = NULL;

	cr_expect_eq(text_set(&text, "one"), 0);
	cr_expect_eq(text_set(&text, "two"), 0);
	cr_expect_str_eq(text, "two");
	cr_expect_eq(text_set(&text, NULL), 0);
	cr_expect_null(text);
}
