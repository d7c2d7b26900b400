// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* SIGKILL at each system call of each change: the old chain or the new one, and no litter after the next command. */
#include "crash.h"

TestSuite(crash, .init = lab_open, .timeout = 600);

Test(crash, of_the_first_add_leaves_all_or_nothing)
{
	crash_kill_everywhere(&crash_add_first);
}

Test(crash, of_add_leaves_the_old_chain_or_the_new)
{
	crash_kill_everywhere(&crash_add);
}

Test(crash, of_replace_leaves_the_old_chain_or_the_new)
{
	crash_kill_everywhere(&crash_replace);
}

Test(crash, of_del_leaves_the_old_chain_or_the_new)
{
	crash_kill_everywhere(&crash_del);
}

Test(crash, of_del_of_the_last_filter_leaves_all_or_nothing)
{
	crash_kill_everywhere(&crash_del_last);
}

Test(crash, of_move_leaves_the_old_order_or_the_new)
{
	crash_kill_everywhere(&crash_move);
}

Test(crash, of_apply_leaves_the_old_chain_or_the_new_on_all_hooks)
{
	crash_kill_everywhere(&crash_apply);
}

Test(crash, of_the_first_apply_leaves_all_or_nothing_on_all_hooks)
{
	crash_kill_everywhere(&crash_apply_first);
}

Test(crash, of_apply_of_two_chains_leaves_both_old_or_both_new)
{
	crash_kill_everywhere(&crash_apply_two);
}

Test(crash, of_flush_leaves_all_or_nothing_on_all_hooks)
{
	crash_kill_everywhere(&crash_flush);
}

Test(crash, of_attach_leaves_the_old_hooks_or_the_new)
{
	crash_kill_everywhere(&crash_attach);
}

Test(crash, of_detach_leaves_the_old_hooks_or_the_new)
{
	crash_kill_everywhere(&crash_detach);
}

Test(crash, of_the_next_command_is_no_worse)
{
	crash_stop_next(&crash_apply_two, false);
}
