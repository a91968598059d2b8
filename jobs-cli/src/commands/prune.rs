//! `jobs prune`

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use jobs_runtime::Client;
use serde_json::json;

use crate::exit::Exit;
use crate::output::Output;
use crate::values;

const EXAMPLES: &str = "\
Example:
  jobs prune --keep 7d

Servers do this by themselves, as their retention says. Jobs that succeeded and have no time of
their own go by --keep, whatever the servers would keep; all others go when their own time has
passed. Failed jobs stay, unless a server was told to remove them.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Prune {
    /// Keep jobs that succeeded less long ago than this
    #[arg(long, value_parser = values::duration, value_name = "DURATION")]
    keep: Duration,
}

impl Prune {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let jobs = client.prune(self.keep).await?;
        output.answer(&json!({ "removed": jobs }), |people| {
            people.line(format_args!("removed: {jobs}"))
        })?;
        Ok(Exit::Done)
    }
}
