// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Commands of a kernel test: run without a shell, bounded in time, with all they said. */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define WORDS_MAX 128
#define RUN_MS 60000	/* valgrind and sanitizers are slow */

struct stream {
	int fd;
	FILE *to;
	char *text;
	size_t size;
};

void lab_run_clear(struct lab_run *run)
{
	free(run->out);
	free(run->err);
	*run = (struct lab_run){ 0 };
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void stream_open(struct stream *stream, int *ret_write_fd)
{
	int fds[2];

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	stream->fd = fds[0];
	stream->to = open_memstream(&stream->text, &stream->size);
	*ret_write_fd = fds[1];
}

/* True while there may be more to come. */
static bool stream_read(struct stream *stream)
{
	char buffer[65536];
	ssize_t size = read(stream->fd, buffer, sizeof(buffer));

	if (size > 0) {
		fwrite(buffer, 1, (size_t)size, stream->to);
		return true;
	}
	close(stream->fd);
	stream->fd = -1;
	return false;
}

/* Reads both until the child has closed them; false when the time is over. */
static bool streams_drain(struct stream streams[2])
{
	int64_t end = now_ms() + RUN_MS;

	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd fds[2] = { { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };
		int64_t left = end - now_ms();

		if (left <= 0 || poll(fds, 2, (int)left) == 0)
			return false;
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents)
				stream_read(&streams[i]);
		}
	}
	return true;
}

static void child_run(const char *const argv[], int out_fd, int err_fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(out_fd, 1) < 0 || dup2(err_fd, 2) < 0)
		_exit(127);
	execvp(argv[0], (char *const *)argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int child_wait(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0)
		cr_assert_eq(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct lab_run lab_argv(const char *const argv[])
{
	struct stream streams[2] = { { .fd = -1 }, { .fd = -1 } };
	struct lab_run run;
	int out_fd, err_fd;
	bool done;
	pid_t child;

	stream_open(&streams[0], &out_fd);
	stream_open(&streams[1], &err_fd);
	fflush(NULL);
	child = fork();
	cr_assert_geq(child, 0);
	if (child == 0)
		child_run(argv, out_fd, err_fd);
	close(out_fd);
	close(err_fd);
	done = streams_drain(streams);
	if (!done)
		kill(child, SIGKILL);
	run.code = child_wait(child);
	fclose(streams[0].to);
	fclose(streams[1].to);
	run.out = streams[0].text;
	run.err = streams[1].text;
	cr_assert(done, "%s %s: still running after %d s", argv[0], argv[1] ? argv[1] : "", RUN_MS / 1000);
	return run;
}

/* Splits @text, which must live as long as @argv is used. */
static void words_split(char *text, const char *argv[WORDS_MAX], size_t count)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		cr_assert_lt(count, WORDS_MAX - 1);
		argv[count++] = word;
	}
	argv[count] = NULL;
}

static const char *daisy_path(void)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/daisy", getenv("DAISY_BUILD"));
	return path;
}

static struct lab_run run_words(bool daisy, const char *words, va_list arguments)
{
	const char *argv[WORDS_MAX] = { daisy_path() };
	auto_(mem) char *text = NULL;

	cr_assert_geq(vasprintf(&text, words, arguments), 0);
	words_split(text, argv, daisy ? 1 : 0);
	return lab_argv(argv);
}

struct lab_run lab_run(const char *words, ...)
{
	struct lab_run run;
	va_list arguments;

	va_start(arguments, words);
	run = run_words(false, words, arguments);
	va_end(arguments);
	return run;
}

struct lab_run lab_daisy(const char *words, ...)
{
	struct lab_run run;
	va_list arguments;

	va_start(arguments, words);
	run = run_words(true, words, arguments);
	va_end(arguments);
	return run;
}

struct lab_run lab_daisy_argv(const char *const arguments[])
{
	const char *argv[WORDS_MAX] = { daisy_path() };

	for (size_t i = 0; arguments[i]; i++) {
		cr_assert_lt(i, WORDS_MAX - 2);
		argv[i + 1] = arguments[i];
	}
	return lab_argv(argv);
}

static char *must(const char *words, va_list arguments)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(mem) char *text = NULL;
	va_list again;

	va_copy(again, arguments);
	cr_assert_geq(vasprintf(&text, words, again), 0);
	va_end(again);
	run = run_words(false, words, arguments);
	cr_assert_eq(run.code, 0, "%s: exit %d: %s", text, run.code, run.err);
	return TAKE_PTR(run.out);
}

char *lab_must(const char *words, ...)
{
	va_list arguments;
	char *out;

	va_start(arguments, words);
	out = must(words, arguments);
	va_end(arguments);
	return out;
}

void lab_do(const char *words, ...)
{
	va_list arguments;

	va_start(arguments, words);
	free(must(words, arguments));
	va_end(arguments);
}

void lab_ok_at(const char *file, int line, const char *words, ...)
{
	auto_(lab_run) struct lab_run run = { 0 };
	va_list arguments;

	va_start(arguments, words);
	run = run_words(true, words, arguments);
	va_end(arguments);
	cr_assert_eq(run.code, 0, "%s:%d: daisy %s: exit %d: %s", file, line, words, run.code, run.err);
	cr_assert_str_empty(run.err, "%s:%d: daisy %s", file, line, words);
}

static bool is_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && end != text && !end[1];
}

void lab_expect_refusal(const char *file, int line, const struct lab_run *run, int code, const char *sentence)
{
	cr_expect_eq(run->code, code, "%s:%d: exit %d, not %d: %s", file, line, run->code, code, run->err);
	cr_expect(is_one_line(run->err), "%s:%d: not one line: %s", file, line, run->err);
	cr_expect_str_empty(run->out, "%s:%d: says on stdout: %s", file, line, run->out);
	cr_expect_not_null(strstr(run->err, sentence), "%s:%d: '%s' is not in: %s", file, line, sentence, run->err);
}

/* Everything is as in @before, and nothing more is in the kernel than at lab_mark(). */
static void expect_unchanged(const char *file, int line, const char *before)
{
	auto_(mem) char *after = lab_picture();

	cr_expect_str_eq(after, before, "%s:%d: a refused command changed\n%sinto\n%s", file, line, before, after);
	lab_no_litter_at(file, line);
}

void lab_refused_at(const char *file, int line, int code, const char *sentence, const char *words, ...)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(mem) char *before = lab_picture();
	va_list arguments;

	lab_mark();
	va_start(arguments, words);
	run = run_words(true, words, arguments);
	va_end(arguments);
	lab_expect_refusal(file, line, &run, code, sentence);
	expect_unchanged(file, line, before);
}

void lab_refused_argv_at(const char *file, int line, int code, const char *sentence, const char *const arguments[])
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(mem) char *before = lab_picture();

	lab_mark();
	run = lab_daisy_argv(arguments);
	lab_expect_refusal(file, line, &run, code, sentence);
	expect_unchanged(file, line, before);
}

const char *lab_object(const char *name)
{
	static char ring[8][4096];
	static size_t next;
	char *path = ring[next++ % ARRAY_SIZE(ring)];

	snprintf(path, sizeof(ring[0]), "%s/progs/%s.bpf.o", getenv("DAISY_BUILD"), name);
	return path;
}

/* In the private /run, which ends with the test; the path is never freed, nor is the test long. */
const char *lab_file(const char *name, const char *text, size_t size)
{
	static char paths[64][128];
	static size_t next;
	char *path = paths[next++ % ARRAY_SIZE(paths)];
	auto_(file) FILE *out = NULL;

	snprintf(path, sizeof(paths[0]), "/run/lab/%s", name);
	out = fopen(path, "we");
	cr_assert_not_null(out, "%s: %s", path, strerror(errno));
	if (size)
		cr_assert_eq(fwrite(text, 1, size, out), size);
	return path;
}

const char *lab_text_file(const char *name, const char *format, ...)
{
	auto_(mem) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	cr_assert_geq(vasprintf(&text, format, arguments), 0);
	va_end(arguments);
	return lab_file(name, text, strlen(text));
}
