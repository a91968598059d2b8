//! How much time the database has spent, by its own count.

use std::fs;

use anyhow::{Context, Result};
use sqlx::{Connection, MySqlConnection, PgConnection, Row};

use crate::target::{Target, connect};

/// The threads in which the library runs SQLite.
const SQLITE_THREADS: &str = "jobs-sqlite";

/// Without what opens and ends transactions, and without its own question.
const POSTGRES: &str = "SELECT sum(total_exec_time)::float8, sum(calls)::float8
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND query NOT LIKE '%pg_stat_statements%'";

/// With `userstat`.
const MARIADB: &str = "SHOW GLOBAL STATUS WHERE Variable_name IN ('Busy_time', 'Com_stmt_execute')";

pub(super) enum Meter {
    Postgres(PgConnection),
    MariaDb(MySqlConnection),
    /// Which has no server: the processor time of its threads.
    Sqlite,
}

/// Sums, or what lies between two of them.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) milliseconds: f64,
    pub(super) statements: Option<f64>,
}

impl Reading {
    pub(super) fn since(&self, before: &Self) -> Self {
        let statements = self.statements.zip(before.statements).map(|(after, then)| after - then);
        Self { milliseconds: self.milliseconds - before.milliseconds, statements }
    }
}

impl Meter {
    pub(super) async fn of(target: &Target) -> Result<Self> {
        Ok(match target {
            Target::Postgres(url) => Self::Postgres(connect(url).await?),
            Target::MariaDb(url) => Self::MariaDb(MySqlConnection::connect(url).await?),
            Target::Sqlite(_) => Self::Sqlite,
        })
    }

    pub(super) async fn read(&mut self) -> Result<Reading> {
        match self {
            Self::Postgres(connection) => {
                let row = sqlx::query(POSTGRES).fetch_one(connection).await?;
                Ok(Reading { milliseconds: row.try_get(0)?, statements: Some(row.try_get(1)?) })
            }
            Self::MariaDb(connection) => {
                let mut reading = Reading::default();
                let rows = sqlx::raw_sql(MARIADB).fetch_all(connection);
                for row in rows.await? {
                    let value: f64 = row.try_get::<String, _>(1)?.parse()?;
                    match row.try_get::<String, _>(0)?.as_str() {
                        "Busy_time" => reading.milliseconds = value * 1e3,
                        _ => reading.statements = Some(value),
                    }
                }
                Ok(reading)
            }
            Self::Sqlite => Ok(Reading { milliseconds: thread_ms()?, statements: None }),
        }
    }
}

/// Linux counts the nanoseconds that each thread was on a processor.
fn thread_ms() -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir("/proc/self/task").context("no threads are known")? {
        let thread = thread?.path();
        // A thread may end meanwhile.
        let Ok(name) = fs::read_to_string(thread.join("comm")) else { continue };
        if !name.starts_with(SQLITE_THREADS) {
            continue;
        }
        let text = fs::read_to_string(thread.join("schedstat"))?;
        let spent = text.split_whitespace().next().context("no processor time is known")?;
        nanoseconds += spent.parse::<f64>()?;
    }
    Ok(nanoseconds / 1e6)
}
