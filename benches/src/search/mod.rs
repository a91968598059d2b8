//! How long people wait for lists and pages beside a million jobs, and what it costs the jobs that
//! run meanwhile.

mod filling;
mod kinds;
mod meter;
mod pages;
mod searches;
mod table;
mod watched;

use std::time::Instant;

use anyhow::Result;
use jobs_runtime::Client;

use crate::scenarios::{Sizes, milliseconds};
use crate::target::Target;
use meter::Meter;
use table::{Line, Table};

/// Measures on one database after the other, which is filled for it.
pub(crate) async fn run(
    targets: &[Target],
    sizes: &Sizes,
    runs: usize,
    json: Option<&std::path::Path>,
) -> Result<()> {
    let mut table = Table::new(json)?;
    for target in targets {
        let begin = Instant::now();
        let filled = filling::fill(target, sizes).await?;
        println!("{}: filled in {:.0} s", target.name(), begin.elapsed().as_secs_f64());
        let mut meter = Meter::of(target).await?;
        searches::measure(target, &filled.client, &mut meter, runs, &mut table).await?;
        pages::measure(target, &filled, &mut meter, runs, &mut table).await?;
        watched::measure(target, &filled.client, sizes, runs, &mut table).await?;
        filled.close().await?;
        target.clear().await?;
    }
    table.finish();
    Ok(())
}

/// Calls it once so that all is warm, and then so often; the medians.
async fn timed<F, Fut>(meter: &mut Meter, runs: usize, mut call: F) -> Result<Line>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<usize>>,
{
    let mut found = call().await?;
    let (mut total, mut database, mut statements) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let before = meter.read().await?;
        let begin = Instant::now();
        found = call().await?;
        total.push(milliseconds(begin.elapsed()));
        let spent = meter.read().await?.since(&before);
        database.push(spent.milliseconds);
        statements.extend(spent.statements);
    }
    Ok(Line {
        found,
        total_ms: median(&mut total).unwrap_or_default(),
        database_ms: median(&mut database).unwrap_or_default(),
        statements: median(&mut statements),
        ..Line::default()
    })
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A database that is filled, and a runtime on it that has some slow jobs in hand.
struct Filled {
    client: Client,
    runtime: jobs_runtime::Runtime,
    batch: jobs_runtime::BatchId,
}

impl Filled {
    async fn close(self) -> Result<()> {
        self.runtime.shutdown().await?;
        self.client.storage().close().await;
        Ok(())
    }
}
