// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Which dispatchers run on which hooks of this netns.
 *
 * The store tells where to look, the kernel what is there: a filter whose
 * program is a dispatcher. What is found disagrees with the store only after a
 * kill or somebody else's change; mending that is sweep.c's.
 */
#include "census.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "error.h"
#include "kernel.h"
#include "manifest.h"

static void seen_free(struct dispatcher_seen *seen)
{
	if (!seen)
		return;
	fd_close(seen->prog_fd);
	maps_close(seen->map_fds);
	free(seen);
}

DEFINE_CLEANUP(seen, struct dispatcher_seen *, seen_free)

void census_clear(struct census *census)
{
	for (size_t i = 0; i < census->count; i++)
		tc_filters_clear(&census->list[i].filters);
	for (size_t i = 0; i < census->seen_count; i++)
		seen_free(census->seen[i]);
	free(census->list);
	free(census->seen);
	store_entries_clear(&census->entries);
	tc_qdiscs_clear(&census->qdiscs);
	*census = (struct census){ 0 };
}

/* -EPROTO for one that no chain can be made of: it must not keep others from being seen. */
static int manifest_check(const struct daisy_manifest *manifest)
{
	auto_(chain) struct chain *chain = NULL;

	if (manifest_read(manifest, &chain) == 0)
		return 0;
	error_clear();
	return -EPROTO;
}

/* -ENOENT and -EPROTO as dispatcher_read(). */
static int seen_open(uint32_t prog_id, struct dispatcher_seen **ret_seen)
{
	auto_(seen) struct dispatcher_seen *seen = calloc(1, sizeof(*seen));
	int r;

	if (!seen)
		return -ENOMEM;
	*seen = (struct dispatcher_seen){ .prog_id = prog_id, .prog_fd = -1, .map_fds = MAPS_NONE };
	r = prog_open(prog_id, &seen->prog_fd);
	if (r < 0)
		return r;
	r = dispatcher_read(seen->prog_fd, &seen->manifest);
	if (r < 0)
		return r;
	r = dispatcher_maps(seen->prog_fd, seen->map_fds);
	if (r == 0)
		r = manifest_check(&seen->manifest);
	if (r < 0)
		return r;
	*ret_seen = TAKE_PTR(seen);
	return 0;
}

static int seen_find(struct census *census, uint32_t prog_id, const struct dispatcher_seen **ret_seen)
{
	auto_(seen) struct dispatcher_seen *seen = NULL;
	struct dispatcher_seen **grown;
	int r;

	for (size_t i = 0; i < census->seen_count; i++) {
		if (census->seen[i]->prog_id == prog_id) {
			*ret_seen = census->seen[i];
			return 0;
		}
	}
	r = seen_open(prog_id, &seen);
	if (r < 0)
		return r;
	grown = reallocarray(census->seen, census->seen_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	census->seen = grown;
	*ret_seen = grown[census->seen_count++] = TAKE_PTR(seen);
	return 0;
}

/* Only a filter named so is asked for its program: other people's cost nothing. */
static bool may_be_dispatcher(const struct tc_filter *filter)
{
	static const char prefix[] = DISPATCHER_NAME ":[";

	return filter->prog_id && strncmp(filter->name, prefix, strlen(prefix)) == 0;
}

static int sighting_find_dispatcher(struct census *census, struct sighting *sighting)
{
	for (size_t i = 0; i < sighting->filters.count; i++) {
		const struct tc_filter *filter = &sighting->filters.list[i];
		int r;

		if (!may_be_dispatcher(filter))
			continue;
		r = seen_find(census, filter->prog_id, &sighting->seen);
		if (r == -EPROTO)
			sighting->foreign_abi = true;
		if (r == -ENOENT || r == -EPROTO)
			continue;
		if (r < 0)
			return fail_errno(r, "dev %s %s: cannot read program id %u", sighting->dev,
					  at_word(sighting->at), filter->prog_id);
		sighting->place = i;
		return 0;
	}
	return 0;
}

static const struct sighting *census_find(const struct census *census, uint32_t ifindex, enum daisy_at at)
{
	for (size_t i = 0; i < census->count; i++) {
		if (census->list[i].ifindex == ifindex && census->list[i].at == at)
			return &census->list[i];
	}
	return NULL;
}

/* On the qdisc `ingress` the kernel would show the filters of ingress as those of egress. */
static bool has_hook(const char *qdisc, enum daisy_at at)
{
	return strcmp(qdisc, "clsact") == 0 || (at == DAISY_AT_INGRESS && strcmp(qdisc, "ingress") == 0);
}

static int census_append(struct census *census, struct sighting *sighting)
{
	struct sighting *grown;
	int r = 0;

	snprintf(sighting->qdisc, sizeof(sighting->qdisc), "%s", tc_qdisc_kind(&census->qdiscs, sighting->ifindex));
	if (has_hook(sighting->qdisc, sighting->at))
		r = tc_filters_read(sighting->ifindex, sighting->at, &sighting->filters);
	if (r < 0)
		return fail_errno(r, "dev %s %s: cannot read the filters", sighting->dev, at_word(sighting->at));
	grown = reallocarray(census->list, census->count + 1, sizeof(*grown));
	if (!grown) {
		tc_filters_clear(&sighting->filters);
		return fail_memory();
	}
	census->list = grown;
	grown[census->count++] = *sighting;
	return sighting_find_dispatcher(census, &grown[census->count - 1]);
}

int census_look(struct census *census, uint32_t ifindex, enum daisy_at at, const struct sighting **ret_sighting)
{
	struct sighting sighting = { .ifindex = ifindex, .at = at };
	const struct sighting *found = census_find(census, ifindex, at);
	int r;

	if (!found) {
		if (!if_indextoname(ifindex, sighting.dev)) {
			if (errno != ENXIO && errno != ENODEV)
				return fail_errno(-errno, "cannot read the name of device %u", ifindex);
			sighting.dev[0] = '\0';
		}
		r = census_append(census, &sighting);
		if (r < 0)
			return r;
		found = &census->list[census->count - 1];
	}
	if (ret_sighting)
		*ret_sighting = found;
	return 0;
}

int hooks_each(int map_fd, int (*each)(const struct daisy_hook_key *, const struct daisy_hook_info *, void *),
	       void *data)
{
	struct daisy_hook_key key, *last = NULL, next;
	struct daisy_hook_info info;
	int r;

	while ((r = bpf_map_get_next_key(map_fd, last, &next)) == 0) {
		key = next;
		last = &key;
		r = bpf_map_lookup_elem(map_fd, &key, &info);
		if (r == 0 && key.at < DAISY_AT_COUNT)
			r = each(&key, &info, data);
		if (r != 0)
			return r;
	}
	return r == -ENOENT ? 0 : r;
}

static int look_at_hook(const struct daisy_hook_key *key, const struct daisy_hook_info *info, void *data)
{
	return census_look(data, key->ifindex, key->at, NULL);
}

static int look_at_entry(struct census *census, const struct store_entry *entry)
{
	auto_(fd) int fd = -1;
	int r;

	r = store_get(entry->path, "hooks", &fd);
	/* A revision that was never pinned whole names no hook and runs nowhere. */
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = hooks_each(fd, look_at_hook, census);
	return r < 0 ? fail_errno(r, "cannot read %s/hooks", entry->path) : 0;
}

int census_take(const struct store *store, struct census *ret_census)
{
	auto_(census) struct census census = { 0 };
	int r;

	r = tc_qdiscs_read(&census.qdiscs);
	if (r < 0)
		return fail_errno(r, "cannot read the qdiscs");
	r = store_list(store, &census.entries);
	for (size_t i = 0; i < census.entries.count && r == 0; i++) {
		if (text_equal(census.entries.list[i].netns, store->netns))
			r = look_at_entry(&census, &census.entries.list[i]);
	}
	if (r < 0)
		return r;
	*ret_census = census;
	census = (struct census){ 0 };
	return 0;
}

int census_look_everywhere(struct census *census)
{
	int r = 0;

	for (size_t i = 0; i < census->qdiscs.count; i++) {
		for (enum daisy_at at = 0; at < DAISY_AT_COUNT && r == 0; at++)
			r = census_look(census, census->qdiscs.list[i].ifindex, at, NULL);
	}
	return r;
}

bool dispatcher_whole(const struct dispatcher_seen *seen)
{
	for (uint32_t i = 0; i < seen->manifest.count; i++) {
		uint32_t id;

		if (bpf_map_lookup_elem(seen->map_fds[MAP_SLOTS], &i, &id) == -ENOENT)
			return false;
	}
	return true;
}

int sighting_info(const struct sighting *sighting, struct daisy_hook_info *ret_info)
{
	struct daisy_hook_key key = { .ifindex = sighting->ifindex, .at = sighting->at };

	return bpf_map_lookup_elem(sighting->seen->map_fds[MAP_HOOKS], &key, ret_info);
}

bool sighting_runs(const struct sighting *sighting, const char *chain, uint32_t revision)
{
	return sighting->seen && sighting->seen->manifest.revision == revision &&
	       strcmp(sighting->seen->manifest.chain, chain) == 0;
}

const struct dispatcher_seen *census_newest(const struct census *census, const char *chain)
{
	const struct dispatcher_seen *newest = NULL;

	for (size_t i = 0; i < census->seen_count; i++) {
		const struct dispatcher_seen *seen = census->seen[i];

		if (strcmp(seen->manifest.chain, chain) != 0)
			continue;
		if (!newest || seen->manifest.revision > newest->manifest.revision)
			newest = seen;
	}
	return newest;
}

static int chain_add_sighting(struct chain *chain, const struct sighting *sighting)
{
	const struct tc_filter *filter = &sighting->filters.list[sighting->place];
	struct daisy_hook_info info = { 0 };
	struct hook *hook;
	int r;

	if (chain_add_hook(chain, sighting->dev, sighting->ifindex, sighting->at) < 0)
		return fail_memory();
	hook = &chain->hooks[chain->hook_count - 1];
	/* One that is not listed (it was put there by hand) is nothing that daisy made clsact for. */
	r = sighting_info(sighting, &info);
	if (r < 0 && r != -ENOENT)
		return fail_errno(r, "dev %s %s: cannot read the chain's hooks", sighting->dev, at_word(sighting->at));
	hook->flags = info.flags;
	hook->prio = filter->prio;
	hook->handle = filter->handle;
	hook->prog_id = sighting->seen->prog_id;
	return 0;
}

/* In the order of devices, whatever order they were looked at. */
static int hook_compare(const void *a, const void *b)
{
	const struct hook *one = a, *other = b;

	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return (int)one->at - (int)other->at;
}

int census_chain(const struct census *census, const char *name, struct chain **ret_chain)
{
	const struct dispatcher_seen *newest = census_newest(census, name);
	auto_(chain) struct chain *chain = NULL;
	int r;

	if (!newest)
		return -ENOENT;
	r = manifest_read(&newest->manifest, &chain);
	for (size_t i = 0; i < census->count && r == 0; i++) {
		const struct sighting *sighting = &census->list[i];

		if (sighting->seen && strcmp(sighting->seen->manifest.chain, name) == 0)
			r = chain_add_sighting(chain, sighting);
	}
	if (r < 0)
		return r;
	qsort(chain->hooks, chain->hook_count, sizeof(*chain->hooks), hook_compare);
	*ret_chain = TAKE_PTR(chain);
	return 0;
}
