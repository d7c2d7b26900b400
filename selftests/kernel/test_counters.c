// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Counters: exact, by filter and verdict, on every CPU, and over every change. */
#include "lab.h"

#include <bpf/bpf.h>

#define SHOT 2

TestSuite(counters, .init = lab_open, .timeout = 120);

Test(counters, are_exact_for_packets_bytes_and_verdicts)
{
	lab_add("meter", "meter");
	lab_add("drop", "drop_port");
	lab_add("behind", "count");
	lab_send(1000);
	lab_send_frames(&(struct lab_frame){ .port = 23, .size = 200 }, 300);
	cr_expect_eq(lab_stat(NULL, "packets"), 1300);
	cr_expect_eq(lab_stat(NULL, "bytes"), 1000 * LAB_SIZE + 300 * 200);
	cr_expect_eq(lab_stat("meter", "packets"), 1300);
	cr_expect_eq(lab_stat("meter", "bytes"), 1000 * LAB_SIZE + 300 * 200);
	cr_expect_eq(lab_stat("meter", "verdicts.unspec"), 1300);
	cr_expect_eq(lab_stat("drop", "packets"), 1300);
	cr_expect_eq(lab_stat("drop", "verdicts.shot"), 300);
	cr_expect_eq(lab_stat("drop", "verdicts.unspec"), 1000);
	cr_expect_eq(lab_stat("behind", "packets"), 1000);
	cr_expect_eq(lab_stat("behind", "bytes"), 1000 * LAB_SIZE);
	cr_expect_eq(lab_counted("behind"), 1000);
}

Test(counters, sum_what_all_cpus_counted)
{
	if (!lab_two_cpus())
		cr_skip_test("needs two CPUs");
	lab_add("behind", "count");
	lab_send_frames(&(struct lab_frame){ .cpu = 0 }, 1000);
	lab_send_frames(&(struct lab_frame){ .cpu = 1 }, 500);
	cr_expect_eq(lab_stat("behind", "packets"), 1500);
	cr_expect_eq(lab_stat("behind", "bytes"), 1500 * LAB_SIZE);
	cr_expect_eq(lab_counted("behind"), 1500);
}

Test(counters, go_on_over_changes_of_other_filters)
{
	lab_add("a", "count");
	lab_add("b", "count");
	lab_send(10);
	lab_add("c", "meter");
	lab_send(10);
	lab_ok("move dev %s ingress c before a", lab.dev);
	lab_send(10);
	lab_ok("replace dev %s ingress c obj %s", lab.dev, lab_object("never"));
	lab_send(10);
	lab_ok("del dev %s ingress a", lab.dev);
	lab_send(10);
	cr_expect_eq(lab_stat(NULL, "packets"), 50);
	cr_expect_eq(lab_stat("b", "packets"), 50);
	cr_expect_eq(lab_stat("b", "bytes"), 50 * LAB_SIZE);
	cr_expect_eq(lab_stat("b", "verdicts.unspec"), 50);
	cr_expect_eq(lab_stat("c", "packets"), 40);
}

Test(counters, of_a_filter_stay_with_it_when_it_moves)
{
	lab_add("drop", "verdict");
	lab_add("b", "count");
	lab_set_verdict("drop", SHOT);
	lab_send(10);
	lab_ok("move dev %s ingress drop after b", lab.dev);
	lab_send(5);
	cr_expect_eq(lab_stat("drop", "verdicts.shot"), 15);
	cr_expect_eq(lab_stat("drop", "packets"), 15);
	cr_expect_eq(lab_stat("b", "packets"), 5);
	cr_expect_eq(lab_stat(NULL, "packets"), 15);
}

Test(counters, a_slot_that_is_empty_counts_as_missing_and_the_packet_goes_on)
{
	auto_(fd) int slots = -1;
	uint32_t second = 1;

	lab_add("a", "count");
	lab_add("drop", "verdict");
	lab_add("c", "count");
	lab_set_verdict("drop", SHOT);
	lab_send(10);
	cr_expect_eq(lab_stat("drop", "verdicts.missing"), 0);
	slots = lab_map((uint32_t)lab_stat(NULL, "tc.prog_id"), "daisy_slots");
	cr_assert_eq(bpf_map_delete_elem(slots, &second), 0);
	lab_send(7);
	cr_expect_eq(lab_stat("drop", "verdicts.missing"), 7);
	cr_expect_eq(lab_stat("drop", "verdicts.shot"), 10);
	cr_expect_eq(lab_stat("a", "verdicts.missing"), 0);
	cr_expect_eq(lab_counted("a"), 17);
	cr_expect_eq(lab_counted("c"), 7);
}

Test(counters, of_both_sides_of_a_device_are_apart)
{
	lab_ok("add dev %s ingress in obj %s", lab.dev, lab_object("count"));
	lab_ok("add dev %s egress out obj %s", lab.dev, lab_object("count"));
	lab_udp(false, 5000, 30, 30);
	lab_udp(true, 5000, 20, 20);
	cr_expect_eq(lab_stat_at(lab.dev, "ingress", "in", "packets"), 30);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "out", "packets"), 20);
	/* Ethernet, IP and UDP headers, and the word. */
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "out", "bytes"), 20 * (14 + 20 + 8 + 5));
	cr_expect_eq(lab_stat_at(lab.dev, "ingress", "in", "bytes"), 30 * (14 + 20 + 8 + 5));
}

Test(counters, of_each_hook_of_a_chain_are_its_own)
{
	lab_ok("add dev %s ingress a obj %s", lab.dev, lab_object("count"));
	lab_ok("attach chain %s-ingress dev %s egress", lab.dev, lab.dev);
	lab_udp(false, 5000, 30, 30);
	lab_udp(true, 5000, 20, 20);
	cr_expect_eq(lab_stat_at(lab.dev, "ingress", "a", "packets"), 30);
	cr_expect_eq(lab_stat_at(lab.dev, "egress", "a", "packets"), 20);
	cr_expect_eq(lab_map_value((uint32_t)lab_stat_at(lab.dev, "egress", "a", "prog_id"), "packets", 0), 50);
}

Test(counters, tell_what_the_program_itself_counted_after_it_changed_the_packet)
{
	lab_ok("add dev %s ingress grow obj %s sec tc/tail", lab.dev, lab_object("grow"));
	lab_add("behind", "count");
	lab_send(10);
	cr_expect_eq(lab_stat("grow", "packets"), 10);
	cr_expect_eq(lab_stat("behind", "packets"), 10);
	cr_expect_eq(lab_counted("behind"), 10);
	cr_expect_eq(lab_stat(NULL, "bytes"), 10 * LAB_SIZE);
}
