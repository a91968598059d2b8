//! What PostgreSQL counts of the work of others.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use sqlx::{Connection, PgConnection, Row};
use tokio::time::sleep;

/// Excludes other tests that count in the same database.
const ALONE: &str = "SELECT pg_advisory_lock(hashtext('cost'))";

/// A session hands its counts in at the latest when it ends.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'
        AND pid <> pg_backend_pid()
        AND NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND pg_locks.pid = pg_stat_activity.pid)";

/// A transaction remembers what it was told.
const LOOK_ANEW: &str = "SELECT pg_stat_clear_snapshot()";

/// Of everybody but this session, which knows them by their text. A page that is logged whole, for
/// the first change after a checkpoint, is left out: when checkpoints come is chance.
const STATEMENTS: &str = "SELECT coalesce(sum(calls), 0)::bigint,
        coalesce(sum(wal_bytes - 8192 * wal_fpi), 0)::bigint
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND query NOT LIKE '%pg_stat_%'";

const COMMITS: &str = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";

const TABLES: &str = "SELECT relname::text, n_tup_ins, n_tup_upd, n_tup_del
    FROM pg_stat_user_tables WHERE schemaname = $1";

/// A session that looks on.
pub(super) struct Counters {
    connection: PgConnection,
    schema: String,
}

/// Everything counted so far.
pub(super) struct Counts {
    statements: i64,
    log_bytes: i64,
    commits: i64,
    tables: BTreeMap<String, Rows>,
}

/// What a job costs.
#[derive(Debug)]
pub(super) struct Cost {
    /// Without those that open and end transactions.
    pub(super) statements: f64,
    pub(super) commits: f64,
    pub(super) log_bytes: f64,
    /// Of all jobs.
    tables: BTreeMap<String, Rows>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rows {
    pub(super) inserted: i64,
    pub(super) updated: i64,
    pub(super) deleted: i64,
}

impl Counters {
    /// Waits until no other test counts.
    pub(super) async fn alone(url: &str, schema: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query(ALONE).execute(&mut connection).await.unwrap();
        Self { connection, schema: schema.to_owned() }
    }

    /// Once all other sessions have ended.
    pub(super) async fn read(&mut self) -> Counts {
        // One transaction, so that it is counted as one however long it waits.
        let mut connection = self.connection.begin().await.unwrap();
        while sqlx::query_scalar::<_, i64>(OTHERS).fetch_one(&mut *connection).await.unwrap() > 0 {
            sleep(Duration::from_millis(10)).await;
            sqlx::query(LOOK_ANEW).execute(&mut *connection).await.unwrap();
        }
        sqlx::query(LOOK_ANEW).execute(&mut *connection).await.unwrap();
        let statements = sqlx::query(STATEMENTS).fetch_one(&mut *connection).await.unwrap();
        let commits = sqlx::query_scalar(COMMITS).fetch_one(&mut *connection).await.unwrap();
        let tables = sqlx::query(TABLES).bind(&self.schema);
        let tables = tables.fetch_all(&mut *connection).await.unwrap();
        connection.commit().await.unwrap();
        let table = |row: &sqlx::postgres::PgRow| {
            (row.get(0), Rows { inserted: row.get(1), updated: row.get(2), deleted: row.get(3) })
        };
        Counts {
            statements: statements.get(0),
            log_bytes: statements.get(1),
            commits,
            tables: tables.iter().map(table).collect(),
        }
    }

    /// Drops the schema, and lets the next test count.
    pub(super) async fn close(mut self) {
        let drop = format!("DROP SCHEMA \"{}\" CASCADE", self.schema);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut self.connection).await.unwrap();
        self.connection.close().await.unwrap();
    }
}

impl Counts {
    pub(super) fn since(&self, before: &Self, jobs: i64) -> Cost {
        let a_job = |after: i64, before: i64| (after - before) as f64 / jobs as f64;
        let tables = self.tables.iter().map(|(name, rows)| {
            let before = before.tables.get(name).copied().unwrap_or_default();
            let rows = Rows {
                inserted: rows.inserted - before.inserted,
                updated: rows.updated - before.updated,
                deleted: rows.deleted - before.deleted,
            };
            (name.clone(), rows)
        });
        Cost {
            statements: a_job(self.statements, before.statements),
            commits: a_job(self.commits, before.commits),
            log_bytes: a_job(self.log_bytes, before.log_bytes),
            tables: tables.collect(),
        }
    }
}

impl Cost {
    pub(super) fn rows(&self, table: &str) -> Rows {
        self.tables.get(table).copied().unwrap_or_default()
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statements, commits, log_bytes, tables } = self;
        write!(f, "{statements} statements, {commits} commits, {log_bytes} bytes of log a job;")?;
        for (name, Rows { inserted, updated, deleted }) in tables {
            if inserted + updated + deleted > 0 {
                write!(f, " {name} +{inserted} ~{updated} -{deleted}")?;
            }
        }
        Ok(())
    }
}
