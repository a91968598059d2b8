//! Callers that are dropped while they wait for the database.

use super::{drop_schema, job, open, options};
use crate::storage::model::Hold;
use crate::storage::tables::Tables;

#[tokio::test]
async fn what_is_stored_after_a_dropped_caller_is_committed() {
    let options = options().max_connections(1);
    let (storage, other) = (open(&options).await, open(&options).await);
    for turns in 0..400 {
        // At any moment of a transaction's beginning, and of a look that is one by itself.
        tokio::select! {
            biased;
            _ = storage.begin() => {}
            () = pass(turns) => {}
        }
        tokio::select! {
            biased;
            _ = async {
                let mut open = storage.alone().await?;
                open.tables().placed(&[job("q", 0).id], Hold::Stay).await
            } => {}
            () = pass(turns) => {}
        }
        let new = job("q", 0);
        let mut open = storage.alone().await.unwrap();
        open.tables().insert_ready(std::slice::from_ref(&new)).await.unwrap();
        open.commit().await.unwrap();
        let mut look = other.alone().await.unwrap();
        let stored = look.tables().jobs(&[new.id]).await.unwrap();
        look.commit().await.unwrap();
        assert_eq!(stored.len(), 1, "not committed, after a caller was dropped in turn {turns}");
    }
    drop_schema(&options).await;
}

/// Lets others go first, so many times.
async fn pass(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}
