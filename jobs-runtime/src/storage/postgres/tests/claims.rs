//! Storing and claiming.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::super::tables::CHUNK;
use super::{announce, claim, drop_schema, job, open, options};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, NewJob};
use crate::storage::servers::Vitals;
use crate::storage::tables::Tables;

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
        options: None,
        count: Count { run: 3, charged: 2 },
        solo: true,
        seq: None,
        due: None,
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
    assert!(t.heartbeat(server, Duration::from_secs(15), Vitals::default()).await.unwrap().alive);
    assert_eq!(t.bury_silent(Duration::ZERO).await.unwrap(), [server]);
    assert!(!t.heartbeat(server, Duration::from_secs(15), Vitals::default()).await.unwrap().alive);
    open.commit().await.unwrap();
    assert!(claim(&storage, server, 10).await.is_empty());
    drop_schema(&options).await;
}

#[tokio::test]
async fn more_jobs_than_one_statement_takes_are_stored_all_or_none() {
    let options = options();
    let storage = open(&options).await;
    let mut jobs: Vec<NewJob> = (0..CHUNK + 1).map(|_| job("q", 0)).collect();
    let mut open = storage.alone().await.unwrap();
    open.tables().insert_ready(&jobs).await.unwrap();
    assert_eq!(open.tables().counts(None).await.unwrap().enqueued, jobs.len() as u64);
    // The last id is known already: nothing of the batch may stay.
    let last = jobs.len() - 1;
    for job in &mut jobs[..last] {
        job.id = JobId::new();
    }
    assert!(open.tables().insert_ready(&jobs).await.is_err());
    assert_eq!(open.tables().counts(None).await.unwrap().enqueued, jobs.len() as u64);
    drop_schema(&options).await;
}

#[tokio::test]
async fn what_is_committed_late_or_put_back_is_not_passed_over_for_long() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let (late, on_time) = (job("q", 0), [job("q", 0), job("q", 0)]);
    let mut slow = storage.begin().await.unwrap();
    slow.tables().insert_ready(std::slice::from_ref(&late)).await.unwrap();
    let mut quick = storage.alone().await.unwrap();
    quick.tables().insert_ready(&on_time).await.unwrap();
    assert_eq!(claim(&storage, server, 1).await[0].id, on_time[0].id);
    slow.commit().await.unwrap();
    // A claim that finds nothing behind the place where it begins looks before it. If the commit
    // took a second, the first of the two looks there already.
    let mut claimed = claim(&storage, server, 1).await;
    claimed.extend(claim(&storage, server, 1).await);
    claimed.sort_unstable_by_key(|claimed| claimed.seq);
    assert_eq!([claimed[0].id, claimed[1].id], [late.id, on_time[1].id]);

    let mut open = storage.begin().await.unwrap();
    open.tables().insert_ready(&[job("q", 0)]).await.unwrap();
    open.commit().await.unwrap();
    let mut open = storage.begin().await.unwrap();
    let row = LineRow {
        job: late.id,
        kind: "k".to_owned(),
        queue: "q".to_owned(),
        priority: 0,
        options: None,
        count: Count::default(),
        solo: false,
        seq: Some(claimed[0].seq),
        due: None,
    };
    open.tables().insert_line(&[row]).await.unwrap();
    open.commit().await.unwrap();
    assert_eq!(claim(&storage, server, 1).await[0].id, late.id);
    drop_schema(&options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_claim_at_once_share_the_line_out() {
    let options = options();
    let storage = Arc::new(open(&options).await);
    let jobs: Vec<NewJob> = (0..2_000i16).map(|n| job("q", n % 3)).collect();
    storage.alone().await.unwrap().tables().insert_ready(&jobs).await.unwrap();
    let servers = (0..4).map(|_| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            let server = announce(&storage).await;
            let mut ids: Vec<JobId> = Vec::new();
            loop {
                let claimed = claim(&storage, server, 37).await;
                if claimed.is_empty() {
                    return ids;
                }
                ids.extend(claimed.iter().map(|claimed| claimed.id));
            }
        })
    });
    let mut claimed = Vec::new();
    for server in servers.collect::<Vec<_>>() {
        claimed.extend(server.await.unwrap());
    }
    assert_eq!(claimed.len(), jobs.len());
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), jobs.len());
    drop_schema(&options).await;
}
