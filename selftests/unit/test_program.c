// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * loader/program*.c as far as no privileges are needed: files that are no objects,
 * and the choice of a program. A choice that was right ends where the kernel is
 * asked to load, so the privileges for that are dropped first.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#include "error.h"
#include "program.h"

static char directory[] = "/tmp/daisy-test-program-XXXXXX";

static void make_directory(void)
{
	cr_assert_not_null(mkdtemp(directory));
	libbpf_hush();
}

static void remove_directory(void)
{
	auto_(mem) char *command = text_format("rm -rf '%s'", directory);

	cr_assert_eq(system(command), 0);
}

TestSuite(program, .init = make_directory, .fini = remove_directory);

/* A path in the test's own directory; the caller frees it. */
static char *path_of(const char *name)
{
	return text_format("%s/%s", directory, name);
}

/* A test program, or a skip where the BPF programs were not built. */
static char *object_of(const char *name)
{
	const char *build = getenv("DAISY_BUILD");
	char *path = text_format("%s/progs/%s.bpf.o", build ? build : "build", name);

	if (access(path, R_OK) < 0)
		cr_skip_test("no %s; make progs", path);
	return path;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	auto_(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
}

static size_t read_file(const char *path, uint8_t **ret_bytes)
{
	auto_(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &status), 0);
	*ret_bytes = malloc((size_t)status.st_size);
	cr_assert_eq(read(fd, *ret_bytes, (size_t)status.st_size), status.st_size);
	return (size_t)status.st_size;
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	cr_assert_eq(syscall(SYS_capset, &header, none), 0);
}

static struct filter *filter_of(const char *path, const char *section, const char *symbol)
{
	struct filter *filter = NULL;

	cr_assert_eq(filter_new("filter", "me", &filter), 0);
	filter->source.kind = DAISY_SOURCE_OBJECT;
	cr_assert_eq(text_set(&filter->source.path, path), 0);
	cr_assert_eq(text_set(&filter->source.section, section), 0);
	cr_assert_eq(text_set(&filter->source.symbol, symbol), 0);
	filter->source.section_named = section != NULL;
	filter->source.symbol_named = symbol != NULL;
	return filter;
}

/* Loading fails with @code and one sentence that has all of the words, which end with NULL, in it. */
static void expect_refusal(struct filter *filter, int code, ...)
{
	struct program *program = NULL;
	va_list words;

	cr_expect_eq(program_load(filter, 0, &program), code, "%s", error_text());
	cr_expect_null(program);
	va_start(words, code);
	for (const char *word = va_arg(words, const char *); word; word = va_arg(words, const char *))
		cr_expect_not_null(strstr(error_text(), word), "no '%s' in: %s", word, error_text());
	va_end(words);
	cr_expect_null(strchr(error_text(), '\n'));
	error_clear();
}

static void expect_path_refused(const char *path, int code, const char *words)
{
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);

	expect_refusal(filter, code, path, words, NULL);
}

/* The choice falls on @program, and only the kernel refuses it. */
static void expect_choice(const char *name, const char *section, const char *symbol, const char *program)
{
	auto_(mem) char *path = object_of(name);
	auto_(filter) struct filter *filter = filter_of(path, section, symbol);
	auto_(mem) char *words = text_format("program %s:", program);

	drop_capabilities();
	expect_refusal(filter, -EPERM, path, words, "CAP_BPF", NULL);
	/* Only success completes a source. */
	cr_expect(text_equal(filter->source.symbol, symbol));
	cr_expect_not(filter->source.has_digest);
}

Test(program, refuses_a_missing_file)
{
	auto_(mem) char *path = path_of("none.o");

	expect_path_refused(path, -ENOENT, "No such file");
}

Test(program, refuses_a_directory)
{
	expect_path_refused(directory, -EISDIR, "directory");
}

Test(program, refuses_an_empty_file)
{
	auto_(mem) char *path = path_of("empty.o");

	write_file(path, "", 0);
	expect_path_refused(path, -EINVAL, "empty");
}

Test(program, refuses_a_fifo_without_waiting_for_a_writer, .timeout = 10)
{
	auto_(mem) char *path = path_of("fifo.o");

	cr_assert_eq(mkfifo(path, 0600), 0);
	expect_path_refused(path, -EINVAL, "not a regular file");
}

Test(program, refuses_what_is_no_elf_file)
{
	auto_(mem) char *path = path_of("text.o");

	write_file(path, "int main(void);\n", 16);
	expect_path_refused(path, -EINVAL, "not an ELF file");
	write_file(path, "\x7f" "EL", 3);
	expect_path_refused(path, -EINVAL, "not an ELF file");
}

Test(program, refuses_a_binary_of_the_host)
{
	expect_path_refused("/proc/self/exe", -EINVAL, "not a BPF object");
}

Test(program, refuses_a_file_of_more_than_64_mib)
{
	auto_(mem) char *path = path_of("large.o");

	write_file(path, "\x7f" "ELF", 4);
	cr_assert_eq(truncate(path, (64 << 20) + 1), 0);
	expect_path_refused(path, -EFBIG, "64 MiB");
}

Test(program, refuses_an_object_cut_short_anywhere)
{
	auto_(mem) char *whole = object_of("tail");
	auto_(mem) char *path = path_of("cut.o");
	auto_(filter) struct filter *filter = filter_of(path, NULL, "tail");
	auto_(mem) uint8_t *bytes = NULL;
	size_t size = read_file(whole, &bytes);

	for (size_t cut = 1; cut < size; cut += cut < 256 ? 1 : 37) {
		write_file(path, bytes, cut);
		expect_refusal(filter, -EINVAL, path, NULL);
	}
	write_file(path, bytes, size - 1);
	expect_refusal(filter, -EINVAL, path, "cut short", NULL);
}

Test(program, refuses_or_opens_a_damaged_object_but_never_falls_over_it)
{
	auto_(mem) char *whole = object_of("count");
	auto_(mem) char *path = path_of("damaged.o");
	auto_(filter) struct filter *filter = filter_of(path, NULL, "no_such_program");
	auto_(mem) uint8_t *bytes = NULL;
	size_t size = read_file(whole, &bytes);

	for (size_t at = 0; at < size; at += 7) {
		struct program *program = NULL;
		uint8_t was = bytes[at];

		bytes[at] ^= 0xff;
		write_file(path, bytes, size);
		cr_expect_lt(program_load(filter, 0, &program), 0);
		cr_expect(error_stands());
		error_clear();
		bytes[at] = was;
	}
}

Test(program, refuses_an_object_without_a_tc_program)
{
	auto_(mem) char *path = object_of("xdp");
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);

	expect_refusal(filter, -EINVAL, path, "no tc program", "xdp_pass (section xdp, type xdp)", NULL);
}

Test(program, refuses_a_program_of_another_type_by_its_type)
{
	auto_(mem) char *path = object_of("verdicts");
	auto_(filter) struct filter *xdp = filter_of(path, "xdp", NULL);
	auto_(filter) struct filter *socket = filter_of(path, NULL, "verdict_socket");

	expect_refusal(xdp, -EINVAL, path, "verdict_xdp", "of type xdp", NULL);
	expect_refusal(socket, -EINVAL, path, "verdict_socket", "of type socket_filter", NULL);
}

Test(program, refuses_to_choose_among_several_and_lists_them)
{
	auto_(mem) char *path = object_of("verdicts");
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);

	expect_refusal(filter, -EINVAL, path, "9 tc programs", "'prog SYMBOL'", "verdict_ok (section tc)",
		       "verdict_repeat (section tcx/egress)", NULL);
}

Test(program, refuses_to_choose_within_a_section_and_lists_its_programs)
{
	auto_(mem) char *path = object_of("verdicts");
	auto_(filter) struct filter *filter = filter_of(path, "tc", NULL);

	expect_refusal(filter, -EINVAL, path, "section tc holds 2 programs", "verdict_ok", "verdict_unspec", NULL);
}

Test(program, refuses_names_that_the_object_does_not_have)
{
	auto_(mem) char *path = object_of("verdicts");
	auto_(filter) struct filter *section = filter_of(path, "tc/none", NULL);
	auto_(filter) struct filter *symbol = filter_of(path, NULL, "none");
	auto_(filter) struct filter *both = filter_of(path, "tcx/egress", "verdict_ok");

	expect_refusal(section, -ENOENT, path, "no section 'tc/none'", "verdict_ok (section tc)", NULL);
	expect_refusal(symbol, -ENOENT, path, "no program 'none'", "verdict_ok (section tc)", NULL);
	expect_refusal(both, -ENOENT, path, "verdict_ok is in section tc, not in tcx/egress", NULL);
}

Test(program, refuses_a_subprogram_as_a_program)
{
	auto_(mem) char *path = object_of("subprog");
	auto_(filter) struct filter *filter = filter_of(path, NULL, "subprog_thrice");

	expect_refusal(filter, -ENOENT, path, "no program 'subprog_thrice'", NULL);
}

Test(program, chooses_the_only_one)
{
	expect_choice("meter", NULL, NULL, "meter");
}

Test(program, chooses_the_only_one_beside_subprograms)
{
	expect_choice("subprog", NULL, NULL, "subprog");
}

Test(program, chooses_by_symbol_where_a_section_holds_several)
{
	expect_choice("verdicts", NULL, "verdict_unspec", "verdict_unspec");
}

Test(program, chooses_by_section_whatever_tc_calls_it)
{
	static const char *const sections[][2] = {
		{ "classifier", "verdict_shot" }, { "classifier/pipe", "verdict_pipe" },
		{ "tc/ingress", "verdict_stolen" }, { "tc/egress", "verdict_trap" },
		{ "tcx/ingress", "verdict_reclassify" }, { "tcx/egress", "verdict_repeat" },
		{ "action", "verdict_queued" }, { "from-container", "verdict_odd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		expect_choice("verdicts", sections[i][0], NULL, sections[i][1]);
}

Test(program, ignores_names_that_an_earlier_load_found)
{
	auto_(mem) char *path = object_of("meter");
	auto_(filter) struct filter *filter = filter_of(path, "tc/old", "old");

	filter->source.section_named = filter->source.symbol_named = false;
	drop_capabilities();
	expect_refusal(filter, -EPERM, "program meter:", NULL);
}

Test(program, digest_is_the_sha_256_of_the_file)
{
	static const uint8_t abc[DAISY_DIGEST_SIZE] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
		0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	auto_(mem) char *path = path_of("abc");
	uint8_t digest[DAISY_DIGEST_SIZE];

	write_file(path, "abc", 3);
	cr_assert_eq(program_digest(path, digest), 0);
	cr_expect_arr_eq(digest, abc, sizeof(abc));
}

Test(program, digest_of_a_missing_file_is_refused_in_words)
{
	auto_(mem) char *path = path_of("none.o");
	uint8_t digest[DAISY_DIGEST_SIZE];

	cr_expect_eq(program_digest(path, digest), -ENOENT);
	cr_expect_not_null(strstr(error_text(), path));
	error_clear();
}

Test(program, refuses_a_file_of_another_digest_naming_both)
{
	auto_(mem) char *path = object_of("meter");
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);
	uint8_t digest[DAISY_DIGEST_SIZE];
	char has[16];

	cr_assert_eq(program_digest(path, digest), 0);
	snprintf(has, sizeof(has), "%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3]);
	filter->source.has_digest = true;
	memset(filter->source.digest, 0x5a, DAISY_DIGEST_SIZE);
	expect_refusal(filter, -EBADMSG, path, has, "5a5a5a5a", NULL);
}

Test(program, opens_a_file_of_the_digest_that_is_demanded)
{
	auto_(mem) char *path = object_of("meter");
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);

	cr_assert_eq(program_digest(path, filter->source.digest), 0);
	filter->source.has_digest = true;
	drop_capabilities();
	expect_refusal(filter, -EPERM, path, "CAP_BPF", NULL);
}

Test(program, refuses_a_pin_that_is_missing)
{
	auto_(mem) char *path = path_of("pin");
	auto_(filter) struct filter *filter = filter_of(path, NULL, NULL);

	filter->source.kind = DAISY_SOURCE_PINNED;
	expect_refusal(filter, -ENOENT, path, "No such file", NULL);
}

Test(program, refuses_a_filter_without_a_program)
{
	auto_(filter) struct filter *filter = filter_of(NULL, NULL, NULL);

	filter->source.kind = DAISY_SOURCE_NONE;
	expect_refusal(filter, -EINVAL, "no program", NULL);
}

Test(program, free_takes_nothing)
{
	program_free(NULL);
}
