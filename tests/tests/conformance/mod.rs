//! What the product does, on every storage alike. A behaviour is written once, as an
//! `async fn(Bench)` in the file of its subject, and listed here.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
mod basics;
mod batches;
mod cancellation;
mod carried;
mod complete_in;
mod connections;
mod continuations;
mod declared;
mod encryption;
mod fairness;
mod hand_over;
mod inputs;
mod inside;
mod jobs;
mod kinds;
mod monitor;
mod named;
mod pools;
mod protect;
mod queues;
mod races;
mod recurring;
mod results;
mod retention;
mod retries;
mod schema;
mod search;
mod servers;
mod sqlite;
mod tags;
mod telemetry;
mod throttles;
mod timeouts;
mod times;
mod transactions;
mod unique;
mod workflows;

use jobs_tests::conformance;

conformance! { sqlite_file, sqlite_memory, postgres, pgbouncer, mariadb => {
    mod actions {
        a_job_can_be_deleted_from_every_state,
        a_job_can_be_requeued_from_every_state,
        a_job_can_be_rescheduled_from_every_state,
        an_action_on_what_has_moved_on_changes_nothing,
        an_action_on_what_was_seen_is_done,
        every_new_place_has_another_version,
        a_job_that_does_not_exist_cannot_be_acted_on,
        a_requeued_job_has_all_its_attempts_before_it,
        a_deleted_job_is_not_run,
        a_succeeded_job_that_is_requeued_runs_again,
        a_job_that_needs_an_output_cannot_be_requeued_before_its_parent_ends,
    }
    mod basics {
        a_job_runs_once_and_its_output_is_stored,
        a_job_enqueued_without_a_server_waits_for_one,
        a_record_shows_what_was_asked_for,
        a_delayed_job_starts_when_its_delay_is_over,
        a_job_scheduled_at_an_instant_waits_for_it,
        a_past_instant_and_no_delay_are_due_at_once,
        due_jobs_start_in_the_order_of_their_times,
        a_bulk_enqueue_stores_all_in_order,
        a_bulk_enqueue_stores_all_or_nothing,
        many_tasks_enqueue_at_once_and_each_job_runs_once,
        an_enqueue_that_is_not_polled_holds_up_no_other,
        recent_jobs_are_listed_newest_first,
    }
    mod batches {
        a_batch_hands_the_outputs_over_in_their_order,
        an_empty_batch_succeeds_at_once,
        a_batch_is_stored_whole_or_not_at_all,
        a_hundred_thousand_jobs_are_stored_in_one_call,
        a_failed_job_holds_its_batch_open_until_it_is_requeued,
        a_batch_can_end_with_failed_jobs,
        a_deleted_job_ends_its_batch_as_deleted,
        a_cancelled_batch_deletes_what_is_not_final,
        jobs_that_wait_for_a_throttle_are_cancelled_with_their_batch,
        a_batch_inside_another_counts_as_one_member,
        each_batch_of_a_list_says_whether_it_is_stuck,
        a_batch_waits_for_a_job_and_a_batch,
        a_batch_whose_parent_is_deleted_is_skipped_and_restored,
        a_running_job_adds_to_its_batch,
        jobs_that_join_a_batch_that_waits_wait_with_it,
        counters_follow_whatever_is_done_to_jobs,
        a_member_whose_key_is_held_is_left_out,
        a_member_that_is_replaced_stays_in_its_batch,
        the_jobs_of_a_batch_stay_as_long_as_it_and_go_with_it,
        a_batch_is_waited_for_from_another_storage,
        a_batch_ends_once_however_many_servers_run_it,
    }
    mod cancellation {
        deleting_a_running_job_trips_its_token,
        running_jobs_of_one_claim_can_be_deleted_at_the_same_time,
        a_deleted_job_that_still_succeeds_stays_deleted,
        a_deleted_job_that_does_not_listen_is_stopped,
        requeueing_a_running_job_stops_it_and_runs_it_again,
        rescheduling_a_running_job_stops_it,
        shutdown_lets_running_jobs_end,
        shutdown_starts_nothing_new,
        a_job_cut_short_by_a_shutdown_goes_back_and_loses_no_attempt,
        a_job_that_does_not_listen_is_put_back_by_a_shutdown,
        a_job_that_still_succeeds_when_told_to_stop_has_succeeded,
        a_blocking_job_that_is_deleted_holds_its_worker_until_it_returns,
        a_job_that_trips_its_own_token_ends_as_it_says,
    }
    mod carried {
        a_job_reads_what_its_request_gave_it,
        each_job_of_a_client_carries_what_it_is_stamped_with,
        what_a_job_enqueues_is_stamped_by_its_runtime,
    }
    mod continuations {
        a_continuation_waits_for_its_parent_to_succeed,
        each_trigger_releases_at_its_own_end,
        a_parent_that_has_settled_decides_at_once,
        a_job_waits_for_all_of_its_parents,
        a_parent_named_twice_counts_once,
        parents_can_be_waited_for_with_different_triggers,
        a_job_whose_parent_failed_waits_until_the_parent_is_requeued,
        a_parent_that_succeeds_after_a_requeue_releases_its_children,
        each_edge_releases_once,
        an_edge_released_before_counts_when_the_other_parent_ends,
        a_chain_runs_in_order,
        one_parent_releases_many_children,
        a_delay_counts_from_the_release,
        a_parent_that_does_not_exist_is_an_error,
        a_graph_can_be_stored_in_one_call,
        a_job_that_awaits_can_be_deleted_and_comes_back_to_waiting,
    }
    mod declared {
        what_is_declared_is_stored_at_the_start,
        one_that_is_declared_paused_starts_nothing_until_it_is_resumed,
        a_declared_schedule_can_be_triggered,
        an_edit_survives_a_restart,
        one_that_was_removed_comes_back_at_the_next_start,
        a_queue_is_made_of_the_arguments_of_the_schedule,
        a_kind_that_is_left_out_declares_nothing,
    }
    mod fairness {
        a_few_jobs_do_not_wait_for_the_many_of_another_key,
        keys_with_many_jobs_share_a_queue_evenly,
        jobs_of_a_key_keep_their_order,
        jobs_that_come_due_take_their_turns,
        what_is_deleted_from_the_line_lets_others_in,
        turns_and_a_throttle_hold_together,
    }
    mod encryption {
        a_schedule_can_have_encrypted_arguments,
        a_replacement_can_have_encrypted_arguments,
        an_output_cannot_pass_for_an_encrypted_one,
    }
    mod hand_over {
        a_child_takes_the_output_of_its_parent,
        a_parent_that_has_succeeded_hands_over_at_once,
        a_result_tells_success_failure_and_deletion,
        several_parents_fill_a_tuple_in_their_order,
        a_tuple_can_hold_a_result,
        retention_of_the_parent_does_not_take_its_output_away,
        retention_of_one_parent_leaves_its_output_for_the_join,
        a_retried_child_gets_the_same_input_again,
        deleting_a_parent_deletes_its_whole_family,
        requeueing_a_deleted_parent_restores_its_family,
        a_child_that_was_deleted_itself_is_not_restored,
        a_family_restored_is_no_longer_about_to_expire,
    }
    mod inputs {
        a_bad_queue_name_is_refused,
        arguments_over_the_limit_are_refused,
        a_bad_tag_or_too_many_are_refused,
        a_bad_unique_key_is_refused,
        a_backoff_that_cannot_be_stored_is_refused,
        hostile_text_is_stored_as_it_is,
        a_null_character_harms_nobody_else,
        a_message_with_a_null_character_still_fails_its_job,
        far_times_are_stored_or_refused_but_harm_nobody,
        a_bad_schema_name_is_refused,
        a_bad_url_is_refused,
        bad_settings_of_a_runtime_are_refused,
        a_bad_schedule_is_refused_by_its_field,
        what_is_asked_of_a_closed_storage_is_told_so,
    }
    mod inside {
        a_job_gets_what_it_injects,
        a_state_that_is_missing_is_named_at_the_start,
        two_kinds_of_one_name_are_named_at_the_start,
        a_blocking_job_runs_and_leaves_its_worker_to_others,
        layers_wrap_a_run_the_last_one_outermost,
        a_layer_can_refuse_a_run,
        log_and_progress_are_seen_while_the_job_runs,
        log_takes_any_text,
        the_log_is_read_on_from_a_line,
        a_job_that_has_ended_has_all_its_lines_in_order,
        the_log_of_a_job_is_cut_at_its_limit,
        a_retry_does_not_run_a_step_again,
        steps_of_two_jobs_are_told_apart,
        a_step_whose_output_has_another_type_is_named,
        a_mark_survives_a_step,
    }
    mod protect {
        redacted_arguments_are_stored_and_not_shown,
        a_schedule_does_not_show_redacted_arguments,
        a_value_that_does_not_decode_is_not_shown_either,
        a_replaced_job_hides_what_the_new_one_hides,
    }
    mod monitor {
        queues_tell_what_waits_in_them,
        queues_tell_what_runs_in_them_and_how_fast,
        a_summary_tells_the_states_and_the_queues,
        the_latest_runs_are_found_however_many_were_written_at_once,
        kinds_are_those_that_servers_have_announced,
        kinds_of_stored_jobs_are_counted_by_state,
        ended_runs_are_counted_by_the_time_of_their_end,
        spans_that_have_passed_are_counted_once_and_kept,
        a_busy_server_says_how_many_jobs_it_has,
        a_job_in_hand_says_who_has_it,
        latency_counts_from_when_a_job_was_due,
        what_hangs_together_is_told,
        a_job_is_enqueued_again_with_other_arguments,
        a_schedule_is_written_without_the_code_of_its_jobs,
    }
    mod named {
        a_job_is_enqueued_by_the_name_of_its_kind,
        a_named_job_waits_for_its_time_and_hides_what_it_is_told_to,
        a_kind_that_nobody_has_announced_needs_a_queue,
        a_named_job_is_checked_like_any_other,
        old_jobs_can_be_pruned_by_hand,
    }
    mod queues {
        queues_are_served_in_strict_order,
        a_queue_that_is_not_named_is_not_served,
        weighted_queues_starve_nobody,
        a_larger_priority_goes_first_and_equals_keep_their_order,
        a_queue_is_first_in_first_out,
        a_paused_queue_waits_until_it_is_resumed,
        a_queue_can_be_paused_while_it_is_served,
        a_queue_limit_holds_and_leaves_workers_to_others,
        a_queue_named_after_an_argument_is_served,
        hundreds_of_queues_are_all_served_in_their_order,
        a_server_that_does_not_exist_cannot_be_paused,
        a_scheduled_job_joins_the_end_of_its_line,
    }
    mod races {
        children_hung_onto_parents_that_are_just_ending_all_run,
        two_parents_that_end_at_once_release_their_child_once,
        of_two_actions_on_the_same_sight_one_is_done,
        a_deletion_that_was_done_holds_whatever_runs_meanwhile,
        thousands_of_jobs_due_at_once_are_all_run,
        thousands_of_jobs_that_expire_at_once_are_all_removed,
    }
    mod recurring {
        a_schedule_enqueues_a_job_at_each_occurrence,
        a_schedule_can_name_queue_priority_and_policy,
        a_schedule_is_listed_with_its_next_occurrence,
        an_update_takes_the_place_of_what_was_there,
        a_removed_schedule_fires_no_more,
        a_trigger_runs_it_now_even_if_it_is_paused,
        a_paused_schedule_makes_nothing_up_when_it_is_resumed,
        an_expression_that_never_fires_is_accepted,
        missed_runs_are_made_up_for_by_one,
        missed_runs_can_all_be_made_up_for,
        missed_runs_can_be_left_out,
        no_more_than_a_thousand_runs_are_made_up_for,
        a_run_that_is_only_late_is_not_missed,
        overlapping_runs_are_allowed,
        overlapping_runs_can_be_left_out,
        one_overlapping_run_can_wait,
        jitter_delays_a_start_by_no_more_than_it_says,
        two_servers_enqueue_each_occurrence_once,
        the_latest_runs_of_each_schedule_are_told,
    }
    mod results {
        a_waiter_gets_the_typed_output,
        a_waiter_gets_the_failure,
        a_waiter_is_told_that_the_job_was_deleted,
        a_waiter_gets_the_failure_of_a_job_that_is_not_kept,
        a_job_that_does_not_exist_is_gone,
        waiting_for_a_while_ends,
        waiting_goes_on_over_retries,
        a_job_that_has_settled_answers_every_waiter,
        an_output_of_another_type_does_not_decode,
        an_output_over_the_limit_fails_the_job_with_both_sizes,
        a_waiter_of_another_storage_is_answered_by_polling,
    }
    mod retention {
        what_is_final_goes_after_a_day_and_what_failed_stays,
        a_runtime_can_keep_jobs_for_other_times,
        a_job_can_be_kept_for_a_time_of_its_own,
        a_failed_parent_that_is_removed_takes_its_waiting_children_along,
        a_requeued_job_is_not_removed_by_its_former_end,
        a_kind_that_no_server_knows_waits_and_is_then_parked,
        a_kind_that_another_live_server_knows_is_not_parked,
        after_a_long_silence_a_kind_that_is_known_is_not_parked,
        a_job_stored_under_a_former_name_is_run,
        arguments_that_lack_a_newer_parameter_get_its_default,
        arguments_that_do_not_decode_are_parked_with_the_reason,
    }
    mod retries {
        a_job_has_ten_retries_unless_it_says_otherwise,
        the_default_backoff_follows_its_formula,
        a_retry_waits_for_its_time,
        a_list_gives_each_delay_and_repeats_its_last,
        a_doubling_backoff_stops_at_its_cap,
        a_function_gives_the_delay,
        a_request_overrides_retries_and_backoff,
        no_retries_means_one_attempt,
        a_fatal_error_is_never_retried,
        an_error_can_bring_its_own_delay,
        the_kind_decides_which_errors_are_worth_a_retry,
        a_snooze_uses_up_no_attempt,
        a_job_not_worth_keeping_is_deleted_when_its_attempts_are_used_up,
        a_panic_is_a_failed_attempt_and_its_worker_survives,
        a_panic_is_retried,
        a_panic_of_a_blocking_job_is_a_failed_attempt,
        a_retry_keeps_queue_and_priority,
        a_failed_run_is_kept_with_its_error,
    }
    mod search {
        each_state_is_listed_in_an_order_of_its_own,
        without_a_state_jobs_are_listed_state_by_state,
        pages_of_every_size_hold_the_same_jobs,
        a_record_of_a_page_is_that_of_its_job,
        a_page_goes_on_whatever_has_come_or_gone,
        jobs_in_hand_are_listed_until_they_end,
        kinds_queues_and_states_narrow_a_search,
        what_waits_for_another_attempt_is_listed_by_itself,
        what_matches_nothing_gives_an_empty_page,
        text_is_found_in_either_case_and_as_it_is,
        what_is_hidden_is_not_found_by_its_text,
        a_search_whose_time_is_up_says_where_it_stopped,
        times_narrow_a_search,
        tags_and_states_narrow_each_other,
        a_tag_of_many_jobs_is_found_in_the_lists_of_states,
        successes_are_listed_by_their_end_however_long_they_are_kept,
        a_success_that_was_requeued_is_listed_and_counted_once,
        pages_can_end_inside_a_batch_of_successes,
        a_cursor_of_another_search_is_refused_or_harmless,
        jobs_over_their_limit_are_listed_with_their_line,
        members_of_a_batch_are_listed_and_counted_like_others,
        all_that_match_are_deleted_and_nothing_else,
        parents_and_children_can_be_deleted_together,
        all_that_match_are_requeued_and_run_again,
        many_jobs_of_every_sort_are_requeued_at_once,
        what_cannot_be_requeued_is_counted_and_left_alone,
        two_that_delete_all_at_once_delete_each_job_once,
    }
    mod servers {
        the_jobs_of_a_server_that_died_are_run_by_another,
        jobs_that_had_not_started_lose_no_attempt,
        a_rescued_job_has_its_former_place,
        a_job_put_back_by_a_shutdown_has_its_former_place,
        a_late_completion_changes_nothing,
        a_late_completion_does_not_end_the_run_of_another_server,
        a_server_that_dies_after_it_was_declared_dead_takes_no_job_along,
        a_server_declared_dead_announces_itself_again,
        a_server_that_beats_keeps_its_jobs,
        two_servers_share_the_work_and_run_each_job_once,
        after_a_shutdown_another_server_takes_over_at_once,
        a_client_alone_runs_nothing,
        a_server_that_is_asked_to_stop_ends_in_order,
        a_server_tells_how_much_it_takes_of_its_machine,
    }
    mod telemetry {
        what_a_job_logs_names_the_job,
        a_failure_is_logged_with_what_becomes_of_it,
        metrics_count_what_is_stored_and_run,
        the_trace_of_a_request_goes_on_in_its_jobs,
    }
    mod throttles {
        no_more_run_at_once_than_the_limit_says,
        a_job_that_waits_for_a_slot_is_enqueued_and_holds_no_worker,
        a_key_is_shared_by_all_kinds_that_name_it,
        a_run_frees_its_slot_however_it_ends,
        a_retry_has_to_take_a_slot_again,
        a_job_takes_all_of_its_throttles_or_none,
        a_job_that_waits_can_be_deleted_and_rescheduled,
        a_running_job_that_is_deleted_keeps_its_slot_until_it_stops,
        a_running_job_that_is_requeued_waits_for_its_own_slot,
        a_paused_queue_takes_no_slot,
        a_limit_can_be_changed_at_run_time,
        a_limit_of_nothing_stops_all,
        a_new_declaration_holds_from_the_next_job_that_names_it,
        a_job_without_a_limit_is_found_behind_thousands_that_wait,
        the_slots_of_a_server_that_died_come_free_with_its_jobs,
        a_fixed_window_lets_through_what_it_says,
        a_sliding_window_counts_from_each_start,
        a_bucket_is_refilled_evenly,
        what_waits_for_a_window_starts_when_it_opens,
        a_throttle_that_cannot_be_kept_is_refused,
        a_throttle_that_nothing_uses_is_forgotten,
        a_throttle_of_the_request_goes_before_that_of_the_kind,
    }
    mod tags {
        a_job_is_found_by_each_of_its_tags,
        every_way_to_store_a_job_stores_its_tags,
        a_tag_stored_in_the_callers_transaction_goes_with_it,
        a_running_job_can_tag_itself,
        a_running_job_has_no_more_tags_than_another,
        tags_go_with_their_job,
        a_replacement_brings_its_own_tags,
        each_job_of_a_schedule_has_its_tags,
        hostile_tags_are_stored_and_found_as_they_are,
    }
    mod timeouts {
        an_attempt_that_outlasts_its_timeout_fails,
        a_timeout_trips_the_token,
        an_attempt_that_timed_out_is_retried,
        an_attempt_within_its_timeout_is_left_alone,
        no_attempt_starts_while_a_blocking_one_that_timed_out_still_runs,
        a_job_past_its_deadline_is_deleted_and_not_run,
        a_job_before_its_deadline_is_run,
        a_retry_past_the_deadline_is_not_run,
    }
    mod unique {
        a_second_job_is_skipped_while_the_first_is_not_settled,
        the_key_is_free_when_its_holder_has_settled,
        the_key_is_free_when_its_holder_was_deleted,
        a_running_holder_holds_its_key,
        a_conflict_can_be_an_error_that_names_key_and_holder,
        a_replacement_changes_the_job_that_waits,
        a_replacement_changes_a_job_that_is_scheduled,
        a_replacement_leaves_a_running_job_alone,
        within_a_time_the_key_outlives_its_holder,
        the_states_that_count_can_be_named,
        a_hundred_requests_at_once_store_one_job,
        kinds_and_keys_are_told_apart,
        a_bulk_with_the_same_key_twice_stores_it_once,
        the_kind_can_make_its_jobs_unique,
    }
    mod workflows {
        a_diamond_hands_over_along_every_edge,
        a_graph_fans_out_into_a_batch_and_in_again,
        the_branch_that_is_not_taken_is_skipped,
        a_workflow_whose_rest_waits_for_a_failed_job_is_stuck,
        a_failure_is_handed_to_the_branch_that_waits_for_it,
        no_cycle_can_be_stored,
        ten_thousand_nodes_are_stored_in_one_call,
        a_cancelled_workflow_runs_no_further,
    }
} }
