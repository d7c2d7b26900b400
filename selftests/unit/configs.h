/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* configs.h: a file's text -> its chains, or the one sentence about it. */
#ifndef TEST_CONFIGS_H
#define TEST_CONFIGS_H

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "config.h"
#include "error.h"

/* One filter on line 3, its program on line 4; and all of that before the program's value. */
#define FILTER "chains:\n  edge:\n    - name: meter\n      program: { id: 7 }\n"
#define PROGRAM "chains:\n  edge:\n    - name: meter\n      program: "
#define HEX "0123456789abcdefABCDEF0123456789abcdefabcdef0123456789abcdef0123"

static inline struct config *config_of(const char *text)
{
	struct config *config = NULL;

	cr_assert_eq(config_new(&config), 0);
	cr_assert_eq(config_parse(config, "/etc/daisy/a.yaml", text, strlen(text), "me"), 0, "%s", error_text());
	return config;
}

static inline void expect_sized(const char *text, size_t size, int code, const char *sentence)
{
	auto_(config) struct config *config = NULL;
	int r;

	cr_assert_eq(config_new(&config), 0);
	r = config_parse(config, "a.yaml", text, size, "me");
	if (r == 0)
		r = config_check(config);
	cr_expect_eq(r, code, "%d for\n%s", r, text);
	cr_expect_eq(error_kind(), code == -EOPNOTSUPP ? ERROR_FAILED : ERROR_INPUT, "%s", text);
	cr_expect_str_eq(error_text(), sentence);
	error_clear();
}

static inline void expect_wrong(const char *text, const char *sentence)
{
	expect_sized(text, strlen(text), -EINVAL, sentence);
}

static inline void expect_not_yet(const char *text, const char *sentence)
{
	expect_sized(text, strlen(text), -EOPNOTSUPP, sentence);
}

/* For limits: @count times @part between @head and @tail. */
static inline void expect_repeated(const char *head, const char *part, size_t count, const char *tail,
				   const char *sentence)
{
	auto_(mem) char *text = malloc(strlen(head) + strlen(part) * count + strlen(tail) + 1);
	char *end = stpcpy(text, head);

	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, part);
	strcpy(end, tail);
	expect_wrong(text, sentence);
}

#endif
