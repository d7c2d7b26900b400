// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The old chain, the new one, or neither.
 *
 * A scene is first played without disturbance, and pictures are taken of its
 * beginning and its end. Then its command is stopped everywhere, and whatever
 * that leaves must become one of the two with the next command. That packets meet
 * one of the two at every moment is seen by what the programs themselves count,
 * and what daisy counts must be the same.
 */
#include "crash_parts.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

#define WRONG_MAX 5	/* more of them say nothing new */

struct play {
	const struct crash_scene *scene;
	char *words;		/* the command */
	const char *base_file, *wanted_file;
	struct picture empty, before, after;
	struct crash whole;	/* undisturbed */
	uint64_t counted[CRASH_PLACES][LETTERS]; /* by the programs, since the chain was made */
	/* Of this stop: */
	struct crash_stop stop;
	struct crash crash;
	/* Of all: */
	size_t stops, restored, said_done, failed, wrong;
};

/* --- messages */

static void wrong(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct play *play, const char *format, ...)
{
	auto_(mem) char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	cr_assert_geq(vasprintf(&text, format, arguments), 0);
	va_end(arguments);
	cr_expect_fail("%s: %s at system call %zu (number %llu, %#llx), exit %d, '%s': %s", play->scene->what,
		play->stop.error ? strerrorname_np(play->stop.error) : "SIGKILL", play->stop.at,
		(unsigned long long)play->crash.call, (unsigned long long)play->crash.argument, play->crash.code,
		play->crash.err ? play->crash.err : "", text);
	if (++play->wrong == WRONG_MAX)
		cr_assert_fail("%s: and so on", play->scene->what);
}

/* --- packets */

static bool state_allowed(const struct play *play, unsigned int states, enum crash_place place, const char *letters)
{
	return (states & 1U << BEFORE && scene_runs(play->scene, BEFORE, place, letters)) ||
	       (states & 1U << AFTER && scene_runs(play->scene, AFTER, place, letters));
}

static void packets_note(struct play *play, enum crash_place place, const char *letters)
{
	for (; *letters; letters++) {
		if (isalpha((unsigned char)*letters))
			play->counted[place][tolower((unsigned char)*letters) - 'a']++;
	}
}

/*
 * One packet everywhere; @states: a bit (1 << state) for each chain that it may
 * meet. Returns the bits of those that all of them may have met.
 */
static unsigned int packets_expect(struct play *play, unsigned int states, const char *when)
{
	struct crash_letters letters;
	unsigned int met = states;

	packets_send(play->scene, &letters);
	for (enum crash_place place = 0; place < CRASH_PLACES; place++) {
		const char *here = letters.at[place];

		if (!state_allowed(play, states, place, here))
			wrong(play, "%s %s %s ran '%s'", when, place_dev(place), place_at(place), here);
		for (enum state state = BEFORE; state <= AFTER; state++) {
			if (!scene_runs(play->scene, state, place, here))
				met &= ~(1U << state);
		}
		packets_note(play, place, here);
	}
	return met;
}

/* --- what daisy says */

static void expect_filter(struct play *play, enum crash_place place, char letter, struct json_object *filter)
{
	char name[] = { (char)tolower((unsigned char)letter), '\0' };
	uint64_t packets = lab_number(filter, "packets"), counted;

	if (letter == '.') {
		if (!text_equal(lab_text(filter, "name"), "stop"))
			wrong(play, "a filter is '%s', not 'stop'", lab_text(filter, "name"));
		return;
	}
	counted = play->counted[place][name[0] - 'a'];
	if (!text_equal(lab_text(filter, "name"), name))
		wrong(play, "a filter is '%s', not '%s'", lab_text(filter, "name"), name);
	else if (packets != counted)
		wrong(play, "%s %s: filter %s counted %llu packets, not %llu", place_dev(place), place_at(place), name,
		      (unsigned long long)packets, (unsigned long long)counted);
}

static void expect_hook(struct play *play, enum state state, enum crash_place place, struct json_object *hook)
{
	const struct crash_chain *chain = scene_chain(play->scene, state, place);
	struct json_object *filters = json_object_object_get(hook, "filters");
	const char *letters = scene_order(chain, state);

	if (!text_equal(lab_text(hook, "chain"), scene_name(chain)) ||
	    lab_number(hook, "revision") != scene_revision(chain, state) ||
	    json_object_array_length(filters) != strlen(letters)) {
		wrong(play, "shown as %s", json_object_to_json_string(hook));
		return;
	}
	for (size_t i = 0; letters[i]; i++)
		expect_filter(play, place, letters[i], json_object_array_get_idx(filters, i));
}

/* The answer of `daisy -j show -s`, which was given before the packets that are sent now. */
static void expect_show(struct play *play, enum state state, const char *answer)
{
	auto_(lab_json) struct json_object *show = lab_json(answer);
	size_t hooks = 0;

	for (enum crash_place place = 0; place < CRASH_PLACES; place++) {
		if (!scene_chain(play->scene, state, place)) {
			memset(play->counted[place], 0, sizeof(play->counted[place]));
			continue;
		}
		hooks++;
		expect_hook(play, state, place, lab_hook(show, place_dev(place), place_at(place)));
	}
	if (json_object_array_length(show) != hooks)
		wrong(play, "shown are %zu hooks, not %zu: %s", json_object_array_length(show), hooks, answer);
}

/* --- making the beginning */

static void base_make(struct play *play)
{
	memset(play->counted, 0, sizeof(play->counted));
	picture_clear(&play->before);
	if (play->base_file)
		lab_ok("apply %s", play->base_file);
	play->before = picture_take();
}

/* By daisy itself, which must leave what there was when nothing had run yet. */
static void base_drop(struct play *play, enum state state)
{
	auto_(picture) struct picture now = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(play->scene->chains); i++) {
		const struct crash_chain *chain = &play->scene->chains[i];

		if (scene_order(chain, state))
			lab_ok("flush chain %s", scene_name(chain));
	}
	now = picture_take();
	if (!picture_same(&now, &play->empty))
		wrong(play, "flushed, this is left:\n%s%s", now.pins, now.tc);
}

/* Without daisy, when what there is is neither. */
static void base_break(void)
{
	lab_run_clear(&(struct lab_run[]){ lab_run("tc qdisc del dev %s clsact", lab.dev) }[0]);
	lab_run_clear(&(struct lab_run[]){ lab_run("tc qdisc del dev " OTHER " clsact") }[0]);
	lab_run_clear(&(struct lab_run[]){ lab_run("find /sys/fs/bpf/daisy -mindepth 1 -delete") }[0]);
}

static void play_open(struct play *play, const struct crash_scene *scene)
{
	*play = (struct play){ .scene = scene };
	lab_do("ip link add " OTHER " type veth peer name other1");
	lab_do("ip link set " OTHER " up");
	lab_do("ip link set other1 up");
	play->base_file = scene_file(scene, BEFORE, "base.yaml");
	play->wanted_file = scene_file(scene, AFTER, "wanted.yaml");
	play->words = scene_words(scene, play->wanted_file);
	/* The directory that is the lock stays; it is made before the picture of nothing is taken. */
	lab_ok("show");
	play->empty = picture_take();
	lab_mark();
	base_make(play);
	packets_expect(play, 1U << BEFORE, "before");
	play->whole = crash_daisy((struct crash_stop){ 0 }, play->words);
	cr_assert_eq(play->whole.code, 0, "%s: %s", play->words, play->whole.err);
	play->after = picture_take();
	packets_expect(play, 1U << AFTER, "afterwards");
	base_drop(play, AFTER);
	base_make(play);
}

static void play_close(struct play *play)
{
	lab_no_litter();
	free(play->words);
	crash_clear(&play->whole);
	crash_clear(&play->crash);
	picture_clear(&play->empty);
	picture_clear(&play->before);
	picture_clear(&play->after);
}

/* --- what a stop left */

static enum state state_of(const struct play *play, const struct picture *now)
{
	if (picture_same(now, &play->before))
		return BEFORE;
	return picture_like(now, &play->after) ? AFTER : NEITHER;
}

/* The next command, of whatever kind, makes it one of the two. */
static enum state recover(struct play *play)
{
	auto_(lab_run) struct lab_run show = lab_daisy("-j show -s");
	auto_(picture) struct picture now = picture_take();
	enum state state = state_of(play, &now);

	if (show.code != 0 || show.err[0]) {
		wrong(play, "the next command: exit %d: %s%s", show.code, show.err, show.out);
		return NEITHER;
	}
	if (state == NEITHER) {
		wrong(play, "after the next command there is neither:\n%s%snor\n%s%sbut\n%s%s", play->before.pins,
		      play->before.tc, play->after.pins, play->after.tc, now.pins, now.tc);
		return NEITHER;
	}
	expect_show(play, state, show.out);
	packets_expect(play, 1U << state, "after the next command");
	return state;
}

/* The change itself, and taking all off, must work as if nothing had been. */
static void go_on(struct play *play, enum state state)
{
	auto_(picture) struct picture now = { 0 };

	if (state == BEFORE) {
		lab_ok("%s", play->words);
		now = picture_take();
		if (!picture_like(&now, &play->after))
			wrong(play, "the change made again:\n%s%s", now.pins, now.tc);
		packets_expect(play, 1U << AFTER, "changed again");
	}
	base_drop(play, AFTER);
	base_make(play);
	play->restored++;
}

/* @told: what the command said it left; NEITHER: nothing. */
static void settle(struct play *play, enum state told)
{
	enum state state = recover(play);

	if (state == NEITHER) {
		base_break();
		base_make(play);
		return;
	}
	if (told != NEITHER && state != told)
		wrong(play, "it said it had %s", told == AFTER ? "changed the chain" : "not changed the chain");
	/* What is in every respect as it was needs no proof each time that it can be changed. */
	if (state == AFTER || play->stop.at % 8 == 0)
		go_on(play, state);
}

static bool stop_at(struct play *play, struct crash_stop stop)
{
	crash_clear(&play->crash);
	play->stop = stop;
	play->crash = crash_daisy(stop, play->words);
	play->stops += play->crash.stopped;
	return play->crash.stopped;
}

/* The command that was not stopped any more. */
static void last_one(struct play *play)
{
	auto_(picture) struct picture now = picture_take();

	if (play->crash.code != 0 || play->crash.err[0] || !picture_like(&now, &play->after))
		wrong(play, "not stopped, it left\n%s%s", now.pins, now.tc);
	base_drop(play, AFTER);
}

/* --- kills */

static void expect_killed(struct play *play, const struct crash *crash)
{
	if (crash->code != 128 + SIGKILL)
		wrong(play, "it was not killed, but ended with %d", crash->code);
}

void crash_kill_everywhere(const struct crash_scene *scene)
{
	struct play play;

	play_open(&play, scene);
	for (size_t at = 1; stop_at(&play, (struct crash_stop){ .at = at }); at++) {
		expect_killed(&play, &play.crash);
		packets_expect(&play, 1U << BEFORE | 1U << AFTER, "at once");
		settle(&play, NEITHER);
	}
	last_one(&play);
	cr_log_info("%s: killed at %zu system calls, made again %zu times", scene->what, play.stops, play.restored);
	play_close(&play);
}

/* --- failures */

static bool all_faults(void)
{
	return text_equal(getenv("DAISY_FAULTS"), "all");
}

/* Calls whose failure nobody looks at make up a third: some of them tell for all. */
static bool is_dull(const struct play *play, size_t at)
{
	uint64_t call = at <= play->whole.calls ? play->whole.numbers[at - 1] : 0;

	return !all_faults() && (call == SYS_close || call == SYS_munmap) && at % 8 != 0;
}

static bool is_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && end != text && !end[1];
}

/*
 * Every failure is told by its errno's words, but for three: memory and
 * privileges have plainer ones, and libbpf takes an error of its trials of the
 * kernel for a no and keeps it to itself.
 */
static bool names_cause(const char *text, int error)
{
	return strcasestr(text, strerror(error)) || (error == ENOMEM && strstr(text, "out of memory")) ||
	       (error == EPERM && strstr(text, "needs CAP_")) || strstr(text, "libbpf was refused a trial of the kernel");
}

/* What the command says it did; NEITHER when it says nothing one can believe. */
static enum state state_told(struct play *play, const struct crash *crash)
{
	if (crash->code == 0 && !crash->err[0])
		return AFTER;
	if (crash->code != 1 || !is_one_line(crash->err)) {
		wrong(play, "no answer of daisy's: exit %d, '%s'", crash->code, crash->err);
		return NEITHER;
	}
	if (strncmp(crash->err, "daisy: done, but ", 17) == 0) {
		play->said_done++;
		return AFTER;
	}
	play->failed++;
	if (play->stop.error && !names_cause(crash->err, play->stop.error))
		wrong(play, "a message that does not name the cause: %s", crash->err);
	return BEFORE;
}

static void judge(struct play *play)
{
	enum state told = state_told(play, &play->crash);

	if (told != NEITHER)
		packets_expect(play, 1U << told, "at once");
	settle(play, told);
}

/* The errno for call number @at in round @round; 0: it has been through them. */
static int error_for(size_t at, size_t round)
{
	static const int errors[] = { ENOMEM, EPERM, ENOSPC, EINTR };

	if (round >= (all_faults() ? ARRAY_SIZE(errors) : 1))
		return 0;
	return errors[(at + round) % ARRAY_SIZE(errors)];
}

void crash_fail_everywhere(const struct crash_scene *scene)
{
	struct play play;
	bool stopped = true;
	int error;

	if (!crash_can_fail())
		cr_skip_test("not on this machine");
	play_open(&play, scene);
	for (size_t at = 1; stopped; at++) {
		for (size_t round = 0; stopped && !is_dull(&play, at) && (error = error_for(at, round)); round++) {
			stopped = stop_at(&play, (struct crash_stop){ at, error });
			if (stopped)
				judge(&play);
		}
	}
	last_one(&play);
	cr_log_info("%s: %zu failures: %zu times refused, %zu times 'done, but'", scene->what, play.stops, play.failed,
		    play.said_done);
	play_close(&play);
}

/* --- the next command stopped, too */

#define NEXT "-j show -s"

/* Whether all hooks are in @state right behind a kill at call number @at. */
static bool hooks_are(struct play *play, enum state state, size_t at)
{
	unsigned int states;

	stop_at(play, (struct crash_stop){ .at = at });
	states = packets_expect(play, 1U << BEFORE | 1U << AFTER, "at once");
	settle(play, NEITHER);
	return states & 1U << state;
}

/* The first call behind which hooks are not in @state any more, of @count; with AFTER: behind which they are. */
static size_t first_call(struct play *play, enum state state, size_t count)
{
	size_t low = 1, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (hooks_are(play, state, middle) == (state == AFTER))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* What it could not complete it may show as it is, or refuse to. */
static void expect_next(struct play *play, const struct crash *crash, int error)
{
	bool shown = crash->code == 0 && !crash->err[0];
	bool refused = crash->code == 1 && (strstr(crash->out, "\"error\"") || strstr(crash->err, "cannot be written"));

	if (!error)
		expect_killed(play, crash);
	else if (!shown && !refused)
		wrong(play, "no answer of the next command: exit %d, '%s%s'", crash->code, crash->err, crash->out);
}

/* Kills the command at @at and stops the next one; false if that ended by itself. */
static bool stop_next(struct play *play, size_t at, struct crash_stop next)
{
	auto_(crash) struct crash crash = { 0 };

	stop_at(play, (struct crash_stop){ .at = at });
	expect_killed(play, &play->crash);
	crash = crash_daisy(next, NEXT);
	play->stop = next;
	if (crash.stopped)
		expect_next(play, &crash, next.error);
	packets_expect(play, 1U << BEFORE | 1U << AFTER, "in between");
	settle(play, AFTER);
	return crash.stopped;
}

static void stop_next_everywhere(struct play *play, size_t at, bool fail)
{
	size_t step = all_faults() ? 1 : 13, count = 1;
	struct crash_stop next = { .at = 1 };

	do {
		next.error = fail ? error_for(next.at, 0) : 0;
		count++;
		next.at += step;
	} while (stop_next(play, at, next));
	cr_log_info("%s: %s %zu times after a kill at call %zu", play->scene->what, fail ? "failed" : "killed again", count,
		    at);
}

void crash_stop_next(const struct crash_scene *scene, bool fail)
{
	size_t touched, done;
	struct play play;

	if (fail && !crash_can_fail())
		cr_skip_test("not on this machine");
	play_open(&play, scene);
	touched = first_call(&play, BEFORE, play.whole.calls);
	done = first_call(&play, AFTER, play.whole.calls);
	stop_next_everywhere(&play, (touched + done) / 2, fail);
	stop_next_everywhere(&play, done, fail);
	base_drop(&play, BEFORE);
	play_close(&play);
}
