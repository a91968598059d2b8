//! What only this database has: its statements, its one writer, its locks.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr, SqliteConnection};

use super::*;
use crate::job::{JobId, State};
use crate::request::Parents;
use crate::storage::model::{
    AttemptEnd, AttemptRow, ClaimParams, Claimed, Count, Due, Hold, LineRow, NewJob, Settled,
};
use crate::storage::tables::Tables;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A file that is removed with its companions.
struct File(std::path::PathBuf);

impl File {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("jobs-{}.db", Uuid::now_v7())))
    }

    fn options(&self) -> StorageOptions {
        StorageOptions::new(format!("sqlite://{}", self.0.display()))
            .lock_timeout(Duration::from_millis(200))
    }

    async fn raw(&self) -> Result<SqliteConnection, sqlx::Error> {
        SqliteConnection::connect(&format!("sqlite://{}", self.0.display())).await
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

fn job(kind: &'static str) -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: kind.into(),
        queue: "default".into(),
        priority: 0,
        args: "{\"to\":\"ä\\\"b\"}".to_owned(),
        options: None,
        tags: Vec::new(),
        expires: None,
        due: Due::Now,
        unique: None,
        parents: Parents::default(),
        batch: None,
        keys: None,
    }
}

async fn store(storage: &Sqlite, jobs: &[NewJob]) -> Result<(), StorageError> {
    let mut open = storage.begin().await?;
    open.tables().insert_ready(jobs).await?;
    open.commit().await
}

async fn claim(storage: &Sqlite, kinds: &[&str], limit: u32) -> Result<Vec<Claimed>, StorageError> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let params = ClaimParams { server: 1, queues: &["default"], kinds: &kinds, limit };
    let mut open = storage.begin().await?;
    let claimed = open.tables().claim(&params).await?;
    open.commit().await?;
    Ok(claimed)
}

#[tokio::test]
async fn every_statement_can_be_prepared() -> Outcome {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite:?mode=memory"] {
        let storage = Sqlite::connect(&StorageOptions::new(url)).await?;
        let mut writer = storage.writer.lock().await;
        let connection = writer.connection()?;
        for (name, sql) in storage.statements.all().into_iter().chain(storage.batches.all()) {
            if let Err(error) = connection.prepare(sql.clone()).await {
                panic!("{name}: {error}\n{}", sql.as_str());
            }
        }
    }
    Ok(())
}

/// A scan of a table that grows is a fault, but for the few statements that are meant to.
#[tokio::test]
async fn no_statement_scans_a_large_table() -> Outcome {
    let storage = Sqlite::connect(&StorageOptions::new("sqlite::memory:")).await?;
    let mut writer = storage.writer.lock().await;
    let connection = writer.connection()?;
    let mut scans = Vec::new();
    // Some are sent as two in one message.
    let statements = storage.statements.all();
    let parts = statements
        .iter()
        .flat_map(|(name, sql)| sql.as_str().split(';').map(move |sql| (*name, sql)));
    for (name, sql) in parts {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(explain.into_sql_str()).fetch_all(&mut *connection).await?;
        let steps = plan.into_iter().map(|(.., step)| step);
        scans.extend(steps.filter(|step| scans_a_table(step)).map(|step| (name, step)));
    }
    let meant = ["unknown_jobs", "counts", "queues", "recent", "forget_keys"];
    scans.retain(|(name, _)| !meant.contains(name));
    assert!(scans.is_empty(), "{scans:#?}");
    Ok(())
}

/// Whether a step of a plan reads all of a table that grows with the number of jobs.
fn scans_a_table(step: &str) -> bool {
    let grow = [
        "job",
        "job_queue",
        "job_attempt",
        "job_finished",
        "batch_finished",
        "job_event",
        "job_schedule",
        "job_edge",
        "job_failed",
        "job_deleted",
        "job_expiry",
        "job_unique",
        "job_log",
        "throttle_wait",
        "throttle_slot",
        "throttle_admission",
        "job_tag",
    ];
    let table = step.strip_prefix("SCAN ").and_then(|step| step.split(' ').next());
    table.is_some_and(|table| {
        table.len() == 1 || grow.iter().any(|name| table == format!("jobs_{name}"))
    })
}

#[tokio::test]
async fn jobs_are_claimed_in_order_and_only_those_of_known_kinds() -> Outcome {
    let storage = Sqlite::connect(&StorageOptions::new("sqlite::memory:")).await?;
    let mut jobs: Vec<NewJob> = (0..700).map(|_| job("known")).collect();
    for strange in [0, 3, 699] {
        jobs[strange].kind = "strange".into();
    }
    jobs[500].priority = 7;
    store(&storage, &jobs).await?;
    let mut expected: Vec<JobId> =
        jobs.iter().filter(|job| job.kind == "known").map(|job| job.id).collect();
    expected.retain(|id| *id != jobs[500].id);
    expected.insert(0, jobs[500].id);

    let mut claimed = claim(&storage, &["known", "other"], 600).await?;
    claimed.extend(claim(&storage, &["known", "other"], 600).await?);
    assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), expected);
    assert_eq!(claimed[1].args, jobs[1].args);
    let strange = claim(&storage, &["strange"], 600).await?;
    assert_eq!(strange.len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_job_is_found_wherever_it_is() -> Outcome {
    let file = File::new();
    let storage = Sqlite::connect(&file.options()).await?;
    let jobs: Vec<NewJob> = (0..9).map(|_| job("known")).collect();
    store(&storage, &jobs).await?;
    let claimed = claim(&storage, &["known"], 6).await?;

    let mut open = storage.begin().await?;
    let mut t = open.tables();
    let row = |job: &Claimed| AttemptRow {
        job: job.id,
        run: job.run,
        end: AttemptEnd::Succeeded,
        server: Some(1),
        age: Duration::from_secs(1),
        took: Duration::from_secs(1),
        output: Some("7"),
        failure: None,
        keeps: false,
    };
    t.insert_attempts(&[row(&claimed[0])]).await?;
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    let state = |placed: &[crate::storage::model::Placed], job: JobId| {
        placed.iter().find(|placed| placed.job == job).map(|placed| placed.placement.state)
    };
    for several in [&ids[..], &ids[..2]] {
        let placed = t.placed(several, Hold::Stay).await?;
        assert_eq!(placed.len(), several.len());
        assert_eq!(state(&placed, ids[0]), Some(State::Succeeded));
        assert_eq!(state(&placed, ids[1]), Some(State::Processing));
    }
    let placed = t.placed(&ids, Hold::Stay).await?;
    assert_eq!(state(&placed, ids[8]), Some(State::Enqueued));
    for place in &placed {
        assert!(t.displace(place.job, place.placement).await?, "{place:?}");
        assert!(!t.displace(place.job, place.placement).await?, "{place:?}");
    }
    assert!(t.placed(&ids, Hold::Stay).await?.is_empty());
    let unknown = JobId::new();
    let settled = t.settled(&[ids[0], unknown]).await?;
    assert!(matches!(settled[..], [(id, None)] if id == unknown));

    let again = LineRow {
        job: ids[0],
        kind: "known".to_owned(),
        queue: "default".to_owned(),
        priority: 0,
        options: None,
        count: Count { run: 1, charged: 0 },
        solo: true,
        seq: None,
        due: None,
    };
    t.insert_line(&[again]).await?;
    open.commit().await?;
    let again = claim(&storage, &["known"], 10).await?;
    assert!(again[0].solo && again[0].run == 1 && again[0].lease > claimed[0].lease);

    let mut open = storage.begin().await?;
    let mut t = open.tables();
    t.insert_attempts(&[row(&again[0])]).await?;
    let settled = t.settled(&[ids[0]]).await?;
    assert!(matches!(&settled[..],
        [(_, Some(Settled::Succeeded { output: Some(output) }))] if output == "7"));
    t.delete_jobs(&ids).await?;
    assert!(t.jobs(&ids).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() -> Outcome {
    let file = File::new();
    let storage = Sqlite::connect(&file.options()).await?;
    for _ in 0..20 {
        let mut open = storage.begin().await?;
        let jobs = [job("known")];
        let mut tables = open.tables();
        let insert = tables.insert_ready(&jobs);
        let _ = tokio::time::timeout(Duration::from_micros(50), insert).await;
    }
    for _ in 0..20 {
        let _ = tokio::time::timeout(Duration::from_micros(30), storage.begin()).await;
    }
    // The lock is free for others although nobody has begun anew.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut other = file.raw().await?;
    let transaction = other.begin_with("BEGIN IMMEDIATE").await?;
    transaction.rollback().await?;
    assert!(claim(&storage, &["known"], 100).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_lock_that_is_held_is_an_error_and_not_a_wait() -> Outcome {
    let file = File::new();
    let storage = Sqlite::connect(&file.options()).await?;
    let mut other = file.raw().await?;
    let held = other.begin_with("BEGIN IMMEDIATE").await?;
    let locked = storage.begin().await.err();
    assert!(matches!(locked, Some(StorageError::Locked { .. })), "{locked:?}");
    assert!(storage.read().await.is_ok());
    held.rollback().await?;
    assert!(storage.begin().await.is_ok());
    Ok(())
}

#[tokio::test]
async fn the_callers_transaction_must_be_ours_and_not_stale() -> Outcome {
    let (file, elsewhere) = (File::new(), File::new());
    let storage = Sqlite::connect(&file.options()).await?;
    let mut ours = file.raw().await?;
    storage.check_ours(&mut ours).await?;

    Sqlite::connect(&elsewhere.options()).await?.close().await;
    for foreign in [elsewhere.raw().await, SqliteConnection::connect("sqlite::memory:").await] {
        let checked = storage.check_ours(&mut foreign?).await;
        assert!(matches!(checked, Err(Error::ForeignTransaction { .. })), "{checked:?}");
    }

    // Begun, but not read: waits for its turn.
    let mut transaction = ours.begin().await?;
    store(&storage, &[job("known")]).await?;
    storage.check_ours(&mut transaction).await?;
    storage.join(&mut transaction).insert_ready(&[job("known")]).await?;
    transaction.commit().await?;

    let mut transaction = ours.begin().await?;
    transaction.execute("SELECT * FROM jobs_control").await?;
    store(&storage, &[job("known")]).await?;
    let checked = storage.check_ours(&mut transaction).await;
    assert!(matches!(checked, Err(Error::Storage(StorageError::Stale))), "{checked:?}");
    transaction.rollback().await?;
    assert_eq!(claim(&storage, &["known"], 10).await?.len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_start_at_once_on_a_new_file() -> Outcome {
    let file = File::new();
    let options = file.options().lock_timeout(Duration::from_secs(60));
    let starts: Vec<_> = (0..5)
        .map(|_| {
            let options = options.clone();
            tokio::spawn(async move { Sqlite::connect(&options).await.map(|storage| storage.id) })
        })
        .collect();
    let mut ids = Vec::new();
    for start in starts {
        ids.push(start.await??);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    Ok(())
}

#[tokio::test]
async fn urls_that_name_no_file_are_refused() {
    for url in ["sqlite:", "sqlite://", "sqlite:a.db?mode=ro", "sqlite:a.db?mode=strange"] {
        let opened = Sqlite::connect(&StorageOptions::new(url)).await;
        assert!(
            matches!(opened, Err(Error::Storage(StorageError::Url { .. }))),
            "{url}: {:?}",
            opened.err()
        );
    }
    let missing = Sqlite::connect(&StorageOptions::new("sqlite:///nowhere/at/all.db")).await;
    assert!(matches!(missing, Err(Error::Storage(StorageError::Unreachable { .. }))));
}
