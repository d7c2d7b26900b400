// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A daisy command that is stopped at a system call of one's choice.
 *
 * It runs under ptrace(2) from its execve() on, stopping at each call by a seccomp
 * filter, so a stop is exact: a call that is killed at has not begun, one that
 * fails was never made. Calls are counted from main()'s first, which looks for the
 * standard streams by fcntl(): what the dynamic loader does before that is not
 * daisy's.
 */
#include "crash.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define WORDS_MAX 64
#define RUN_S 30	/* an EINTR must not make a command wait for ever */

struct trace {
	pid_t pid;
	struct crash_stop stop;
	struct crash *crash;
	bool counting;
	int64_t break_now;	/* what brk() returned last */
};

void crash_clear(struct crash *crash)
{
	free(crash->numbers);
	free(crash->out);
	free(crash->err);
	*crash = (struct crash){ 0 };
}

/* --- registers */

#if defined(__x86_64__)

bool crash_can_fail(void)
{
	return true;
}

/* At a seccomp stop: the kernel makes no call, and this is what it returned. */
static void call_replace(pid_t pid, int64_t result)
{
	struct user_regs_struct regs;
	struct iovec area = { &regs, sizeof(regs) };

	cr_assert_eq(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &area), 0, "%s", strerror(errno));
	regs.orig_rax = (uint64_t)-1;
	regs.rax = (uint64_t)result;
	cr_assert_eq(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &area), 0, "%s", strerror(errno));
}

#elif defined(__aarch64__)

bool crash_can_fail(void)
{
	return true;
}

/* At a seccomp stop: the kernel makes no call, and this is what it returned. */
static void call_replace(pid_t pid, int64_t result)
{
	struct user_regs_struct regs;
	struct iovec area = { &regs, sizeof(regs) };
	int none = -1;
	struct iovec number = { &none, sizeof(none) };

	cr_assert_eq(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &area), 0, "%s", strerror(errno));
	regs.regs[0] = (uint64_t)result;
	cr_assert_eq(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &area), 0, "%s", strerror(errno));
	cr_assert_eq(ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number), 0, "%s", strerror(errno));
}

#else

bool crash_can_fail(void)
{
	return false;
}

static void call_replace(pid_t pid, int64_t result)
{
}

#endif

/* --- the run */

/* What a sanitizer gives up without. */
static bool is_sanitizers(uint64_t call)
{
#ifdef __SANITIZE_ADDRESS__
	return call == SYS_mmap || call == SYS_munmap || call == SYS_mprotect || call == SYS_madvise;
#else
	return false;
#endif
}

/* These cannot fail; but for getrandom(), of which json-c tells by itself and goes on. */
static bool always_works(uint64_t call)
{
	return call == SYS_exit_group || call == SYS_exit || call == SYS_geteuid || call == SYS_getrandom ||
	       is_sanitizers(call);
}

static void call_stop(struct trace *trace)
{
	if (!trace->stop.error) {
		kill(trace->pid, SIGKILL);
		return;
	}
	/* A brk() that fails does not say so: it returns what stands. */
	if (!always_works(trace->crash->call))
		call_replace(trace->pid, trace->crash->call == SYS_brk ? trace->break_now : -trace->stop.error);
}

static void call_begins(struct trace *trace, uint64_t call, uint64_t argument)
{
	struct crash *crash = trace->crash;

	trace->counting |= call == SYS_fcntl;
	if (!trace->counting)
		return;
	crash->numbers = reallocarray(crash->numbers, crash->calls + 1, sizeof(*crash->numbers));
	cr_assert_not_null(crash->numbers);
	crash->numbers[crash->calls++] = call;
	if (crash->calls != trace->stop.at)
		return;
	crash->stopped = true;
	crash->call = call;
	crash->argument = argument;
	call_stop(trace);
}

/* How to go on: to the next call, or to the end of this one. */
static enum __ptrace_request trace_look(struct trace *trace)
{
	struct __ptrace_syscall_info info;

	/* Fails only when it was just killed; then the next wait tells. */
	if (ptrace(PTRACE_GET_SYSCALL_INFO, trace->pid, sizeof(info), &info) < 0)
		return PTRACE_CONT;
	if (info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
		call_begins(trace, info.seccomp.nr, info.seccomp.args[0]);
		return info.seccomp.nr == SYS_brk ? PTRACE_SYSCALL : PTRACE_CONT;
	}
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		trace->break_now = info.exit.rval;
	return PTRACE_CONT;
}

static void trace_run(struct trace *trace, int *status)
{
	enum __ptrace_request request = PTRACE_CONT;
	long signal = 0;

	for (;;) {
		ptrace(request, trace->pid, 0, signal);
		cr_assert_eq(waitpid(trace->pid, status, 0), trace->pid, "%s", strerror(errno));
		if (!WIFSTOPPED(*status))
			return;
		signal = WSTOPSIG(*status);
		request = PTRACE_CONT;
		/* The others are its own. */
		if (signal == (SIGTRAP | 0x80) || signal == SIGTRAP) {
			signal = 0;
			request = trace_look(trace);
		}
	}
}

static void child_run(char *const argv[], int out_fd, int err_fd)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	struct sock_fprog filter = { .len = 1, .filter = &all };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(out_fd, 1) < 0 || dup2(err_fd, 2) < 0)
		_exit(127);
	alarm(RUN_S);
	/* A leak check is a tracer, too, and there is room for one. */
	setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	/* From the filter on, calls work only for one who is traced with all options. */
	raise(SIGSTOP);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
		execv(argv[0], argv);
	_exit(127);
}

static char *text_of(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text;

	cr_assert_geq(size, 0);
	text = calloc(1, (size_t)size + 1);
	cr_assert_eq(pread(fd, text, (size_t)size, 0), size);
	return text;
}

static void argv_split(char *text, char *argv[WORDS_MAX])
{
	char *rest = NULL;
	size_t count = 1;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		cr_assert_lt(count, WORDS_MAX - 1);
		argv[count++] = word;
	}
}

static pid_t trace_begin(char *const argv[], int out_fd, int err_fd)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	cr_assert_geq(pid, 0);
	if (pid == 0)
		child_run(argv, out_fd, err_fd);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSTOPPED(status), "%s does not start", argv[0]);
	cr_assert_eq(ptrace(PTRACE_SETOPTIONS, pid, 0,
			    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL), 0);
	return pid;
}

struct crash crash_daisy(struct crash_stop stop, const char *words)
{
	auto_(mem) char *path = text_format("%s/daisy", getenv("DAISY_BUILD"));
	auto_(mem) char *text = strdup(words);
	auto_(fd) int out_fd = memfd_create("out", MFD_CLOEXEC);
	auto_(fd) int err_fd = memfd_create("err", MFD_CLOEXEC);
	char *argv[WORDS_MAX] = { path };
	struct crash crash = { 0 };
	struct trace trace = { .stop = stop, .crash = &crash };
	int status;

	argv_split(text, argv);
	trace.pid = trace_begin(argv, out_fd, err_fd);
	trace_run(&trace, &status);
	crash.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	crash.out = text_of(out_fd);
	crash.err = text_of(err_fd);
	return crash;
}
