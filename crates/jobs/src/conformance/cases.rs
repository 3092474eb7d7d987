//! The list of the cases, and the macro that makes tests of them.

/// Makes a module of tests that prove a store: one per case of the [suite](crate::conformance).
///
/// The first argument is the name of the module, the second an expression that gives a
/// [`Harness`](crate::conformance::Harness); each test evaluates it anew.
#[macro_export]
macro_rules! conformance {
    ($name:ident, $harness:expr) => {
        $crate::__conformance_cases! {
            $name $harness =>
            enqueue {
                a_new_job_is_kept_as_it_was_said
                a_job_is_available_at_once_or_scheduled_for_later
                answers_come_in_the_order_of_the_jobs
                the_same_id_twice_changes_nothing
                many_callers_with_one_id_make_one_job
                jobs_are_added_all_or_none
                ten_thousand_jobs_go_in_with_one_call
                no_jobs_are_nothing_to_do
                the_longest_spans_overflow_nothing
            }
            payload {
                a_payload_comes_back_byte_by_byte
                words_come_back_as_they_were_said
                words_of_operators_are_only_words
            }
            claim {
                a_claim_starts_a_job
                an_empty_store_gives_nothing
                no_job_goes_to_two_workers
                every_job_is_done_once_by_many_workers
                kinds_that_a_worker_does_not_know_are_left
                only_the_queues_that_are_asked_give
                each_queue_gives_its_share_first
                a_claim_takes_no_more_than_it_asks_for
                a_job_is_never_started_before_its_time
                a_claim_says_when_the_next_job_is_due
                each_claim_has_a_higher_fence
            }
            lease {
                a_lease_that_is_renewed_does_not_run_out
                each_lease_has_its_own_pulse
                a_thousand_leases_are_renewed_by_one_call
                a_stale_worker_changes_nothing
                nobody_changes_a_job_that_does_not_run
                a_lease_that_nobody_has_taken_still_holds
                progress_is_kept_with_the_job
                the_longest_lease_overflows_nothing
            }
            finish {
                a_completed_job_is_over
                a_retry_waits_for_its_time
                a_retry_without_a_wait_is_available_at_once
                a_snooze_is_not_an_attempt
                a_job_that_is_handed_back_stands_where_it_stood
                attempts_snoozes_and_crashes_are_counted_apart
                a_handler_cancels_with_a_reason
                a_dead_job_says_why
                every_failure_is_kept
                many_ends_go_with_one_call
                a_job_that_was_called_off_never_waits_again
                an_end_concerns_its_own_job_only
            }
            rescue {
                a_job_whose_lease_ran_out_is_rescued
                a_lease_that_holds_is_left_alone
                a_job_that_takes_its_workers_down_is_dead
                a_rescue_takes_no_more_than_it_is_asked_for
                a_job_is_rescued_once_by_many
                a_rescued_job_stands_where_it_stood
                a_job_that_was_called_off_is_not_rescued_to_run_again
            }
            unique {
                one_of_many_wins_each_key
                a_key_is_held_until_its_job_is_finished
                a_key_may_be_free_when_its_job_starts
                a_key_may_be_held_for_a_time
                a_job_that_waits_is_replaced
                a_job_that_waits_is_put_off
                keys_are_told_apart_byte_by_byte
                a_key_is_taken_within_one_call_too
                a_job_that_comes_back_takes_its_key_again
                a_job_that_is_dropped_leaves_its_key
            }
            limits {
                a_claim_takes_no_more_than_a_limit_allows
                however_a_run_ends_its_slot_is_free
                a_limit_that_is_used_up_blocks_nobody_else
                jobs_that_name_a_limit_share_it
                a_limit_holds_however_many_claim
                the_slots_of_the_dead_are_free_after_their_rescue
                a_limit_counts_only_what_runs
            }
            priority {
                the_most_urgent_job_comes_first
                a_job_that_has_waited_comes_first_at_last
                waiting_counts_from_when_a_job_may_run
            }
            control {
                a_job_that_waits_is_called_off_at_once
                the_worker_of_a_running_job_is_told
                a_terminal_job_cannot_be_called_off
                what_is_done_to_no_job_is_an_error
                a_paused_queue_gives_nothing
                a_pause_is_known_to_all
                a_job_that_waits_or_is_dead_can_be_changed
                a_job_that_runs_or_is_over_cannot_be_changed
                the_audit_says_who_did_what
                what_is_refused_changes_nothing
            }
            dead {
                a_job_that_is_over_begins_anew
                a_job_that_waits_is_made_available_at_once
                a_job_that_needs_no_retry_stays_as_it_is
                dead_jobs_come_back_one_after_the_other
                each_dead_job_comes_back_once
                only_terminal_jobs_are_dropped
                pruning_drops_what_is_older_than_it_is_kept
                pruning_goes_in_steps
            }
            read {
                jobs_are_listed_newest_first
                a_filter_meets_what_it_says
                what_is_listed_is_what_is_kept
                stats_agree_with_what_is_there
                stats_say_how_long_the_oldest_has_waited
            }
            schedule {
                schedules_are_kept_by_name
                a_schedule_that_is_put_again_is_changed
                a_declaration_is_noted_and_nothing_else
                a_paused_schedule_does_not_fire
                a_tick_that_fires_enqueues_its_jobs
                a_tick_that_nobody_expects_changes_nothing
                a_tick_whose_jobs_are_refused_has_not_fired
                each_tick_fires_once
                changes_of_schedules_are_in_the_audit
            }
            listen {
                listeners_are_told_of_new_jobs
                what_comes_while_nobody_waits_is_not_lost
                listeners_are_told_of_jobs_that_can_run_again
                listeners_are_told_when_a_running_job_is_called_off
                listeners_are_told_of_changes_of_schedules
            }
            race {
                one_of_all_who_end_a_run_succeeds
                a_job_is_called_off_or_claimed
                a_job_that_several_bring_back_runs_once
                a_job_is_dropped_or_brought_back
            }
            transactions {
                a_job_of_a_transaction_that_is_rolled_back_was_never_there
                a_job_of_a_transaction_starts_after_its_commit
                listeners_are_told_after_the_commit
                a_completion_that_is_rolled_back_has_not_happened
                a_completion_is_committed_with_the_rest
                a_lost_lease_is_noticed_within_a_transaction
                what_is_left_for_the_commit_is_done_if_and_only_if_it_comes
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($name:ident $harness:expr => $($theme:ident { $($case:ident)* })*) => {
        mod $name {
            $(
                mod $theme {
                    #[allow(unused_imports, reason = "the expression of the harness may need them")]
                    use super::super::*;

                    $(
                        #[test]
                        fn $case() {
                            $crate::conformance::run(async {
                                let harness = $harness;
                                $crate::conformance::$theme::$case(&harness).await;
                            });
                        }
                    )*
                }
            )*
        }
    };
}
