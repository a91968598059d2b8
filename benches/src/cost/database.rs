//! What the database has counted.

use std::time::Duration;

use anyhow::Result;
use sqlx::{Connection, PgConnection, Row};

use crate::target::{SCHEMA, Target, connect};

/// A session hands its counts in at the latest when it ends.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
        AND pid <> pg_backend_pid()";

/// The bytes of log are of the whole cluster, which nobody else uses: with the upkeep that the
/// jobs cause.
const COUNTS: &str = "SELECT statements.calls, statements.time, stat.xact_commit::float8,
        (pg_current_wal_insert_lsn() - '0/0')::float8, rows.*
    FROM (
        SELECT sum(calls)::float8 AS calls, sum(total_exec_time)::float8 AS time
        FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS statements
    CROSS JOIN (
        SELECT sum(n_tup_ins)::float8, sum(n_tup_upd)::float8, sum(n_tup_hot_upd)::float8,
            sum(n_tup_del)::float8, sum(n_dead_tup)::float8
        FROM pg_stat_user_tables WHERE schemaname = $1
    ) AS rows
    JOIN pg_stat_database AS stat ON stat.datname = current_database()";

/// Sums since the database was made, or between two moments.
#[derive(Debug)]
pub(super) enum Activity {
    Postgres(Counts),
    /// Counts nothing.
    Sqlite,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) statements: f64,
    pub(super) execution_ms: f64,
    pub(super) commits: f64,
    pub(super) wal_bytes: f64,
    pub(super) inserted: f64,
    pub(super) updated: f64,
    pub(super) hot_updated: f64,
    pub(super) deleted: f64,
    /// Not a sum: those that are there.
    pub(super) dead: f64,
}

impl Activity {
    /// Once all other sessions have ended.
    pub(super) async fn of(target: &Target) -> Result<Self> {
        let Target::Postgres(url) = target else { return Ok(Self::Sqlite) };
        let mut connection = connect(url).await?;
        let counts = read(&mut connection).await?;
        connection.close().await?;
        Ok(Self::Postgres(counts))
    }

    pub(super) fn since(&self, before: &Self) -> Self {
        let (Self::Postgres(after), Self::Postgres(before)) = (self, before) else {
            return Self::Sqlite;
        };
        Self::Postgres(Counts {
            statements: after.statements - before.statements,
            execution_ms: after.execution_ms - before.execution_ms,
            commits: after.commits - before.commits,
            wal_bytes: after.wal_bytes - before.wal_bytes,
            inserted: after.inserted - before.inserted,
            updated: after.updated - before.updated,
            hot_updated: after.hot_updated - before.hot_updated,
            deleted: after.deleted - before.deleted,
            dead: after.dead,
        })
    }
}

async fn read(connection: &mut PgConnection) -> Result<Counts> {
    while sqlx::query_scalar::<_, i64>(OTHERS).fetch_one(&mut *connection).await? > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let row = sqlx::query(COUNTS).bind(SCHEMA).fetch_one(connection).await?;
    let sum = |column: usize| row.try_get::<Option<f64>, _>(column).map(Option::unwrap_or_default);
    Ok(Counts {
        statements: sum(0)?,
        execution_ms: sum(1)?,
        commits: sum(2)?,
        wal_bytes: sum(3)?,
        inserted: sum(4)?,
        updated: sum(5)?,
        hot_updated: sum(6)?,
        deleted: sum(7)?,
        dead: sum(8)?,
    })
}
