// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Files -> the chains that are wanted: plan and apply.
 *
 * config.c reads the files; here what they name is looked up (devices, patterns,
 * digests, running chains) and merged with what runs by plan_merge(). All
 * chains of all files are one change.
 */
#include "edit.h"

#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <string.h>

#include "config.h"
#include "error.h"
#include "kernel.h"
#include "plan.h"
#include "program.h"

#include <bpf/bpf.h>

struct apply {
	struct session *session;
	struct config *config;
	struct daisy_change options;
	struct if_nameindex *devices;
	struct changes changes;
};

static void apply_cleanup(struct apply *apply)
{
	if (apply->devices)
		if_freenameindex(apply->devices);
	changes_clear(&apply->changes);
}

/* --- hooks: what a file names -> places */

static bool is_pattern(const char *dev)
{
	return strpbrk(dev, "*?[\\") != NULL;
}

/* A file's hooks and chains are its own, so two of its chains on one place are its fault. */
static int check_place(const struct apply *apply, const struct chain *chain, const struct config_hook *hook,
		       uint32_t ifindex)
{
	for (size_t i = 0; i < apply->config->chain_count; i++) {
		const struct chain *other = apply->config->chains[i];

		if (other != chain && chain_find_hook(other, ifindex, hook->at))
			return fail_input(-EINVAL, "%s:%u: dev %s %s: chain '%s' is to run there, too", hook->file,
					  hook->line, hook->dev, at_word(hook->at), other->name);
	}
	return 0;
}

static int hook_take(struct apply *apply, struct chain *chain, const struct config_hook *hook, const char *dev,
		     uint32_t ifindex)
{
	int r = check_place(apply, chain, hook, ifindex);

	if (r < 0)
		return r;
	/* A name and a pattern, or two patterns, may mean the same device. */
	r = chain_add_hook(chain, dev, ifindex, hook->at);
	return r < 0 && r != -EEXIST ? fail_memory() : 0;
}

static int hook_resolve(struct apply *apply, const struct config_hook *hook)
{
	struct chain *chain = config_find(apply->config, hook->chain);
	uint32_t ifindex;
	int r = 0;

	if (!is_pattern(hook->dev)) {
		r = session_device(hook->dev, &ifindex);
		if (r < 0)
			error_prepend("%s:%u", hook->file, hook->line);
		return r < 0 ? r : hook_take(apply, chain, hook, hook->dev, ifindex);
	}
	for (const struct if_nameindex *device = apply->devices; device->if_index && r == 0; device++) {
		if (fnmatch(hook->dev, device->if_name, 0) == 0)
			r = hook_take(apply, chain, hook, device->if_name, device->if_index);
	}
	return r;
}

static int hooks_resolve(struct apply *apply)
{
	int r = 0;

	apply->devices = if_nameindex();
	if (!apply->devices)
		return fail_errno(-errno, "cannot list the devices");
	for (size_t i = 0; i < apply->config->hook_count && r == 0; i++)
		r = hook_resolve(apply, &apply->config->hooks[i]);
	return r;
}

static bool file_names_hook(const struct config *config, const struct chain *chain)
{
	for (size_t i = 0; i < config->hook_count; i++) {
		if (text_equal(config->hooks[i].chain, chain->name))
			return true;
	}
	return false;
}

/* A file that says nothing of a chain's hooks leaves them as they are. */
static int hooks_keep(struct chain *chain, const struct chain *present)
{
	if (!present)
		return fail(-ENOENT, "chain '%s' has no hook in the file and runs nowhere", chain->name);
	for (size_t i = 0; i < present->hook_count; i++) {
		const struct hook *hook = &present->hooks[i];

		if (chain_add_hook(chain, hook->dev, hook->ifindex, hook->at) < 0)
			return fail_memory();
	}
	return 0;
}

static int check_hooks_free(struct apply *apply, const struct chain *chain)
{
	for (size_t i = 0; i < chain->hook_count; i++) {
		const struct hook *hook = &chain->hooks[i];
		struct change there = { 0 };
		auto_(chain) struct chain *other = NULL;
		int r;

		r = session_hook(apply->session, hook->ifindex, hook->dev, hook->at, &there);
		if (r < 0)
			return r;
		other = there.present;
		if (other && !text_equal(other->name, chain->name))
			return fail(-EBUSY, "dev %s %s: chain '%s' runs there: take it off first (daisy detach, daisy flush)",
				    hook->dev, at_word(hook->at), other->name);
	}
	return 0;
}

/* --- programs: whether what runs is still what the file means */

/* An object that was built anew, or a pin that holds another program, is another program. */
static int source_renew(struct filter *filter, const struct chain *present)
{
	const struct filter *was = present ? chain_find(present, filter->name) : NULL;
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	int r;

	r = source_resolve(&filter->source);
	if (r < 0)
		return r;
	if (filter->source.kind == DAISY_SOURCE_OBJECT && !filter->source.has_digest) {
		filter->source.has_digest = true;
		return program_digest(filter->source.path, filter->source.digest);
	}
	if (filter->source.kind != DAISY_SOURCE_PINNED || !was)
		return 0;
	fd = bpf_obj_get(filter->source.path);
	/* What is wrong with a pin is said where it is loaded. */
	filter->reload = fd < 0 || prog_facts(fd, &facts) < 0 || facts.info.id != was->prog_id;
	return 0;
}

static int sources_renew(struct chain *chain, const struct chain *present)
{
	int r = 0;

	for (size_t i = 0; i < chain->filter_count && r == 0; i++) {
		struct filter *filter = chain->filters[i];

		filter->prio_fixed = filter->prio != 0;
		filter->handle_fixed = filter->handle != 0;
		r = source_renew(filter, present);
		if (r < 0)
			error_prepend("chain '%s', filter '%s'", chain->name, filter->name);
	}
	return r;
}

/* --- chains */

/* Another owner's filters do not lose a hook by a file that forgets it. */
static int check_leaving(const struct apply *apply, const struct change *change)
{
	for (size_t i = 0; change->present && i < change->present->hook_count; i++) {
		const struct hook *hook = &change->present->hooks[i];
		int r;

		if (chain_find_hook(change->wanted, hook->ifindex, hook->at))
			continue;
		r = check_owners(apply->session->daisy, change->present, apply->options.force);
		if (r < 0) {
			error_prepend("dev %s %s", hook->dev, at_word(hook->at));
			return r;
		}
	}
	return 0;
}

static int change_merge(struct apply *apply, struct chain *chain, struct change *change)
{
	const struct daisy_change *options = &apply->options;
	int r;

	if (!file_names_hook(apply->config, chain)) {
		r = hooks_keep(chain, change->present);
		if (r < 0)
			return r;
	}
	r = check_hooks_free(apply, chain);
	if (r == 0)
		r = sources_renew(chain, change->present);
	if (r == 0)
		r = plan_merge(change->present, chain, apply->session->daisy->owner, options->prune, options->force,
			       &change->wanted);
	if (r == 0)
		r = check_leaving(apply, change);
	/* Its patterns name no device of these days: it runs nowhere, with none of its filters. */
	while (r == 0 && change->wanted->hook_count == 0 && change->wanted->filter_count > 0)
		chain_remove(change->wanted, change->wanted->filter_count - 1);
	return r;
}

/* What was refused before there was a change to be named. */
static void error_name_chain(const struct chain *chain)
{
	if (error_kind() != ERROR_FAILED || error_begins("dev ") || chain->hook_count == 0)
		return;
	if (!error_begins("chain '"))
		error_prepend("chain '%s'", chain->name);
	error_prepend("dev %s %s", chain->hooks[0].dev, at_word(chain->hooks[0].at));
}

static int hooks_look(struct apply *apply, const struct chain *chain)
{
	int r = 0;

	for (size_t i = 0; i < chain->hook_count && r == 0; i++)
		r = census_look(&apply->session->census, chain->hooks[i].ifindex, chain->hooks[i].at, NULL);
	return r;
}

static int change_add(struct apply *apply, struct chain *chain)
{
	struct change *change;
	int r;

	r = changes_add(&apply->changes, &change);
	/* Before the name is looked up: a chain may run that the store has lost, */
	if (r == 0)
		r = hooks_look(apply, chain);
	if (r == 0)
		r = census_chain(&apply->session->census, chain->name, &change->present);
	/* and on other hooks than the file's. */
	if (r == -ENOENT) {
		r = census_look_everywhere(&apply->session->census);
		if (r == 0)
			r = census_chain(&apply->session->census, chain->name, &change->present);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0)
		change->seen = census_newest(&apply->session->census, chain->name);
	r = check_expect(change, &apply->options);
	if (r == 0)
		r = change_merge(apply, chain, change);
	if (r < 0)
		error_name_chain(chain);
	return r;
}

static bool has_own(const struct apply *apply, const struct chain *chain)
{
	for (size_t i = 0; i < chain->filter_count; i++) {
		if (text_equal(chain->filters[i]->owner, apply->session->daisy->owner))
			return true;
	}
	return false;
}

static bool changes_have(const struct apply *apply, const char *chain)
{
	if (config_find(apply->config, chain))
		return true;
	for (size_t i = 0; i < apply->changes.count; i++) {
		if (text_equal(apply->changes.list[i].wanted->name, chain))
			return true;
	}
	return false;
}

/* A running chain that no file names: this owner's filters go. */
static int prune_chain(struct apply *apply, const char *name)
{
	auto_(chain) struct chain *present = NULL, *wanted = NULL;
	struct change *change;
	int r;

	r = census_chain(&apply->session->census, name, &present);
	if (r < 0 || !has_own(apply, present))
		return r;
	if (chain_copy(present, &wanted) < 0)
		return fail_memory();
	for (size_t i = wanted->filter_count; i-- > 0;) {
		if (text_equal(wanted->filters[i]->owner, apply->session->daisy->owner))
			chain_remove(wanted, i);
	}
	r = changes_add(&apply->changes, &change);
	if (r < 0)
		return r;
	*change = (struct change){
		.present = TAKE_PTR(present),
		.wanted = TAKE_PTR(wanted),
		.seen = census_newest(&apply->session->census, name),
	};
	return 0;
}

static int prune_others(struct apply *apply)
{
	const struct census *census = &apply->session->census;
	int r;

	r = census_look_everywhere(&apply->session->census);
	for (size_t i = 0; i < census->seen_count && r == 0; i++) {
		const char *name = census->seen[i]->manifest.chain;

		if (!changes_have(apply, name))
			r = prune_chain(apply, name);
	}
	return r;
}

static int apply_inside(struct apply *apply, struct daisy_outcome **ret_outcome)
{
	int r;

	r = hooks_resolve(apply);
	for (size_t i = 0; i < apply->config->chain_count && r == 0; i++)
		r = change_add(apply, apply->config->chains[i]);
	if (r == 0 && apply->options.prune)
		r = prune_others(apply);
	if (r == 0)
		r = edit_carry_out(apply->session, &apply->changes, &apply->options, ret_outcome);
	return r;
}

static int files_read(const char *const *paths, size_t count, const char *owner, struct config **ret_config)
{
	auto_(config) struct config *config = NULL;
	int r;

	r = config_new(&config);
	if (r < 0)
		return fail_memory();
	for (size_t i = 0; i < count && r == 0; i++)
		r = config_read(config, paths[i], owner);
	if (r == 0)
		r = config_check(config);
	if (r < 0)
		return r;
	*ret_config = TAKE_PTR(config);
	return 0;
}

int daisy_files_apply(struct daisy *daisy, const char *const *paths, size_t count, const struct daisy_change *change,
		      struct daisy_outcome **ret_outcome)
{
	auto_(config) struct config *config = NULL;
	auto_(session) struct session session = SESSION_NONE;
	auto_(apply) struct apply apply = { .session = &session, .options = change_options(change) };
	int r;

	error_clear();
	r = files_read(paths, count, daisy->owner, &config);
	if (r < 0)
		return r;
	apply.config = config;
	if (apply.options.set_expect && config->chain_count != 1)
		return fail_input(-EINVAL, "an expected revision goes with files of one chain, not %zu", config->chain_count);
	r = session_open(daisy, !apply.options.dry_run, &session);
	return r < 0 ? r : apply_inside(&apply, ret_outcome);
}
