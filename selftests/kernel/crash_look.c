// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What is seen of a scene, without daisy's help: pins, qdiscs and filters as they
 * are, and which programs a packet meets, by what these count themselves.
 */
#include "crash_parts.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>

#define WITNESSES 32

/* A program that counts, and how much it had counted. */
struct witness {
	char letter;
	uint32_t id;
	int fd;
	uint64_t count;
};

void picture_clear(struct picture *picture)
{
	free(picture->pins);
	free(picture->tc);
	*picture = (struct picture){ 0 };
}

/* --- pictures */

struct picture picture_take(void)
{
	return (struct picture){ .pins = lab_pins(), .tc = tc_text((const char *[]){ lab.dev, OTHER }, 2) };
}

/* Without what is another with every load. */
static char *masked(const char *text)
{
	static const char *const before[] = { "daisy:[", " id " };
	char *copy = calloc(1, strlen(text) + 1), *to = copy;

	while (*text) {
		*to++ = *text++;
		for (size_t i = 0; i < ARRAY_SIZE(before); i++) {
			size_t size = strlen(before[i]);

			if ((size_t)(to - copy) >= size && memcmp(to - size, before[i], size) == 0)
				text += strspn(text, "0123456789abcdef");
		}
	}
	return copy;
}

bool picture_same(const struct picture *a, const struct picture *b)
{
	return strcmp(a->pins, b->pins) == 0 && strcmp(a->tc, b->tc) == 0;
}

bool picture_like(const struct picture *a, const struct picture *b)
{
	auto_(mem) char *one = masked(a->tc), *other = masked(b->tc);

	return strcmp(a->pins, b->pins) == 0 && strcmp(one, other) == 0;
}

/* --- what the programs count */

static char *pins_of(const struct crash_chain *chain, uint32_t number)
{
	DIR *dir = opendir("/sys/fs/bpf/daisy");
	struct dirent *entry;
	char *path = NULL;

	while (dir && !path && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			path = text_format("/sys/fs/bpf/daisy/%s/%s/%u", entry->d_name, scene_name(chain), number);
	}
	if (dir)
		closedir(dir);
	return path;
}

static void witness_add(struct witness *witnesses, size_t *count, const char *pin, char letter)
{
	auto_(fd) int fd = bpf_obj_get(pin);
	uint32_t id = fd < 0 ? 0 : lab_program_id(fd);

	if (fd < 0)
		return;
	for (size_t i = 0; i < *count; i++) {
		if (witnesses[i].id == id)
			return;
	}
	cr_assert_lt(*count, (size_t)WITNESSES);
	witnesses[(*count)++] = (struct witness){
		.letter = letter,
		.id = id,
		.fd = lab_map(id, isupper((unsigned char)letter) ? "count_ot.bss" : "count.bss"),
	};
}

static void chain_witnesses(const struct crash_chain *chain, enum state state, struct witness *witnesses, size_t *count)
{
	const char *letters = scene_order(chain, state);
	auto_(mem) char *path = letters ? pins_of(chain, scene_revision(chain, state)) : NULL;

	for (size_t i = 0; path && letters[i]; i++) {
		auto_(mem) char *pin = text_format("%s/prog_%02zu", path, i);

		if (letters[i] != '.')
			witness_add(witnesses, count, pin, letters[i]);
	}
}

static size_t witnesses_open(const struct crash_scene *scene, struct witness witnesses[WITNESSES])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(scene->chains); i++) {
		chain_witnesses(&scene->chains[i], BEFORE, witnesses, &count);
		chain_witnesses(&scene->chains[i], AFTER, witnesses, &count);
	}
	return count;
}

/* What they counted since they were last asked; a number behind a letter that counted more than one packet. */
static void witnesses_ask(struct witness *witnesses, size_t count, char *to, size_t size)
{
	FILE *out = fmemopen(to, size, "w");
	uint32_t key = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t value = 0;

		cr_assert_eq(bpf_map_lookup_elem(witnesses[i].fd, &key, &value), 0, "%s", strerror(errno));
		if (value != witnesses[i].count)
			fputc(witnesses[i].letter, out);
		if (value > witnesses[i].count + 1)
			fprintf(out, "%llu", (unsigned long long)(value - witnesses[i].count));
		witnesses[i].count = value;
	}
	fclose(out);
}

static void packet_send(enum crash_place place)
{
	if (place == CRASH_OUT)
		lab_udp(true, 5000, 1, 1);
	else
		lab_send_frames(&(struct lab_frame){ .dev = place_dev(place) }, 1);
}

void packets_send(const struct crash_scene *scene, struct crash_letters *ret_letters)
{
	struct witness witnesses[WITNESSES];
	size_t count = witnesses_open(scene, witnesses);
	struct crash_letters letters = { 0 }, before = { 0 };

	witnesses_ask(witnesses, count, before.at[0], sizeof(before.at[0]));
	for (enum crash_place place = 0; place < CRASH_PLACES; place++) {
		packet_send(place);
		witnesses_ask(witnesses, count, letters.at[place], sizeof(letters.at[place]));
	}
	for (size_t i = 0; i < count; i++)
		close(witnesses[i].fd);
	*ret_letters = letters;
}
