// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Strings and numbers: the few helpers that every room uses and that know nothing of chains. */
#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

int text_set(char **to, const char *text)
{
	char *copy = NULL;

	if (text) {
		copy = strdup(text);
		if (!copy)
			return -ENOMEM;
	}
	free(*to);
	*to = copy;
	return 0;
}

bool text_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Bytes of the well-formed UTF-8 character at @text, 0 when it is none. */
static size_t utf8_length(const unsigned char *text)
{
	size_t size = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 :
		      text[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return size;
}

/* C0, DEL and, in two bytes, C1: what a terminal obeys instead of showing. */
static bool is_control(const unsigned char *text, size_t size)
{
	return (size == 1 && (text[0] < 0x20 || text[0] == 0x7f)) || (size == 2 && text[0] == 0xc2 && text[1] < 0xa0);
}

char *text_clean(char *to, size_t size, const char *from)
{
	const unsigned char *in = (const unsigned char *)from;
	size_t used = 0;

	while (*in) {
		size_t length = utf8_length(in);
		bool plain = length && !is_control(in, length);
		size_t need = plain ? length : 4;

		if (used + need >= size)
			break;
		if (plain)
			memcpy(to + used, in, length);
		else
			snprintf(to + used, size - used, "\\x%02x", *in);
		used += need;
		in += plain ? length : 1;
	}
	if (size)
		to[used] = '\0';
	return to;
}

char *text_format(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	return r < 0 ? NULL : text;
}

int text_number(const char *text, uint64_t max, uint64_t *ret_value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned long long value;
	char *end;

	/* strtoull() would take blanks, signs and octal. */
	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return -EINVAL;
	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno == ERANGE || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}
