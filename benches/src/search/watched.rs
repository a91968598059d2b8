//! What two open pages that keep themselves up to date cost the jobs that run meanwhile.

use std::time::Duration;

use anyhow::Result;
use axum::Router;
use jobs_runtime::{Client, Storage};
use tokio::task::JoinHandle;

use super::table::{Line, Table};
use super::{median, pages};
use crate::scenarios::{self, Outcome, Sizes};
use crate::target::Target;

const JOBS: usize = 100_000;
const WORKERS: usize = 50;
/// As the script of the pages does.
const EVERY: Duration = Duration::from_secs(2);
/// The pages that are open.
const OPEN: [&str; 2] = ["/overview", "/jobs?state=succeeded"];

/// In turns without and with the pages, beside the million jobs.
pub(super) async fn measure(
    target: &Target,
    client: &Client,
    sizes: &Sizes,
    runs: usize,
    table: &mut Table,
) -> Result<()> {
    let n = sizes.of(JOBS);
    let (mut alone, mut watched, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let without = drain(client.storage(), n).await?.per_second;
        let dashboard = pages::dashboard(client);
        let tabs = OPEN.map(|path| open(dashboard.clone(), path));
        let with = drain(client.storage(), n).await;
        tabs.iter().for_each(JoinHandle::abort);
        let with = with?.per_second;
        alone.push(without);
        watched.push(with);
        ratios.push(with / without);
    }
    let rates = [("not watched", alone), ("watched by two", watched), ("ratio", ratios)];
    for (name, mut rates) in rates {
        let rate = median(&mut rates);
        table.add(target, "drain", name, Line { found: n, rate, ..Line::default() })?;
    }
    Ok(())
}

async fn drain(storage: &Storage, n: usize) -> Result<Outcome> {
    scenarios::bulk(storage, n, 1).await?;
    scenarios::run_down(storage, n, WORKERS).await
}

fn open(dashboard: Router, path: &'static str) -> JoinHandle<Result<()>> {
    tokio::spawn(async move {
        loop {
            pages::get(&dashboard, path).await?;
            tokio::time::sleep(EVERY).await;
        }
    })
}
