//! The inserts of many rows, a list of columns each.

use super::tables::SqliteTables;
use crate::storage::inserts::Batch;
use crate::storage::sql::Render;
use crate::storage::tables::Result;

pub(super) type Values = crate::storage::inserts::Values<sqlx::Sqlite>;

macro_rules! batches {
    ($($name:ident: $table:literal ($columns:literal);)+) => {
        #[derive(Debug, Clone)]
        pub(super) struct Batches {
            $(pub(super) $name: Batch,)+
        }

        impl Batches {
            pub(super) fn render(render: &Render) -> Self {
                Self { $($name: batch(render, $table, $columns),)+ }
            }

            /// All statements, so that a test can prepare each.
            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<(&'static str, sqlx::SqlStr)> {
                let mut all = Vec::new();
                $(all.extend(
                    self.$name.statements().iter().map(|sql| (stringify!($name), sql.clone()))
                );)+
                all
            }
        }
    };
}

batches! {
    jobs: "{p}job" ("id, kind, queue, priority, args, options, created_at, expires_at, seq");
    line: "{p}job_queue" ("queue, rank, seq, job_id, kind, run, charged, solo");
    leases: "{p}lease" ("id, server, solo, members, claimed_at");
    attempts: "{p}job_attempt" ("job_id, run, ended, keeps, server, started_at, ended_at, output, failure");
    finished: "{p}job_finished" ("at, jobs");
    batch_finished: "{p}batch_finished" ("at, id, batch_id, jobs");
    events: "{p}job_event" ("job_id, at, event, from_state, to_state, reason, server");
    log: "{p}job_log" ("job_id, run, at, line");
    schedule: "{p}job_schedule" ("job_id, seq, due_at, run, charged, reason");
    failed: "{p}job_failed" ("job_id, seq, at, reason, failure, run, charged");
    deleted: "{p}job_deleted" ("job_id, seq, at, reason, cause, failure, run, charged");
    awaiting: "{p}job_awaiting" ("job_id, seq, pending, hand_over, delay_us, due_at");
    batches: "{p}batch" ("id, parent_id, seq, name, description, finishes, keep_us, opened, state, total, pending, created_at");
    members: "{p}batch_member" ("batch_id, position, node_id, is_batch");
    waiting: "{p}throttle_wait" ("job_id, throttle, queue, rank, seq, kind, run, charged, solo");
    slots: "{p}throttle_slot" ("lease, job_id, throttle");
    edges: "{p}job_edge" ("child_id, position, parent_id, on_end, as_result, released, output");
}

fn batch(render: &Render, table: &str, columns: &str) -> Batch {
    let row = vec!["?"; columns.split(',').count()].join(",");
    Batch::render(render, table, columns, &row, "")
}

/// Inserts rows in their order. `add` adds the values of one row, in the order of the columns.
pub(super) async fn insert<R: Sync>(
    t: &mut SqliteTables<'_>,
    batch: &Batch,
    rows: &[R],
    mut add: impl FnMut(&mut Values, &R) + Send,
) -> Result<()> {
    for (sql, chunk) in batch.chunks(rows) {
        t.execute(batch.query(sql, chunk, &mut add)?).await?;
    }
    Ok(())
}
