// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libdaisy as another program uses it: its public header alone. */
#include "lab.h"

#include <errno.h>
#include <unistd.h>

TestSuite(library, .init = lab_open, .timeout = 120);

DEFINE_CLEANUP(daisy, struct daisy *, daisy_free)
DEFINE_CLEANUP(daisy_outcome, struct daisy_outcome *, daisy_outcome_free)
DEFINE_CLEANUP(daisy_view, struct daisy_view *, daisy_view_free)

static struct daisy *open_as(const char *netns, const char *owner)
{
	struct daisy_options options = { .size = sizeof(options), .netns = netns, .owner = owner };
	struct daisy *daisy = NULL;

	cr_assert_eq(daisy_new(&options, &daisy), 0, "%s", daisy_error_text());
	return daisy;
}

static struct daisy_target ingress(void)
{
	return (struct daisy_target){ .dev = lab.dev, .at = DAISY_AT_INGRESS };
}

static int add(struct daisy *daisy, const char *name, const char *object, struct daisy_outcome **ret_outcome)
{
	struct daisy_target target = ingress();
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = lab_object(object) };

	return daisy_filter_add(daisy, &target, name, &program, NULL, ret_outcome);
}

Test(library, makes_changes_and_shows_a_chain)
{
	auto_(daisy) struct daisy *daisy = open_as(NULL, NULL);
	auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
	struct daisy_change change = { .size = sizeof(change), .before = "a" };
	struct daisy_target target = ingress();

	cr_assert_eq(add(daisy, "a", "count", &outcome), 0, "%s", daisy_error_text());
	cr_expect_eq(daisy_outcome_revision(outcome), 1);
	cr_expect_geq(daisy_outcome_steps(outcome), 1);
	cr_assert_eq(add(daisy, "b", "count", NULL), 0, "%s", daisy_error_text());
	lab_expect_order("a b");
	cr_assert_eq(daisy_filter_move(daisy, &target, "b", &change, NULL), 0, "%s", daisy_error_text());
	lab_expect_order("b a");
	cr_assert_eq(daisy_filter_del(daisy, &target, "b", NULL, NULL), 0, "%s", daisy_error_text());
	lab_expect_order("a");
	lab_send(10);
	cr_expect_eq(lab_counted("a"), 10);
	cr_assert_eq(daisy_chain_flush(daisy, &target, NULL, NULL), 0, "%s", daisy_error_text());
	lab_expect_order("");
}

Test(library, says_the_same_as_the_command)
{
	auto_(daisy) struct daisy *daisy = open_as(NULL, NULL);
	auto_(daisy_view) struct daisy_view *view = NULL;
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(add(daisy, "a", "count", NULL), 0);
	lab_send(10);
	cr_assert_eq(daisy_view_read(daisy, NULL, &view), 0, "%s", daisy_error_text());
	cr_assert_eq(daisy_view_json(view, true, out), 0);
	fclose(out);
	run = lab_daisy("-j show -s");
	cr_expect_str_eq(text, run.out);
}

Test(library, answers_with_errno_and_a_sentence)
{
	auto_(daisy) struct daisy *daisy = open_as(NULL, NULL);
	struct daisy_target none = { .dev = "none0", .at = DAISY_AT_INGRESS }, target = ingress();
	struct daisy_change stale = { .size = sizeof(stale), .set_expect = true, .expect = 7 };
	struct daisy_outcome *untouched = NULL;

	cr_assert_eq(add(daisy, "a", "count", NULL), 0);
	cr_expect_eq(add(daisy, "a", "count", &untouched), -EEXIST);
	cr_expect_null(untouched);
	cr_expect_eq(daisy_error_kind(), DAISY_ERROR_FAILED);
	cr_expect_not_null(strstr(daisy_error_text(), "'a'"), "%s", daisy_error_text());
	cr_expect_eq(daisy_chain_flush(daisy, &none, NULL, NULL), -ENODEV);
	cr_expect_eq(daisy_filter_del(daisy, &target, "b", NULL, NULL), -ENOENT);
	cr_expect_eq(daisy_chain_flush(daisy, &target, &stale, NULL), -ESTALE);
	cr_expect_eq(daisy_error_kind(), DAISY_ERROR_STALE);
	cr_expect_eq(add(daisy, "r", "refused", NULL), -EINVAL);
	lab_expect_order("a");
}

Test(library, works_in_another_netns_and_comes_back)
{
	auto_(daisy) struct daisy *daisy = open_as(lab.netns, NULL);
	struct daisy_target target = { .dev = lab.peer, .at = DAISY_AT_EGRESS };
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = lab_object("drop_port") };

	cr_assert_eq(daisy_filter_add(daisy, &target, "drop", &program, NULL, NULL), 0, "%s", daisy_error_text());
	lab_udp(false, 23, 5, 0);
	lab_udp(false, 24, 5, 5);
	cr_assert_eq(daisy_chain_flush(daisy, &target, NULL, NULL), 0, "%s", daisy_error_text());
	lab_udp(false, 23, 5, 5);
}

Test(library, keeps_owners_apart)
{
	auto_(daisy) struct daisy *alice = open_as(NULL, "alice"), *bob = open_as(NULL, "bob");
	struct daisy_target target = ingress();
	struct daisy_change force = { .size = sizeof(force), .force = true };

	cr_assert_eq(add(alice, "a", "count", NULL), 0);
	cr_expect_eq(daisy_filter_del(bob, &target, "a", NULL, NULL), -EPERM);
	lab_expect_order("a");
	cr_expect_eq(daisy_filter_del(bob, &target, "a", &force, NULL), 0);
	lab_expect_order("");
}

static void use_once(void)
{
	auto_(daisy) struct daisy *daisy = open_as(lab.netns, NULL);
	struct daisy_target target = { .dev = lab.peer, .at = DAISY_AT_INGRESS };
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = lab_object("tail"), .symbol = "tail" };

	cr_expect_eq(daisy_filter_add(daisy, &target, "a", &program, NULL, NULL), 0, "%s", daisy_error_text());
	cr_expect_eq(daisy_filter_add(daisy, &target, "a", &program, NULL, NULL), -EEXIST);
	cr_expect_eq(daisy_chain_flush(daisy, &target, NULL, NULL), 0, "%s", daisy_error_text());
}

/* Those that a library of daisy's kind opens; Criterion opens and closes its own. */
static size_t fds_open(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 1024; fd++) {
		auto_(mem) char *path = text_format("/proc/self/fd/%d", fd);
		char target[256] = "";

		if (readlink(path, target, sizeof(target) - 1) > 0 &&
		    (strstr(target, "bpf") || strstr(target, "btf") || strstr(target, "net:[") || strstr(target, "netns")))
			count++;
	}
	return count;
}

Test(library, leaves_no_fd_open)
{
	size_t before;

	/* What is opened once and for all is open after the first use. */
	use_once();
	before = fds_open();
	use_once();
	use_once();
	cr_expect_eq(fds_open(), before, "%zu fds became %zu", before, fds_open());
}
