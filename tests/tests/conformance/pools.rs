//! A pool that the application has opened itself.

use jobs_runtime::{Client, Keys, StorageOptions};
use jobs_tests::{Bench, Place};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::jobs::{Action, perform};

const MOST: u32 = 2;

enum Lent {
    Postgres(PgPool),
    MariaDb(MySqlPool),
}

impl Lent {
    fn open(place: &Place) -> Self {
        let url = place.url();
        if !place.is_postgres() {
            let pool = MySqlPoolOptions::new().max_connections(MOST);
            return Self::MariaDb(pool.connect_lazy(&url).unwrap());
        }
        // A pooler that hands out a connection a transaction keeps no statements.
        let options: PgConnectOptions = url.parse().unwrap();
        let options = options.statement_cache_capacity(0).extra_float_digits(None);
        Self::Postgres(PgPoolOptions::new().max_connections(MOST).connect_lazy_with(options))
    }

    fn options(&self) -> StorageOptions {
        match self {
            Self::Postgres(pool) => StorageOptions::from_pool(pool.clone()),
            Self::MariaDb(pool) => StorageOptions::from_pool(pool.clone()),
        }
    }

    fn size(&self) -> u32 {
        match self {
            Self::Postgres(pool) => pool.size(),
            Self::MariaDb(pool) => pool.size(),
        }
    }

    /// Stores a job in a transaction of the application's.
    async fn enqueue(&self, client: &Client) {
        match self {
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                let job = perform::job(Action::say("own")).enqueue_in_with(client, &mut tx).await;
                job.unwrap();
                tx.commit().await.unwrap();
            }
            Self::MariaDb(pool) => {
                let mut tx = pool.begin().await.unwrap();
                let job = perform::job(Action::say("own")).enqueue_in_with(client, &mut tx).await;
                job.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    async fn close(self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::MariaDb(pool) => pool.close().await,
        }
    }
}

pub(crate) async fn a_pool_of_the_application_is_used_and_left_open(bench: Bench) {
    let lent = Lent::open(bench.place());
    let options = lent.options().schema(bench.place().schema()).movable_clock();
    let options = options.prepared_statements(false).notify(false).keys(Keys::new("new", [1; 32]));
    let storage = options.connect().await.unwrap();
    assert_eq!(storage.place(), bench.storage().place());

    let runtime = bench.runtime_on(storage.clone()).start().await.unwrap();
    let client = runtime.client().clone();
    let requests = (0..50).map(|_| perform::job(Action::ok()));
    for job in client.enqueue_all(requests).await.unwrap() {
        assert_eq!(job.wait().await.unwrap(), "done");
    }
    assert!((1..=MOST).contains(&lent.size()), "{} connections", lent.size());

    runtime.shutdown().await.unwrap();
    storage.close().await;
    lent.enqueue(&client).await;
    assert_eq!(client.counts().await.unwrap().enqueued, 1);
    lent.close().await;
}
