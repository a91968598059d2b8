//! Jobs that write into a table of the application's own, and kill their process at the worst
//! moment of their first attempt.

use jobs_runtime::prelude::*;
use jobs_tests::Own;
use jobs_tests::checker::Record;

use crate::kinds::{Noted, die};

/// The application's way to the database of the jobs.
#[derive(Debug)]
pub(crate) struct Database {
    url: String,
    prefix: String,
}

impl Database {
    pub(crate) fn new(url: &str, schema: &str) -> Self {
        let prefix = match url.starts_with("postgres:") {
            true => format!("\"{schema}\"."),
            false => format!("{schema}_"),
        };
        Self { url: url.to_owned(), prefix }
    }

    async fn open(&self) -> Own {
        Own::open(&self.url, self.prefix.clone()).await
    }
}

async fn write(own: &mut Own, ctx: &JobContext, what: &str) {
    own.execute(&format!("INSERT INTO {{p}}effect VALUES ('{}', '{what}')", ctx.id())).await;
}

/// Ends in the transaction that writes its effect.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn transfer(
    after_commit: bool,
    ctx: JobContext,
    #[inject] record: State<Record>,
    #[inject] database: State<Database>,
) -> anyhow::Result<i64> {
    let run = Noted::new(&ctx, record);
    let mut own = database.open().await;
    own.begin().await;
    write(&mut own, &ctx, "transfer").await;
    let lease = run.done();
    ctx.complete_in(own.transaction(), &lease).await?;
    if ctx.attempt() == 1 && !after_commit {
        die();
    }
    own.execute("COMMIT").await;
    if ctx.attempt() == 1 {
        die();
    }
    Ok(lease)
}

/// Writes an effect in each of three steps.
#[job(retries = 3, backoff = "1s")]
pub(crate) async fn in_steps(
    ctx: JobContext,
    #[inject] record: State<Record>,
    #[inject] database: State<Database>,
) -> anyhow::Result<i64> {
    let run = Noted::new(&ctx, record);
    for step in ["first", "second", "third"] {
        let effect = async || {
            if ctx.attempt() == 1 && step == "third" {
                die();
            }
            write(&mut database.open().await, &ctx, step).await;
            anyhow::Ok(())
        };
        ctx.step(step, effect).await?;
    }
    Ok(run.done())
}
