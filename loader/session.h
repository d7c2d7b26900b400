/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* session.h: one public call at work: inside its netns, holding the lock, seeing what runs. */
#ifndef DAISY_SESSION_H
#define DAISY_SESSION_H

#include "census.h"
#include "commit.h"
#include "daisy.h"
#include "netns.h"
#include "show.h"

/* The context behind the public type. */
struct daisy {
	int netns_fd;
	char *netns;		/* as the caller named it, or NULL */
	char *owner;
};

struct daisy_outcome { struct outcome outcome; };
struct daisy_view { struct view view; };

struct session {
	const struct daisy *daisy;
	struct netns_visit visit;
	struct store *store;
	struct census census;
};
#define SESSION_NONE { .visit = NETNS_AT_HOME }

/* Sweeps, too. With @change bpffs must be writable. Says what failed. */
int session_open(const struct daisy *daisy, bool change, struct session *session);
void session_close(struct session *session);
static inline void session_cleanup(struct session *session) { session_close(session); }

/* Index of the device, or -ENODEV with words. */
int session_device(const char *dev, uint32_t *ret_ifindex);
/* What runs under the name. -ENOENT with words. */
int session_chain(struct session *session, const char *name, struct change *change);
/* What runs on the hook; none: 0 and @change as it was. Says what failed. */
int session_hook(struct session *session, uint32_t ifindex, const char *dev, enum daisy_at at, struct change *change);

#endif
