// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What runs -> a view: hooks, filters, counters, and other people's filters.
 *
 * Everything comes from the kernel at this moment; how it is written is show.c's.
 */
#include "session.h"

#include <errno.h>
#include <string.h>

#include "counters.h"
#include "error.h"
#include "kernel.h"
#include "manifest.h"
#include "view.h"

/* More than tcx takes on one hook (BPF_MPROG_MAX, 64). */
#define TCX_MAX 64U

/* --- other people's filters */

static int view_add_foreign(struct view_hook *hook, struct view_foreign *foreign)
{
	struct view_foreign *grown = reallocarray(hook->foreign, hook->foreign_count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory();
	hook->foreign = grown;
	grown[hook->foreign_count++] = *foreign;
	*foreign = (struct view_foreign){ 0 };
	return 0;
}

static int view_add_tcx(struct view_hook *hook, uint32_t id)
{
	struct view_foreign foreign = { .where = VIEW_BEFORE, .prog_id = id };
	struct prog_facts facts;
	auto_(fd) int fd = -1;

	if (text_set(&foreign.kind, "tcx") < 0)
		return fail_memory();
	if (prog_open(id, &fd) == 0 && prog_facts(fd, &facts) == 0) {
		memcpy(foreign.tag, facts.info.tag, sizeof(foreign.tag));
		foreign.has_tag = true;
		/* A name is a help; without memory for it the filter is shown all the same. */
		(void)text_set(&foreign.name, facts.info.name);
	}
	return view_add_foreign(hook, &foreign);
}

static int view_fill_tcx(struct view_hook *hook)
{
	uint32_t ids[TCX_MAX], count = TCX_MAX;
	int r = tc_tcx_read(hook->ifindex, hook->at, ids, &count);

	if (r < 0)
		return fail_errno(r, "dev %s %s: cannot read tcx", hook->dev, at_word(hook->at));
	for (uint32_t i = 0; i < count && r == 0; i++)
		r = view_add_tcx(hook, ids[i]);
	return r;
}

static int view_add_filter(struct view_hook *hook, const struct tc_filter *filter, enum view_where where)
{
	struct view_foreign foreign = {
		.where = where,
		.prio = filter->prio,
		.handle = filter->handle,
		.prog_id = filter->prog_id,
		.has_tag = filter->has_tag,
	};
	const char *kind = strcmp(filter->kind, "bpf") == 0 ? "cls_bpf" : filter->kind;

	memcpy(foreign.tag, filter->tag, sizeof(foreign.tag));
	if (text_set(&foreign.kind, kind) < 0 || text_set(&foreign.name, filter->name[0] ? filter->name : NULL) < 0)
		return fail_memory();
	return view_add_foreign(hook, &foreign);
}

static int view_fill_foreign(struct view_hook *hook, const struct sighting *sighting)
{
	int r = view_fill_tcx(hook);

	for (size_t i = 0; i < sighting->filters.count && r == 0; i++) {
		const struct tc_filter *filter = &sighting->filters.list[i];
		bool before = !sighting->seen || i < sighting->place;

		/* Filters of other tc chains are no part of the list that a packet meets. */
		if ((sighting->seen && i == sighting->place) || filter->chain != 0)
			continue;
		r = view_add_filter(hook, filter, before ? VIEW_BEFORE : VIEW_AFTER);
	}
	return r;
}

/* --- the chain */

static int view_fill_maps(struct view_filter *filter)
{
	auto_(fd) int fd = -1;
	struct prog_facts facts;

	/* Gone only where a chain is damaged: then there are no maps to tell. */
	if (prog_open(filter->filter->prog_id, &fd) < 0 || prog_facts(fd, &facts) < 0 || facts.map_count == 0)
		return 0;
	filter->map_ids = calloc(facts.map_count, sizeof(*filter->map_ids));
	if (!filter->map_ids)
		return fail_memory();
	memcpy(filter->map_ids, facts.map_ids, facts.map_count * sizeof(*filter->map_ids));
	filter->map_count = facts.map_count;
	return 0;
}

static void view_set_counts(struct view_filter *filter, const struct daisy_base_filter *counts)
{
	uint64_t packets = counts->reached.packets, bytes = counts->reached.bytes;

	filter->reached = counts->reached;
	memcpy(filter->by, counts->by, sizeof(filter->by));
	filter->missing = counts->by[DAISY_UNSPEC].packets;
	/* What reached it and did not end here went on; what met an empty slot is told apart. */
	for (size_t v = DAISY_UNSPEC; v < DAISY_VERDICTS; v++) {
		packets -= counts->by[v].packets < packets ? counts->by[v].packets : packets;
		/* A packet that grew on its way met the empty slot longer than it came. */
		bytes -= counts->by[v].bytes < bytes ? counts->by[v].bytes : bytes;
	}
	filter->by[DAISY_UNSPEC] = (struct daisy_count){ packets, bytes };
}

static int view_fill_filters(struct view_hook *hook, const struct sighting *sighting, const struct daisy_base *tally)
{
	auto_(chain) struct chain *chain = NULL;
	int r;

	r = manifest_read(&sighting->seen->manifest, &chain);
	if (r < 0)
		return r;
	hook->filters = calloc(chain->filter_count + 1, sizeof(*hook->filters));
	if (!hook->filters)
		return fail_memory();
	while (chain->filter_count > 0 && r == 0) {
		struct view_filter *filter = &hook->filters[hook->filter_count];

		filter->filter = chain_take(chain, 0);
		view_set_counts(filter, &tally->filters[hook->filter_count]);
		hook->filter_count++;
		r = view_fill_maps(filter);
	}
	return r;
}

static int view_read_counts(const struct session *session, const struct sighting *sighting, struct view_hook *hook,
			    struct daisy_base *ret_tally)
{
	const struct dispatcher_seen *seen = sighting->seen;
	auto_(mem) char *path = store_path(session->store, hook->chain, hook->revision);
	auto_(fd) int previous_fd = -1;
	struct daisy_hook_info info = { .index = seen->manifest.hook_count };
	int r;

	if (!path)
		return fail_memory();
	r = sighting_info(sighting, &info);
	if (r < 0 && r != -ENOENT)
		return fail_errno(r, "chain '%s': cannot read its hooks", hook->chain);
	/* Not listed: the dispatcher counts its packets behind the others. */
	if (r < 0 && seen->manifest.hook >= 0)
		info.index = (uint32_t)seen->manifest.hook;
	hook->damaged = !dispatcher_whole(seen);
	r = store_get(path, "previous", &previous_fd);
	if (r < 0 && r != -ENOENT)
		return fail_errno(r, "cannot open %s/previous", path);
	r = counters_read(seen->map_fds[MAP_COUNTERS], seen->map_fds[MAP_BASE], previous_fd, info.index, ret_tally);
	if (r < 0)
		return fail_errno(r, "chain '%s': cannot read its counters", hook->chain);
	return 0;
}

static int view_fill_chain(const struct session *session, struct view_hook *hook, const struct sighting *sighting)
{
	const struct daisy_manifest *manifest = &sighting->seen->manifest;
	const struct tc_filter *filter = &sighting->filters.list[sighting->place];
	struct daisy_base tally;
	int r;

	if (text_set(&hook->chain, manifest->chain) < 0)
		return fail_memory();
	hook->revision = manifest->revision;
	hook->engine = manifest->engine;
	hook->prio = filter->prio;
	hook->handle = filter->handle;
	hook->prog_id = filter->prog_id;
	r = view_read_counts(session, sighting, hook, &tally);
	if (r < 0)
		return r;
	hook->total = tally.total;
	return view_fill_filters(hook, sighting, &tally);
}

/* --- hooks */

static const char *attach_word(const struct sighting *sighting)
{
	return strcmp(sighting->qdisc, "ingress") == 0 ? "ingress" : "clsact";
}

static int view_add_hook(const struct session *session, struct view *view, const struct sighting *sighting)
{
	struct view_hook *grown = reallocarray(view->hooks, view->hook_count + 1, sizeof(*grown));
	struct view_hook *hook;
	int r = 0;

	if (!grown)
		return fail_memory();
	view->hooks = grown;
	hook = &grown[view->hook_count++];
	*hook = (struct view_hook){ .ifindex = sighting->ifindex, .at = sighting->at, .attach = attach_word(sighting) };
	if (text_set(&hook->netns, session->daisy->netns ? session->daisy->netns : session->store->netns) < 0 ||
	    text_set(&hook->dev, sighting->dev) < 0)
		return fail_memory();
	if (sighting->seen)
		r = view_fill_chain(session, hook, sighting);
	return r < 0 ? r : view_fill_foreign(hook, sighting);
}

static int hook_compare(const void *a, const void *b)
{
	const struct view_hook *one = a, *other = b;

	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return (int)one->at - (int)other->at;
}

static int view_all(struct session *session, const char *chain, struct view *view)
{
	const struct census *census = &session->census;
	int r = 0;

	if (!chain)
		r = census_look_everywhere(&session->census);
	for (size_t i = 0; i < census->count && r == 0; i++) {
		const struct sighting *sighting = &census->list[i];

		if (sighting->seen && (!chain || strcmp(sighting->seen->manifest.chain, chain) == 0))
			r = view_add_hook(session, view, sighting);
	}
	if (view->hook_count > 0)
		qsort(view->hooks, view->hook_count, sizeof(*view->hooks), hook_compare);
	return r;
}

static int view_dev(struct session *session, const struct daisy_target *target, struct view *view)
{
	const struct sighting *sighting;
	uint32_t ifindex;
	int r;

	r = session_device(target->dev, &ifindex);
	if (r == 0)
		r = census_look(&session->census, ifindex, target->at, &sighting);
	if (r == 0)
		r = view_add_hook(session, view, sighting);
	if (r < 0)
		return r;
	/* Nothing at all runs there. */
	if (!view->hooks[0].chain && view->hooks[0].foreign_count == 0)
		view_clear(view);
	return 0;
}

static int view_fill(struct session *session, const struct daisy_target *target, struct view *view)
{
	auto_(chain) struct chain *chain = NULL;
	struct change change = { 0 };
	int r;

	if (target && !target->chain && !target->dev)
		return fail_input(-EINVAL, "a chain or a device?");
	if (target && !target->chain && target->at >= DAISY_AT_COUNT)
		return fail_input(-EINVAL, "dev %s: ingress or egress?", target->dev);
	if (target && target->dev)
		return view_dev(session, target, view);
	if (target && target->chain) {
		r = session_chain(session, target->chain, &change);
		chain = change.present;
		if (r < 0)
			return r;
	}
	return view_all(session, target ? target->chain : NULL, view);
}

DEFINE_CLEANUP(view_ptr, struct daisy_view *, daisy_view_free)

int daisy_view_read(struct daisy *daisy, const struct daisy_target *target, struct daisy_view **ret_view)
{
	auto_(session) struct session session = SESSION_NONE;
	auto_(view_ptr) struct daisy_view *view = NULL;
	int r;

	r = session_open(daisy, false, &session);
	if (r < 0)
		return r;
	view = calloc(1, sizeof(*view));
	if (!view)
		return fail_memory();
	r = view_fill(&session, target, &view->view);
	if (r < 0)
		return r;
	*ret_view = TAKE_PTR(view);
	return 0;
}
