//! The inserts of many rows, a list of columns and the values of a row each.

use super::tables::MySqlTables;
use crate::storage::inserts::Batch;
use crate::storage::sql::Render;
use crate::storage::tables::Result;

pub(super) type Values = crate::storage::inserts::Values<sqlx::MySql>;

/// Bytes of text in one statement: far below what the database takes, and a large row still goes by
/// itself.
const MOST_BYTES: usize = 4 * 1024 * 1024;

macro_rules! batches {
    ($($name:ident: $table:literal ($columns:literal) ($row:literal) $end:literal;)+) => {
        #[derive(Debug, Clone)]
        pub(super) struct Batches {
            $(pub(super) $name: Batch,)+
        }

        impl Batches {
            pub(super) fn render(render: &Render) -> Self {
                Self { $($name: Batch::render(render, $table, $columns, $row, $end),)+ }
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
    jobs: "{p}job"
        ("id, kind, queue, priority, args, options, created_at, expires_at, seq")
        ("?, ?, ?, ?, ?, ?, {now}, {now} + ?, ?") "";
    line: "{p}job_queue"
        ("queue, `rank`, seq, job_id, kind, run, charged, solo")
        ("?, ?, ?, ?, ?, ?, ?, ?") "";
    leases: "{p}lease"
        ("id, server, solo, members, revoked, started, claimed_at")
        ("?, ?, ?, ?, '', '', {now}") "";
    attempts: "{p}job_attempt"
        ("job_id, run, ended, keeps, server, started_at, ended_at, output, failure")
        ("?, ?, ?, ?, ?, {now} - ?, {now} - ?, ?, ?") "";
    finished: "{p}job_finished" ("at, jobs") ("{now}, ?") "";
    events: "{p}job_event"
        ("job_id, at, event, from_state, to_state, reason, server")
        ("?, {now}, ?, ?, ?, ?, ?") "";
    schedule: "{p}job_schedule"
        ("job_id, seq, due_at, run, charged, reason")
        ("?, ?, COALESCE(?, {now} + COALESCE(?, 0)), ?, ?, ?") "";
    failed: "{p}job_failed"
        ("job_id, seq, at, reason, failure, run, charged")
        ("?, ?, {now}, ?, ?, ?, ?") "";
    deleted: "{p}job_deleted"
        ("job_id, seq, at, reason, cause, failure, run, charged")
        ("?, ?, {now}, ?, ?, ?, ?, ?") "";
    awaiting: "{p}job_awaiting"
        ("job_id, seq, pending, hand_over, delay_us, due_at")
        ("?, ?, ?, ?, ?, ?") "";
    edges: "{p}job_edge"
        ("child_id, position, parent_id, on_end, as_result, released, output")
        ("?, ?, ?, ?, ?, ?, ?") "";
    batches: "{p}batch"
        ("id, parent_id, seq, name, description, finishes, keep_us, opened, state, total, pending,
            created_at")
        ("?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {now}") "";
    members: "{p}batch_member"
        ("batch_id, position, node_id, is_batch")
        ("?, ?, ?, ?") "";
    log: "{p}job_log" ("job_id, run, at, line") ("?, ?, {now} - ?, ?") "";
    progress: "{p}job_progress"
        ("job_id, done, total") ("?, ?, ?")
        "ON DUPLICATE KEY UPDATE done = VALUES(done), total = VALUES(total)";
    throttles: "{p}throttle"
        ("scope, `key`, kind, declared, per_us, touched_at")
        ("?, ?, ?, ?, ?, {now}") "ON DUPLICATE KEY UPDATE id = id";
    waiting: "{p}throttle_wait"
        ("job_id, throttle, queue, `rank`, seq, kind, run, charged, solo")
        ("?, ?, ?, ?, ?, ?, ?, ?, ?") "";
    slots: "{p}throttle_slot" ("lease, job_id, throttle") ("?, ?, ?") "";
    admissions: "{p}throttle_admission"
        ("throttle, at, count") ("?, ?, ?")
        "ON DUPLICATE KEY UPDATE count = count + VALUES(count)";
    expiry: "{p}job_expiry"
        ("job_id, expires_at")
        ("?, {now} + ?") "ON DUPLICATE KEY UPDATE expires_at = VALUES(expires_at)";
    kept: "{p}job_expiry"
        ("job_id, expires_at, succeeded_at, seq")
        ("?, {now} + ?, {now}, ?")
        "ON DUPLICATE KEY UPDATE expires_at = VALUES(expires_at),
            succeeded_at = VALUES(succeeded_at), seq = VALUES(seq)";
    batch_finished: "{p}batch_finished" ("at, id, batch_id, jobs") ("{now}, ?, ?, ?") "";
    tags: "{p}job_tag"
        ("job_id, tag, seq") ("?, ?, ?") "ON DUPLICATE KEY UPDATE seq = seq";
    kinds: "{p}kind"
        ("name, queue, retries, on_exhausted, seen_at")
        ("?, ?, ?, ?, {now}")
        "ON DUPLICATE KEY UPDATE queue = VALUES(queue), retries = VALUES(retries),
            on_exhausted = VALUES(on_exhausted), seen_at = VALUES(seen_at)";
}

/// Inserts rows in their order. `add` adds the values of one row, in the order of the columns.
pub(super) async fn insert<R: Sync>(
    t: &mut MySqlTables<'_>,
    batch: &Batch,
    rows: &[R],
    mut add: impl FnMut(&mut Values, &R) + Send,
) -> Result<()> {
    for (sql, chunk) in batch.chunks(rows) {
        t.execute(batch.query(sql, chunk, &mut add)?).await?;
    }
    Ok(())
}

/// The same, where rows may hold long texts: `size` gives the bytes of those.
pub(super) async fn insert_large<R: Sync>(
    t: &mut MySqlTables<'_>,
    batch: &Batch,
    mut rows: &[R],
    size: impl Fn(&R) -> usize + Send,
    mut add: impl FnMut(&mut Values, &R) + Send,
) -> Result<()> {
    while let Some(first) = rows.first() {
        t.fits(size(first))?;
        let (some, rest) = rows.split_at(together(rows, &size));
        rows = rest;
        insert(t, batch, some, &mut add).await?;
    }
    Ok(())
}

/// How many of the first rows go into one statement: as many as are not too large together, and
/// one at least.
pub(super) fn together<R>(rows: &[R], size: impl Fn(&R) -> usize) -> usize {
    let mut bytes = 0usize;
    let fits = |row: &&R| {
        bytes = bytes.saturating_add(size(row));
        bytes <= MOST_BYTES
    };
    rows.iter().take_while(fits).count().max(1).min(rows.len())
}
