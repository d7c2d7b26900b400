/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* util.h: ownership by the cleanup attribute, and the few helpers every room uses. */
#ifndef DAISY_UTIL_H
#define DAISY_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* auto_(x) destroys the local when it goes out of scope, by x_cleanup(). */
#define auto_(x) __attribute__((cleanup(x##_cleanup)))
#define DEFINE_CLEANUP(name, type, destroy) \
	static inline void name##_cleanup(type *p) { destroy(*p); }

#define TAKE_PTR(p) ({ __typeof__(p) taken_ = (p); (p) = NULL; taken_; })
#define TAKE_FD(fd) ({ int taken_ = (fd); (fd) = -1; taken_; })

static inline void fd_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

static inline void mem_cleanup(void *p)
{
	free(*(void **)p);
}

static inline void file_close(FILE *file)
{
	if (file)
		fclose(file);
}

DEFINE_CLEANUP(fd, int, fd_close)
DEFINE_CLEANUP(file, FILE *, file_close)

/* Copies @text, which may be NULL, over *@to, freeing what was there. 0 or -ENOMEM. */
int text_set(char **to, const char *text);
/* True if both are NULL or equal. */
bool text_equal(const char *a, const char *b);
/*
 * Copies @from into @to for a terminal or a one-line message: control bytes and
 * broken UTF-8 become \xNN. Always ends with 0; returns @to.
 */
char *text_clean(char *to, size_t size, const char *from);
/* printf into a fresh string; NULL without memory. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A whole number, decimal or 0x; nothing else may follow. 0, -EINVAL or -ERANGE. */
int text_number(const char *text, uint64_t max, uint64_t *ret_value);

#endif
