//! `jobs delete`

use anyhow::Result;
use clap::Args;
use jobs_runtime::Client;

use super::act::{Chosen, Tally, Which, answer_all};
use crate::exit::Exit;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  jobs delete 0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968
  jobs delete --all --state scheduled --tag tenant-7

Deleted jobs can be seen and requeued for a day; then they are removed.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Delete {
    #[command(flatten)]
    which: Which,
}

impl Delete {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        match self.which.chosen()? {
            Chosen::Matching(filter) => {
                answer_all(client.delete_all(&filter).await?, "deleted", output)
            }
            Chosen::Ids(ids) => {
                let mut tally = Tally::default();
                for id in ids {
                    tally.add(id, &client.delete(id, None).await?);
                }
                tally.answer("deleted", output)
            }
        }
    }
}
