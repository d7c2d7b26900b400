// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The lab itself: what every other kernel test takes for granted. */
#include "lab.h"

TestSuite(lab, .init = lab_open, .timeout = 60);

Test(lab, starts_with_no_pin_no_qdisc_and_no_route_to_the_host)
{
	auto_(mem) char *pins = lab_pins();
	auto_(mem) char *qdisc = lab_qdisc(lab.dev);
	auto_(mem) char *links = lab_must("ip -o link");
	size_t lines = 0;

	cr_expect_str_empty(pins);
	cr_expect_str_empty(qdisc);
	for (const char *at = links; (at = strchr(at, '\n')); at++)
		lines++;
	cr_expect_leq(lines, 2U, "more than lo and the veth: %s", links);
}

/* What a program of @name's that tc holds has counted: nothing of daisy's is near. */
static uint32_t witness(const char *side, const char *name)
{
	return lab_foreign(lab.dev, side, 1, name);
}

Test(lab, sends_exactly_as_many_frames_into_ingress)
{
	uint32_t id;

	lab_do("tc qdisc add dev %s clsact", lab.dev);
	id = witness("ingress", "count");
	lab_send(1000);
	cr_expect_eq(lab_map_value(id, "packets", 0), 1000);
	lab_send_frames(&(struct lab_frame){ .size = 1500, .port = 5000 }, 1);
	cr_expect_eq(lab_map_value(id, "packets", 0), 1001);
}

Test(lab, sends_datagrams_both_ways)
{
	uint32_t in, out;

	lab_do("tc qdisc add dev %s clsact", lab.dev);
	in = witness("ingress", "count");
	out = witness("egress", "count");
	lab_udp(true, 5000, 20, 20);
	lab_udp(false, 5000, 30, 30);
	cr_expect_eq(lab_map_value(out, "packets", 0), 20);
	cr_expect_eq(lab_map_value(in, "packets", 0), 30);
}

Test(lab, sees_that_datagrams_are_dropped)
{
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	witness("egress", "drop_port");
	lab_udp(true, 23, 20, 0);
	lab_udp(false, 23, 20, 20);
	lab_udp(true, 24, 20, 20);
}

Test(lab, sees_what_pins_and_filters_hold)
{
	auto_(fd) int fd = lab_load("meter");
	auto_(mem) char *pins = NULL;
	uint32_t id = lab_program_id(fd);

	cr_expect(lab_program_lives(id));
	lab_mark();
	lab_do("bpftool prog pin id %u /sys/fs/bpf/meter", id);
	pins = lab_pins();
	cr_expect_not_null(strstr(pins, "/sys/fs/bpf/meter"));
	lab_do("rm /sys/fs/bpf/meter");
	lab_no_litter();
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	witness("egress", "count");
	lab_do("tc qdisc del dev %s clsact", lab.dev);
	lab_no_litter();
}

Test(lab, counts_what_a_pin_holds_and_all_that_is_behind_it)
{
	lab_do("bpftool prog load %s /sys/fs/bpf/it type classifier", lab_object("meter"));
	lab_mark();
	cr_expect_eq(lab.held.program_count, 1);
	cr_expect_eq(lab.held.map_count, 1);
	lab_do("tc qdisc add dev %s clsact", lab.dev);
	witness("egress", "count");
	lab_mark();
	cr_expect_eq(lab.held.program_count, 2);
	cr_expect_gt(lab.held.map_count, 2);
}

Test(lab, gives_a_command_its_words_and_reads_all_it_says)
{
	auto_(lab_run) struct lab_run run = lab_argv((const char *[]){ "sh", "-c", "echo $1; echo b >&2; exit 5", "sh", "a b", NULL });

	cr_expect_eq(run.code, 5);
	cr_expect_str_eq(run.out, "a b\n");
	cr_expect_str_eq(run.err, "b\n");
}
