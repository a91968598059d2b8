//! Inserts of many rows.
//!
//! Each statement is a message to SQLite's thread and back, which costs as much as several rows;
//! so many rows go into one statement. It is rendered for a few numbers of rows only, so that
//! each is prepared once.

use sqlx::encode::Encode;
use sqlx::error::BoxDynError;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments, SqlStr, Type};

use super::tables::SqliteTables;
use crate::storage::sql::Render;
use crate::storage::tables::Result;

/// Numbers of rows in one statement.
const SIZES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

/// One INSERT for each of the sizes.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    columns: usize,
    statements: [SqlStr; SIZES.len()],
}

impl Batch {
    /// `table` and `columns` as in `INSERT INTO table (columns)`.
    fn render(render: &Render, table: &str, columns: &str) -> Self {
        let count = columns.split(',').count();
        let row = format!("({})", vec!["?"; count].join(","));
        let statement = |size| {
            let rows = vec![row.as_str(); size].join(",");
            render.sql(&format!("INSERT INTO {table} ({columns}) VALUES {rows}"))
        };
        Self { columns: count, statements: SIZES.map(statement) }
    }
}

macro_rules! batches {
    ($($name:ident: $table:literal ($columns:literal);)+) => {
        #[derive(Debug, Clone)]
        pub(super) struct Batches {
            $(pub(super) $name: Batch,)+
        }

        impl Batches {
            pub(super) fn render(render: &Render) -> Self {
                Self { $($name: Batch::render(render, $table, $columns),)+ }
            }

            /// All statements, so that a test can prepare each.
            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<(&'static str, SqlStr)> {
                let mut all = Vec::new();
                $(all.extend(self.$name.statements.iter().map(|sql| (stringify!($name), sql.clone())));)+
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

/// The values of the rows of one statement.
pub(super) struct Values {
    arguments: SqliteArguments,
    /// The first that could not be encoded; later ones would be in wrong places.
    error: Option<BoxDynError>,
}

impl Values {
    pub(super) fn with_capacity(values: usize) -> Self {
        let mut arguments = SqliteArguments::default();
        arguments.reserve(values, 0);
        Self { arguments, error: None }
    }

    pub(super) fn add<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if self.error.is_none() {
            self.error = self.arguments.add(value).err();
        }
        self
    }

    pub(super) fn into_query(
        self,
        sql: &SqlStr,
    ) -> Result<Query<'static, Sqlite, SqliteArguments>> {
        match self.error {
            None => Ok(sqlx::query_with(sql.clone(), self.arguments)),
            Some(error) => Err(sqlx::Error::Encode(error).into()),
        }
    }
}

/// Inserts rows in their order. `add` adds the values of one row, in the order of the columns.
pub(super) async fn insert<R: Sync>(
    t: &mut SqliteTables<'_>,
    batch: &Batch,
    mut rows: &[R],
    mut add: impl FnMut(&mut Values, &R) + Send,
) -> Result<()> {
    for (size, sql) in SIZES.iter().zip(&batch.statements) {
        while let Some((chunk, rest)) =
            rows.split_at_checked(*size).filter(|(chunk, _)| !chunk.is_empty())
        {
            rows = rest;
            let mut values = Values::with_capacity(size * batch.columns);
            for row in chunk {
                add(&mut values, row);
            }
            t.execute(values.into_query(sql)?).await?;
        }
    }
    Ok(())
}
