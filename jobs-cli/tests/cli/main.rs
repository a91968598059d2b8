//! The program `jobs`, run on real storages beside real servers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod batches;
mod dashboard;
mod jobs;
mod program;
mod recurring;
mod storage;
mod usage;

use jobs_tests::conformance;

conformance! { sqlite_file, postgres, mariadb => {
    mod jobs {
        jobs_are_counted_and_listed,
        a_list_goes_on_where_it_ended,
        a_job_is_shown_with_its_history,
        what_a_job_says_cannot_steer_the_terminal,
        redacted_arguments_are_hidden,
        a_job_is_enqueued_and_waited_for,
        a_job_that_fails_ends_the_wait_with_a_code_of_its_own,
        arguments_are_read_from_the_standard_input,
        a_mistyped_kind_is_refused,
        jobs_are_deleted_and_requeued_by_id,
        jobs_are_deleted_and_requeued_by_condition,
        an_unknown_job_is_not_found,
        old_jobs_are_pruned,
    }
    mod batches {
        a_batch_is_listed_shown_and_cancelled,
        what_failed_of_a_batch_is_requeued,
    }
    mod dashboard {
        the_dashboard_is_served,
    }
    mod recurring {
        schedules_are_listed_and_steered,
    }
    mod storage {
        queues_are_paused_and_resumed,
        servers_are_listed_and_paused,
    }
} }
