// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The calls that change one chain: add, replace, del, move, flush, attach, detach.
 *
 * Each is one small function that makes the wanted chain of a copy of what runs;
 * before it the target is found and the revision compared, behind it the change
 * is carried out (edit_outcome.c). Files are apply.c's.
 */
#include "edit.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "program.h"

struct edit {
	const struct daisy *daisy;
	const struct daisy_target *target;
	struct daisy_change options;
	const char *name;		/* of the filter */
	const struct daisy_program *program;
	struct chain *wanted;		/* what the function below works on */
	int (*make)(const struct edit *edit);
	bool may_begin;			/* an empty hook gets a chain */
	const char *hook_dev;		/* for attach and detach */
	enum daisy_at hook_at;
	struct session *session;
};

/* --- which chain */

/* DEV-SIDE, or with a number if a chain of that name runs elsewhere (the device was renamed). */
static int chain_begin(struct census *census, const char *dev, enum daisy_at at, struct chain **ret_chain)
{
	char name[DAISY_CHAIN_SIZE];
	int r;

	/* A chain that the store has lost has its name all the same. */
	r = census_look_everywhere(census);
	if (r < 0)
		return r;
	snprintf(name, sizeof(name), "%s-%s", dev, at_word(at));
	for (unsigned int n = 2; census_newest(census, name); n++)
		snprintf(name, sizeof(name), "%s-%s-%u", dev, at_word(at), n);
	return chain_new(name, ret_chain) < 0 ? fail_memory() : 0;
}

static int change_begin(struct edit *edit, struct session *session, uint32_t ifindex, struct change *change)
{
	const struct daisy_target *target = edit->target;
	int r;

	if (!edit->may_begin)
		return fail(-ENOENT, "dev %s %s: no chain runs there", target->dev, at_word(target->at));
	r = chain_begin(&session->census, target->dev, target->at, &change->wanted);
	if (r < 0)
		return r;
	return chain_add_hook(change->wanted, target->dev, ifindex, target->at) < 0 ? fail_memory() : 0;
}

static int change_find(struct edit *edit, struct session *session, struct change *change)
{
	const struct daisy_target *target = edit->target;
	uint32_t ifindex;
	int r;

	if (target->chain)
		return session_chain(session, target->chain, change);
	r = session_device(target->dev, &ifindex);
	if (r == 0)
		r = session_hook(session, ifindex, target->dev, target->at, change);
	if (r < 0)
		return r;
	if (!change->present)
		return change_begin(edit, session, ifindex, change);
	if (change->present->hook_count > 1)
		return fail(-EBUSY, "dev %s %s: its chain '%s' runs on %zu hooks: change it as `chain %s`", target->dev,
			    at_word(target->at), change->present->name, change->present->hook_count,
			    change->present->name);
	return 0;
}

static int edit_inside(struct edit *edit, struct session *session, struct daisy_outcome **ret_outcome)
{
	auto_(changes) struct changes changes = { 0 };
	struct change *change;
	int r;

	r = changes_add(&changes, &change);
	if (r == 0)
		r = change_find(edit, session, change);
	if (r == 0)
		r = check_expect(change, &edit->options);
	if (r == 0 && change->present && chain_copy(change->present, &change->wanted) < 0)
		r = fail_memory();
	if (r < 0)
		return r;
	edit->wanted = change->wanted;
	edit->session = session;
	r = edit->make(edit);
	if (r == 0)
		r = edit_carry_out(session, &changes, &edit->options, ret_outcome);
	if (r < 0)
		change_name(change);
	return r;
}

static int edit_run(struct edit *edit, struct daisy_outcome **ret_outcome)
{
	auto_(session) struct session session = SESSION_NONE;
	int r;

	r = session_open(edit->daisy, !edit->options.dry_run, &session);
	if (r < 0)
		return r;
	return edit_inside(edit, &session, ret_outcome);
}

/* --- parts of the wanted chain */

static int filter_index(const struct edit *edit, const char *name)
{
	int index = chain_index(edit->wanted, name);

	if (index < 0)
		return fail(-ENOENT, "chain '%s' has no filter '%s'", edit->wanted->name, name);
	return index;
}

/* The filter of the command, which this owner may change. */
static int own_index(const struct edit *edit)
{
	int index = filter_index(edit, edit->name);
	int r;

	if (index < 0)
		return index;
	r = check_owner(edit->daisy, edit->wanted->filters[index], edit->options.force);
	return r < 0 ? r : index;
}

static int source_of(const struct daisy_program *program, struct source *source)
{
	source_clear(source);
	source->kind = program->kind;
	if (program->kind == DAISY_SOURCE_ID) {
		source->id = program->id;
		return 0;
	}
	if (text_set(&source->section, program->section) < 0 || text_set(&source->symbol, program->symbol) < 0)
		return fail_memory();
	source->section_named = program->section != NULL;
	source->symbol_named = program->symbol != NULL;
	if (text_set(&source->path, program->path) < 0)
		return fail_memory();
	return source_resolve(source);
}

static int check_handle(const struct edit *edit, const struct filter *filter)
{
	for (size_t i = 0; i < edit->wanted->filter_count; i++) {
		const struct filter *other = edit->wanted->filters[i];

		if (filter->handle && other != filter && other->prio == filter->prio &&
		    other->handle == filter->handle)
			return fail(-EEXIST, "filter '%s': handle %u of prio %u is taken by filter '%s'", filter->name,
				    filter->handle, filter->prio, other->name);
	}
	return 0;
}

/* Where the options put a filter that is not in the chain; *@ret_index is the default. */
static int place_find(const struct edit *edit, struct filter *filter, size_t *ret_index)
{
	const struct daisy_change *options = &edit->options;
	const char *mark = options->before ? options->before : options->after;
	int index;

	if (options->prio) {
		filter->prio = options->prio;
		filter->prio_fixed = true;
		*ret_index = chain_place(edit->wanted, options->prio);
		return 0;
	}
	if (!mark)
		return 0;
	index = filter_index(edit, mark);
	if (index < 0)
		return index;
	filter->prio = 0;
	*ret_index = (size_t)index + (options->before ? 0 : 1);
	return 0;
}


/* The chain takes @filter over if 0 is returned. */
static int filter_insert(const struct edit *edit, struct filter *filter, size_t index)
{
	int r = check_handle(edit, filter);

	if (r < 0)
		return r;
	return chain_insert(edit->wanted, index, filter) < 0 ? fail_memory() : 0;
}

/* The same, where the options put it; @index if they do not say. */
static int filter_put(const struct edit *edit, struct filter *filter, size_t index)
{
	int r = place_find(edit, filter, &index);

	return r < 0 ? r : filter_insert(edit, filter, index);
}

static void filter_set_options(struct filter *filter, const struct daisy_change *options)
{
	if (options->handle) {
		filter->handle = options->handle;
		filter->handle_fixed = true;
	}
	if (options->set_continue_on)
		filter->continue_on = options->continue_on;
}

/* --- the changes */

static int make_add(const struct edit *edit)
{
	auto_(filter) struct filter *filter = NULL;
	int r;

	if (chain_find(edit->wanted, edit->name))
		return fail(-EEXIST, "chain '%s' has a filter '%s' already: `daisy replace` changes it",
			    edit->wanted->name, edit->name);
	if (filter_new(edit->name, edit->daisy->owner, &filter) < 0)
		return fail_memory();
	r = source_of(edit->program, &filter->source);
	if (r < 0)
		return r;
	filter_set_options(filter, &edit->options);
	filter->reload = true;
	r = filter_put(edit, filter, edit->wanted->filter_count);
	if (r < 0)
		return r;
	TAKE_PTR(filter);
	return 0;
}

static int make_replace(const struct edit *edit)
{
	auto_(filter) struct filter *filter = NULL;
	int index = own_index(edit);
	int r;

	if (index < 0)
		return index;
	filter = chain_take(edit->wanted, (size_t)index);
	r = source_of(edit->program, &filter->source);
	if (r < 0)
		return r;
	filter_set_options(filter, &edit->options);
	filter->reload = true;
	filter->fresh_maps = edit->options.fresh_maps;
	/* The prio that it has is no reason to leave its place among others of that prio. */
	if (edit->options.prio == filter->prio)
		r = filter_insert(edit, filter, (size_t)index);
	else
		r = filter_put(edit, filter, (size_t)index);
	if (r < 0)
		return r;
	TAKE_PTR(filter);
	return 0;
}

static int make_del(const struct edit *edit)
{
	int index = own_index(edit);

	if (index < 0)
		return index;
	chain_remove(edit->wanted, (size_t)index);
	return 0;
}

static int make_move(const struct edit *edit)
{
	auto_(filter) struct filter *filter = NULL;
	const char *mark = edit->options.before ? edit->options.before : edit->options.after;
	int index = own_index(edit);
	int r;

	if (index < 0)
		return index;
	if (text_equal(mark, edit->name))
		return fail(-EINVAL, "filter '%s' cannot be moved to its own side", edit->name);
	if (chain_index(edit->wanted, mark) == index + (edit->options.before ? 1 : -1))
		return 0;
	filter = chain_take(edit->wanted, (size_t)index);
	r = filter_put(edit, filter, (size_t)index);
	if (r < 0)
		return r;
	TAKE_PTR(filter);
	return 0;
}

static int make_flush(const struct edit *edit)
{
	int r = check_owners(edit->daisy, edit->wanted, edit->options.force);

	while (r == 0 && edit->wanted->filter_count > 0)
		chain_remove(edit->wanted, edit->wanted->filter_count - 1);
	return r;
}

static int make_attach(const struct edit *edit)
{
	auto_(chain) struct chain *other = NULL;
	struct change change = { 0 };
	uint32_t ifindex;
	int r;

	r = session_device(edit->hook_dev, &ifindex);
	if (r == 0)
		r = session_hook(edit->session, ifindex, edit->hook_dev, edit->hook_at, &change);
	if (r < 0)
		return r;
	other = change.present;
	if (other && !text_equal(other->name, edit->wanted->name))
		return fail(-EBUSY, "dev %s %s: chain '%s' runs there", edit->hook_dev, at_word(edit->hook_at),
			    other->name);
	if (other)
		return fail(-EEXIST, "dev %s %s: chain '%s' runs there already", edit->hook_dev,
			    at_word(edit->hook_at), other->name);
	return chain_add_hook(edit->wanted, edit->hook_dev, ifindex, edit->hook_at) < 0 ? fail_memory() : 0;
}

static int make_detach(const struct edit *edit)
{
	struct hook *hook;
	uint32_t ifindex;
	int r;

	r = session_device(edit->hook_dev, &ifindex);
	if (r < 0)
		return r;
	hook = chain_find_hook(edit->wanted, ifindex, edit->hook_at);
	if (!hook)
		return fail(-ENOENT, "dev %s %s: chain '%s' does not run there", edit->hook_dev,
			    at_word(edit->hook_at), edit->wanted->name);
	r = check_owners(edit->daisy, edit->wanted, edit->options.force);
	if (r < 0)
		return r;
	chain_remove_hook(edit->wanted, hook);
	/* A chain that runs nowhere is none: its filters go with its last hook. */
	return edit->wanted->hook_count == 0 ? make_flush(edit) : 0;
}

/* --- the public calls */

static int check_program(const char *name, const struct daisy_program *program)
{
	if (program->kind == DAISY_SOURCE_ID)
		return 0;
	if (program->kind != DAISY_SOURCE_OBJECT && program->kind != DAISY_SOURCE_PINNED)
		return fail_input(-EINVAL, "filter '%s': an object, a pin or an id", name);
	if (!program->path || !program->path[0])
		return fail_input(-EINVAL, "filter '%s': its program has no path", name);
	if (program->section && program->symbol)
		return fail_input(-EINVAL, "filter '%s': a section or a program's name, not both", name);
	return 0;
}

static int check_target(const struct daisy_target *target)
{
	if (!target || (!target->chain && !target->dev))
		return fail_input(-EINVAL, "a chain or a device?");
	if (!target->chain && target->at >= DAISY_AT_COUNT)
		return fail_input(-EINVAL, "dev %s: ingress or egress?", target->dev);
	return 0;
}

static int check_arguments(const char *name, const struct daisy_program *program, const struct daisy_change *options)
{
	int places = !!options->prio + !!options->before + !!options->after;

	if (!name_valid_filter(name))
		return fail_input(-EINVAL, "filter name: 1 to 255 bytes of UTF-8 without control characters");
	if (places > 1)
		return fail_input(-EINVAL, "filter '%s': only one of prio, before and after", name);
	if (options->prio > CHAIN_PRIO_MAX || options->handle > CHAIN_HANDLE_MAX)
		return fail_input(-ERANGE, "filter '%s': prio is 1 to %u, handle 1 to 0x%x", name, CHAIN_PRIO_MAX,
				  CHAIN_HANDLE_MAX);
	/* UNSPEC goes on by itself. */
	if (options->continue_on & ~((1U << DAISY_VERDICTS) - 2))
		return fail_input(-EINVAL, "filter '%s': continue-on takes ok, shot, stolen, trap and redirect", name);
	return program ? check_program(name, program) : 0;
}

static int edit_filter(struct daisy *daisy, const struct daisy_target *target, const char *name,
		       const struct daisy_program *program, const struct daisy_change *change,
		       int (*make)(const struct edit *), struct daisy_outcome **ret_outcome)
{
	struct edit edit = {
		.daisy = daisy,
		.target = target,
		.options = change_options(change),
		.name = name,
		.program = program,
		.make = make,
		.may_begin = make == make_add,
	};
	int r;

	error_clear();
	r = check_target(target);
	if (r == 0 && make != make_flush)
		r = check_arguments(name, program, &edit.options);
	if (r == 0 && (make == make_add || make == make_replace) && !program)
		r = fail_input(-EINVAL, "filter '%s': which program?", name);
	return r < 0 ? r : edit_run(&edit, ret_outcome);
}

int daisy_filter_add(struct daisy *daisy, const struct daisy_target *target, const char *name,
		     const struct daisy_program *program, const struct daisy_change *change,
		     struct daisy_outcome **ret_outcome)
{
	return edit_filter(daisy, target, name, program, change, make_add, ret_outcome);
}

int daisy_filter_replace(struct daisy *daisy, const struct daisy_target *target, const char *name,
			 const struct daisy_program *program, const struct daisy_change *change,
			 struct daisy_outcome **ret_outcome)
{
	return edit_filter(daisy, target, name, program, change, make_replace, ret_outcome);
}

int daisy_filter_del(struct daisy *daisy, const struct daisy_target *target, const char *name,
		     const struct daisy_change *change, struct daisy_outcome **ret_outcome)
{
	return edit_filter(daisy, target, name, NULL, change, make_del, ret_outcome);
}

int daisy_filter_move(struct daisy *daisy, const struct daisy_target *target, const char *name,
		      const struct daisy_change *change, struct daisy_outcome **ret_outcome)
{
	struct daisy_change options = change_options(change);

	error_clear();
	if (!options.before == !options.after)
		return fail_input(-EINVAL, "filter '%s': before or after which filter?", name);
	return edit_filter(daisy, target, name, NULL, &options, make_move, ret_outcome);
}

int daisy_chain_flush(struct daisy *daisy, const struct daisy_target *target, const struct daisy_change *change,
		      struct daisy_outcome **ret_outcome)
{
	return edit_filter(daisy, target, NULL, NULL, change, make_flush, ret_outcome);
}

static int edit_hook(struct daisy *daisy, const char *chain, const char *dev, enum daisy_at at,
		     const struct daisy_change *change, int (*make)(const struct edit *),
		     struct daisy_outcome **ret_outcome)
{
	struct daisy_target target = { .chain = chain };
	struct daisy_target place = { .dev = dev, .at = at };
	struct edit edit = {
		.daisy = daisy,
		.target = &target,
		.options = change_options(change),
		.make = make,
		.hook_dev = dev,
		.hook_at = at,
	};
	int r;

	error_clear();
	r = check_target(&target);
	if (r == 0)
		r = check_target(&place);
	return r < 0 ? r : edit_run(&edit, ret_outcome);
}

int daisy_chain_attach(struct daisy *daisy, const char *chain, const char *dev, enum daisy_at at,
		       const struct daisy_change *change, struct daisy_outcome **ret_outcome)
{
	return edit_hook(daisy, chain, dev, at, change, make_attach, ret_outcome);
}

int daisy_chain_detach(struct daisy *daisy, const char *chain, const char *dev, enum daisy_at at,
		       const struct daisy_change *change, struct daisy_outcome **ret_outcome)
{
	return edit_hook(daisy, chain, dev, at, change, make_detach, ret_outcome);
}
