// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Several processes that change one chain at the same time; the suite is test_load.c's. */
#include "load.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define WRITERS 4
#define ROUNDS_MAX 4096
#define CHANGES 3	/* of one round of writer_change() */
#define WRITER_SECONDS 1800 /* one that is still at work then hangs */

/* What one writer met; shared with the test, which alone judges it. */
struct writer {
	uint32_t revisions[ROUNDS_MAX * CHANGES];
	int codes[ROUNDS_MAX];
	enum daisy_error_kind kinds[ROUNDS_MAX];
	char error[512];
};

struct writers {
	pthread_barrier_t start;
	uint32_t first;		/* revision before all */
	unsigned int rounds;
	const char *objects[2];
	struct writer each[WRITERS];
};

DEFINE_CLEANUP(daisy_outcome, struct daisy_outcome *, daisy_outcome_free)

static struct daisy_target ingress(void)
{
	return (struct daisy_target){ .dev = lab.dev, .at = DAISY_AT_INGRESS };
}

static unsigned int rounds_wanted(void)
{
	unsigned int rounds = load_changes() / WRITERS / CHANGES + 1;

	return rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX;
}

static uint32_t revision_now(void)
{
	return (uint32_t)lab_stat(NULL, "revision");
}

/* Filters f0 to f3, one for each writer. */
static struct writers *writers_new(unsigned int rounds)
{
	struct writers *writers = mmap(NULL, sizeof(*writers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t shared;

	cr_assert_neq(writers, MAP_FAILED);
	pthread_barrierattr_init(&shared);
	pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&writers->start, &shared, WRITERS);
	for (unsigned int i = 0; i < WRITERS; i++) {
		auto_(mem) char *name = text_format("f%u", i);

		lab_add(name, "count");
	}
	writers->objects[0] = lab_object("count");
	writers->objects[1] = lab_object("count_other");
	writers->first = revision_now();
	writers->rounds = rounds;
	return writers;
}

/* Nothing of the test's framework works in a forked process: what went wrong is left for the test to tell. */
static void writer_main(struct writers *writers, unsigned int me,
			int (*work)(struct writers *writers, unsigned int me, struct daisy *daisy))
{
	struct daisy *daisy = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(WRITER_SECONDS);
	if (daisy_new(NULL, &daisy) == 0 && work(writers, me, daisy) == 0)
		_exit(0);
	snprintf(writers->each[me].error, sizeof(writers->each[me].error), "%s", daisy_error_text());
	_exit(1);
}

static void writers_run(struct writers *writers,
			int (*work)(struct writers *writers, unsigned int me, struct daisy *daisy))
{
	pid_t children[WRITERS];

	fflush(NULL);
	for (unsigned int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		cr_assert_geq(children[i], 0);
		if (children[i] == 0)
			writer_main(writers, i, work);
	}
	for (unsigned int i = 0; i < WRITERS; i++) {
		int status = 0;

		while (waitpid(children[i], &status, 0) < 0)
			cr_assert_eq(errno, EINTR);
		cr_expect_eq(status, 0, "writer %u: status %d: %s", i, status, writers->each[i].error);
	}
}

static int replace_own(const struct writers *writers, unsigned int me, struct daisy *daisy, unsigned int round,
		       const struct daisy_change *change, struct daisy_outcome **ret_outcome)
{
	auto_(mem) char *name = text_format("f%u", me);
	struct daisy_target target = ingress();
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = writers->objects[(round + 1) % 2] };

	return daisy_filter_replace(daisy, &target, name, &program, change, ret_outcome);
}

/* --- all succeed, in some order */

static int writer_change(const struct writers *writers, unsigned int me, struct daisy *daisy, unsigned int round,
			 unsigned int step, struct daisy_outcome **ret_outcome)
{
	auto_(mem) char *name = text_format("own%u", me);
	struct daisy_target target = ingress();
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = writers->objects[0] };
	struct daisy_change first = { .size = sizeof(first), .before = "f0" };

	if (step == 0)
		return replace_own(writers, me, daisy, round, NULL, ret_outcome);
	if (step == 1)
		return daisy_filter_add(daisy, &target, name, &program, &first, ret_outcome);
	return daisy_filter_del(daisy, &target, name, NULL, ret_outcome);
}

static int change_all(struct writers *writers, unsigned int me, struct daisy *daisy)
{
	for (unsigned int n = 0; n < writers->rounds * CHANGES; n++) {
		auto_(daisy_outcome) struct daisy_outcome *outcome = NULL;
		int r = writer_change(writers, me, daisy, n / CHANGES, n % CHANGES, &outcome);

		if (r < 0)
			return r;
		writers->each[me].revisions[n] = daisy_outcome_revision(outcome);
	}
	return 0;
}

/* Every number from the first revision on was given to one change, and each writer's own only rose. */
static void expect_each_revision_once(const struct writers *writers)
{
	unsigned int each = writers->rounds * CHANGES, all = each * WRITERS;
	auto_(mem) bool *given = calloc(all, sizeof(*given));

	for (unsigned int i = 0; i < WRITERS; i++) {
		uint32_t last = writers->first;

		for (unsigned int n = 0; n < each; n++) {
			uint32_t revision = writers->each[i].revisions[n];

			cr_assert(revision > last && revision <= writers->first + all,
				  "writer %u, change %u: revision %u", i, n, revision);
			cr_assert_not(given[revision - writers->first - 1], "revision %u was given twice", revision);
			given[revision - writers->first - 1] = true;
			last = revision;
		}
	}
	cr_expect_eq(revision_now(), writers->first + all);
}

Test(load, writers_at_the_same_time_all_succeed_one_after_the_other)
{
	struct writers *writers = writers_new(rounds_wanted());
	struct load_traffic *traffic = load_start(256);
	uint64_t sent[LOAD_KINDS], all, begin = load_now(), took;

	writers_run(writers, change_all);
	took = load_now() - begin;
	load_stop(traffic, sent);
	expect_each_revision_once(writers);
	lab_expect_order("f0 f1 f2 f3");
	all = sent[LOAD_PASS] + sent[LOAD_DROP];
	cr_expect_eq(lab_stat(NULL, "packets"), all);
	for (unsigned int i = 0; i < WRITERS; i++) {
		auto_(mem) char *name = text_format("f%u", i);

		cr_expect_eq(lab_stat(name, "packets"), all, "filter %s", name);
		/* The program's own count, in a map that went on over every replace. */
		cr_expect_eq(lab_counted(name), all);
	}
	printf("load: %d writers at once: %u changes in %.1f s; %lu packets sent, lost %ld\n", WRITERS,
	       writers->rounds * CHANGES * WRITERS, (double)took / 1e9, all, (long)(all - lab_counted("f3")));
}

/* --- of those who expect the same revision one wins */

static int change_expected(struct writers *writers, unsigned int me, struct daisy *daisy)
{
	struct daisy_change change = { .size = sizeof(change), .set_expect = true };

	for (unsigned int round = 0; round < writers->rounds; round++) {
		change.expect = writers->first + round;
		pthread_barrier_wait(&writers->start);
		writers->each[me].codes[round] = replace_own(writers, me, daisy, round, &change, NULL);
		writers->each[me].kinds[round] = daisy_error_kind();
		/* A round is over when all have had their answer. */
		pthread_barrier_wait(&writers->start);
	}
	return 0;
}

Test(load, of_writers_that_expect_one_revision_exactly_one_wins)
{
	struct writers *writers = writers_new(rounds_wanted());
	unsigned int refused = 0;

	writers_run(writers, change_expected);
	for (unsigned int round = 0; round < writers->rounds; round++) {
		unsigned int won = 0;

		for (unsigned int i = 0; i < WRITERS; i++) {
			int code = writers->each[i].codes[round];

			won += code == 0;
			refused += code == -ESTALE && writers->each[i].kinds[round] == DAISY_ERROR_STALE;
		}
		cr_assert_eq(won, 1, "round %u: %u writers won", round, won);
	}
	cr_expect_eq(refused, writers->rounds * (WRITERS - 1));
	cr_expect_eq(revision_now(), writers->first + writers->rounds);
	printf("load: %d writers that expect one revision: %u rounds, won %u, refused %u\n", WRITERS, writers->rounds,
	       writers->rounds, refused);
}
