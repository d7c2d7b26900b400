// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* loader/chain_words.c: the contract's words, and which names may be given. */
#include "chains.h"

#include <errno.h>

/* @count times @piece, in a buffer of its own. */
static const char *repeat(const char *piece, size_t count)
{
	static char text[2048];

	text[0] = 0;
	for (size_t i = 0; i < count; i++)
		strcat(text, piece);
	return text;
}

Test(chain_words, a_name_has_1_to_255_bytes)
{
	cr_expect(name_valid_filter("a"));
	cr_expect(name_valid_filter(repeat("a", 255)));
	cr_expect_not(name_valid_filter(repeat("a", 256)));
	cr_expect_not(name_valid_filter(""));
	cr_expect_not(name_valid_filter(NULL));
}

Test(chain_words, a_limit_counts_bytes_not_characters)
{
	cr_expect(name_valid_filter(repeat("\xc3\xa9", 127)));
	cr_expect_not(name_valid_filter(repeat("\xc3\xa9", 128)));
}

Test(chain_words, a_short_name_has_1_to_63_bytes)
{
	cr_expect(name_valid_short("a"));
	cr_expect(name_valid_short(repeat("a", 63)));
	cr_expect_not(name_valid_short(repeat("a", 64)));
	cr_expect_not(name_valid_short(""));
}

Test(chain_words, a_short_name_is_one_step_of_a_path)
{
	cr_expect_not(name_valid_short("a/b"));
	cr_expect_not(name_valid_short("/"));
	cr_expect_not(name_valid_short("."));
	cr_expect_not(name_valid_short(".."));
	cr_expect(name_valid_short("eth0.100"));
	cr_expect(name_valid_filter("a/b"));
	cr_expect(name_valid_filter(".."));
}

Test(chain_words, a_name_may_be_in_any_script)
{
	cr_expect(name_valid_filter("b\xc3\xb6se \xe2\x82\xac \xe6\xbc\xa2 \xf0\x9f\x8c\xbc"));
	cr_expect(name_valid_filter("\xf4\x8f\xbf\xbf"));
	cr_expect(name_valid_filter("\xed\x9f\xbf\xee\x80\x80"));
	cr_expect(name_valid_filter("\xc2\xa0 ~"));
}

Test(chain_words, a_name_holds_no_control_character)
{
	cr_expect_not(name_valid_filter("a\nb"));
	cr_expect_not(name_valid_filter("\x01"));
	cr_expect_not(name_valid_filter("\x1b[2J"));
	cr_expect_not(name_valid_filter("a\x1f"));
	cr_expect_not(name_valid_filter("a\x7f"));
	cr_expect_not(name_valid_filter("a\xc2\x80"));
	cr_expect_not(name_valid_filter("a\xc2\x9f"));
}

Test(chain_words, a_name_is_valid_utf8)
{
	static const char *const broken[] = {
		"\x80",			/* the rest of a character, without its start */
		"\xbf" "a",
		"\xc3",			/* cut off */
		"\xe2\x82",
		"\xf0\x9f\x8c",
		"\xc3" "a",		/* another character in the middle of one */
		"\xe2\x82" "a",
		"\xc0\x80",		/* longer than it needs to be */
		"\xc1\xbf",
		"\xc0\xaf",		/* a hidden slash */
		"\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",		/* halves of a pair */
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80",	/* beyond Unicode */
		"\xf8\x88\x80\x80\x80",
		"\xff",
	};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		cr_expect_not(name_valid_filter(broken[i]), "number %zu", i);
		cr_expect_not(name_valid_short(broken[i]), "number %zu", i);
	}
}

Test(chain_words, sides_have_the_words_of_the_contract)
{
	cr_expect_str_eq(at_word(DAISY_AT_INGRESS), "ingress");
	cr_expect_str_eq(at_word(DAISY_AT_EGRESS), "egress");
}

Test(chain_words, a_number_that_is_no_word_never_becomes_null)
{
	cr_expect_not_null(at_word((enum daisy_at)77));
	cr_expect_not_null(engine_word((enum daisy_engine)77));
	cr_expect_not_null(verdict_word((enum daisy_verdict)77));
}

Test(chain_words, engines_read_what_they_write)
{
	static const char *const words[] = { "tailcall", "fused", "kernel" };
	enum daisy_engine engine;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		cr_expect_str_eq(engine_word((enum daisy_engine)i), words[i]);
		cr_assert_eq(engine_parse(words[i], &engine), 0);
		cr_expect_eq(engine, i);
	}
}

Test(chain_words, verdicts_read_what_they_write)
{
	static const char *const words[] = { "unspec", "ok", "shot", "stolen", "trap", "redirect" };
	enum daisy_verdict verdict;

	cr_expect_eq(ARRAY_SIZE(words), DAISY_VERDICTS);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		cr_expect_str_eq(verdict_word((enum daisy_verdict)i), words[i]);
		cr_assert_eq(verdict_parse(words[i], &verdict), 0);
		cr_expect_eq(verdict, i);
	}
}

Test(chain_words, a_word_that_is_none_leaves_the_answer_untouched)
{
	enum daisy_engine engine = DAISY_ENGINE_FUSED;
	enum daisy_verdict verdict = DAISY_TRAP;

	cr_expect_eq(engine_parse("fuse", &engine), -EINVAL);
	cr_expect_eq(engine_parse("Fused", &engine), -EINVAL);
	cr_expect_eq(engine_parse("", &engine), -EINVAL);
	cr_expect_eq(engine, DAISY_ENGINE_FUSED);
	cr_expect_eq(verdict_parse("drop", &verdict), -EINVAL);
	cr_expect_eq(verdict_parse("unknown", &verdict), -EINVAL);
	cr_expect_eq(verdict, DAISY_TRAP);
}

Test(chain_words, a_classid_is_hexadecimal)
{
	uint32_t classid = 0;

	cr_assert_eq(classid_parse("1:10", &classid), 0);
	cr_expect_eq(classid, 0x10010);
	cr_assert_eq(classid_parse("fFfF:aBcD", &classid), 0);
	cr_expect_eq(classid, 0xffffabcd);
	cr_assert_eq(classid_parse("8001:", &classid), 0);
	cr_expect_eq(classid, 0x80010000);
	cr_assert_eq(classid_parse("0001:0002", &classid), 0);
	cr_expect_eq(classid, 0x10002);
}

Test(chain_words, what_is_no_classid_leaves_the_answer_untouched)
{
	static const char *const wrong[] = {
		"", ":", ":10", "1", "10000:1", "1:10000", "1:g", "g:1", "1:1:1", " 1:1", "1:1 ", "1: 1",
		"-1:1", "1:+1", "0x1:1", "1:0x1", "100000001:1",
	};
	uint32_t classid = 42;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		cr_expect_eq(classid_parse(wrong[i], &classid), -EINVAL, "'%s'", wrong[i]);
	cr_expect_eq(classid, 42);
}

Test(chain_words, a_classid_reads_as_it_is_written)
{
	static const uint32_t ids[] = { 0x10010, 0x10000, 0xffffffff, 0x1, 0xabcd0f00 };
	char text[16];
	uint32_t classid;

	cr_expect_str_eq(classid_format(text, sizeof(text), 0x1f0010), "1f:10");
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		cr_assert_eq(classid_parse(classid_format(text, sizeof(text), ids[i]), &classid), 0);
		cr_expect_eq(classid, ids[i]);
	}
}

Test(chain_words, a_classid_is_cut_to_its_buffer)
{
	char text[4] = "xxx";

	cr_expect_str_eq(classid_format(text, sizeof(text), 0xffffffff), "fff");
}
