// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * daisy doctor: whether chains can be run here, found out by trying.
 *
 * This room has the list of checks and runs them all, one failing or not. What
 * a check tries is in doctor_host.c (privileges, bpffs, the system), doctor_bpf.c
 * (loading and running programs) and doctor_tc.c (hooks); doctor_show.c tells it.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "error.h"
#include "program.h"
#include "session.h"

#define CHILD_SECONDS 10U

/* What others hang on comes first. */
static const struct check checks[] = {
	{ "CAP_SYS_ADMIN", "to open running programs and maps by their ids", true, probe_sys_admin },
	{ "CAP_NET_ADMIN", "to put programs on hooks", true, probe_net_admin },
	{ "CAP_BPF", "to load programs and make maps (CAP_SYS_ADMIN includes it)", true, probe_cap_bpf },
	{ "bpffs", "to hold what runs when the command has ended", true, probe_bpffs },
	{ "tree", "daisy's own directory and lock in bpffs", true, probe_tree },
	{ "jit", "to let a tail call out of a subprogram return", true, probe_jit },
	{ "dispatcher", "to run a chain as one program", true, probe_dispatcher },
	{ "tail-call", "to have an unmodified program return to the dispatcher", true, probe_tail_call },
	{ "clsact", "to have hooks for ingress and egress", true, probe_clsact },
	{ "cls_bpf", "to run a program on these hooks", true, probe_cls_bpf },
	{ "replace", "to exchange a revision in one step", true, probe_replace },
	{ "kernel", "5.10 is the oldest release that daisy is made for", false, probe_kernel },
	{ "btf", "to load objects that adapt themselves to the kernel (CO-RE)", false, probe_btf },
	{ "netns-cookie", "to name a network namespace by a number that never comes twice", false, probe_cookie },
	{ "membarrier", "to count also the packets that a change meets on their way", false, probe_membarrier },
	{ "memlock", "to have memory for maps, as kernels before 5.11 limit it", false, probe_memlock },
	{ "libbpf", "to load and attach", false, probe_libbpf },
	{ "tcx", "to see programs that run before tc's filters", false, probe_tcx },
	{ "type-ext", "freplace and libxdp's dispatcher", false, probe_ext },
	{ "type-tracing", "fentry and fexit", false, probe_tracing },
	{ "unprivileged", "loading programs without privileges, which daisy never does", false, probe_unprivileged },
};

static void finding_set(struct finding *finding, bool ok, const char *advice, const char *format, va_list arguments)
{
	char text[sizeof(finding->detail)];

	vsnprintf(text, sizeof(text), format, arguments);
	*finding = (struct finding){ .ok = ok };
	text_clean(finding->detail, sizeof(finding->detail), text);
	text_clean(finding->advice, sizeof(finding->advice), advice);
}

void finding_ok(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	finding_set(finding, true, "", format, arguments);
	va_end(arguments);
}

void finding_lack(struct finding *finding, const char *advice, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	finding_set(finding, false, advice, format, arguments);
	va_end(arguments);
}

void finding_refused(struct finding *finding, const char *advice)
{
	finding_lack(finding, advice, "%s", error_text());
	error_clear();
}

const char *advice_for(int code, const char *otherwise)
{
	if (code == -EPERM)
		return "see the privileges above; with all of them, seccomp or a security module forbids it";
	return otherwise;
}

static _Noreturn void child_run(void (*probe)(struct finding *), int out_fd)
{
	struct finding finding = { 0 };
	sigset_t alarms;
	ssize_t written;

	/* The caller may have blocked or caught it. */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	alarm(CHILD_SECONDS);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	probe(&finding);
	written = write(out_fd, &finding, sizeof(finding));
	_exit(written == (ssize_t)sizeof(finding) ? 0 : 1);
}

/* It fits into a pipe whole, so it comes whole or not at all. */
static bool child_answer(int in_fd, struct finding *finding)
{
	ssize_t got;

	do {
		got = read(in_fd, finding, sizeof(*finding));
	} while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*finding);
}

static void child_wait(pid_t child)
{
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

void doctor_child(void (*probe)(struct finding *), struct finding *finding)
{
	auto_(fd) int in_fd = -1;
	auto_(fd) int out_fd = -1;
	int fds[2];
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		finding_lack(finding, "raise the limit of open files", "not tried: cannot make a pipe: %m");
		return;
	}
	in_fd = fds[0];
	out_fd = fds[1];
	child = fork();
	if (child < 0) {
		finding_lack(finding, "raise the limit of processes", "not tried: cannot make a process: %m");
		return;
	}
	if (child == 0)
		child_run(probe, out_fd);
	fd_close(TAKE_FD(out_fd));
	if (!child_answer(in_fd, finding))
		finding_lack(finding, "look into the kernel's log", "the process that tried it ended without an answer");
	child_wait(child);
}

static bool run_all(struct finding findings[ARRAY_SIZE(checks)])
{
	bool works = true;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		checks[i].probe(&findings[i]);
		if (checks[i].needed && !findings[i].ok)
			works = false;
	}
	return works;
}

int daisy_doctor(struct daisy *daisy, bool json, bool colour, FILE *out, bool *ret_works)
{
	auto_(netns_visit) struct netns_visit visit = NETNS_AT_HOME;
	struct finding findings[ARRAY_SIZE(checks)] = { 0 };
	struct diagnosis diagnosis = { .checks = checks, .findings = findings, .count = ARRAY_SIZE(checks) };
	int r;

	error_clear();
	libbpf_hush();
	r = netns_enter(daisy->netns_fd, &visit);
	if (r < 0)
		return r;
	diagnosis.works = run_all(findings);
	r = json ? diagnosis_json(&diagnosis, out) : diagnosis_text(&diagnosis, colour, out);
	if (r < 0)
		return r;
	*ret_works = diagnosis.works;
	return 0;
}
