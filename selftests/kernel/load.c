// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Continuous traffic, and what is measured beside it.
 *
 * The frames are run by the kernel as if the device had received them (live
 * frames of BPF_PROG_TEST_RUN, since 5.18): the call returns when the last one
 * has been through tc, so what was sent is known to the frame, however long the
 * sender ran and wherever it was stopped.
 */
#include "load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define FRAME_SIZE 60

struct load_traffic {
	_Atomic uint64_t sent[LOAD_KINDS];
	atomic_bool stop;
	uint32_t burst;
	int pass_fd;
	pid_t child;
};

unsigned int load_changes(void)
{
	const char *text = getenv("DAISY_CHANGES");
	uint64_t wanted = 400;

	if (text)
		cr_assert_eq(text_number(text, 100000000, &wanted), 0, "DAISY_CHANGES=%s", text);
	return (unsigned int)wanted;
}

/* --- the sender */

/* Of a protocol that nobody listens to, so that what passes tc ends right behind it. */
static void frame_write(uint8_t frame[FRAME_SIZE], enum load_kind kind)
{
	static const uint8_t ethernet[ETH_HLEN] = { 2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	memset(frame, 0, FRAME_SIZE);
	memcpy(frame, ethernet, ETH_HLEN);
	frame[ETH_HLEN] = (uint8_t)kind;
}

static int burst_send(int pass_fd, enum load_kind kind, uint32_t count)
{
	uint8_t frame[FRAME_SIZE];
	struct xdp_md context = { .data_end = FRAME_SIZE, .ingress_ifindex = lab.ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, options,
		    .data_in = frame, .data_size_in = FRAME_SIZE,
		    .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = (int)count, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	frame_write(frame, kind);
	return bpf_prog_test_run_opts(pass_fd, &options);
}

static int pass_load(void)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "load_pass", "GPL", instructions, ARRAY_SIZE(instructions), NULL);

	cr_assert_geq(fd, 0, "XDP program: %s", strerror(errno));
	return fd;
}

/*
 * A program that runs many frames is entered into the kernel's XDP trampoline and
 * taken out again behind them, each time waiting for RCU: most of the time no frame
 * would be under way. One that some device holds stays there.
 */
static void pass_hold(int pass_fd)
{
	int r = bpf_xdp_attach((int)if_nametoindex("lo"), pass_fd, XDP_FLAGS_SKB_MODE, NULL);

	cr_expect_eq(r, 0, "XDP program on lo: %s", strerror(-r));
}

/* Beside the process that makes the changes, where it can be. */
static void move_to_second_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(lab_two_cpus() ? 1 : 0, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void send_until_stopped(struct load_traffic *traffic)
{
	for (enum load_kind kind = LOAD_PASS; !traffic->stop; kind = (kind + 1) % LOAD_KINDS) {
		int r = burst_send(traffic->pass_fd, kind, traffic->burst);

		if (r < 0)
			_exit(-r);
		traffic->sent[kind] += traffic->burst;
	}
	_exit(0);
}

struct load_traffic *load_start(uint32_t burst)
{
	struct load_traffic *traffic = mmap(NULL, sizeof(*traffic), PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	cr_assert_neq(traffic, MAP_FAILED);
	traffic->burst = burst;
	traffic->pass_fd = pass_load();
	pass_hold(traffic->pass_fd);
	r = burst_send(traffic->pass_fd, LOAD_PASS, burst);
	if (r == -EINVAL || r == -ENOTSUP)
		cr_skip_test("this kernel runs no live frames (5.18 does)");
	cr_assert_eq(r, 0, "live frames: %s", strerror(-r));
	traffic->sent[LOAD_PASS] = burst;
	fflush(NULL);
	traffic->child = fork();
	cr_assert_geq(traffic->child, 0);
	if (traffic->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		move_to_second_cpu();
		send_until_stopped(traffic);
	}
	return traffic;
}

static uint64_t sent_all(const struct load_traffic *traffic)
{
	return traffic->sent[LOAD_PASS] + traffic->sent[LOAD_DROP];
}

void load_wait(const struct load_traffic *traffic, uint64_t more)
{
	uint64_t until = sent_all(traffic) + more, end = load_now() + LAB_WAIT_MS * 1000000ULL;

	while (sent_all(traffic) < until) {
		cr_assert_lt(load_now(), end, "the sender does not send");
		sched_yield();
	}
}

void load_stop(struct load_traffic *traffic, uint64_t ret_sent[LOAD_KINDS])
{
	int status = 0;

	traffic->stop = true;
	while (waitpid(traffic->child, &status, 0) < 0)
		cr_assert_eq(errno, EINTR, "waiting for the sender: %s", strerror(errno));
	cr_assert(WIFEXITED(status), "the sender was killed");
	cr_assert_eq(WEXITSTATUS(status), 0, "live frames: %s", strerror(WEXITSTATUS(status)));
	for (enum load_kind kind = LOAD_PASS; kind < LOAD_KINDS; kind++)
		ret_sent[kind] = traffic->sent[kind];
	close(traffic->pass_fd);
	munmap(traffic, sizeof(*traffic));
}

/* --- times */

uint64_t load_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void load_times_add(struct load_times *times, uint64_t ns)
{
	if (times->count == times->room) {
		times->room = times->room * 2 + 1024;
		times->ns = reallocarray(times->ns, times->room, sizeof(*times->ns));
		cr_assert_not_null(times->ns);
	}
	times->ns[times->count++] = ns;
}

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double times_ms(const struct load_times *times, size_t percent)
{
	return (double)times->ns[(times->count - 1) * percent / 100] / 1e6;
}

void load_report(const char *what, struct load_times *times, const char *rest, ...)
{
	auto_(mem) char *text = NULL;
	va_list arguments;

	va_start(arguments, rest);
	cr_assert_geq(vasprintf(&text, rest, arguments), 0);
	va_end(arguments);
	cr_assert_gt(times->count, 0);
	qsort(times->ns, times->count, sizeof(*times->ns), compare_ns);
	printf("load: %s: %zu changes, p50 %.2f ms, p99 %.2f ms, max %.2f ms; %s\n", what, times->count,
	       times_ms(times, 50), times_ms(times, 99), times_ms(times, 100), text);
	fflush(stdout);
	free(times->ns);
	*times = (struct load_times){ 0 };
}

/* --- counters */

static bool is_counter(const char *key)
{
	return strcmp(key, "packets") == 0 || strcmp(key, "bytes") == 0;
}

static void counter_check(const char *where, const char *key, struct json_object *was, struct json_object *is)
{
	cr_assert_geq(json_object_get_uint64(is), json_object_get_uint64(was), "%s: %s went back from %lu to %lu",
		      where, key, json_object_get_uint64(was), json_object_get_uint64(is));
}

static void counters_compare(const char *where, struct json_object *was, struct json_object *is)
{
	json_object_object_foreach(was, key, before) {
		struct json_object *now = json_object_object_get(is, key);

		if (is_counter(key))
			counter_check(where, key, before, now);
		if (strcmp(key, "verdicts") != 0)
			continue;
		json_object_object_foreach(before, verdict, count)
			counter_check(where, verdict, count, json_object_object_get(now, verdict));
	}
}

/* Of the same name; NULL: it was taken out. */
static struct json_object *same_filter(struct json_object *filters, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *filter = json_object_array_get_idx(filters, i);

		if (strcmp(lab_text(filter, "name"), name) == 0)
			return filter;
	}
	return NULL;
}

static void hook_compare(struct json_object *was, struct json_object *is)
{
	struct json_object *before = json_object_object_get(was, "filters");
	struct json_object *now = json_object_object_get(is, "filters");

	counters_compare("the hook", was, is);
	for (size_t i = 0; i < json_object_array_length(before); i++) {
		struct json_object *filter = json_object_array_get_idx(before, i);
		const char *name = lab_text(filter, "name");
		struct json_object *same = same_filter(now, name);

		if (same)
			counters_compare(name, filter, same);
	}
}

static struct json_object *counters_read(struct daisy *daisy)
{
	auto_(mem) char *text = NULL;
	struct daisy_view *view = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	cr_assert_eq(daisy_view_read(daisy, NULL, &view), 0, "%s", daisy_error_text());
	cr_assert_eq(daisy_view_json(view, true, out), 0);
	fclose(out);
	daisy_view_free(view);
	return lab_json(text);
}

void load_counters_check(struct daisy *daisy, struct json_object **last)
{
	struct json_object *now = counters_read(daisy);

	if (*last) {
		hook_compare(lab_hook(*last, lab.dev, "ingress"), lab_hook(now, lab.dev, "ingress"));
		json_object_put(*last);
	}
	*last = now;
}
