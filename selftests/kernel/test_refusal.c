// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What daisy must refuse: a sentence, an exit code, and a chain that runs on as
 * if nothing had been asked. Each test here has such a chain.
 */
#include "lab.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void open_with_chain(void)
{
	lab_open();
	lab_add("old", "count");
	lab_send(10);
}

/* After every refusal: the old chain runs. */
static void close_with_chain(void)
{
	if (lab.home_fd < 0)
		return;
	lab_expect_order("old");
	lab_send(10);
	cr_expect_eq(lab_counted("old"), 20);
	cr_expect_eq(lab_stat("old", "packets"), 20);
}

TestSuite(refusal, .init = open_with_chain, .fini = close_with_chain, .timeout = 120);

/* --- objects */

static void refused_object(const char *path, const char *sentence)
{
	lab_refused(1, sentence, "add dev %s ingress new obj %s", lab.dev, path);
	lab_refused(1, sentence, "replace dev %s ingress old obj %s", lab.dev, path);
}

Test(refusal, of_a_file_that_is_not_there)
{
	refused_object("/run/lab/missing.bpf.o", "/run/lab/missing.bpf.o");
}

Test(refusal, of_a_file_that_is_no_elf)
{
	refused_object(lab_text_file("text.o", "this is no object\n"), "/run/lab/text.o");
	refused_object(lab_file("nothing.o", NULL, 0), "/run/lab/nothing.o");
	refused_object("/run/lab", "/run/lab");
	refused_object("/dev/null", "/dev/null");
}

Test(refusal, of_an_elf_for_another_machine)
{
	refused_object("/bin/true", "/bin/true");
}

/* The object cut off everywhere from its header to its end. */
Test(refusal, of_an_elf_that_is_cut_off)
{
	static const size_t sizes[] = { 1, 4, 16, 63, 64, 65, 128, 256, 512, 700, 1000 };
	auto_(file) FILE *in = fopen(lab_object("count"), "re");
	char bytes[65536];
	size_t size;

	cr_assert_not_null(in);
	size = fread(bytes, 1, sizeof(bytes), in);
	for (size_t i = 0; i < ARRAY_SIZE(sizes) && sizes[i] < size; i++)
		lab_refused(1, "cut.o", "add dev %s ingress new obj %s", lab.dev, lab_file("cut.o", bytes, sizes[i]));
	lab_refused(1, "cut.o", "add dev %s ingress new obj %s", lab.dev, lab_file("cut.o", bytes, size - 64));
}

Test(refusal, of_programs_of_another_type)
{
	refused_object(lab_object("xdp"), "xdp.bpf.o");
}

Test(refusal, of_a_section_that_is_not_there)
{
	lab_refused(1, "nosuch", "add dev %s ingress new obj %s sec nosuch", lab.dev, lab_object("count"));
	lab_refused(1, "maps", "add dev %s ingress new obj %s sec .maps", lab.dev, lab_object("count"));
}

Test(refusal, of_the_verifier)
{
	refused_object(lab_object("refused"), "invalid access to map value");
}

/* --- names and numbers */

static void refused_name(const char *name, const char *sentence)
{
	const char *const arguments[] = { "add", "dev", lab.dev, "ingress", name, "obj", lab_object("count"), NULL };

	lab_refused_argv(2, sentence, arguments);
}

Test(refusal, of_names_that_can_be_none)
{
	char name[257];

	memset(name, 'n', 256);
	name[256] = '\0';
	refused_name(name, "255");
	refused_name("", "NAME");
	refused_name("a\nb", "name");
	refused_name("a\033[31mb", "name");
	refused_name("\xff\xfe", "name");
}

Test(refusal, of_numbers_out_of_range)
{
	const char *object = lab_object("count");

	lab_refused(2, "prio", "add dev %s ingress new obj %s prio 0", lab.dev, object);
	lab_refused(2, "prio", "add dev %s ingress new obj %s prio 65536", lab.dev, object);
	lab_refused(2, "prio", "add dev %s ingress new obj %s prio -1", lab.dev, object);
	lab_refused(2, "prio", "add dev %s ingress new obj %s prio 1x", lab.dev, object);
	lab_refused(2, "handle", "add dev %s ingress new obj %s handle 0", lab.dev, object);
	lab_refused(2, "handle", "add dev %s ingress new obj %s handle 0x80000000", lab.dev, object);
	lab_refused(2, "id", "add dev %s ingress new id 0", lab.dev);
	lab_refused(2, "--expect", "add dev %s ingress new obj %s --expect now", lab.dev, object);
}

Test(refusal, of_words_that_are_none)
{
	const char *object = lab_object("count");

	lab_refused(2, "frobnicate", "frobnicate");
	lab_refused(2, "sideways", "add dev %s sideways new obj %s", lab.dev, object);
	lab_refused(2, "nothing", "add dev %s ingress new nothing", lab.dev);
	lab_refused(2, "PROGRAM", "add dev %s ingress new", lab.dev);
	lab_refused(2, "never", "add dev %s ingress new obj %s continue-on never", lab.dev, object);
	lab_refused(2, "exclude", "add dev %s ingress new obj %s prio 1 before old", lab.dev, object);
	lab_refused(2, "exclude", "add dev %s ingress new obj %s id 5", lab.dev, object);
	lab_refused(2, "--bogus", "add dev %s ingress new obj %s --bogus", lab.dev, object);
}

/* What the contract has and this version cannot do is refused in words, never ignored. */
Test(refusal, of_what_is_not_supported_yet)
{
	const char *object = lab_object("count");

	lab_refused(1, "not supported", "add dev %s ingress new obj %s engine fused", lab.dev, object);
	lab_refused(1, "not supported", "add dev %s ingress new obj %s skip_sw", lab.dev, object);
	lab_refused(1, "not supported", "add dev %s ingress new obj %s classid 1:10", lab.dev, object);
	lab_refused(1, "not supported", "add dev %s parent 1:0 new obj %s", lab.dev, object);
	lab_refused(1, "not supported", "add dev %s xdp new obj %s", lab.dev, object);
	lab_refused(1, "not supported", "adopt dev %s ingress", lab.dev);
}

/* --- files */

static const struct wrong {
	const char *text;
	const char *sentence;
} wrongs[] = {
	{ "chains: [\n", "wrong.yaml:" },
	{ "chains:\n  c:\n    - name: a\n\tprogram: x\n", "wrong.yaml:4" },
	{ "chains:\n  c:\n    - nme: a\n", "wrong.yaml:3" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o }\n    - name: a\n      program: { object: x.o }\n",
	  "wrong.yaml:5" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o }\nhooks:\n  - { chain: d, dev: lo, at: ingress }\n",
	  "wrong.yaml:6" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o }\nhooks:\n  - { chain: c, dev: lo, at: ingress }\n"
	  "  - { chain: c, dev: lo, at: ingress }\n", "wrong.yaml:7" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o }\nhooks:\n  - { chain: c, dev: lo, at: nowhere }\n",
	  "wrong.yaml:6" },
	{ "chains:\n  c:\n    - name: a\n", "wrong.yaml:3" },
	{ "", "wrong.yaml:" },
	{ "- 1\n- 2\n", "wrong.yaml:1" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o, sha256: 12 }\n", "wrong.yaml:4" },
	{ "chains:\n  c:\n    - name: a\n      program: { object: x.o }\n      prio: 70000\n", "wrong.yaml:5" },
	{ "chains:\n  c:\n    - { name: a, program: { object: x.o }, prio: 20 }\n"
	  "    - { name: b, program: { object: x.o }, prio: 10 }\n", "wrong.yaml:4" },
	{ "chains:\n  c:\n    - { name: a, program: { object: x.o }, prio: 20, handle: 1 }\n"
	  "    - { name: b, program: { object: x.o }, prio: 20, handle: 1 }\n", "wrong.yaml:4" },
};

/* To the letter: nothing stands before the file's name. */
static void expect_line_begins(const char *command, const char *file)
{
	auto_(lab_run) struct lab_run run = lab_daisy("%s %s", command, file);

	cr_expect_eq(strncmp(run.err, file, strlen(file)), 0, "%s", run.err);
	cr_expect_eq(run.err[strlen(file)], ':', "%s", run.err);
}

Test(refusal, of_a_wrong_file_names_its_line)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		const char *file = lab_file("wrong.yaml", wrongs[i].text, strlen(wrongs[i].text));

		lab_refused(2, wrongs[i].sentence, "apply %s", file);
		lab_refused(2, wrongs[i].sentence, "plan %s", file);
		expect_line_begins("apply", file);
		expect_line_begins("plan", file);
	}
	lab_refused(2, "/run/lab/missing.yaml", "apply /run/lab/missing.yaml");
	expect_line_begins("apply", "/run/lab/missing.yaml");
}

Test(refusal, of_a_file_whose_object_is_missing)
{
	const char *file = lab_text_file("missing.yaml",
					 "chains:\n  c:\n    - name: a\n      program: { object: none.bpf.o }\n"
					 "hooks:\n  - { chain: c, dev: %s, at: egress }\n", lab.dev);

	lab_refused(1, "none.bpf.o", "apply %s", file);
}

/* --- bpffs */

/* Ours and, below it, the host's; both only for this process. */
static void bpffs_off(void)
{
	while (umount2("/sys/fs/bpf", MNT_DETACH) == 0)
		;
}

/* The chain's pins are gone with the bpffs, and so is what close_with_chain() looks for. */
TestSuite(bpffs, .init = open_with_chain, .timeout = 120);

Test(bpffs, that_is_not_mounted_is_told)
{
	auto_(lab_run) struct lab_run add = { 0 }, show = { 0 };

	bpffs_off();
	add = lab_daisy("add dev %s egress new obj %s", lab.dev, lab_object("count"));
	lab_expect_refusal(__FILE__, __LINE__, &add, 1, "bpffs");
	show = lab_daisy("show");
	lab_expect_refusal(__FILE__, __LINE__, &show, 1, "bpffs");
}

Test(bpffs, that_is_read_only_changes_nothing)
{
	uint32_t old = lab_prog("old");

	cr_assert_eq(mount(NULL, "/sys/fs/bpf", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0, "%s", strerror(errno));
	lab_refused(1, "Read-only", "add dev %s ingress new obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "Read-only", "add dev %s egress new obj %s", lab.dev, lab_object("count"));
	lab_refused(1, "Read-only", "flush dev %s ingress", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_map_value(old, "packets", 0), 20);
	cr_assert_eq(mount(NULL, "/sys/fs/bpf", NULL, MS_REMOUNT, NULL), 0, "%s", strerror(errno));
	lab_expect_order("old");
	cr_expect_eq(lab_prog("old"), old);
	cr_expect_eq(lab_stat("old", "packets"), 20);
}

/* A pin that cannot be opened is not one that nobody needs. */
Test(refusal, of_a_command_that_runs_out_of_fds_takes_no_chain_down)
{
	for (unsigned int most = 3; most < 24; most++) {
		auto_(mem) char *before = lab_picture(), *after = NULL;
		auto_(lab_run) struct lab_run run = lab_run("prlimit --nofile=%u %s/daisy show", most, getenv("DAISY_BUILD"));

		after = lab_picture();
		cr_expect_str_eq(after, before, "with %u fds, show (exit %d: %s) changed\n%sinto\n%s", most, run.code,
				 run.err, before, after);
		cr_expect(run.code != 0 || strstr(run.out, "old"), "with %u fds, show says: %s", most, run.out);
	}
}

/* --- privileges */

/* nobody may not see where all this was built. */
static const char *copy_for_all(const char *from, const char *name)
{
	const char *to = lab_file(name, NULL, 0);

	lab_do("cp %s %s", from, to);
	cr_assert_eq(chmod(to, 0755), 0);
	return to;
}

static void refused_nobody(const char *daisy, const char *words)
{
	auto_(lab_run) struct lab_run run = { 0 };
	auto_(mem) char *before = lab_picture(), *after = NULL;

	lab_mark();
	run = lab_run("setpriv --reuid=65534 --regid=65534 --clear-groups %s %s", daisy, words);
	lab_expect_refusal(__FILE__, __LINE__, &run, 1, "Operation not permitted");
	after = lab_picture();
	cr_expect_str_eq(after, before, "nobody's %s changed\n%sinto\n%s", words, before, after);
	lab_no_litter();
}

Test(refusal, of_nobody_who_has_no_privilege)
{
	auto_(mem) char *built = text_format("%s/daisy", getenv("DAISY_BUILD"));
	const char *daisy = copy_for_all(built, "daisy");
	const char *object = copy_for_all(lab_object("count"), "count.bpf.o");
	auto_(mem) char *add = text_format("add dev %s ingress new obj %s", lab.dev, object);
	auto_(mem) char *egress = text_format("add dev %s egress new obj %s", lab.dev, object);
	auto_(mem) char *flush = text_format("flush dev %s ingress", lab.dev);

	refused_nobody(daisy, add);
	refused_nobody(daisy, egress);
	refused_nobody(daisy, flush);
	refused_nobody(daisy, "show");
}
