//! What the suite that runs on every database does not see.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};

use super::{Postgres, clock, connect};
use crate::error::{Error, StorageError};
use crate::job::{JobFailure, JobId, FailureKind, State};
use crate::request::{HandOver, Parents, Trigger};
use crate::storage::model::{
    AttemptEnd, AttemptRow, AwaitingRow, ClaimParams, Claimed, Count, DeletedRow, Due, EdgeRow,
    FailedReason, FailedRow, LineRow, NewJob, Placed, Placement, ScheduleReason, ScheduleRow,
};
use crate::storage::options::StorageOptions;
use crate::storage::servers::{NewServer, Signs};
use crate::storage::sql::Render;
use crate::storage::tables::Tables;

fn url() -> String {
    std::env::var("JOBS_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("JOBS_TEST_POSTGRES_URL names no PostgreSQL to test on: run `cargo xtask test`")
    })
}

/// Options for a schema that no other test uses.
fn options() -> StorageOptions {
    let id = JobId::new().as_uuid().simple().to_string();
    StorageOptions::new(url()).schema(format!("t{}", &id[16..]))
}

async fn drop_schema(options: &StorageOptions) {
    let mut conn = PgConnection::connect(&url()).await.unwrap();
    let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", options.schema);
    conn.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

async fn open(options: &StorageOptions) -> Postgres {
    Postgres::connect(options).await.unwrap()
}

fn job(queue: &'static str, priority: i16) -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: "k".into(),
        queue: queue.into(),
        priority,
        args: "{}".to_owned(),
        options: None,
        expires: None,
        due: Due::Now,
        unique: None,
        parents: Parents::default(),
    }
}

async fn announce(storage: &Postgres) -> i64 {
    let server = NewServer {
        name: "test".to_owned(),
        queues: vec!["q".to_owned()],
        workers: 1,
        kinds: Vec::new(),
    };
    let mut open = storage.begin().await.unwrap();
    let id = open.tables().announce(&server).await.unwrap();
    open.commit().await.unwrap();
    id
}

async fn claim(storage: &Postgres, server: i64, limit: u32) -> Vec<Claimed> {
    let kinds = ["k".to_owned()];
    let mut open = storage.begin().await.unwrap();
    let params = ClaimParams { server, queue: "q", kinds: &kinds, limit };
    let claimed = open.tables().claim(&params).await.unwrap();
    open.commit().await.unwrap();
    claimed
}

async fn place_of(storage: &Postgres, job: JobId) -> Option<Placed> {
    let mut open = storage.begin().await.unwrap();
    open.tables().placed(&[job], true).await.unwrap().pop()
}

#[tokio::test]
async fn every_statement_prepares() {
    let mut options = options();
    options.movable_clock = true;
    let storage = open(&options).await;
    let mut conn = storage.pool.acquire().await.unwrap();
    for (name, sql) in storage.sql.all() {
        if let Err(error) = conn.prepare(sql).await {
            panic!("statement `{name}`: {error}");
        }
    }
    let render = Render::new(format!("{}.", options.schema), String::new());
    conn.prepare(render.sql(clock::ADVANCE)).await.unwrap();
    drop(conn);
    drop_schema(&options).await;
}

#[tokio::test]
async fn five_processes_migrate_one_schema() {
    let options = options();
    let connects = (0..5).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Postgres::connect(&options).await.map(|storage| storage.storage) })
    });
    let mut ids = Vec::new();
    for connect in connects.collect::<Vec<_>>() {
        ids.push(connect.await.unwrap().unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_schema_that_does_not_fit_is_told() {
    let options = options();
    let looks_only = options.clone().migrate(false);
    let missing = Postgres::connect(&looks_only).await.err().unwrap();
    assert!(matches!(missing, Error::Setting(_)), "{missing}");

    let storage = open(&options).await;
    let newer = format!(
        "INSERT INTO {}.schema_version VALUES (999, 'newer', now())",
        options.schema
    );
    storage.pool.execute(sqlx::AssertSqlSafe(newer)).await.unwrap();
    let too_new = Postgres::connect(&options).await.err().unwrap();
    assert!(
        matches!(too_new, Error::Storage(StorageError::SchemaTooNew { found: 999, .. })),
        "{too_new}"
    );
    drop_schema(&options).await;
}

#[tokio::test]
async fn an_unreachable_database_is_told_without_its_password() {
    let options = StorageOptions::new("postgres://me:secret@127.0.0.1:1/shop");
    let error = connect::connect(&options).await.err().unwrap().to_string();
    assert!(error.contains("127.0.0.1:1/shop") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_transaction_elsewhere_is_foreign_and_survives_being_asked() {
    let (ours, theirs) = (options(), options());
    let storage = open(&ours).await;
    let elsewhere = Postgres::connect(&theirs).await.unwrap();
    let mut tx = storage.pool.begin().await.unwrap();
    storage.check_ours(&mut tx).await.unwrap();
    drop_schema(&theirs).await;
    let foreign = elsewhere.check_ours(&mut tx).await.unwrap_err();
    assert!(matches!(foreign, Error::ForeignTransaction { .. }), "{foreign}");
    storage.check_ours(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    drop_schema(&ours).await;
}

#[tokio::test]
async fn claims_take_by_priority_and_place_and_lease_solo_jobs_alone() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let jobs = [job("q", 0), job("q", 5), job("q", 0), job("other", 9), job("q", i16::MIN)];
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(&jobs).await.unwrap();
    open.commit().await.unwrap();
    let solo = job("q", 5);
    let mut open = storage.begin().await.unwrap();
    open.tables().insert_jobs(std::slice::from_ref(&solo)).await.unwrap();
    let row = LineRow {
        job: solo.id,
        kind: "k".to_owned(),
        queue: "q".to_owned(),
        priority: 5,
        count: Count { run: 3, charged: 2 },
        solo: true,
        seq: None,
    };
    open.tables().insert_line(&[row]).await.unwrap();
    open.commit().await.unwrap();

    let claimed = claim(&storage, server, 10).await;
    let order: Vec<JobId> = claimed.iter().map(|claimed| claimed.id).collect();
    assert_eq!(order, [jobs[1].id, solo.id, jobs[0].id, jobs[2].id, jobs[4].id]);
    assert_eq!((claimed[1].run, claimed[1].charged), (3, 2));
    let shared = claimed[0].lease;
    assert_ne!(claimed[1].lease, shared);
    assert!(claimed[2..].iter().all(|claimed| claimed.lease == shared));

    let mut open = storage.begin().await.unwrap();
    let mut t = open.tables();
    let leases = t.leases_of(&[server]).await.unwrap();
    assert_eq!(leases.iter().map(|lease| lease.members.len()).sum::<usize>(), 5);
    let of_solo = leases.iter().find(|lease| lease.solo).unwrap();
    assert_eq!(of_solo.members[0].count, Count { run: 3, charged: 2 });
    t.note_started(&[(shared, vec![jobs[0].id, jobs[2].id])]).await.unwrap();
    t.note_started(&[(shared, vec![jobs[2].id, jobs[1].id])]).await.unwrap();
    let leases = t.leases_of(&[server]).await.unwrap();
    let lease = leases.iter().find(|lease| lease.id == shared).unwrap();
    assert_eq!(lease.started, [jobs[0].id, jobs[2].id, jobs[1].id]);
    assert!(lease.started_at.is_some());
    open.commit().await.unwrap();
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_buried_server_claims_nothing() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let mut open = storage.begin().await.unwrap();
    let mut t = open.tables();
    t.insert_ready(&[job("q", 0)]).await.unwrap();
    assert!(t.heartbeat(server).await.unwrap().alive);
    assert_eq!(t.bury_silent(Duration::ZERO).await.unwrap(), [server]);
    assert!(!t.heartbeat(server).await.unwrap().alive);
    open.commit().await.unwrap();
    assert!(claim(&storage, server, 10).await.is_empty());
    drop_schema(&options).await;
}

#[tokio::test]
async fn more_jobs_than_one_statement_takes_are_stored_all_or_none() {
    let options = options();
    let storage = open(&options).await;
    let mut jobs: Vec<NewJob> = (0..super::tables::CHUNK + 1).map(|_| job("q", 0)).collect();
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(&jobs).await.unwrap();
    assert_eq!(open.tables().counts().await.unwrap().enqueued, jobs.len() as u64);
    // The last id is known already: nothing of the batch may stay.
    let last = jobs.len() - 1;
    for job in &mut jobs[..last] {
        job.id = JobId::new();
    }
    assert!(open.tables().insert_ready(&jobs).await.is_err());
    assert_eq!(open.tables().counts().await.unwrap().enqueued, jobs.len() as u64);
    drop_schema(&options).await;
}

/// Moves one job through all places, and looks for it in each.
async fn walk(options: &StorageOptions) {
    let storage = open(options).await;
    let server = announce(&storage).await;
    let new = job("q", 3);
    let id = new.id;
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(&[new.clone()]).await.unwrap();
    open.commit().await.unwrap();
    let count = Count { run: 1, charged: 1 };

    let poll = |storage| poll(storage, server);
    assert_eq!(poll(&storage).await.ready, ["q"]);
    let line = expect(&storage, id, State::Enqueued, Count::default()).await;
    displace(&storage, id, line).await;
    assert!(poll(&storage).await.ready.is_empty());
    assert!(place_of(&storage, id).await.is_none());

    let mut open = storage.begin().await.unwrap();
    let due = Due::In(Duration::from_secs(60));
    let row = ScheduleRow { job: id, due, count, reason: ScheduleReason::Retry };
    open.tables().insert_schedule(&[row]).await.unwrap();
    open.commit().await.unwrap();
    assert!(poll(&storage).await.next_due.unwrap() > Duration::from_secs(50));
    let scheduled = expect(&storage, id, State::Scheduled, count).await;
    displace(&storage, id, scheduled).await;

    let mut open = storage.begin().await.unwrap();
    let row =
        AwaitingRow { job: id, pending: 2, hand_over: HandOver::Tuple, due: Due::Now };
    open.tables().insert_awaiting(&[row]).await.unwrap();
    open.commit().await.unwrap();
    expect(&storage, id, State::Awaiting, Count::default()).await;
    let mut open = storage.begin().await.unwrap();
    let deleted =
        DeletedRow { job: id, reason: "no\0need".to_owned(), cause: Some(id), failure: None, count };
    open.tables().insert_deleted(&[deleted]).await.unwrap();
    open.tables().insert_expiry(&[(id, Duration::ZERO)]).await.unwrap();
    assert_eq!(open.tables().expired(10).await.unwrap(), [id]);
    assert_eq!(open.tables().deleted_because_of(id).await.unwrap(), [id]);
    open.commit().await.unwrap();
    let deleted = expect(&storage, id, State::Deleted, count).await;
    displace(&storage, id, deleted).await;
    let mut open = storage.begin().await.unwrap();
    assert!(open.tables().expired(10).await.unwrap().is_empty());
    let rows = open.tables().count_down(&[(id, 2)]).await.unwrap();
    assert_eq!((rows[0].pending, rows[0].hand_over), (0, HandOver::Tuple));
    open.commit().await.unwrap();
    let awaiting = expect(&storage, id, State::Awaiting, Count::default()).await;
    displace(&storage, id, awaiting).await;

    let failure = JobFailure::new(FailureKind::Error, "no");
    let stored = serde_json::to_string(&failure).unwrap();
    let mut open = storage.begin().await.unwrap();
    let row = FailedRow { job: id, reason: FailedReason::Exhausted, failure: stored, count };
    open.tables().insert_failed(&[row]).await.unwrap();
    open.commit().await.unwrap();
    let failed = expect(&storage, id, State::Failed, count).await;
    displace(&storage, id, failed).await;

    let mut open = storage.begin().await.unwrap();
    let row = LineRow {
        job: id,
        kind: "k".to_owned(),
        queue: "q".to_owned(),
        priority: 3,
        count,
        solo: false,
        seq: Some(line.version),
    };
    open.tables().insert_line(&[row]).await.unwrap();
    let other = NewJob { priority: -1, queue: "q".into(), args: "[1]".to_owned(), ..new.clone() };
    open.tables().rewrite_job(id, &other).await.unwrap();
    open.commit().await.unwrap();
    assert_eq!(expect(&storage, id, State::Enqueued, count).await, line);

    let claimed = claim(&storage, server, 1).await;
    assert_eq!((claimed[0].seq, claimed[0].args.as_str()), (line.version, "[1]"));
    let leased = expect(&storage, id, State::Processing, count).await;
    assert_eq!(leased.version, claimed[0].lease);
    displace(&storage, id, leased).await;
    assert_eq!(poll(&storage).await.revoked, [(leased.version, id)]);
    assert!(place_of(&storage, id).await.is_none());

    let mut open = storage.begin().await.unwrap();
    open.tables().insert_attempts(&[attempt(id, count.run)]).await.unwrap();
    assert_eq!(open.tables().attempted(&[(id, 0), (id, 1)]).await.unwrap(), [id]);
    open.commit().await.unwrap();
    let again = Count { run: 2, charged: 0 };
    let succeeded = expect(&storage, id, State::Succeeded, again).await;
    let mut open = storage.begin().await.unwrap();
    let found = open.tables().finished_before(0, Duration::ZERO, 10).await.unwrap();
    assert_eq!(found, (vec![id], Some(succeeded.version)));
    open.commit().await.unwrap();
    displace(&storage, id, succeeded).await;

    let mut open = storage.begin().await.unwrap();
    open.tables().delete_jobs(&[id]).await.unwrap();
    assert!(open.tables().record(id).await.unwrap().is_none());
    let settled = open.tables().settled(&[id]).await.unwrap();
    assert!(matches!(settled[..], [(gone, None)] if gone == id));
    open.commit().await.unwrap();
    storage.close().await;
}

fn attempt(job: JobId, run: i32) -> AttemptRow<'static> {
    AttemptRow {
        job,
        run,
        end: AttemptEnd::Succeeded,
        server: Some(1),
        age: Duration::from_millis(3),
        took: Duration::from_millis(2),
        output: Some("1"),
        failure: None,
        keeps: false,
    }
}

async fn poll(storage: &Postgres, server: i64) -> crate::storage::servers::Poll {
    let (queues, kinds) = (["q".to_owned()], ["k".to_owned()]);
    let signs = Signs { server, queues: &queues, kinds: &kinds };
    let mut open = storage.read().await.unwrap();
    let poll = open.tables().poll(&signs).await.unwrap();
    open.commit().await.unwrap();
    poll
}

async fn expect(storage: &Postgres, id: JobId, state: State, count: Count) -> Placement {
    let placed = place_of(storage, id).await.unwrap();
    assert_eq!((placed.placement.state, placed.count), (state, count));
    let mut open = storage.read().await.unwrap();
    let record = open.tables().record(id).await.unwrap().unwrap();
    assert_eq!(record.placement, placed.placement);
    let settled = open.tables().settled(&[id]).await.unwrap();
    assert_eq!(settled.len(), usize::from(state.is_settled()));
    open.commit().await.unwrap();
    placed.placement
}

/// Takes the job from where it is, which works once.
async fn displace(storage: &Postgres, id: JobId, from: Placement) {
    let mut open = storage.begin().await.unwrap();
    assert!(open.tables().displace(id, from).await.unwrap(), "{from:?}");
    assert!(!open.tables().displace(id, from).await.unwrap(), "{from:?}");
    open.commit().await.unwrap();
}

#[tokio::test]
async fn a_job_is_found_wherever_it_is() {
    let options = options();
    walk(&options).await;
    drop_schema(&options).await;
}

#[tokio::test]
async fn statements_need_not_be_kept() {
    let options = options().prepared_statements(false);
    walk(&options).await;
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_pooler_that_hands_out_transactions_will_do() {
    let Ok(pooler) = std::env::var("JOBS_TEST_PGBOUNCER_URL") else {
        panic!("JOBS_TEST_PGBOUNCER_URL names no PgBouncer to test on: run `cargo xtask test`")
    };
    let mut options = options().prepared_statements(false);
    options.url = pooler;
    walk(&options).await;
    drop_schema(&options).await;
}

#[tokio::test]
async fn edges_are_released_with_what_they_hand_over() {
    let options = options();
    let storage = open(&options).await;
    let parent = JobId::new();
    let children: Vec<JobId> = (0..30).map(|_| JobId::new()).collect();
    let edge = |(n, child): (usize, &JobId)| EdgeRow {
        child: *child,
        position: n as i32,
        parent,
        trigger: Trigger::Finished,
        as_result: n % 2 == 0,
        released: false,
        output: None,
    };
    let mut rows: Vec<EdgeRow> = children.iter().enumerate().map(edge).collect();
    let mut open = storage.begin().await.unwrap();
    let mut t = open.tables();
    t.insert_edges(&rows).await.unwrap();
    assert_eq!(t.open_edges(&[parent]).await.unwrap().len(), 30);
    rows.reverse();
    rows.truncate(29);
    for row in &mut rows {
        row.output = (row.position % 3 != 0).then(|| row.position.to_string());
    }
    t.release_edges(&rows).await.unwrap();
    let open_ones = t.open_edges(&[parent]).await.unwrap();
    assert_eq!(open_ones.iter().map(|edge| edge.child).collect::<Vec<_>>(), [children[0]]);
    for row in t.edges_to(&children[1..]).await.unwrap() {
        let handed = (row.position % 3 != 0).then(|| row.position.to_string());
        assert_eq!((row.released, row.output), (true, handed));
    }
    open.commit().await.unwrap();
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_job_that_moves_while_it_is_to_be_locked_is_looked_for_again() {
    let options = options();
    let storage = open(&options).await;
    let new = job("q", 0);
    let id = new.id;
    let mut mover = storage.begin().await.unwrap();
    mover.tables().insert_ready(&[new]).await.unwrap();
    mover.commit().await.unwrap();
    let line = place_of(&storage, id).await.unwrap().placement;

    let mut mover = storage.begin().await.unwrap();
    assert!(mover.tables().displace(id, line).await.unwrap());
    let row = ScheduleRow {
        job: id,
        due: Due::In(Duration::from_secs(9)),
        count: Count::default(),
        reason: ScheduleReason::Delayed,
    };
    mover.tables().insert_schedule(&[row]).await.unwrap();
    let looks = place_of(&storage, id);
    let moves = async {
        // Until the other one waits for the lock.
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
        let mut conn = PgConnection::connect(&url()).await.unwrap();
        loop {
            let waiting: i64 =
                sqlx::query_scalar(waits.into_sql_str()).fetch_one(&mut conn).await.unwrap();
            if waiting > 0 {
                return mover.commit().await.unwrap();
            }
        }
    };
    let (found, ()) = tokio::join!(looks, moves);
    assert_eq!(found.unwrap().placement.state, State::Scheduled);
    drop_schema(&options).await;
}

#[tokio::test]
async fn a_listener_hears_which_queues_have_grown() {
    let options = options();
    let storage = open(&options).await;
    let mut listener = storage.listen().await.unwrap();
    storage.notify(&["mail", "default"]).await.unwrap();
    assert_eq!(listener.next().await.unwrap().as_deref(), Some("mail"));
    assert_eq!(listener.next().await.unwrap().as_deref(), Some("default"));
    drop_schema(&options).await;
}
