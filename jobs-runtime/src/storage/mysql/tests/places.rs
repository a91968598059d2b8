//! Places that move while they are looked at.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, Row};

use super::super::MySql;
use super::{announce, claim, drop_tables, job, open, options, own, store};
use crate::job::{JobId, State};
use crate::storage::model::{
    AttemptEnd, AttemptRow, Count, Due, Hold, ScheduleReason, ScheduleRow,
};
use crate::storage::tables::Tables;

async fn state_of(storage: &MySql, job: JobId) -> State {
    let mut open = storage.begin().await.unwrap();
    let placed = open.tables().placed(&[job], Hold::Stay).await.unwrap().pop().unwrap();
    open.commit().await.unwrap();
    placed.placement.state
}

#[tokio::test]
async fn a_job_that_moves_while_it_is_to_be_locked_is_looked_for_again() {
    let options = options();
    let storage = open(&options).await;
    let new = job("q", 0);
    let id = new.id;
    store(&storage, &[new]).await;
    let mut mover = storage.begin().await.unwrap();
    let line = mover.tables().placed(&[id], Hold::Move).await.unwrap()[0].placement;
    assert!(mover.tables().displace(id, line).await.unwrap());
    let row = ScheduleRow {
        job: id,
        due: Due::In(Duration::from_secs(9)),
        count: Count::default(),
        reason: ScheduleReason::Delayed,
    };
    mover.tables().insert_schedule(&[row]).await.unwrap();
    let moves = async {
        // Until the other one waits for the lock. Other tests wait for locks of theirs.
        let waits = "SELECT COUNT(*) FROM information_schema.processlist
            WHERE command = 'Execute' AND info LIKE CONCAT('%', ?, '\\_job\\_queue%FOR UPDATE')";
        let mut conn = own().await;
        loop {
            let query = sqlx::query(waits).bind(&options.schema);
            let row = query.fetch_one(&mut conn).await.unwrap();
            if row.get::<i64, _>(0) > 0 {
                return mover.commit().await.unwrap();
            }
        }
    };
    let (found, ()) = tokio::join!(state_of(&storage, id), moves);
    assert_eq!(found, State::Scheduled);
    drop_tables(&options).await;
}

/// An application's transaction is REPEATABLE READ unless it says otherwise, and may have read
/// before.
#[tokio::test]
async fn a_transaction_with_an_old_view_sees_where_jobs_are_now() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let jobs = [job("q", 0), job("q", 0), job("q", 0)];
    let ids = [jobs[0].id, jobs[1].id, jobs[2].id];
    store(&storage, &jobs[..2]).await;
    let mut conn = own().await;
    let mut tx = conn.begin().await.unwrap();
    let view = format!("SELECT id FROM {}_job", options.schema);
    tx.execute(sqlx::raw_sql(AssertSqlSafe(view))).await.unwrap();

    // One ends, one is leased, one is new.
    let claimed = claim(&storage, server, 2).await;
    let mut open = storage.begin().await.unwrap();
    let attempt = AttemptRow {
        job: ids[0],
        run: 0,
        end: AttemptEnd::Succeeded,
        server: Some(server),
        age: Duration::ZERO,
        took: Duration::ZERO,
        output: Some("7"),
        failure: None,
        keeps: false,
    };
    open.tables().insert_attempts(&[attempt]).await.unwrap();
    open.commit().await.unwrap();
    store(&storage, &jobs[2..]).await;

    let mut t = storage.join(&mut tx);
    let placed = t.placed(&ids, Hold::Stay).await.unwrap();
    let states: Vec<State> = placed.iter().map(|placed| placed.placement.state).collect();
    assert_eq!(states, [State::Succeeded, State::Processing, State::Enqueued]);
    assert_eq!(placed[1].placement.version, claimed[1].lease);
    assert_eq!(t.settled(&ids[..1]).await.unwrap().len(), 1);
    assert_eq!(t.jobs(&ids).await.unwrap().len(), 3);
    tx.rollback().await.unwrap();
    drop_tables(&options).await;
}
