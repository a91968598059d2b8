//! What the loops rely on and no user sees, on each database.

use std::collections::HashSet;
use std::time::Duration;

use super::*;
use crate::job::{JobId, State};
use crate::request::Parents;

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

#[cfg(feature = "sqlite")]
async fn sqlite() -> std::result::Result<Storage, Box<dyn std::error::Error>> {
    Ok(Storage::connect("sqlite::memory:").await?)
}

/// In a schema that no other test uses.
#[cfg(feature = "postgres")]
async fn postgres() -> std::result::Result<Storage, Box<dyn std::error::Error>> {
    let url = std::env::var("JOBS_TEST_POSTGRES_URL").map_err(
        |_| "JOBS_TEST_POSTGRES_URL names no PostgreSQL to test on: run `cargo xtask test`",
    )?;
    let schema = format!("t{}", &JobId::new().as_uuid().simple().to_string()[16..]);
    Ok(StorageOptions::new(url).schema(schema).connect().await?)
}

/// With a prefix that no other test uses.
#[cfg(feature = "mysql")]
async fn mariadb() -> std::result::Result<Storage, Box<dyn std::error::Error>> {
    let url = std::env::var("JOBS_TEST_MARIADB_URL")
        .map_err(|_| "JOBS_TEST_MARIADB_URL names no MariaDB to test on: run `cargo xtask test`")?;
    let prefix = format!("t{}", &JobId::new().as_uuid().simple().to_string()[16..]);
    Ok(StorageOptions::new(url).schema(prefix).connect().await?)
}

macro_rules! on_each_database {
    ($($test:ident),+ $(,)?) => {
        $(mod $test {
            #[cfg(feature = "sqlite")]
            #[tokio::test]
            async fn sqlite() -> super::Outcome {
                super::$test(&super::sqlite().await?).await
            }

            #[cfg(feature = "postgres")]
            #[tokio::test]
            async fn postgres() -> super::Outcome {
                super::$test(&super::postgres().await?).await
            }

            #[cfg(feature = "mysql")]
            #[tokio::test]
            async fn mariadb() -> super::Outcome {
                super::$test(&super::mariadb().await?).await
            }
        })+
    };
}

on_each_database! {
    a_job_can_be_leased_while_it_is_stored,
    a_job_waits_behind_those_in_the_line,
    a_job_of_a_paused_queue_waits,
    a_job_is_not_leased_to_a_server_that_has_gone,
    leases_that_their_server_does_not_know_are_given_up,
}

const KINDS: &[&str] = &["known"];

fn job(kind: &'static str) -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: kind.into(),
        queue: "q".into(),
        priority: 0,
        args: "{}".to_owned(),
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

async fn announce(storage: &Storage) -> Result<i64> {
    let queues = vec!["q".to_owned()];
    let server = NewServer { name: "test".to_owned(), queues, workers: 1, kinds: Vec::new() };
    storage.announce(&server).await
}

/// Stores jobs for a server with idle workers; gives what was leased.
async fn store(storage: &Storage, server: i64, jobs: Vec<NewJob>) -> Result<Vec<Claimed>> {
    let kinds: Vec<String> = KINDS.iter().map(ToString::to_string).collect();
    let params = LeaseParams { server, queue: "q", kinds: &kinds };
    storage.enqueue_leased(&jobs, &params, &mut Effects::default()).await
}

async fn claim(storage: &Storage, server: i64) -> Result<Vec<Claimed>> {
    let kinds: Vec<String> = KINDS.iter().map(ToString::to_string).collect();
    let params = ClaimParams { server, queues: &["q"], kinds: &kinds, limit: 10 };
    Ok(storage.claim(&params, &mut Effects::default()).await?.jobs)
}

fn ids(claimed: &[Claimed]) -> Vec<JobId> {
    claimed.iter().map(|claimed| claimed.id).collect()
}

async fn a_job_can_be_leased_while_it_is_stored(storage: &Storage) -> Outcome {
    let server = announce(storage).await?;
    let line = &mut Effects::default();
    storage.enqueue(&[job("unknown")], &Retention::default(), line).await?;
    let jobs = vec![job("known"), job("known")];
    let expected: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    let leased = store(storage, server, jobs).await?;
    assert_eq!(ids(&leased), expected);
    assert!(leased[0].seq < leased[1].seq && leased[0].lease == leased[1].lease);
    let placement = storage.record(expected[0]).await?.ok_or("it was not stored")?.placement;
    assert_eq!((placement.state, placement.version), (State::Processing, leased[0].lease));
    assert!(claim(storage, server).await?.is_empty());
    Ok(())
}

async fn a_job_waits_behind_those_in_the_line(storage: &Storage) -> Outcome {
    let server = announce(storage).await?;
    let first = job("known");
    let second = job("known");
    let expected = [first.id, second.id];
    storage.enqueue(&[first], &Retention::default(), &mut Effects::default()).await?;
    assert!(store(storage, server, vec![second]).await?.is_empty());
    assert_eq!(ids(&claim(storage, server).await?), expected);
    Ok(())
}

async fn a_job_of_a_paused_queue_waits(storage: &Storage) -> Outcome {
    let server = announce(storage).await?;
    storage.set_queue_paused("q", true).await?;
    assert!(store(storage, server, vec![job("known")]).await?.is_empty());
    storage.set_queue_paused("q", false).await?;
    assert_eq!(claim(storage, server).await?.len(), 1);
    Ok(())
}

async fn a_job_is_not_leased_to_a_server_that_has_gone(storage: &Storage) -> Outcome {
    let server = announce(storage).await?;
    storage.depart(server).await?;
    assert!(store(storage, server, vec![job("known")]).await?.is_empty());
    let other = announce(storage).await?;
    assert_eq!(claim(storage, other).await?.len(), 1);
    Ok(())
}

async fn leases_that_their_server_does_not_know_are_given_up(storage: &Storage) -> Outcome {
    let server = announce(storage).await?;
    let known = store(storage, server, vec![job("known")]).await?;
    let lost = store(storage, server, vec![job("known"), job("known")]).await?;
    let known: HashSet<i64> = known.iter().map(|claimed| claimed.lease).collect();
    let released = storage.release_strays(server, &known, &mut Effects::default()).await?;
    assert_eq!(released, 2);
    let again = claim(storage, server).await?;
    assert_eq!(ids(&again), ids(&lost));
    assert_eq!(again[0].seq, lost[0].seq);
    // The one that is known holds its lease still.
    let (retention, mut effects) = (Retention::default(), Effects::default());
    assert_eq!(storage.rescue(Duration::ZERO, || true, &retention, &mut effects).await?, 3);
    Ok(())
}
