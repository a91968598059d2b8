//! SQLite: one connection, since it lets one write at a time.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Executor, Row, SqliteConnection};
use uuid::Uuid;

use crate::job::{CLAIM_BATCH, INSERT_BATCH, Jobs, KIND, PRIORITY, QUEUE};
use crate::run::{self, REPEATS, Run, Work};
use crate::scenario::Scenario;

const SCHEMA: &str = "
    CREATE TABLE job (
        id         blob PRIMARY KEY,
        kind       text NOT NULL,
        queue      text NOT NULL,
        priority   integer NOT NULL,
        args       text NOT NULL,
        created_at integer NOT NULL,
        state      integer NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE INDEX job_ready ON job (queue, priority DESC, id) WHERE state = 0";

const CREATED_AT: i64 = 1_750_000_000_000;

/// Up to [`INSERT_BATCH`] rows: the columns that are the same for all, then two for each row.
fn insert(rows: usize) -> String {
    let row = |number: usize| format!("(?{}, ?1, ?2, ?3, ?4, ?{})", 2 * number + 5, 2 * number + 6);
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!(
        "INSERT INTO job (id, kind, queue, priority, created_at, args) VALUES {}",
        rows.join(",")
    )
}

static INSERT_ONE: LazyLock<String> = LazyLock::new(|| insert(1));
static INSERT_MANY: LazyLock<String> = LazyLock::new(|| insert(INSERT_BATCH));

const CLAIM: &str = "
    UPDATE job SET state = 1
    WHERE id IN (
        SELECT id FROM job WHERE state = 0 AND queue = ?1 ORDER BY priority DESC, id LIMIT ?2)
    RETURNING id, kind, args";

/// A statement on the ids of one claim.
fn on_claimed(statement: &str) -> String {
    format!("{statement} WHERE id IN ({})", vec!["?"; CLAIM_BATCH].join(","))
}

static UPDATE: LazyLock<String> = LazyLock::new(|| on_claimed("UPDATE job SET state = 2"));
static DELETE: LazyLock<String> = LazyLock::new(|| on_claimed("DELETE FROM job"));

/// Measures one scenario, each time on a new database in `directory`.
pub(crate) async fn measure(directory: &Path, scenario: Scenario) -> Result<Run> {
    let mut runs = Vec::new();
    for number in 0..REPEATS {
        let file = directory.join(format!("limit-{}-{number}.db", scenario.name()));
        runs.push(measure_once(&file, scenario).await?);
    }
    run::median(runs).with_context(|| format!("{} was not run", scenario.name()))
}

async fn measure_once(file: &Path, scenario: Scenario) -> Result<Run> {
    let mut connection = open(file).await?;
    let n = scenario.jobs();
    let run = match scenario {
        Scenario::Insert1 | Scenario::Insert16 => {
            let batches = Jobs::batches(n, 1);
            Run::measure([async move { insert_all(&mut connection, batches, &INSERT_ONE).await }])
                .await?
        }
        Scenario::Unnest1000 => {
            let batches = Jobs::batches(n, INSERT_BATCH);
            Run::measure([async move { insert_all(&mut connection, batches, &INSERT_MANY).await }])
                .await?
        }
        Scenario::ClaimUpdate => claim(connection, n, &UPDATE).await?,
        Scenario::ClaimDelete => claim(connection, n, &DELETE).await?,
    };
    ensure!(run.jobs == n, "{}: {} of {n} jobs passed", scenario.name(), run.jobs);
    Ok(run)
}

async fn open(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection =
        options.connect().await.with_context(|| format!("cannot open {}", file.display()))?;
    connection.execute(SCHEMA).await.context("cannot make the table")?;
    Ok(connection)
}

/// One statement and one commit for each batch; `statement` takes batches of exactly this size.
async fn insert_all(
    connection: &mut SqliteConnection,
    batches: Vec<Jobs>,
    statement: &'static str,
) -> Result<Work> {
    let mut work = Work::default();
    for jobs in batches {
        let started = Instant::now();
        let mut query =
            sqlx::query(statement).bind(KIND).bind(QUEUE).bind(PRIORITY).bind(CREATED_AT);
        for (id, args) in jobs.ids.iter().zip(&jobs.args) {
            query = query.bind(id).bind(args);
        }
        query.execute(&mut *connection).await?;
        work.note(started, jobs.len());
    }
    Ok(work)
}

async fn claim(mut connection: SqliteConnection, n: usize, complete: &'static str) -> Result<Run> {
    insert_all(&mut connection, Jobs::batches(n, INSERT_BATCH), &INSERT_MANY).await?;
    connection.execute("ANALYZE").await?;
    Run::measure([async move { claim_all(&mut connection, complete).await }]).await
}

/// Claims and completes until nothing is left.
async fn claim_all(connection: &mut SqliteConnection, complete: &'static str) -> Result<Work> {
    let mut work = Work::default();
    let limit = i64::try_from(CLAIM_BATCH)?;
    loop {
        let started = Instant::now();
        let query = sqlx::query(CLAIM).bind(QUEUE).bind(limit);
        let rows = query.fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(work);
        }
        let mut query = sqlx::query(complete);
        for row in &rows {
            query = query.bind(row.try_get::<Uuid, _>(0)?);
        }
        query.execute(&mut *connection).await?;
        work.note(started, rows.len());
    }
}
