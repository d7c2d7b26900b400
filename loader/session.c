// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * One public call at work: inside its netns, holding the lock, seeing what runs.
 *
 * Every call, one that only reads too, sweeps first: so what it sees is true,
 * and what a killed one left is gone.
 */
#include "session.h"

#include <errno.h>
#include <net/if.h>

#include "error.h"
#include "program.h"
#include "sweep.h"

int session_open(const struct daisy *daisy, bool change, struct session *session)
{
	int r;

	error_clear();
	/* Reading counters, too, may make libbpf talk. */
	libbpf_hush();
	session->daisy = daisy;
	r = netns_enter(daisy->netns_fd, &session->visit);
	if (r == 0)
		r = store_open(change, &session->store);
	if (r == 0)
		r = sweep(session->store, &session->census);
	/* Who only looks is told what is there, in order or not. */
	if (r < 0 && !change && session->store) {
		error_clear();
		r = census_take(session->store, &session->census);
	}
	return r;
}

void session_close(struct session *session)
{
	census_clear(&session->census);
	store_close(session->store);
	session->store = NULL;
	netns_leave(&session->visit);
}

int session_device(const char *dev, uint32_t *ret_ifindex)
{
	unsigned int ifindex = if_nametoindex(dev);

	if (!ifindex)
		return fail_errno(-errno, "dev %s", dev);
	*ret_ifindex = ifindex;
	return 0;
}

int session_chain(struct session *session, const char *name, struct change *change)
{
	int r = census_chain(&session->census, name, &change->present);

	if (r == -ENOENT) {
		r = census_look_everywhere(&session->census);
		if (r == 0)
			r = census_chain(&session->census, name, &change->present);
	}
	if (r == -ENOENT)
		return fail(r, "chain '%s' runs on no hook: `daisy add dev DEV ingress|egress ...` makes one", name);
	if (r < 0)
		return r;
	change->seen = census_newest(&session->census, name);
	return 0;
}

int session_hook(struct session *session, uint32_t ifindex, const char *dev, enum daisy_at at, struct change *change)
{
	const struct sighting *sighting;
	int r;

	r = census_look(&session->census, ifindex, at, &sighting);
	if (r < 0)
		return r;
	if (sighting->foreign_abi)
		return fail(-EPROTO, "dev %s %s: a dispatcher of another daisy version runs there (this one knows ABI version %u)",
			    dev, at_word(at), DAISY_ABI_VERSION);
	if (!sighting->seen)
		return 0;
	return session_chain(session, sighting->seen->manifest.chain, change);
}
