// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Many changes under continuous traffic.
 *
 * DAISY_CHANGES says how many changes of each kind are made. No test here asks
 * how fast: times are printed for people.
 */
#include "load.h"

#define MEMBERS 8	/* of load.bpf.c; member i is filter mi */
#define ALL_STAMPS ((1U << MEMBERS) - 1)
#define DISORDER (1U << MEMBERS)
#define DROPPER "m4"
#define LAST "m7"

#define BURST 256	/* frames of one turn of the sender */
#define READ_EVERY 10	/* changes between two looks at the counters */

TestSuite(load, .init = lab_open, .timeout = 3600);

static struct daisy *open_here(void)
{
	struct daisy *daisy = NULL;

	cr_assert_eq(daisy_new(NULL, &daisy), 0, "%s", daisy_error_text());
	return daisy;
}

static struct daisy_target ingress(void)
{
	return (struct daisy_target){ .dev = lab.dev, .at = DAISY_AT_INGRESS };
}

/* --- the chain m0 ... m7 */

static const char *revision_object(unsigned int revision)
{
	return lab_object(revision ? "load2" : "load");
}

/* A file with all members as that revision. */
static const char *chain_file(unsigned int revision)
{
	auto_(mem) char *name = text_format("chain%u.yaml", revision);
	auto_(mem) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("chains:\n  load:\n", out);
	for (unsigned int i = 0; i < MEMBERS; i++)
		fprintf(out, "    - { name: m%u, program: { object: %s, symbol: load_%u } }\n", i,
			revision_object(revision), i);
	fprintf(out, "hooks:\n  - { chain: load, dev: %s, at: ingress }\n", lab.dev);
	fclose(out);
	return lab_file(name, text, size);
}

static void chain_apply(struct daisy *daisy, const char *file)
{
	cr_assert_eq(daisy_files_apply(daisy, &file, 1, NULL, NULL), 0, "%s", daisy_error_text());
}

static int member_replace(struct daisy *daisy, unsigned int member, unsigned int revision)
{
	auto_(mem) char *name = text_format("m%u", member);
	auto_(mem) char *symbol = text_format("load_%u", member);
	struct daisy_program program = {
		.kind = DAISY_SOURCE_OBJECT, .path = revision_object(revision), .symbol = symbol,
	};
	struct daisy_target target = ingress();

	return daisy_filter_replace(daisy, &target, name, &program, NULL, NULL);
}

/* --- what arrived */

static uint64_t arrivals(uint32_t stamps)
{
	return lab_map_value(lab_prog(LAST), "arrivals", stamps);
}

/* Members are replaced one after the other, so one revision has been put in up to some member, the other follows. */
static bool is_a_step(uint32_t stamps)
{
	uint32_t first = stamps & 1 ? stamps : ~stamps & ALL_STAMPS;

	return (first & (first + 1)) == 0;
}

static bool is_whole(uint32_t stamps)
{
	return stamps == 0 || stamps == ALL_STAMPS;
}

struct verdict {
	uint64_t arrived, mixed;
};

static struct verdict judge(bool (*is_one_revision)(uint32_t stamps))
{
	struct verdict verdict = { .mixed = arrivals(DISORDER) };

	verdict.arrived = verdict.mixed;
	for (uint32_t stamps = 0; stamps <= ALL_STAMPS; stamps++) {
		uint64_t count = arrivals(stamps);

		verdict.arrived += count;
		if (!is_one_revision(stamps))
			verdict.mixed += count;
	}
	return verdict;
}

/* daisy's own counters tell exactly what was sent. */
static void expect_counts(const uint64_t sent[LOAD_KINDS])
{
	auto_(lab_json) struct json_object *show = lab_show();
	struct json_object *hook = lab_hook(show, lab.dev, "ingress");
	struct json_object *filters = json_object_object_get(hook, "filters");
	struct json_object *dropper = lab_filter(hook, DROPPER), *last = lab_filter(hook, LAST);
	uint64_t all = sent[LOAD_PASS] + sent[LOAD_DROP];

	cr_expect_eq(lab_number(hook, "packets"), all);
	cr_expect_eq(lab_number(dropper, "packets"), all);
	cr_expect_eq(lab_number(dropper, "verdicts.shot"), sent[LOAD_DROP]);
	cr_expect_eq(lab_number(dropper, "verdicts.unspec"), sent[LOAD_PASS]);
	cr_expect_eq(lab_number(last, "packets"), sent[LOAD_PASS]);
	cr_expect_eq(lab_number(last, "verdicts.unspec"), sent[LOAD_PASS]);
	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *filter = json_object_array_get_idx(filters, i);

		cr_expect_eq(lab_number(filter, "verdicts.missing"), 0, "filter %s was missed", lab_text(filter, "name"));
	}
}

/* --- changes under traffic */

struct load {
	struct daisy *daisy;
	struct load_traffic *traffic;
	struct load_times times;
	struct json_object *counters; /* as they were seen last */
	unsigned int looks;
};

static void load_begin(struct load *load)
{
	load->daisy = open_here();
	chain_apply(load->daisy, chain_file(0));
	load->traffic = load_start(BURST);
	load_wait(load->traffic, BURST);
}

static void load_look(struct load *load)
{
	load_counters_check(load->daisy, &load->counters);
	load->looks++;
}

/* Makes @count changes, each a call of @change, whose time is taken. */
static void load_run(struct load *load, unsigned int count, void (*change)(struct load *load, unsigned int n))
{
	for (unsigned int n = 0; n < count; n++) {
		uint64_t begin = load_now();

		change(load, n);
		load_times_add(&load->times, load_now() - begin);
		if (n % READ_EVERY == 0)
			load_look(load);
	}
	/* What was put in last is met too. */
	load_wait(load->traffic, BURST);
}

static void load_end(struct load *load, const char *what, bool (*is_one_revision)(uint32_t stamps))
{
	uint64_t sent[LOAD_KINDS], all;
	struct verdict verdict;

	load_stop(load->traffic, sent);
	load_look(load);
	verdict = judge(is_one_revision);
	all = sent[LOAD_PASS] + sent[LOAD_DROP];
	load_report(what, &load->times,
		    "%lu packets sent, %lu of them dropped by verdict, lost %ld, mixed %lu; "
		    "counters read %u times, back 0",
		    all, sent[LOAD_DROP], (long)(sent[LOAD_PASS] - verdict.arrived), verdict.mixed, load->looks);
	cr_expect_eq(verdict.arrived, sent[LOAD_PASS], "%lu frames arrived, not %lu", verdict.arrived, sent[LOAD_PASS]);
	cr_expect_eq(verdict.mixed, 0, "%lu frames were judged by a mixture", verdict.mixed);
	expect_counts(sent);
	json_object_put(load->counters);
	daisy_free(load->daisy);
}

static void replace_next(struct load *load, unsigned int n)
{
	cr_assert_eq(member_replace(load->daisy, n % MEMBERS, (n / MEMBERS + 1) % 2), 0, "change %u: %s", n,
		     daisy_error_text());
}

Test(load, replace_of_one_filter_loses_and_mixes_nothing)
{
	struct load load = { 0 };

	load_begin(&load);
	load_run(&load, load_changes(), replace_next);
	load_end(&load, "replace of one filter of 8", is_a_step);
}

/* Would these tests see a mixture? Half way through, a chain that is replaced member by member is one. */
Test(load, sees_a_mixture_where_there_is_one)
{
	struct load load = { 0 };
	uint64_t sent[LOAD_KINDS];
	struct verdict verdict;

	load_begin(&load);
	load_run(&load, MEMBERS / 2, replace_next);
	load_wait(load.traffic, 2 * BURST);
	load_stop(load.traffic, sent);
	verdict = judge(is_whole);
	cr_expect_gt(verdict.mixed, 0);
	cr_expect_lt(verdict.mixed, verdict.arrived);
	free(load.times.ns);
	json_object_put(load.counters);
	daisy_free(load.daisy);
}

static void apply_next(struct load *load, unsigned int n)
{
	static const char *files[2];

	if (!files[0]) {
		files[0] = chain_file(1);
		files[1] = chain_file(0);
	}
	chain_apply(load->daisy, files[n % 2]);
}

Test(load, apply_of_a_whole_chain_loses_and_mixes_nothing)
{
	struct load load = { 0 };

	load_begin(&load);
	load_run(&load, load_changes(), apply_next);
	load_end(&load, "apply of a whole chain of 8", is_whole);
}

/* By turns: a new filter in front, in the middle or behind; to another place; out again. */
static void reorder_next(struct load *load, unsigned int n)
{
	static const char *const marks[] = { "m0", "m2", "m4", "m5", "m7" };
	auto_(mem) char *name = text_format("x%u", n / 3);
	struct daisy_target target = ingress();
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = lab_object("never") };
	struct daisy_change to = { .size = sizeof(to) };
	int r;

	if (n % 2)
		to.before = marks[n / 3 % ARRAY_SIZE(marks)];
	else
		to.after = marks[n / 3 % ARRAY_SIZE(marks)];
	if (n % 3 == 0)
		r = daisy_filter_add(load->daisy, &target, name, &program, &to, NULL);
	else if (n % 3 == 1)
		r = daisy_filter_move(load->daisy, &target, name, &to, NULL);
	else
		r = daisy_filter_del(load->daisy, &target, name, NULL, NULL);
	cr_assert_eq(r, 0, "change %u: %s", n, daisy_error_text());
}

Test(load, add_move_and_del_lose_and_mix_nothing_and_count_all)
{
	struct load load = { 0 };

	load_begin(&load);
	load_run(&load, load_changes(), reorder_next);
	load_end(&load, "add, move and del of a 9th filter", is_whole);
}

/* --- a change in the middle of a packet */

static void replace_or_reorder_next(struct load *load, unsigned int n)
{
	if (n % 2)
		replace_next(load, n / 2);
	else
		reorder_next(load, n / 2);
}

/* A packet that entered the old revision ends in it, and is counted, long after the new one is in its place. */
Test(load, a_packet_on_its_way_meets_all_of_the_revision_that_it_entered)
{
	struct daisy_target target = ingress();
	struct daisy_program slow = { .kind = DAISY_SOURCE_OBJECT };
	struct daisy_change behind = { .size = sizeof(behind), .after = "m0" };
	struct load load = { 0 };

	load.daisy = open_here();
	chain_apply(load.daisy, chain_file(0));
	slow.path = lab_object("slow");
	cr_assert_eq(daisy_filter_add(load.daisy, &target, "slow", &slow, &behind, NULL), 0, "%s", daisy_error_text());
	load.traffic = load_start(1);
	load_wait(load.traffic, 1);
	load_run(&load, load_changes() / 4, replace_or_reorder_next);
	load_end(&load, "changes while packets take their time", is_a_step);
}
