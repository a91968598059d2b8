//! `jobs requeue`

use anyhow::Result;
use clap::Args;
use jobs_runtime::Client;

use super::act::{Chosen, Tally, Which, answer_all};
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  jobs requeue 0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968
  jobs requeue --all --state failed --kind send_mail --finished-after 2026-11-28T09:00:00Z";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Requeue {
    #[command(flatten)]
    which: Which,
}

impl Requeue {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        match self.which.chosen()? {
            Chosen::Matching(filter) => {
                answer_all(client.requeue_all(&filter).await?, "requeued", output)
            }
            Chosen::Ids(ids) => {
                let mut tally = Tally::default();
                for id in ids {
                    tally.add(id, &client.requeue(id, None).await?);
                }
                tally.answer("requeued", output)
            }
        }
    }
}
