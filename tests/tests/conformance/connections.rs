//! What not every storage can do, or do wrong.

/// What needs a second connection to the database, which SQLite in memory has none of.
mod second {
    use crate::conformance::{
        batches, complete_in, encryption, queues, recurring, schema, transactions,
    };

    jobs_tests::conformance! { sqlite_file, postgres, pgbouncer, mariadb => {
        mod batches {
            a_batch_commits_with_the_callers_transaction,
            a_batch_that_was_cancelled_half_is_cancelled_by_a_server,
            a_batch_that_is_removed_leaves_nothing,
        }
        mod complete_in {
            effects_and_success_commit_together,
            after_a_rollback_the_job_ends_as_it_returns,
            a_transaction_that_is_still_open_decides_when_it_ends,
            a_continuation_is_handed_what_was_committed,
            a_job_that_was_deleted_cannot_complete,
            a_job_that_runs_elsewhere_by_now_cannot_complete,
            what_cannot_be_completed_is_refused_by_name,
            a_timeout_after_the_commit_changes_nothing,
            the_slot_of_a_job_that_completes_is_free_when_it_has_returned,
        }
        mod encryption {
            what_is_encrypted_is_nowhere_in_the_database,
            keys_can_be_changed_and_one_that_lacks_is_named,
            what_was_changed_or_moved_is_not_decrypted,
            without_keys_nothing_is_stored_in_the_clear,
        }
        mod queues {
            a_paused_server_starts_nothing_until_it_is_resumed,
        }
        mod recurring {
            an_occurrence_is_enqueued_once_even_if_its_schedule_is_set_back,
        }
        mod schema {
            five_first_connects_at_once_migrate_once,
            two_schemas_in_one_database_are_told_apart,
            what_was_stored_is_there_after_a_reconnect,
            a_schema_newer_than_the_program_stops_it,
            without_leave_to_migrate_a_missing_schema_is_an_error,
            the_migrations_of_the_application_are_left_alone,
        }
        mod transactions {
            a_job_is_there_when_the_transaction_commits,
            a_job_was_never_there_when_the_transaction_rolls_back,
            after_the_commit_a_server_finds_the_job,
            a_family_can_be_stored_in_a_transaction,
            a_refused_job_leaves_the_transaction_as_it_was,
            a_transaction_of_another_database_is_refused,
            a_named_client_stores_in_a_transaction,
        }
    } }
}

/// What only a file with one writer can do wrong.
mod one_writer {
    use crate::conformance::sqlite;

    jobs_tests::conformance! { sqlite_file => {
        mod sqlite {
            a_transaction_that_read_before_it_writes_is_told_what_to_do,
            an_enqueue_beside_ones_own_write_transaction_is_told_what_to_do,
            an_enqueue_waits_for_another_writer,
        }
    } }
}

/// What needs locks of rows, which SQLite has none of.
mod rows {
    use crate::conformance::{complete_in, pools, races};

    jobs_tests::conformance! { postgres, pgbouncer, mariadb => {
        mod complete_in {
            a_job_that_completes_holds_up_none_of_its_batch,
            what_a_transaction_itself_holds_is_not_waited_for,
        }
        mod pools {
            a_pool_of_the_application_is_used_and_left_open,
        }
        mod races {
            a_transaction_that_is_given_up_is_run_again,
        }
    } }
}
