//! How rates hold as jobs, queues and history grow.

mod promotion;
mod retention;
mod started;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jobs_runtime::{Client, Storage};

use crate::report::Report;
use crate::scenarios::{self, Outcome, Sizes};
use crate::target::Target;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    /// Jobs that wait in one line.
    Backlog,
    /// Queues, all of which one runtime serves.
    Queues,
    /// Jobs that have succeeded and are kept.
    Kept,
    /// Jobs that are scheduled for tomorrow.
    Scheduled,
    /// Jobs that are due in the same second.
    Due,
    /// Jobs that have been kept for long enough.
    Expired,
}

const ALL: [Growth; 6] = [
    Growth::Backlog,
    Growth::Queues,
    Growth::Kept,
    Growth::Scheduled,
    Growth::Due,
    Growth::Expired,
];

/// The jobs whose runs are timed, if so many wait.
const TIMED: usize = 100_000;
const WORKERS: usize = 50;
const TOMORROW: Duration = Duration::from_secs(24 * 60 * 60);

/// Measures those that are named, or all, up to the size `most`.
pub(crate) async fn run(
    target: &Target,
    names: &[String],
    sizes: &Sizes,
    most: usize,
    runs: usize,
    report: &mut Report,
) -> Result<()> {
    for growth in Growth::parse_all(names)? {
        for n in growth.sizes(sizes).into_iter().filter(|n| *n <= most) {
            let timed = sizes.of(TIMED);
            growth.measure(target, n, timed, runs, report).await?;
        }
    }
    target.clear().await
}

impl Growth {
    fn parse_all(names: &[String]) -> Result<Vec<Self>> {
        if names.is_empty() {
            return Ok(ALL.to_vec());
        }
        names.iter().map(|name| Self::parse(name)).collect()
    }

    fn parse(name: &str) -> Result<Self> {
        let Some(growth) = ALL.into_iter().find(|growth| growth.name() == name) else {
            let known = ALL.map(Self::name).join(", ");
            bail!("`{name}` is nothing that grows; there are {known}");
        };
        Ok(growth)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::Queues => "queues",
            Self::Kept => "kept",
            Self::Scheduled => "scheduled",
            Self::Due => "due",
            Self::Expired => "expired",
        }
    }

    fn sizes(self, sizes: &Sizes) -> Vec<usize> {
        match self {
            Self::Backlog => [10_000, 100_000, 1_000_000, 10_000_000].map(|n| sizes.of(n)).to_vec(),
            Self::Queues => vec![1, 100, 10_000],
            Self::Kept | Self::Scheduled | Self::Expired => vec![sizes.of(1_000_000)],
            Self::Due => vec![sizes.of(100_000)],
        }
    }

    async fn measure(
        self,
        target: &Target,
        n: usize,
        timed: usize,
        runs: usize,
        report: &mut Report,
    ) -> Result<()> {
        match self {
            Self::Due => return promotion::measure(target, n, runs, report).await,
            Self::Expired => return retention::measure(target, n, timed, report).await,
            _ => {}
        }
        let storage = target.fresh().await?;
        let client = Client::new(storage.clone());
        self.prepare(&storage, n).await?;
        let (waiting, timed) = match self {
            Self::Backlog => (n, n.min(timed)),
            _ => (timed, timed),
        };
        let queues = match self {
            Self::Queues => (0..n).map(|number| format!("queue-{number}")).collect(),
            _ => vec!["bench".to_owned()],
        };
        let mut outcomes = Vec::new();
        let mut missing = waiting;
        for _ in 0..runs {
            fill(&client, missing, &queues).await?;
            settle()?;
            let rate = started::rate(&storage, timed, &queues).await?;
            outcomes.push(Outcome::rate(rate));
            missing = timed;
        }
        storage.close().await;
        report.add(target.name(), self.name(), n, WORKERS, outcomes)
    }

    /// What is there before the jobs that are timed.
    async fn prepare(self, storage: &Storage, n: usize) -> Result<()> {
        match self {
            Self::Kept => {
                scenarios::bulk(storage, n, 1).await?;
                scenarios::run_down(storage, n, WORKERS).await?;
            }
            Self::Scheduled => {
                let client = Client::new(storage.clone());
                scenarios::fill(&client, n, |number| scenarios::request(number).delay(TOMORROW))
                    .await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Has the system write what the fill has left to be written: the disk would otherwise be busy with
/// gigabytes of it while runs are timed.
fn settle() -> Result<()> {
    let status = Command::new("sync").status().context("cannot start `sync`")?;
    ensure!(status.success(), "`sync` failed: {status}");
    Ok(())
}

async fn fill(client: &Client, n: usize, queues: &[String]) -> Result<()> {
    scenarios::fill(client, n, |number| {
        scenarios::request(number).queue(queues[number % queues.len()].as_str())
    })
    .await
}
