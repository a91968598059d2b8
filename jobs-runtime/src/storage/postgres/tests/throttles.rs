//! Throttles that two transactions want at once.

use std::time::Duration;

use super::super::Postgres;
use super::{drop_schema, open, options};
use crate::storage::tables::Tables;
use crate::storage::throttles::{Declared, Measure};

fn wanted(key: &str) -> Declared {
    let (scope, key) = (String::new(), key.to_owned());
    Declared { scope, key, measure: Measure::Concurrency, limit: 3, per: Duration::ZERO }
}

/// Adds one to what is used of each of these throttles, and holds them for a while.
async fn use_one(storage: &Postgres, keys: &[&str], hold: Duration) {
    let mut open = storage.begin().await.unwrap();
    let mut tables = open.tables();
    let wanted: Vec<Declared> = keys.iter().map(|key| wanted(key)).collect();
    let mut rows = tables.lock_throttles(&wanted).await.unwrap();
    let found: Vec<&str> = rows.iter().map(|row| row.declared.key.as_str()).collect();
    assert_eq!(found, keys);
    let ids: Vec<i64> = rows.iter().rev().map(|row| row.id).collect();
    assert_eq!(tables.lock_throttle_ids(&ids).await.unwrap().len(), keys.len());
    tokio::time::sleep(hold).await;
    rows.iter_mut().for_each(|row| row.used += 1);
    tables.save_throttles(&rows).await.unwrap();
    open.commit().await.unwrap();
}

/// A count that was read before a lock that was waited for would let too many through.
#[tokio::test]
async fn what_is_read_under_the_lock_is_what_was_written_before_it() {
    let options = options();
    let storage = open(&options).await;
    use_one(&storage, &["a", "b", "c"], Duration::ZERO).await;
    let hold = Duration::from_millis(20);
    let one = || use_one(&storage, &["a", "b"], hold);
    let other = || use_one(&storage, &["b", "c"], hold);
    tokio::join!(one(), other(), one(), other(), one());
    let mut open = storage.begin().await.unwrap();
    let mut tables = open.tables();
    let all = [wanted("a"), wanted("b"), wanted("c")];
    let rows = tables.lock_throttles(&all).await.unwrap();
    let used: Vec<i64> = rows.iter().map(|row| row.used).collect();
    assert_eq!(used, [4, 6, 3]);
    drop(open);
    drop_schema(&options).await;
}
