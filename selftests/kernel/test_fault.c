// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Each system call of each change failing once: the old chain stands and the cause is told, or the new one runs. */
#include "crash.h"

TestSuite(fault, .init = lab_open, .timeout = 600);

Test(fault, of_the_first_add_leaves_all_or_nothing)
{
	crash_fail_everywhere(&crash_add_first);
}

Test(fault, of_add_leaves_the_old_chain_or_the_new)
{
	crash_fail_everywhere(&crash_add);
}

Test(fault, of_replace_leaves_the_old_chain_or_the_new)
{
	crash_fail_everywhere(&crash_replace);
}

Test(fault, of_del_leaves_the_old_chain_or_the_new)
{
	crash_fail_everywhere(&crash_del);
}

Test(fault, of_del_of_the_last_filter_leaves_all_or_nothing)
{
	crash_fail_everywhere(&crash_del_last);
}

Test(fault, of_move_leaves_the_old_order_or_the_new)
{
	crash_fail_everywhere(&crash_move);
}

Test(fault, of_apply_leaves_the_old_chain_or_the_new_on_all_hooks)
{
	crash_fail_everywhere(&crash_apply);
}

Test(fault, of_the_first_apply_leaves_all_or_nothing_on_all_hooks)
{
	crash_fail_everywhere(&crash_apply_first);
}

Test(fault, of_apply_of_two_chains_leaves_both_old_or_both_new)
{
	crash_fail_everywhere(&crash_apply_two);
}

Test(fault, of_flush_leaves_all_or_nothing_on_all_hooks)
{
	crash_fail_everywhere(&crash_flush);
}

Test(fault, of_attach_leaves_the_old_hooks_or_the_new)
{
	crash_fail_everywhere(&crash_attach);
}

Test(fault, of_detach_leaves_the_old_hooks_or_the_new)
{
	crash_fail_everywhere(&crash_detach);
}

Test(fault, of_the_next_command_after_a_kill_is_made_up_for)
{
	crash_stop_next(&crash_apply, true);
}
