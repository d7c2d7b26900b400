// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a chain has counted, over every change of its order.
 *
 * The dispatcher counts a packet where it leaves the chain. Here the CPUs are
 * summed up, what reached each filter is derived, and the past is carried from
 * one order of the chain to the next. Layouts are daisy_abi.h's.
 */
#include "counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "kernel.h"

static void count_add(struct daisy_count *to, const struct daisy_count *more)
{
	to->packets += more->packets;
	to->bytes += more->bytes;
}

static void counters_add(struct daisy_counters *to, const struct daisy_counters *more)
{
	count_add(&to->passed, &more->passed);
	for (size_t i = 0; i < DAISY_SLOTS; i++) {
		for (size_t v = 0; v < DAISY_VERDICTS; v++)
			count_add(&to->filters[i].by[v], &more->filters[i].by[v]);
	}
}

static int counters_sum(int fd, uint32_t index, struct daisy_counters *ret_sum)
{
	int cpus = libbpf_num_possible_cpus();
	auto_(mem) struct daisy_counters *each = NULL;
	int r;

	if (cpus < 0)
		return cpus;
	each = calloc((size_t)cpus, sizeof(*each));
	if (!each)
		return -ENOMEM;
	r = bpf_map_lookup_elem(fd, &index, each);
	if (r < 0)
		return r;
	memset(ret_sum, 0, sizeof(*ret_sum));
	for (int i = 0; i < cpus; i++)
		counters_add(ret_sum, &each[i]);
	return 0;
}

/* What left the chain at each place or behind it. A missing slot lets the packet go on, so it left elsewhere. */
static void reached_by_place(const struct daisy_counters *sum, struct daisy_count reached[DAISY_SLOTS + 1])
{
	reached[DAISY_SLOTS] = sum->passed;
	for (size_t i = DAISY_SLOTS; i-- > 0;) {
		reached[i] = reached[i + 1];
		for (size_t v = DAISY_UNSPEC + 1; v < DAISY_VERDICTS; v++)
			count_add(&reached[i], &sum->filters[i].by[v]);
	}
}

static void tally_add(struct daisy_base *tally, const struct daisy_counters *sum, const int32_t from[DAISY_SLOTS])
{
	struct daisy_count reached[DAISY_SLOTS + 1];

	reached_by_place(sum, reached);
	count_add(&tally->total, &reached[0]);
	for (size_t i = 0; i < DAISY_SLOTS; i++) {
		if (from[i] < 0 || from[i] >= DAISY_SLOTS)
			continue;
		count_add(&tally->filters[i].reached, &reached[from[i]]);
		for (size_t v = 0; v < DAISY_VERDICTS; v++)
			count_add(&tally->filters[i].by[v], &sum->filters[from[i]].by[v]);
	}
}

static int map_id(int fd, uint32_t *ret_id)
{
	struct bpf_map_info info;
	int r = map_info(fd, &info);

	*ret_id = r < 0 ? 0 : info.id;
	return r;
}

/* Adds the counts of before to @base, if they are not in it. */
static int base_complete(struct daisy_base *base, int previous_fd)
{
	struct daisy_counters sum;
	uint32_t id;
	int r;

	r = map_id(previous_fd, &id);
	if (r < 0 || base->folded == id)
		return r;
	if (base->hook_from >= 0) {
		r = counters_sum(previous_fd, (uint32_t)base->hook_from, &sum);
		if (r < 0)
			return r;
		tally_add(base, &sum, base->from);
	}
	base->folded = id;
	return 0;
}

int counters_read(int counters_fd, int base_fd, int previous_fd, uint32_t index, struct daisy_base *ret_tally)
{
	struct daisy_counters sum;
	struct daisy_base tally;
	int32_t same[DAISY_SLOTS];
	int r;

	r = bpf_map_lookup_elem(base_fd, &index, &tally);
	if (r == 0 && previous_fd >= 0)
		r = base_complete(&tally, previous_fd);
	if (r == 0)
		r = counters_sum(counters_fd, index, &sum);
	if (r < 0)
		return r;
	for (int32_t i = 0; i < DAISY_SLOTS; i++)
		same[i] = i;
	tally_add(&tally, &sum, same);
	*ret_tally = tally;
	return 0;
}

int counters_fold(int base_fd, int previous_fd)
{
	struct bpf_map_info info;
	int r;

	r = map_info(base_fd, &info);
	for (uint32_t index = 0; r == 0 && index < info.max_entries; index++) {
		struct daisy_base base;

		r = bpf_map_lookup_elem(base_fd, &index, &base);
		if (r == 0)
			r = base_complete(&base, previous_fd);
		/* Counts and the mark that they are in reach the map in one call, so a kill does not part them. */
		if (r == 0)
			r = bpf_map_update_elem(base_fd, &index, &base, BPF_EXIST);
	}
	return r;
}

int counters_begin(int base_fd, uint32_t index, int old_base_fd, int32_t from_hook, const int32_t from[DAISY_SLOTS])
{
	struct daisy_base base = { .hook_from = from_hook }, old;
	int r;

	memcpy(base.from, from, sizeof(base.from));
	if (from_hook >= 0) {
		r = bpf_map_lookup_elem(old_base_fd, &from_hook, &old);
		if (r < 0)
			return r;
		base.total = old.total;
		for (size_t i = 0; i < DAISY_SLOTS; i++) {
			if (from[i] >= 0)
				base.filters[i] = old.filters[from[i]];
		}
	}
	return bpf_map_update_elem(base_fd, &index, &base, BPF_EXIST);
}
