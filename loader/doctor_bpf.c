// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Checks of daisy doctor: loading programs, and running a chain of one.
 *
 * All of it ends with the fds of this process; nothing is pinned or attached.
 */
#include "doctor.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <string.h>

#include "counters.h"
#include "dispatcher.h"
#include "error.h"
#include "kernel.h"

#define CHAIN "doctor"
#define ADVICE_TAIL_CALL "use a kernel whose JIT can do it (x86-64 since 5.10, arm64 since 6.0), with the JIT on"
#define ADVICE_LOAD "search for the kernel's words; it may be built without what they name"

DEFINE_CLEANUP(btf, struct btf *, btf__free)

static void maps_cleanup(int (*map_fds)[MAP_COUNT])
{
	maps_close(*map_fds);
}

int doctor_program(int verdict, int *ret_fd)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, CHAIN, "Dual BSD/GPL", insns, ARRAY_SIZE(insns), NULL);

	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* The file is root's, and in other network namespaces than the first it is not there. */
static void jit_setting(char *to, size_t size)
{
	auto_(file) FILE *in = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	int value;

	if (in && fscanf(in, "%d", &value) == 1)
		snprintf(to, size, "net.core.bpf_jit_enable is %d", value);
	else
		snprintf(to, size, "net.core.bpf_jit_enable cannot be read from here");
}

void probe_jit(struct finding *finding)
{
	auto_(fd) int fd = -1;
	struct prog_facts facts;
	char setting[64];
	int r = doctor_program(TC_ACT_OK, &fd);

	jit_setting(setting, sizeof(setting));
	if (r == 0)
		r = prog_facts(fd, &facts);
	if (r < 0)
		finding_lack(finding, advice_for(r, ADVICE_LOAD),
			     "not tried, as no program can be loaded: %s; %s", strerror(-r), setting);
	else if (facts.info.jited_prog_len == 0)
		finding_lack(finding, "sysctl -w net.core.bpf_jit_enable=1 (needs a kernel with CONFIG_BPF_JIT)",
			     "programs are not compiled; %s", setting);
	else
		finding_ok(finding, "programs are compiled; %s", setting);
}

void probe_btf(struct finding *finding)
{
	auto_(btf) struct btf *btf = btf__load_vmlinux_btf();

	if (btf)
		finding_ok(finding, "the kernel's types can be read: %u of them", btf__type_cnt(btf));
	else
		finding_lack(finding, "a kernel with CONFIG_DEBUG_INFO_BTF; without it only objects without CO-RE load",
			     "the kernel's types cannot be read: %m");
}

static struct daisy_manifest *manifest_new(uint32_t count)
{
	struct daisy_manifest *manifest = calloc(1, sizeof(*manifest));

	if (!manifest)
		return NULL;
	manifest->magic = DAISY_ABI_MAGIC;
	manifest->version = DAISY_ABI_VERSION;
	manifest->size = sizeof(*manifest);
	snprintf(manifest->chain, sizeof(manifest->chain), "%s", CHAIN);
	manifest->revision = 1;
	manifest->hook_count = 1;
	manifest->count = count;
	for (uint32_t i = 0; i < count; i++)
		manifest->filters[i].ends = 1U << TC_ACT_SHOT;
	return manifest;
}

/* A dispatcher of @count filters for a hook that is nowhere. Says what failed. */
static int dispatcher_try(uint32_t count, int map_fds[MAP_COUNT], int *ret_fd)
{
	auto_(mem) struct daisy_manifest *manifest = manifest_new(count);

	return manifest ? dispatcher_load(manifest, map_fds, ret_fd) : fail_memory();
}

static int dispatcher_recognise(int fd)
{
	auto_(mem) struct daisy_manifest *manifest = calloc(1, sizeof(*manifest));
	int r;

	if (!manifest)
		return fail_memory();
	r = dispatcher_read(fd, manifest);
	if (r == 0 && strcmp(manifest->chain, CHAIN) != 0)
		r = -EPROTO;
	return r < 0 ? fail_errno(r, "the dispatcher loads, but its manifest cannot be read back") : 0;
}

void probe_dispatcher(struct finding *finding)
{
	auto_(maps) int map_fds[MAP_COUNT] = MAPS_NONE;
	auto_(fd) int fd = -1;
	int r = dispatcher_try(0, map_fds, &fd);

	if (r == 0)
		r = dispatcher_recognise(fd);
	if (r < 0)
		finding_refused(finding, advice_for(r, ADVICE_LOAD));
	else
		finding_ok(finding, "loads, and its manifest can be read back");
}

/* One packet through a chain of one filter, which drops it. Says what failed. */
static int chain_run(int map_fds[MAP_COUNT], uint32_t *ret_verdict)
{
	auto_(fd) int fd = -1;
	auto_(fd) int member_fd = -1;
	uint8_t packet[64] = { 0 }, out[sizeof(packet)];
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
			    .data_out = out, .data_size_out = sizeof(out), .repeat = 1);
	uint32_t slot = 0;
	int r = dispatcher_try(1, map_fds, &fd);

	if (r < 0)
		return r;
	r = doctor_program(TC_ACT_SHOT, &member_fd);
	if (r == 0)
		r = bpf_map_update_elem(map_fds[MAP_SLOTS], &slot, &member_fd, BPF_ANY);
	if (r < 0)
		return fail_errno(r, "a program cannot be put into the dispatcher's array");
	r = bpf_prog_test_run_opts(fd, &opts);
	if (r < 0)
		return fail_errno(r, "the dispatcher cannot be run by BPF_PROG_TEST_RUN");
	*ret_verdict = opts.retval;
	return 0;
}

/* Only a dispatcher that got the packet back counts what the program made of it. */
static int chain_check(int map_fds[MAP_COUNT])
{
	struct daisy_base tally;
	uint32_t verdict = 0;
	int r = chain_run(map_fds, &verdict);

	if (r < 0)
		return r;
	r = counters_read(map_fds[MAP_COUNTERS], map_fds[MAP_BASE], -1, 0, &tally);
	if (r < 0)
		return fail_errno(r, "the dispatcher's counters cannot be read");
	if (verdict != TC_ACT_SHOT)
		return fail(-ENOTSUP, "the tail call was not made: the verdict is %d, not %d", (int)verdict, TC_ACT_SHOT);
	if (tally.filters[0].by[DAISY_SHOT].packets != 1)
		return fail(-ENOTSUP, "the program ran, but did not return to the dispatcher");
	return 0;
}

void probe_tail_call(struct finding *finding)
{
	auto_(maps) int map_fds[MAP_COUNT] = MAPS_NONE;
	int r = chain_check(map_fds);

	if (r < 0)
		finding_refused(finding, advice_for(r, ADVICE_TAIL_CALL));
	else
		finding_ok(finding, "a program ran, returned to the dispatcher, and was counted");
}

/*
 * A program with a target that can be none: what the verifier says about that
 * target shows that it knows and allows the type. libbpf probes these so, too.
 */
static void type_try(struct finding *finding, enum bpf_prog_type type, enum bpf_attach_type attach, const char *words)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[4096] = "";
	DECLARE_LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach, .attach_btf_id = 1,
			    .log_buf = log, .log_size = sizeof(log), .log_level = 1);
	auto_(fd) int fd = bpf_prog_load(type, CHAIN, "GPL", insns, ARRAY_SIZE(insns), &opts);

	if (fd >= 0 || strstr(log, words))
		finding_ok(finding, "the kernel knows and allows it");
	else
		finding_lack(finding, "nothing; daisy does not need it for tc chains", "the kernel refuses it: %s%s",
			     strerror(-fd), fd == -EPERM ? ", as a locked-down host does even to root" : "");
}

void probe_ext(struct finding *finding)
{
	type_try(finding, BPF_PROG_TYPE_EXT, 0, "Cannot replace kernel functions");
}

void probe_tracing(struct finding *finding)
{
	type_try(finding, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "attach_btf_id 1 is not a function");
}

void doctor_libbpf(char *to, size_t size)
{
	snprintf(to, size, "%u.%u", libbpf_major_version(), libbpf_minor_version());
}

void probe_libbpf(struct finding *finding)
{
	char version[32];

	doctor_libbpf(version, sizeof(version));
	finding_ok(finding, "%s is in use", version);
}
