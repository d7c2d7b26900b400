/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * lab.h: where every kernel test works: a mount namespace with a bpffs and a
 * /run of its own, a network namespace of its own, and behind a veth a second
 * one, called as the suite is. Criterion runs each test in a process of its own,
 * and all of this ends with that process, however it ends.
 *
 *     here: lab.dev (SUITE0, 10.9.8.1) ---- lab.peer (SUITE1, 10.9.8.2) in netns lab.netns
 *
 * Helpers end the test by themselves when something does not hold, naming the
 * line that called them.
 */
#ifndef LAB_H
#define LAB_H

#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <string.h>

#include "daisy.h"
#include "util.h"

#define LAB_HERE	"10.9.8.1"
#define LAB_THERE	"10.9.8.2"
#define LAB_PORT	9	/* discard: frames for it pass every test program */
#define LAB_SIZE	100	/* bytes of a frame, with its Ethernet header */
#define LAB_WAIT_MS	10000	/* the longest wait for anything */

/* Programs and maps that something in the lab holds. */
struct lab_held {
	uint32_t programs[512], maps[1024];
	size_t program_count, map_count;
};

struct lab {
	char netns[12], dev[14], peer[14];
	unsigned int ifindex;
	int home_fd, far_fd;	/* both network namespaces */
	bool live;		/* the kernel runs live frames; otherwise the peer sends them */
	struct lab_held held;	/* what lab_mark() found */
};

extern struct lab lab;

/* The .init of every suite here. Skips the test, with words, where it cannot run. */
void lab_open(void);

/* @words: printf-like, split at blanks; no shell is near. The whole is bounded in time. */
struct lab_run {
	int code;		/* exit code, or 128 + signal */
	char *out, *err;
};

void lab_run_clear(struct lab_run *run);
static inline void lab_run_cleanup(struct lab_run *run) { lab_run_clear(run); }

struct lab_run lab_argv(const char *const argv[]);
struct lab_run lab_run(const char *words, ...) __attribute__((format(printf, 1, 2)));
/* The command daisy with these arguments. */
struct lab_run lab_daisy(const char *words, ...) __attribute__((format(printf, 1, 2)));
/* daisy with an array of arguments, which may hold blanks; ends with NULL. */
struct lab_run lab_daisy_argv(const char *const arguments[]);
/* A command of the system that must succeed, for its output; the caller frees it. */
char *lab_must(const char *words, ...) __attribute__((format(printf, 1, 2)));
void lab_do(const char *words, ...) __attribute__((format(printf, 1, 2)));

/* daisy does it, and says nothing on standard error. */
#define lab_ok(...) lab_ok_at(__FILE__, __LINE__, __VA_ARGS__)
void lab_ok_at(const char *file, int line, const char *words, ...) __attribute__((format(printf, 3, 4)));
/*
 * daisy refuses it with exit code @code in one line that holds @sentence; after
 * that the picture of everything is what it was before, and nothing is litter.
 */
#define lab_refused(code, sentence, ...) lab_refused_at(__FILE__, __LINE__, code, sentence, __VA_ARGS__)
void lab_refused_at(const char *file, int line, int code, const char *sentence, const char *words, ...)
	__attribute__((format(printf, 5, 6)));
#define lab_refused_argv(code, sentence, arguments) lab_refused_argv_at(__FILE__, __LINE__, code, sentence, arguments)
void lab_refused_argv_at(const char *file, int line, int code, const char *sentence, const char *const arguments[]);
/* What @run must have done to count as a refusal. */
void lab_expect_refusal(const char *file, int line, const struct lab_run *run, int code, const char *sentence);

/* Path of build/progs/NAME.bpf.o, in a ring of buffers: good for some calls. */
const char *lab_object(const char *name);
/* A file in the test's own temporary directory; its path stays good. @text may be NULL. */
const char *lab_file(const char *name, const char *text, size_t size);
const char *lab_text_file(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- what the kernel says */

DEFINE_CLEANUP(lab_json, struct json_object *, (void)json_object_put)

struct json_object *lab_json(const char *text);
/* The tree below /sys/fs/bpf, each pin with the id of what it holds; qdiscs, filters and `daisy -j show`. */
char *lab_picture(void);
/* Names of everything below /sys/fs/bpf, "" when nothing is there. */
char *lab_pins(void);
/* `tc -j filter show dev DEV SIDE`, the entries that have a handle. */
struct json_object *lab_filters(const char *dev, const char *side);
/*
 * A cls_bpf filter that is not daisy's, put there by tc from object @name (section
 * tc): an independent witness of packets. Returns the program's id.
 */
uint32_t lab_foreign(const char *dev, const char *side, unsigned int prio, const char *name);
/* Kind of the qdisc at parent ffff:fff1 of @dev ("clsact", "ingress"), or "". The caller frees it. */
char *lab_qdisc(const char *dev);
/*
 * Remembers which programs and maps pins and filters of the lab hold. When no
 * process of daisy's is left, nothing else can hold one, and what is not held
 * is freed; and no other user of this kernel is in the way of such a count.
 */
void lab_mark(void);
/* None is held that was not at lab_mark(). */
#define lab_no_litter() lab_no_litter_at(__FILE__, __LINE__)
void lab_no_litter_at(const char *file, int line);
bool lab_program_lives(uint32_t id);
/* Fd of the map called @name of program @prog_id; ends the test without one. */
int lab_map(uint32_t prog_id, const char *name);
/* Id of the same map. */
uint32_t lab_map_id(uint32_t prog_id, const char *name);
/* First 8 bytes of entry @key, the sum over all CPUs. */
uint64_t lab_map_value(uint32_t prog_id, const char *name, uint32_t key);
/* Sets the first bytes of entry @key; the rest, and other CPUs' entries, become 0. */
void lab_map_set(uint32_t prog_id, const char *name, uint32_t key, const void *value, size_t size);
/* Loads object @name with plain libbpf; returns the program's fd. */
int lab_load(const char *name);
uint32_t lab_program_id(int fd);

/* --- what daisy says */

/* `daisy -j show -s`, whole. */
struct json_object *lab_show(void);
/* The hook of @show, borrowed; ends the test without it. */
struct json_object *lab_hook(struct json_object *show, const char *dev, const char *at);
/* A filter of a hook by name, borrowed; ends the test without it. */
struct json_object *lab_filter(struct json_object *hook, const char *name);
/* A number at a path of keys, as "verdicts.ok"; ends the test without one. */
uint64_t lab_number(struct json_object *object, const char *path);
/* A text at a path of keys, borrowed; NULL for null. */
const char *lab_text(struct json_object *object, const char *path);
/* One number of ingress of lab.dev: of filter @name, or of the hook (NULL). */
uint64_t lab_stat(const char *name, const char *path);
uint64_t lab_stat_at(const char *dev, const char *at, const char *name, const char *path);
/* Id of the program of filter @name in ingress of lab.dev. */
uint32_t lab_prog(const char *name);
/* Puts object @object (section tc, where it has several) as filter @name at the end of ingress of lab.dev. */
void lab_add(const char *name, const char *object);
/* What filter @name, of object verdict, is to return from now on. */
void lab_set_verdict(const char *name, int32_t value);
/* Packets that filter @name, of object count, has counted in a map of its own. */
uint64_t lab_counted(const char *name);
/* The filters of ingress of lab.dev run in this order: "a b c", or "" without a chain. */
#define lab_expect_order(names) lab_expect_order_at(__FILE__, __LINE__, lab.dev, "ingress", names)
void lab_expect_order_at(const char *file, int line, const char *dev, const char *at, const char *names);

/* --- packets */

/* @count UDP frames of LAB_SIZE bytes for LAB_PORT into ingress of lab.dev; all went through when it returns. */
void lab_send(size_t count);
struct lab_frame {
	const char *dev;	/* NULL: lab.dev */
	size_t size;		/* 0: LAB_SIZE */
	uint16_t port;		/* 0: LAB_PORT */
	int cpu;		/* runs there; 0 first */
};
void lab_send_frames(const struct lab_frame *frame, size_t count);
/*
 * @sent datagrams by a real socket over the veth, out of lab.dev (@outwards) or
 * into it; exactly @arrive of them must reach the socket at the other end.
 */
void lab_udp(bool outwards, uint16_t port, size_t sent, size_t arrive);
/* Whether there is a second CPU that this test may use. */
bool lab_two_cpus(void);

#endif
