// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * An object file's bytes, its digest, and whether they can be an object at all.
 *
 * A file is read once, so what was hashed is what is loaded even if the file is
 * replaced meanwhile. The ELF check is no parser: it only sees to it that a torn
 * or foreign file ends in a sentence about the file. What is in it is libbpf's.
 */
#include "program_parts.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"

#define OBJECT_SIZE_MAX (64U << 20)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_ORDER ELFDATA2LSB
#else
#define HOST_ORDER ELFDATA2MSB
#endif

_Static_assert(SHA256_DIGEST_LENGTH == DAISY_DIGEST_SIZE, "the manifest's digest is a SHA-256");

void object_file_clear(struct object_file *file)
{
	free(file->bytes);
	*file = (struct object_file){ 0 };
}

static int file_size(const char *path, int fd, size_t *ret_size)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return fail_errno(-errno, "object %s", path);
	if (S_ISDIR(status.st_mode))
		return fail(-EISDIR, "object %s: it is a directory", path);
	if (!S_ISREG(status.st_mode))
		return fail(-EINVAL, "object %s: it is not a regular file", path);
	if (status.st_size == 0)
		return fail(-EINVAL, "object %s: it is empty", path);
	if (status.st_size > OBJECT_SIZE_MAX)
		return fail(-EFBIG, "object %s: it is larger than 64 MiB", path);
	*ret_size = (size_t)status.st_size;
	return 0;
}

static int read_all(const char *path, int fd, uint8_t *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, bytes + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(-errno, "object %s", path);
		if (n == 0)
			return fail(-EIO, "object %s: it became shorter while it was read", path);
		done += (size_t)n;
	}
	return 0;
}

int object_file_read(const char *path, struct object_file *ret_file)
{
	auto_(object_file) struct object_file file = { 0 };
	auto_(fd) int fd = -1;
	SHA2_CTX hash;
	int r;

	/* A FIFO without a writer must not hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_errno(-errno, "object %s", path);
	r = file_size(path, fd, &file.size);
	if (r < 0)
		return r;
	file.bytes = malloc(file.size);
	if (!file.bytes)
		return fail_memory();
	r = read_all(path, fd, file.bytes, file.size);
	if (r < 0)
		return r;
	SHA256Init(&hash);
	SHA256Update(&hash, file.bytes, file.size);
	SHA256Final(file.digest, &hash);
	*ret_file = file;
	file.bytes = NULL;
	return 0;
}

int program_digest(const char *path, uint8_t digest[DAISY_DIGEST_SIZE])
{
	auto_(object_file) struct object_file file = { 0 };
	int r;

	r = object_file_read(path, &file);
	if (r < 0)
		return r;
	memcpy(digest, file.digest, DAISY_DIGEST_SIZE);
	return 0;
}

/* True if @count things of @each bytes at @offset lie within @size bytes. */
static bool lies_within(uint64_t offset, uint64_t count, uint64_t each, size_t size)
{
	return offset <= size && (each == 0 || count <= (size - offset) / each);
}

static Elf64_Shdr section_at(const struct object_file *file, const Elf64_Ehdr *header, size_t index)
{
	Elf64_Shdr section;

	/* Nothing in a file need be aligned. */
	memcpy(&section, file->bytes + header->e_shoff + index * sizeof(section), sizeof(section));
	return section;
}

static bool sections_whole(const struct object_file *file, const Elf64_Ehdr *header)
{
	for (size_t i = 0; i < header->e_shnum; i++) {
		Elf64_Shdr section = section_at(file, header, i);

		if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL &&
		    !lies_within(section.sh_offset, section.sh_size, 1, file->size))
			return false;
	}
	return true;
}

static bool is_called(const struct object_file *file, const Elf64_Shdr *names, const Elf64_Shdr *section,
		      const char *name)
{
	size_t size = strlen(name) + 1;

	return lies_within(section->sh_name, size, 1, names->sh_size) &&
	       memcmp(file->bytes + names->sh_offset + section->sh_name, name, size) == 0;
}

static int types_check(const char *path, const struct object_file *file, const Elf64_Ehdr *header)
{
	Elf64_Shdr names = section_at(file, header, header->e_shstrndx);
	int r;

	if (names.sh_type != SHT_STRTAB)
		return fail(-EINVAL, "object %s: its sections have no names", path);
	for (size_t i = 1; i < header->e_shnum; i++) {
		Elf64_Shdr section = section_at(file, header, i);

		if (section.sh_type != SHT_PROGBITS || !is_called(file, &names, &section, ".BTF"))
			continue;
		r = object_types_check(path, file->bytes + section.sh_offset, section.sh_size);
		if (r < 0)
			return r;
	}
	return 0;
}

/* In either byte order, so that the wrong one is called by its name. */
static bool is_bpf(const Elf64_Ehdr *header)
{
	bool other = header->e_ident[EI_DATA] != HOST_ORDER;
	uint16_t type = other ? __builtin_bswap16(header->e_type) : header->e_type;
	uint16_t machine = other ? __builtin_bswap16(header->e_machine) : header->e_machine;

	/* Old compilers left the machine open. */
	return header->e_ident[EI_CLASS] == ELFCLASS64 && type == ET_REL && (machine == EM_BPF || machine == EM_NONE);
}

int object_file_check(const char *path, const struct object_file *file)
{
	Elf64_Ehdr header;

	if (file->size < SELFMAG || memcmp(file->bytes, ELFMAG, SELFMAG) != 0)
		return fail(-EINVAL, "object %s: it is not an ELF file", path);
	if (file->size < sizeof(header))
		return fail(-EINVAL, "object %s: it is cut short, behind %zu bytes", path, file->size);
	memcpy(&header, file->bytes, sizeof(header));
	if (!is_bpf(&header))
		return fail(-EINVAL, "object %s: it is an ELF file, but not a BPF object", path);
	if (header.e_ident[EI_DATA] != HOST_ORDER)
		return fail(-EINVAL, "object %s: it is a BPF object for machines of the other byte order", path);
	if (header.e_shnum == 0 || header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum)
		return fail(-EINVAL, "object %s: it is a BPF object without sections", path);
	if (!lies_within(header.e_shoff, header.e_shnum, sizeof(Elf64_Shdr), file->size) ||
	    !sections_whole(file, &header))
		return fail(-EINVAL, "object %s: it is cut short, behind %zu bytes", path, file->size);
	return types_check(path, file, &header);
}
