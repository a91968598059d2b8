//! Faults: processes and databases that are killed, stopped and come back, while jobs run.
//!
//! Each test starts worker processes of its own (`src/bin/worker`) on a schema or file of its
//! own, does something bad to them, waits until all is quiet, and has [`jobs_tests::checker`]
//! read what happened. `JOBS_CHAOS=long` makes the tests longer that get better by it.

#![allow(clippy::print_stdout)] // the figures, for those who run them with --success-output

mod cluster;
mod database;
mod process;
mod tables;
mod world;

mod batch;
mod dead_enqueuer;
mod dead_worker;
mod exactly_once;
mod killer;
mod outage;
mod recurring;
mod rolling_deploy;
mod sharing;
mod shutdown;
mod throttles;
mod zombie;

use std::future::Future;

use world::World;

/// Runs a test on PostgreSQL, on MariaDB, and on a file of SQLite.
macro_rules! on_each_database {
    ($test:ident) => {
        mod $test {
            use crate::chaos::database::Database;

            #[test]
            fn postgres() {
                crate::chaos::run(Database::postgres(), super::$test);
            }

            #[test]
            fn mariadb() {
                crate::chaos::run(Database::mariadb(), super::$test);
            }

            #[test]
            fn sqlite() {
                crate::chaos::run(Database::sqlite(), super::$test);
            }
        }
    };
}
use on_each_database;

fn run<F, Fut>(database: database::Database, test: F)
where
    F: FnOnce(World) -> Fut,
    Fut: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(async {
        test(World::new(database).await).await;
    });
}

fn is_long() -> bool {
    std::env::var("JOBS_CHAOS").is_ok_and(|length| length == "long")
}
