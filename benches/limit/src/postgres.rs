//! PostgreSQL.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sqlx::{Connection, Executor, PgConnection, Row, SqlStr};
use uuid::Uuid;

use crate::job::{CLAIM_BATCH, INSERT_BATCH, Jobs, KIND, PRIORITY, QUEUE};
use crate::run::{self, REPEATS, Run, Work};
use crate::scenario::Scenario;

const SCHEMA: &str = "
    SET client_min_messages = warning;
    DROP SCHEMA IF EXISTS jobs_limit CASCADE;
    CREATE SCHEMA jobs_limit;
    CREATE TABLE jobs_limit.job (
        id         uuid PRIMARY KEY,
        kind       text NOT NULL,
        queue      text NOT NULL,
        priority   int2 NOT NULL,
        args       text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        state      int2 NOT NULL DEFAULT 0
    );
    CREATE INDEX job_ready ON jobs_limit.job (queue, priority DESC, id) WHERE state = 0";

const INSERT: &str = "
    INSERT INTO jobs_limit.job (id, kind, queue, priority, args) VALUES ($1, $2, $3, $4, $5)";

const INSERT_MANY: &str = "
    INSERT INTO jobs_limit.job (id, kind, queue, priority, args)
    SELECT id, $2, $3, $4, args FROM unnest($1::uuid[], $5::text[]) AS new (id, args)";

/// By row address. Against a join of the claimed ids with the table, in six interleaved rounds on a
/// busy machine: 0.90 to 1.52 times as fast, faster in four.
const CLAIM: &str = "
    UPDATE jobs_limit.job SET state = 1
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM jobs_limit.job
        WHERE state = 0 AND queue = $1
        ORDER BY priority DESC, id LIMIT $2
        FOR UPDATE SKIP LOCKED))
    RETURNING id, kind, args";

const UPDATE: &str = "UPDATE jobs_limit.job SET state = 2 WHERE id = ANY ($1)";

const DELETE: &str = "DELETE FROM jobs_limit.job WHERE id = ANY ($1)";

/// Measures one scenario: of each number of connections the median, and of these the best.
pub(crate) async fn measure(url: &str, scenario: Scenario) -> Result<Run> {
    let mut medians = Vec::new();
    for connections in scenario.connections() {
        let mut runs = Vec::new();
        for _ in 0..REPEATS {
            runs.push(measure_once(url, scenario, *connections).await?);
        }
        medians.extend(run::median(runs));
    }
    connect(url).await?.execute("DROP SCHEMA IF EXISTS jobs_limit CASCADE").await?;
    run::best(medians).with_context(|| format!("{} was not run", scenario.name()))
}

async fn measure_once(url: &str, scenario: Scenario, connections: usize) -> Result<Run> {
    connect(url).await?.execute(SCHEMA).await.context("cannot make the schema jobs_limit")?;
    let n = scenario.jobs();
    let run = match scenario {
        Scenario::Insert1 | Scenario::Insert16 => insert(url, connections, n).await?,
        Scenario::Unnest1000 => insert_many(url, connections, n).await?,
        Scenario::ClaimUpdate => claim(url, connections, n, UPDATE).await?,
        Scenario::ClaimDelete => claim(url, connections, n, DELETE).await?,
    };
    ensure!(run.jobs == n, "{}: {} of {n} jobs passed", scenario.name(), run.jobs);
    Ok(run)
}

async fn insert(url: &str, connections: usize, n: usize) -> Result<Run> {
    let mut tasks = Vec::new();
    for jobs in Jobs::batches(n, n / connections) {
        let mut connection = connect(url).await?;
        insert_each(&mut connection, Jobs::new(WARM_UP)).await?;
        tasks.push(async move { insert_each(&mut connection, jobs).await });
    }
    Run::measure(tasks).await
}

/// Rows that each connection inserts before the clock starts: its statement is then prepared.
const WARM_UP: usize = 100;

async fn insert_each(connection: &mut PgConnection, jobs: Jobs) -> Result<Work> {
    let mut work = Work::default();
    for (id, args) in jobs.ids.iter().zip(&jobs.args) {
        let started = Instant::now();
        let query = sqlx::query(INSERT).bind(id).bind(KIND).bind(QUEUE).bind(PRIORITY).bind(args);
        query.execute(&mut *connection).await?;
        work.note(started, 1);
    }
    Ok(work)
}

async fn insert_many(url: &str, connections: usize, n: usize) -> Result<Run> {
    let mut batches = Jobs::batches(n, INSERT_BATCH);
    let share = batches.len().div_ceil(connections);
    let mut tasks = Vec::new();
    while !batches.is_empty() {
        let batches = batches.split_off(batches.len().saturating_sub(share));
        let mut connection = connect(url).await?;
        insert_batches(&mut connection, Jobs::batches(WARM_UP, WARM_UP)).await?;
        tasks.push(async move { insert_batches(&mut connection, batches).await });
    }
    Run::measure(tasks).await
}

async fn insert_batches(connection: &mut PgConnection, batches: Vec<Jobs>) -> Result<Work> {
    let mut work = Work::default();
    for jobs in batches {
        let started = Instant::now();
        let query = sqlx::query(INSERT_MANY).bind(&jobs.ids).bind(KIND).bind(QUEUE);
        query.bind(PRIORITY).bind(&jobs.args).execute(&mut *connection).await?;
        work.note(started, jobs.len());
    }
    Ok(work)
}

async fn claim(url: &str, connections: usize, n: usize, complete: &'static str) -> Result<Run> {
    let mut first = connect(url).await?;
    insert_batches(&mut first, Jobs::batches(n, INSERT_BATCH)).await?;
    first.execute("VACUUM ANALYZE jobs_limit.job").await?;

    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = connect(url).await?;
        (&mut connection).prepare(SqlStr::from_static(CLAIM)).await?;
        (&mut connection).prepare(SqlStr::from_static(complete)).await?;
        tasks.push(async move { claim_all(&mut connection, complete).await });
    }
    Run::measure(tasks).await
}

/// Claims and completes until nothing is left.
async fn claim_all(connection: &mut PgConnection, complete: &'static str) -> Result<Work> {
    let mut work = Work::default();
    let limit = i64::try_from(CLAIM_BATCH)?;
    loop {
        let started = Instant::now();
        let query = sqlx::query(CLAIM).bind(QUEUE).bind(limit);
        let rows = query.fetch_all(&mut *connection).await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(work);
        }
        sqlx::query(complete).bind(&ids).execute(&mut *connection).await?;
        work.note(started, ids.len());
    }
}

async fn connect(url: &str) -> Result<PgConnection> {
    PgConnection::connect(url).await.with_context(|| format!("cannot connect to {url}"))
}
