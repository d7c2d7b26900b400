// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * How long a change of one filter takes: daisy beside tc, in one run.
 *
 * On one device runs a chain of eight filters, on another the same eight programs
 * as tc's own filters. Round by round, every way replaces the fourth of them, by
 * turns with one of two builds of the same program, so all ways meet the same
 * machine in the same minutes. All of it is in namespaces that end with this
 * process.
 *
 * What the figures do not say: how long packets take (none is under way here); what
 * a change costs beside traffic, or beside other writers, for whom daisy's lock is
 * held; what a larger program costs, as the verifier's time grows with it (this one
 * has a dozen instructions), or one with CO-RE relocations, for which libbpf first reads
 * all types of the kernel, daisy's as well as tc's; what a kernel built otherwise
 * takes, whose locks and grace periods a change waits for. The parts of daisy's
 * change are measured beside it, not inside: their sum need not be the whole. Only
 * ratios within one run mean anything.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "../private.h"
#include "daisy.h"
#include "dispatcher.h"
#include "hook.h"
#include "kernel.h"
#include "program.h"

#define FILTERS 8
#define CHANGED 3	/* of 0 to 7 */
#define CHANGED_PRIO (CHANGED + 1)
#define BUILDS 2
#define ROUNDS 300
#define WARM 10		/* rounds before, that count for nothing */
#define ARGS_MAX 32

struct bench {
	struct daisy *daisy;
	char objects[BUILDS][4096], daisy_path[4096];
	int prog_fds[BUILDS];		/* loaded, for the bare replace */
	struct hook chain_hook, tc_hook;
};

/* One way to make the change; runs it once, as build @n, and returns how many ns it took. */
struct way {
	const char *key, *words;
	uint64_t (*run)(struct bench *bench, unsigned int n);
	uint64_t *ns;
};

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("bench-change: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* --- commands */

static pid_t command_start(const char *const argv[])
{
	pid_t child = vfork();

	if (child == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	if (child < 0)
		die("vfork: %s", strerror(errno));
	return child;
}

/* @words are split at blanks. The whole time of the process, from its making to its end. */
static uint64_t command(const char *format, ...) __attribute__((format(printf, 1, 2)));
static uint64_t command(const char *format, ...)
{
	auto_(mem) char *text = NULL, *whole = NULL;
	const char *argv[ARGS_MAX] = { NULL };
	char *rest = NULL;
	va_list arguments;
	size_t count = 0;
	uint64_t begin;
	int status = 0;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	whole = strdup(text);
	for (char *word = strtok_r(text, " ", &rest); word && count < ARGS_MAX - 1; word = strtok_r(NULL, " ", &rest))
		argv[count++] = word;
	begin = now();
	if (waitpid(command_start(argv), &status, 0) < 0 || status)
		die("%s: ended with status %d", whole, status);
	return now() - begin;
}

/* --- the ways */

static uint64_t library_replace(struct bench *bench, unsigned int n)
{
	struct daisy_target target = { .dev = bench->chain_hook.dev, .at = DAISY_AT_INGRESS };
	struct daisy_program program = { .kind = DAISY_SOURCE_OBJECT, .path = bench->objects[n % BUILDS] };
	uint64_t begin = now();

	if (daisy_filter_replace(bench->daisy, &target, "f3", &program, NULL, NULL) < 0)
		die("%s", daisy_error_text());
	return now() - begin;
}

static uint32_t program_at(const struct hook *hook)
{
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, at, .ifindex = (int)hook->ifindex, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .handle = hook->handle, .priority = hook->prio);
	int r = bpf_tc_query(&at, &options);

	if (r < 0)
		die("dev %s: no filter at prio %u: %s", hook->dev, hook->prio, strerror(-r));
	return options.prog_id;
}

/* The verifier's part of a change, 1: the filter's own program, from file to loaded. */
static uint64_t program_part(struct bench *bench, unsigned int n)
{
	auto_(program) struct program *program = NULL;
	struct filter filter = { .name = "f3", .source = { .kind = DAISY_SOURCE_OBJECT } };
	uint64_t begin, end;

	if (text_set(&filter.source.path, bench->objects[n % BUILDS]) < 0)
		die("out of memory");
	begin = now();
	if (program_load(&filter, 0, &program) < 0)
		die("%s: %s", bench->objects[n % BUILDS], daisy_error_text());
	end = now();
	free(filter.source.path);
	free(filter.source.section);
	free(filter.source.symbol);
	return end - begin;
}

struct twin {
	int old_fd, fd;
	int map_fds[MAP_COUNT];
	struct daisy_manifest manifest;
};

static void twin_close(struct twin *twin)
{
	fd_close(twin->old_fd);
	fd_close(twin->fd);
	maps_close(twin->map_fds);
}

/* A second dispatcher that is as the running one; returns the time of loading it. */
static uint64_t twin_load(const struct bench *bench, struct twin *twin)
{
	uint64_t begin, end;
	int r;

	*twin = (struct twin){ .old_fd = -1, .fd = -1, .map_fds = MAPS_NONE };
	r = prog_open(program_at(&bench->chain_hook), &twin->old_fd);
	if (r == 0)
		r = dispatcher_read(twin->old_fd, &twin->manifest);
	if (r == 0)
		r = dispatcher_maps(twin->old_fd, twin->map_fds);
	if (r < 0)
		die("the running dispatcher: %s", strerror(-r));
	begin = now();
	if (dispatcher_load(&twin->manifest, twin->map_fds, &twin->fd) < 0)
		die("%s", daisy_error_text());
	end = now();
	return end - begin;
}

/* The verifier's part, 2: the dispatcher. */
static uint64_t dispatcher_part(struct bench *bench, unsigned int n)
{
	struct twin twin;
	uint64_t ns = twin_load(bench, &twin);

	twin_close(&twin);
	return ns;
}

/* All that packets can notice: one loaded dispatcher in the place of another, by the call that commit.c makes. */
static uint64_t swap_part(struct bench *bench, unsigned int n)
{
	struct twin twin;
	uint64_t begin, end;

	twin_load(bench, &twin);
	begin = now();
	if (hook_tc.swap(&bench->chain_hook, twin.fd) < 0)
		die("%s", daisy_error_text());
	end = now();
	if (hook_tc.swap(&bench->chain_hook, twin.old_fd) < 0)
		die("%s", daisy_error_text());
	twin_close(&twin);
	return end - begin;
}

static uint64_t bare_attach(struct bench *bench, unsigned int n)
{
	uint64_t begin = now();

	if (hook_tc.swap(&bench->tc_hook, bench->prog_fds[n % BUILDS]) < 0)
		die("%s", daisy_error_text());
	return now() - begin;
}

static uint64_t daisy_command(struct bench *bench, unsigned int n)
{
	return command("%s replace dev %s ingress f3 obj %s", bench->daisy_path, bench->chain_hook.dev,
		       bench->objects[n % BUILDS]);
}

static uint64_t daisy_nothing(struct bench *bench, unsigned int n)
{
	return command("%s show dev %s ingress", bench->daisy_path, bench->chain_hook.dev);
}

static uint64_t tc_object(struct bench *bench, unsigned int n)
{
	return command("tc filter replace dev %s ingress prio %u handle 1 protocol all bpf da obj %s sec tc",
		       bench->tc_hook.dev, CHANGED_PRIO, bench->objects[n % BUILDS]);
}

static uint64_t tc_pinned(struct bench *bench, unsigned int n)
{
	return command("tc filter replace dev %s ingress prio %u handle 1 protocol all bpf da pinned /sys/fs/bpf/build%u",
		       bench->tc_hook.dev, CHANGED_PRIO, n % BUILDS);
}

static uint64_t tc_nothing(struct bench *bench, unsigned int n)
{
	return command("tc filter show dev %s ingress", bench->tc_hook.dev);
}

static struct way ways[] = {
	{ "library_replace", "libdaisy: the whole change", library_replace, NULL },
	{ "program_load", "  of it the filter's program, file to loaded", program_part, NULL },
	{ "dispatcher_load", "  of it the dispatcher, loaded", dispatcher_part, NULL },
	{ "swap", "  of it the swap", swap_part, NULL },
	{ "bare_attach", "bpf_tc_attach, one program for another", bare_attach, NULL },
	{ "daisy_command", "daisy replace ... obj, the whole command", daisy_command, NULL },
	{ "tc_object", "tc filter replace ... obj", tc_object, NULL },
	{ "tc_pinned", "tc filter replace ... pinned", tc_pinned, NULL },
	{ "daisy_show", "daisy show, which changes nothing", daisy_nothing, NULL },
	{ "tc_show", "tc filter show, which changes nothing", tc_nothing, NULL },
};

enum way_place { LIBRARY, PROGRAM, DISPATCHER, SWAP, BARE, COMMAND, TC_OBJECT, TC_PINNED };

/* --- making it */

static void namespaces_make(void)
{
	int r = private_mounts(CLONE_NEWNET);

	if (r < 0)
		die("namespaces: %s (root is needed)", strerror(-r));
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL) < 0)
		die("bpffs: %s", strerror(errno));
}

static struct hook device_make(const char *dev)
{
	struct hook hook = { .dev = strdup(dev), .at = DAISY_AT_INGRESS };

	command("ip link add %s up type veth peer name %s_far", dev, dev);
	hook.ifindex = if_nametoindex(dev);
	return hook;
}

static void chain_make(struct bench *bench)
{
	for (unsigned int i = 0; i < FILTERS; i++)
		command("%s add dev %s ingress f%u obj %s", bench->daisy_path, bench->chain_hook.dev, i,
			bench->objects[0]);
	bench->chain_hook.prio = HOOK_TC_PRIO;
	bench->chain_hook.handle = HOOK_TC_HANDLE;
}

static void tc_make(struct bench *bench)
{
	command("tc qdisc add dev %s clsact", bench->tc_hook.dev);
	for (unsigned int i = 0; i < FILTERS; i++)
		command("tc filter add dev %s ingress prio %u handle 1 protocol all bpf da obj %s sec tc",
			bench->tc_hook.dev, i + 1, bench->objects[0]);
	bench->tc_hook.prio = CHANGED_PRIO;
	bench->tc_hook.handle = 1;
}

static void builds_load(struct bench *bench)
{
	for (unsigned int i = 0; i < BUILDS; i++) {
		struct bpf_object *object = bpf_object__open(bench->objects[i]);
		char pin[32];

		snprintf(pin, sizeof(pin), "/sys/fs/bpf/build%u", i);
		if (!object || bpf_object__load(object) < 0)
			die("%s cannot be loaded", bench->objects[i]);
		bench->prog_fds[i] = dup(bpf_program__fd(bpf_object__next_program(object, NULL)));
		if (bpf_obj_pin(bench->prog_fds[i], pin) < 0)
			die("%s: %s", pin, strerror(errno));
		bpf_object__close(object);
	}
}

static void bench_make(struct bench *bench)
{
	const char *build = getenv("DAISY_BUILD");

	if (!build)
		die("DAISY_BUILD, the directory of what was built, is not set");
	snprintf(bench->daisy_path, sizeof(bench->daisy_path), "%s/daisy", build);
	snprintf(bench->objects[0], sizeof(bench->objects[0]), "%s/progs/count.bpf.o", build);
	snprintf(bench->objects[1], sizeof(bench->objects[1]), "%s/progs/count_other.bpf.o", build);
	namespaces_make();
	if (daisy_new(NULL, &bench->daisy) < 0)
		die("%s", daisy_error_text());
	bench->chain_hook = device_make("chain");
	bench->tc_hook = device_make("tc");
	builds_load(bench);
	chain_make(bench);
	tc_make(bench);
}

/* --- telling it */

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double percentile_ms(const struct way *way, unsigned int rounds, unsigned int percent)
{
	return (double)way->ns[(size_t)(rounds - 1) * percent / 100] / 1e6;
}

struct ratio {
	const char *key, *words;
	enum way_place of, to;
};

static const struct ratio ratios[] = {
	{ "command_to_tc_object", "daisy's whole command to tc filter replace obj", COMMAND, TC_OBJECT },
	{ "command_to_tc_pinned", "daisy's whole command to tc filter replace pinned", COMMAND, TC_PINNED },
	{ "library_to_tc_object", "libdaisy's change to tc filter replace obj", LIBRARY, TC_OBJECT },
	{ "swap_to_bare_attach", "the swap to a bare bpf_tc_attach", SWAP, BARE },
	{ "swap_to_library", "the swap to the whole change", SWAP, LIBRARY },
};

static double ratio_value(const struct ratio *ratio, unsigned int rounds)
{
	return percentile_ms(&ways[ratio->of], rounds, 50) / percentile_ms(&ways[ratio->to], rounds, 50);
}

static double loading_share(unsigned int rounds)
{
	return (percentile_ms(&ways[PROGRAM], rounds, 50) + percentile_ms(&ways[DISPATCHER], rounds, 50)) /
	       percentile_ms(&ways[LIBRARY], rounds, 50);
}

static void tell_people(unsigned int rounds)
{
	printf("One filter of %d is replaced, %u times each way; ms\n\n%-48s %9s %9s %9s\n", FILTERS, rounds, "", "p50",
	       "p99", "max");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		printf("%-48s %9.3f %9.3f %9.3f\n", ways[i].words, percentile_ms(&ways[i], rounds, 50),
		       percentile_ms(&ways[i], rounds, 99), percentile_ms(&ways[i], rounds, 100));
	printf("\n");
	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++)
		printf("%-58s %9.3f\n", ratios[i].words, ratio_value(&ratios[i], rounds));
	printf("%-58s %9.3f\n", "loading both programs, of the whole change", loading_share(rounds));
}

static void tell_programs(unsigned int rounds, FILE *out)
{
	fprintf(out, "{\n  \"filters\": %d, \"rounds\": %u,\n  \"ways\": {\n", FILTERS, rounds);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		fprintf(out, "    \"%s\": { \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f }%s\n", ways[i].key,
			percentile_ms(&ways[i], rounds, 50), percentile_ms(&ways[i], rounds, 99),
			percentile_ms(&ways[i], rounds, 100), i + 1 < ARRAY_SIZE(ways) ? "," : "");
	fputs("  },\n  \"ratios_of_p50\": {\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++)
		fprintf(out, "    \"%s\": %.4f,\n", ratios[i].key, ratio_value(&ratios[i], rounds));
	fprintf(out, "    \"loading_to_library\": %.4f\n  }\n}\n", loading_share(rounds));
}

static void write_json(unsigned int rounds)
{
	auto_(mem) char *path = text_format("%s/bench-change.json", getenv("DAISY_BUILD"));
	auto_(file) FILE *out = path ? fopen(path, "we") : NULL;

	if (!out)
		die("%s: %s", path ? path : "", strerror(errno));
	tell_programs(rounds, out);
}

static void silence(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	/* Commands answer on standard output; the table is written to what was there before. */
	if (fd < 0 || dup2(fd, 1) < 0)
		die("/dev/null: %s", strerror(errno));
	close(fd);
}

static void bench_run(struct bench *bench, unsigned int rounds)
{
	for (unsigned int n = 0; n < WARM + rounds; n++) {
		for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
			uint64_t ns = ways[i].run(bench, n);

			if (n >= WARM)
				ways[i].ns[n - WARM] = ns;
		}
	}
}

static unsigned int rounds_wanted(void)
{
	const char *text = getenv("DAISY_ROUNDS");
	uint64_t rounds = ROUNDS;

	if (text && (text_number(text, 1000000, &rounds) < 0 || rounds == 0))
		die("DAISY_ROUNDS=%s", text);
	return (unsigned int)rounds;
}

int main(void)
{
	static struct bench bench;
	unsigned int rounds = rounds_wanted();
	int out_fd = dup(1);

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		ways[i].ns = calloc(rounds, sizeof(uint64_t));
		if (!ways[i].ns)
			die("out of memory");
	}
	silence();
	bench_make(&bench);
	bench_run(&bench, rounds);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		qsort(ways[i].ns, rounds, sizeof(uint64_t), compare_ns);
	dup2(out_fd, 1);
	tell_people(rounds);
	write_json(rounds);
	daisy_free(bench.daisy);
	return 0;
}
