// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * daisy doctor: says that chains work where they do, and why not where they do
 * not, and leaves everything as it was.
 */
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

TestSuite(doctor, .init = lab_open, .timeout = 120);

/* What the other suites here do, so it must be so wherever they run. */
static const char *const needed[] = {
	"CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_BPF", "bpffs", "tree", "jit", "dispatcher", "tail-call", "clsact",
	"cls_bpf", "replace",
};

/* By nobody, from where nobody can reach it. */
static struct lab_run doctor_as_nobody(const char *option)
{
	lab_do("cp %s/daisy /run/lab/daisy", getenv("DAISY_BUILD"));
	return lab_run("setpriv --reuid 65534 --regid 65534 --clear-groups /run/lab/daisy %s doctor", option);
}

static bool flag(struct json_object *object, const char *key)
{
	struct json_object *value;

	cr_assert(json_object_object_get_ex(object, key, &value), "no %s", key);
	cr_assert(json_object_is_type(value, json_type_boolean), "%s", key);
	return json_object_get_boolean(value);
}

static struct json_object *checks_of(struct json_object *answer)
{
	struct json_object *checks;

	cr_assert(json_object_object_get_ex(answer, "checks", &checks));
	cr_assert(json_object_is_type(checks, json_type_array));
	return checks;
}

/* Borrowed; ends the test without it. */
static struct json_object *check_of(struct json_object *answer, const char *name)
{
	struct json_object *checks = checks_of(answer);

	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (text_equal(lab_text(check, "name"), name))
			return check;
	}
	cr_assert_fail("there is no check '%s'", name);
	return NULL;
}

/* Every check says what it saw, and a failed one what to do. */
static void expect_words(struct json_object *answer)
{
	struct json_object *checks = checks_of(answer);

	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);
		const char *name = lab_text(check, "name"), *advice = lab_text(check, "advice");

		cr_expect_str_not_empty(lab_text(check, "detail"), "%s", name);
		cr_expect_str_not_empty(lab_text(check, "for"), "%s", name);
		cr_expect_eq(flag(check, "ok"), advice == NULL, "%s", name);
		cr_expect(!advice || *advice, "%s", name);
	}
}

Test(doctor, says_that_chains_work_and_leaves_nothing)
{
	auto_(mem) char *before = lab_picture(), *after = NULL;
	auto_(lab_run) struct lab_run run = { 0 };

	lab_mark();
	run = lab_daisy("doctor");
	cr_expect_eq(run.code, 0, "%s%s", run.out, run.err);
	cr_expect_str_empty(run.err);
	cr_expect_not_null(strstr(run.out, "\ntc chains work here"), "%s", run.out);
	cr_expect_null(strstr(run.out, "  missing "), "%s", run.out);
	cr_expect_null(strchr(run.out, '\033'), "colours without a terminal");
	after = lab_picture();
	cr_expect_str_eq(after, before);
	/* A link or a filter that was left would hold its program. */
	lab_no_litter();
}

Test(doctor, answers_in_json_what_was_needed)
{
	auto_(lab_run) struct lab_run run = lab_daisy("-j doctor");
	auto_(lab_json) struct json_object *answer = lab_json(run.out);
	auto_(mem) char *release = lab_must("uname -r");

	cr_expect_eq(run.code, 0);
	cr_expect_str_empty(run.err);
	cr_expect(flag(answer, "works"));
	cr_expect_eq(strncmp(release, lab_text(answer, "kernel"), strlen(release) - 1), 0);
	cr_expect_str_not_empty(lab_text(answer, "libbpf"));
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		struct json_object *check = check_of(answer, needed[i]);

		cr_expect(flag(check, "needed"), "%s", needed[i]);
		cr_expect(flag(check, "ok"), "%s: %s", needed[i], lab_text(check, "detail"));
	}
	cr_expect_not(flag(check_of(answer, "type-ext"), "needed"));
	cr_expect_not(flag(check_of(answer, "tcx"), "needed"));
	expect_words(answer);
}

Test(doctor, leaves_a_running_chain_alone)
{
	auto_(mem) char *before = NULL, *after = NULL;

	lab_add("old", "count");
	lab_send(10);
	before = lab_picture();
	lab_mark();
	lab_ok("doctor");
	lab_ok("-n %s doctor", lab.netns);
	after = lab_picture();
	cr_expect_str_eq(after, before);
	lab_no_litter();
	lab_send(10);
	cr_expect_eq(lab_counted("old"), 20);
	cr_expect_eq(lab_stat("old", "packets"), 20);
}

Test(doctor, tells_nobody_what_is_missing)
{
	auto_(mem) char *before = lab_picture(), *after = NULL;
	auto_(lab_run) struct lab_run run = { 0 };

	lab_mark();
	run = doctor_as_nobody("--owner x");
	cr_expect_eq(run.code, 1, "%s%s", run.out, run.err);
	cr_expect_str_eq(run.err, "daisy: chains cannot be run here\n");
	cr_expect_not_null(strstr(run.out, "missing   CAP_SYS_ADMIN"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "do: run it as root"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "\ntc chains do not work here; missing: CAP_SYS_ADMIN"), "%s", run.out);
	after = lab_picture();
	cr_expect_str_eq(after, before);
	lab_no_litter();
}

Test(doctor, tells_nobody_in_json_too)
{
	auto_(lab_run) struct lab_run run = doctor_as_nobody("-j");
	auto_(lab_json) struct json_object *answer = lab_json(run.out);

	cr_expect_eq(run.code, 1);
	cr_expect_str_empty(run.err);
	cr_expect_not(flag(answer, "works"));
	cr_expect_not(flag(check_of(answer, "CAP_BPF"), "ok"));
	cr_expect_not(flag(check_of(answer, "dispatcher"), "ok"));
	cr_expect_not(flag(check_of(answer, "clsact"), "ok"));
	expect_words(answer);
}

/* In a namespace of one's own root holds every capability, and the kernel honours none. */
Test(doctor, is_not_deceived_by_a_user_namespace)
{
	auto_(lab_run) struct lab_run run = lab_run("unshare -U -r %s/daisy doctor", getenv("DAISY_BUILD"));

	if (strncmp(run.err, "unshare:", 8) == 0)
		cr_skip_test("no user namespaces: %s", run.err);
	cr_expect_eq(run.code, 1, "%s", run.out);
	cr_expect_not_null(strstr(run.out, "the kernel does not honour it"), "%s", run.out);
}

/* A file system of another kind over it: below may lie the host's bpffs. */
Test(doctor, misses_bpffs)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(lab_json) struct json_object *answer = NULL;

	cr_assert_eq(mount("tmpfs", "/sys/fs/bpf", "tmpfs", 0, NULL), 0, "%s", strerror(errno));
	run = lab_daisy("-j doctor");
	answer = lab_json(run.out);
	cr_expect_eq(run.code, 1);
	cr_expect_not(flag(check_of(answer, "bpffs"), "ok"));
	cr_expect_not_null(strstr(lab_text(check_of(answer, "bpffs"), "advice"), "mount -t bpf bpf /sys/fs/bpf"));
	cr_expect(flag(check_of(answer, "tail-call"), "ok"));
}

Test(doctor, misses_a_bpffs_that_can_be_written)
{
	auto_(lab_run) struct lab_run run = { 0 };

	cr_assert_eq(mount(NULL, "/sys/fs/bpf", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "%s", strerror(errno));
	run = lab_daisy("doctor");
	cr_expect_eq(run.code, 1);
	cr_expect_not_null(strstr(run.out, "missing   bpffs"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "Read-only"), "%s", run.out);
}

/* Whoever asks why daisy hangs must not hang. */
Test(doctor, does_not_wait_for_the_lock)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(fd) int fd = -1;

	cr_assert_eq(mkdir("/sys/fs/bpf/daisy", 0700), 0);
	fd = open("/sys/fs/bpf/daisy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(flock(fd, LOCK_EX), 0);
	run = lab_daisy("doctor");
	cr_expect_eq(run.code, 0, "%s", run.out);
	cr_expect_not_null(strstr(run.out, "is locked by a daisy at work"), "%s", run.out);
}

Test(doctor, misses_a_tree_that_is_not_roots_own)
{
	auto_(lab_run) struct lab_run run = { 0 };

	cr_assert_eq(mkdir("/sys/fs/bpf/daisy", 0700), 0);
	cr_assert_eq(chown("/sys/fs/bpf/daisy", 65534, 65534), 0);
	run = lab_daisy("doctor");
	cr_expect_eq(run.code, 1);
	cr_expect_not_null(strstr(run.out, "missing   tree"), "%s", run.out);
	cr_expect_not_null(strstr(run.out, "belongs to user 65534"), "%s", run.out);
}

Test(doctor, says_that_its_answer_was_lost)
{
	auto_(lab_run) struct lab_run run = { 0 };
	const char *const argv[] = { "sh", "-c", "exec $DAISY_BUILD/daisy doctor > /dev/full", NULL };

	run = lab_argv(argv);
	cr_expect_eq(run.code, 1);
	cr_expect_not_null(strstr(run.err, "No space left"), "%s", run.err);
}
