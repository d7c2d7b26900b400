// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Strings and numbers: the few helpers that every room uses and that know nothing of chains. */
#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "utf8.h"

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

char *text_clean(char *to, size_t size, const char *from)
{
	size_t used = 0;

	while (*from) {
		uint32_t c = 0;
		size_t length = utf8_read(from, &c);
		bool plain = length && !utf8_control(c);
		size_t need = plain ? length : 4;

		if (used + need >= size)
			break;
		if (plain)
			memcpy(to + used, from, length);
		else
			snprintf(to + used, size - used, "\\x%02x", (uint8_t)*from);
		used += need;
		from += plain ? length : 1;
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
