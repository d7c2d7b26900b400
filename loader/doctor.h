/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * doctor.h: the checks of `daisy doctor` and what each of them found. A probe
 * tries the very thing, leaves nothing behind, and needs no privilege to say no.
 */
#ifndef DAISY_DOCTOR_H
#define DAISY_DOCTOR_H

#include <stdio.h>

#include "util.h"

/* Of a fixed size, for it comes back from a child through a pipe. One line each. */
struct finding {
	bool ok;
	char detail[512];	/* what was seen */
	char advice[256];	/* what to do; empty when it is ok */
};

/* Each says all there is to say; the last one the error sentence, which is forgotten then. */
void finding_ok(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_lack(struct finding *finding, const char *advice, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding_refused(struct finding *finding, const char *advice);
/* What to do about the failure @code: see to privileges, or @otherwise. */
const char *advice_for(int code, const char *otherwise);

struct check {
	const char *name;
	const char *purpose;
	bool needed;		/* without it chains cannot be run */
	void (*probe)(struct finding *finding);
};

struct diagnosis {
	const struct check *checks;
	const struct finding *findings;
	size_t count;
	bool works;
};

/* 0, or a negative errno with words. */
int diagnosis_text(const struct diagnosis *diagnosis, bool colour, FILE *out);
int diagnosis_json(const struct diagnosis *diagnosis, FILE *out);

/* The kernel's release and the libbpf in use. */
void doctor_release(char *to, size_t size);
void doctor_libbpf(char *to, size_t size);
/* Loads a tc program that does nothing but return @verdict. Without words. */
int doctor_program(int verdict, int *ret_fd);
/* Runs @probe in a process of its own, which ends in any case. */
void doctor_child(void (*probe)(struct finding *finding), struct finding *finding);

/* doctor_host.c */
void probe_sys_admin(struct finding *finding);
void probe_net_admin(struct finding *finding);
void probe_cap_bpf(struct finding *finding);
void probe_bpffs(struct finding *finding);
void probe_tree(struct finding *finding);
void probe_kernel(struct finding *finding);
void probe_cookie(struct finding *finding);
void probe_membarrier(struct finding *finding);
void probe_memlock(struct finding *finding);
void probe_unprivileged(struct finding *finding);

/* doctor_bpf.c */
void probe_jit(struct finding *finding);
void probe_btf(struct finding *finding);
void probe_dispatcher(struct finding *finding);
void probe_tail_call(struct finding *finding);
void probe_ext(struct finding *finding);
void probe_tracing(struct finding *finding);
void probe_libbpf(struct finding *finding);

/* doctor_tc.c */
void probe_clsact(struct finding *finding);
void probe_cls_bpf(struct finding *finding);
void probe_replace(struct finding *finding);
void probe_tcx(struct finding *finding);

#endif
