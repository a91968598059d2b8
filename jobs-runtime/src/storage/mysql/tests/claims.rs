//! Storing and claiming.

use std::collections::HashSet;
use std::sync::Arc;

use super::{announce, claim, drop_tables, job, open, options, store};
use crate::job::JobId;
use crate::storage::model::{Count, LineRow, NewJob};
use crate::storage::tables::Tables;

#[tokio::test]
async fn claims_take_by_priority_and_place_and_lease_solo_jobs_alone() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let jobs = [job("q", 0), job("q", 5), job("q", 0), job("other", 9), job("q", i16::MIN)];
    store(&storage, &jobs).await;
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
    drop_tables(&options).await;
}

#[tokio::test]
async fn more_places_than_one_number_stands_for_are_in_their_order() {
    let options = options();
    let storage = open(&options).await;
    let mut open = storage.begin().await.unwrap();
    let mut tables = open.tables();
    let seqs: Vec<i64> =
        super::super::seqs::next(&mut tables, (1 << 16) + 2).await.unwrap().collect();
    assert_eq!(seqs.len(), (1 << 16) + 2);
    assert!(seqs.is_sorted_by(|a, b| a < b));
    let after = super::super::seqs::next(&mut tables, 1).await.unwrap().next();
    assert!(after > seqs.last().copied());
    open.commit().await.unwrap();
    drop_tables(&options).await;
}

/// A counter in a row would keep its lock until the commit.
#[tokio::test]
async fn an_enqueue_waits_for_no_other() {
    let options = options();
    let storage = open(&options).await;
    let server = announce(&storage).await;
    let (late, quick) = (job("q", 0), job("q", 0));
    let mut slow = storage.begin().await.unwrap();
    slow.tables().insert_ready(std::slice::from_ref(&late)).await.unwrap();
    store(&storage, std::slice::from_ref(&quick)).await;
    assert_eq!(claim(&storage, server, 1).await[0].id, quick.id);
    slow.commit().await.unwrap();
    assert_eq!(claim(&storage, server, 1).await[0].id, late.id);
    drop_tables(&options).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_claim_at_once_share_the_line_out() {
    let options = options();
    let storage = Arc::new(open(&options).await);
    let jobs: Vec<NewJob> = (0..2_000i16).map(|n| job("q", n % 3)).collect();
    store(&storage, &jobs).await;
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
    drop_tables(&options).await;
}
