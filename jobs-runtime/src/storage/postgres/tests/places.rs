//! Jobs in all their places.

use std::time::Duration;

use sqlx::{Connection, PgConnection, SqlSafeStr};

use super::super::Postgres;
use super::{announce, claim, drop_schema, job, open, options, url};
use crate::job::{FailureKind, JobFailure, JobId, State};
use crate::request::HandOver;
use crate::storage::model::{
    AttemptEnd, AttemptRow, AwaitingRow, Count, DeletedRow, Due, FailedReason, FailedRow, Hold,
    LineRow, NewJob, Placed, Placement, ScheduleReason, ScheduleRow,
};
use crate::storage::options::StorageOptions;
use crate::storage::servers::{Poll, Signs};
use crate::storage::tables::Tables;

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
    // Side by side, so that the pooler gives each of them now this server, now that.
    let walks = (0..8).map(|_| {
        let mut options = options().prepared_statements(false);
        options.url = pooler.clone();
        tokio::spawn(async move {
            walk(&options).await;
            drop_schema(&options).await;
        })
    });
    for walk in walks.collect::<Vec<_>>() {
        walk.await.unwrap();
    }
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
        // Until the other one waits for the lock. Other tests wait for locks of theirs.
        let waits = "SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND strpos(query, $1) > 0";
        let mut conn = PgConnection::connect(&url()).await.unwrap();
        loop {
            let waiting: i64 = sqlx::query_scalar(waits.into_sql_str())
                .bind(&options.schema)
                .fetch_one(&mut conn)
                .await
                .unwrap();
            if waiting > 0 {
                return mover.commit().await.unwrap();
            }
        }
    };
    let (found, ()) = tokio::join!(looks, moves);
    assert_eq!(found.unwrap().placement.state, State::Scheduled);
    drop_schema(&options).await;
}

/// Moves one job through all places, and looks for it in each.
async fn walk(options: &StorageOptions) {
    let storage = open(options).await;
    let server = announce(&storage).await;
    let new = job("q", 3);
    let id = new.id;
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(std::slice::from_ref(&new)).await.unwrap();
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
    let row = AwaitingRow { job: id, pending: 2, hand_over: HandOver::Tuple, due: Due::Now };
    open.tables().insert_awaiting(&[row]).await.unwrap();
    open.commit().await.unwrap();
    expect(&storage, id, State::Awaiting, Count::default()).await;
    let mut open = storage.begin().await.unwrap();
    let deleted = DeletedRow {
        job: id,
        reason: "no\0need".to_owned(),
        cause: Some(id),
        failure: None,
        count,
    };
    open.tables().insert_deleted(&[deleted]).await.unwrap();
    open.tables().insert_expiry(&[(id, Duration::ZERO)]).await.unwrap();
    assert_eq!(open.tables().expired(10).await.unwrap(), [id]);
    assert_eq!(open.tables().deleted_because_of(&[id]).await.unwrap(), [(id, id)]);
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
        options: None,
        count,
        solo: false,
        seq: Some(line.version),
        due: None,
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
    let found = open.tables().take_finished(Duration::ZERO, 10).await.unwrap();
    assert_eq!(found, Some(vec![id]));
    assert_eq!(open.tables().take_finished(Duration::ZERO, 10).await.unwrap(), None);
    open.commit().await.unwrap();
    displace(&storage, id, succeeded).await;

    let mut open = storage.begin().await.unwrap();
    open.tables().delete_jobs(&[id]).await.unwrap();
    assert!(open.tables().records(&[id]).await.unwrap().is_empty());
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

async fn place_of(storage: &Postgres, job: JobId) -> Option<Placed> {
    let mut open = storage.begin().await.unwrap();
    let placed = open.tables().placed(&[job], Hold::Stay).await.unwrap().pop();
    // A rollback would only be under way when the next statement comes, and hold the lock.
    open.commit().await.unwrap();
    placed
}

async fn poll(storage: &Postgres, server: i64) -> Poll {
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
    let record = open.tables().records(&[id]).await.unwrap().remove(0);
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
