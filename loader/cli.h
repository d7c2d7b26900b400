/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * cli.h: the command daisy: words -> a request -> one call of the library -> one
 * answer, or one line about what went wrong. It sees the library's public face
 * only. Its functions return 0 or a negative errno, and then the sentence for it
 * stands in struct cli.
 */
#ifndef DAISY_CLI_H
#define DAISY_CLI_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daisy.h"
#include "util.h"

struct json_object;

/* One run of the command. */
struct cli {
	bool json;
	const char *netns;	/* or NULL */
	const char *owner;	/* or NULL */
	char **words;		/* the command and what follows it */
	size_t count;
	size_t next;		/* word to be read next */
	bool answered;		/* nothing more may go to standard output, nor to standard error */
	char *error;		/* the sentence of a failure, one clean line; NULL: none, or no memory for it */
	enum daisy_error_kind kind;
	bool of_file;		/* the sentence is about a file: it begins with FILE:LINE, and so does the line */
};

void cli_clear(struct cli *cli);
static inline void cli_cleanup(struct cli *cli) { cli_clear(cli); }

/* What the words ask for. */
struct request {
	struct daisy_target target;	/* with attach and detach: both the chain and the hook */
	bool has_target;
	const char *name;
	struct daisy_program program;
	struct daisy_change change;
	char **files;
	size_t file_count;
	bool stats;
	uint64_t given;			/* bit (1 << entry of the option table) */
	const char *unsupported;	/* first word that is right but not supported yet, or NULL */
};

/* The one table: what can be called, how many words it needs, and the usage text. */
struct cli_command {
	const char *word;
	int least, most;	/* words behind it; most -1: any number */
	int (*run)(struct cli *cli);
	const char *arguments;
	const char *help;
};

extern const struct cli_command cli_commands[]; /* ends with a NULL word */
const struct cli_command *cli_command_find(const char *word);

int cmd_add(struct cli *cli);
int cmd_adopt(struct cli *cli);
int cmd_apply(struct cli *cli);
int cmd_attach(struct cli *cli);
int cmd_del(struct cli *cli);
int cmd_detach(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_flush(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_move(struct cli *cli);
int cmd_plan(struct cli *cli);
int cmd_release(struct cli *cli);
int cmd_replace(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_version(struct cli *cli);
int cli_apply(struct cli *cli, bool dry_run); /* cmd_apply.c: apply, and plan without doing it */

/* cli_error.c: the first three record a sentence and return the code. */
int cli_fail(struct cli *cli, enum daisy_error_kind kind, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* A macro, so that the compiler sees that it fails. */
#define cli_usage(cli, ...) (cli_fail(cli, DAISY_ERROR_INPUT, -EINVAL, __VA_ARGS__), -EINVAL)
/* What the library has just said about its failure @code. */
int cli_fail_library(struct cli *cli, int code);
/* Tells the failure @code, as a line or with -j as an object; returns the exit code. */
int cli_report(struct cli *cli, int code);

/* cli_global.c: the options before the command; leaves the command in @cli->words. */
int cli_parse_global(struct cli *cli, int argc, char **argv);

/* cli_words.c: what is missing, empty or malformed is named by the word before it. */
const char *cli_next(struct cli *cli); /* NULL at the end */
int cli_take(struct cli *cli, const char *what, const char **ret_word);
/* A name shorter than @size bytes. */
int cli_take_name(struct cli *cli, const char *what, size_t size, const char **ret_name);
int cli_take_number(struct cli *cli, uint32_t least, uint32_t most, uint32_t *ret_number);
int cli_take_classid(struct cli *cli);
/* The very word @word. */
int cli_take_word(struct cli *cli, const char *word);
/* Takes the next word if it is @word. */
bool cli_take_if(struct cli *cli, const char *word);

/* cli_target.c. The forms with a word behind them expect that the word has been read. */
int request_target(struct cli *cli, struct request *request);
int request_target_dev(struct cli *cli, struct request *request);
int request_target_chain(struct cli *cli, struct request *request);
int request_chain_and_hook(struct cli *cli, struct request *request);

/* cli_program.c: behind the word that names the kind of program. */
int request_program_obj(struct cli *cli, struct request *request);
int request_program_pinned(struct cli *cli, struct request *request);
int request_program_id(struct cli *cli, struct request *request);
int request_program_bytecode(struct cli *cli, struct request *request);
int request_program_bytecode_file(struct cli *cli, struct request *request);
int request_program_match(struct cli *cli, struct request *request);

/* cli_action.c: behind "action". */
int request_action(struct cli *cli, struct request *request);

/* cli_option.c */
enum request_takes {
	TAKES_FILTER = 1 << 0,	/* PROGRAM and what a filter may have */
	TAKES_REPLACE = 1 << 1,	/* what only a replace has */
	TAKES_NUMBERS = 1 << 2,	/* prio and handle */
	TAKES_PLACE = 1 << 3,	/* before and after */
	TAKES_CHANGE = 1 << 4,	/* what every change has */
	TAKES_FILES = 1 << 5,	/* files, and what goes with them */
	TAKES_TARGET = 1 << 6,	/* a TARGET that may be left out */
	TAKES_STATS = 1 << 7,
	TAKES_NOTHING = 0,	/* but -j */
};

/* The rest of the words, of which @takes (enum request_takes) are known, and whether all of them go together. */
int request_options(struct cli *cli, unsigned int takes, struct request *request);
/* TARGET NAME, then options. */
int request_filter(struct cli *cli, unsigned int takes, struct request *request);
/* Notes that @word is not supported yet. */
void request_unsupported(struct request *request, const char *word);

/* cli_answer.c */
int cli_open(struct cli *cli, struct daisy **ret_daisy);
/* Ends a change: @r is what the library returned for it. Writes what was done or, after a dry run, would be. */
int cli_answer(struct cli *cli, int r, const struct daisy_outcome *outcome, bool dry_run);
/* @r is what a writer of the answer returned: 0 when all of it has gone out, else a failure. */
int cli_written(struct cli *cli, int r);
/* Writes @object, which is consumed, to stdout; NULL: there was no memory for it. Records no sentence. */
int cli_print_json(struct json_object *object);
bool cli_colour(void);

DEFINE_CLEANUP(daisy, struct daisy *, daisy_free)
DEFINE_CLEANUP(daisy_outcome, struct daisy_outcome *, daisy_outcome_free)
DEFINE_CLEANUP(daisy_view, struct daisy_view *, daisy_view_free)

#endif
