/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * config.h: a daisy.yaml, text -> chains as data. The only parser of the file;
 * it opens no device and loads no program.
 */
#ifndef DAISY_CONFIG_H
#define DAISY_CONFIG_H

#include "chain.h"

/* A hook as the file names it: @dev may be a pattern (fnmatch), resolved later. */
struct config_hook {
	char *chain;
	char *dev;
	enum daisy_at at;
	enum daisy_engine engine;
	bool has_engine;
	char *file;
	unsigned int line;
};

struct config {
	struct chain **chains;	/* filters in file order, prio and handle 0 unless given; no hooks */
	size_t chain_count;
	struct config_hook *hooks;
	size_t hook_count;
};

int config_new(struct config **ret_config);
void config_free(struct config *config);
DEFINE_CLEANUP(config, struct config *, config_free)

/*
 * Reads one file into @config, which may already hold other files. Object paths
 * come out absolute (relative ones count from the file's directory); a filter's
 * owner is @owner where the file names none. Wrong input: -EINVAL (or what opening the file gave)
 * recorded by fail_input("FILE:LINE: ..."); what the contract knows and daisy
 * cannot do yet: -EOPNOTSUPP recorded by fail(). @config is then to be thrown away.
 */
int config_read(struct config *config, const char *path, const char *owner);
/* The same from memory, @path being what messages call it. */
int config_parse(struct config *config, const char *path, const char *text, size_t size, const char *owner);
/* After the last file: a hook whose chain no file has is wrong input, said as above. */
int config_check(const struct config *config);

struct chain *config_find(const struct config *config, const char *chain);

#endif
