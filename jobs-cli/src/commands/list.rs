//! `jobs list`

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args;
use jobs_runtime::{Client, Cursor, JobRecord};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::exit::Exit;
use crate::filter::Filter;
use crate::output::{self, Output, Table};

const EXAMPLES: &str = "\
Examples:
  jobs list --state failed --limit 20
  jobs list --kind send_mail --tag tenant-7 --text ada@
  jobs list --state succeeded --finished-after 2026-11-28T09:00:00Z --json

Jobs are listed state by state: processing, enqueued, scheduled, awaiting, failed, deleted,
succeeded. The last line says how to go on; in JSON, `next` does, for --after. A search for a text
stops after half a second; it then says so, and how to go on.";

/// So many characters of the arguments are shown.
const LONGEST_ARGS: usize = 60;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// At most so many, 1000 at most
    #[arg(long, default_value_t = 50)]
    limit: usize,

    /// Go on where a list has ended
    #[arg(long, value_name = "CURSOR")]
    after: Option<Cursor>,

    #[command(flatten)]
    filter: Filter,
}

/// One job of a list.
#[derive(Debug, Serialize)]
struct Listed<'r> {
    id: String,
    kind: &'r str,
    state: &'static str,
    version: i64,
    queue: &'r str,
    priority: i16,
    tags: &'r [String],
    created_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    args: Box<RawValue>,
}

impl<'r> From<&'r JobRecord> for Listed<'r> {
    fn from(job: &'r JobRecord) -> Self {
        Self {
            id: job.id.to_string(),
            kind: &job.kind,
            state: job.placement.state.as_str(),
            version: job.placement.version,
            queue: &job.queue,
            priority: job.priority,
            tags: &job.tags,
            created_at: job.created_at,
            due_at: job.due_at,
            finished_at: job.finished_at,
            args: output::json(&job.args),
        }
    }
}

#[derive(Debug, Serialize)]
struct Page<'r> {
    jobs: Vec<Listed<'r>>,
    next: Option<Cursor>,
    complete: bool,
}

impl List {
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let mut filter = self.filter.to_jobs().limit(self.limit);
        if let Some(after) = self.after {
            filter = filter.after(after);
        }
        let page = client.search(&filter).await?;
        let jobs = page.jobs.iter().map(Listed::from).collect();
        let answer = Page { jobs, next: page.next, complete: page.complete };
        output.answer(&answer, |people| {
            people.table(&table(&page.jobs), "no job matches")?;
            let Some(next) = &answer.next else { return Ok(()) };
            let reason =
                if answer.complete { "more" } else { "stopped by time; there may be more" };
            people.heading(format_args!("{reason}: --after '{next}'"))
        })?;
        Ok(Exit::Done)
    }
}

fn table(jobs: &[JobRecord]) -> Table {
    let mut table = Table::new(&["ID", "KIND", "STATE", "QUEUE", "SINCE OR DUE", "ARGS"]);
    for job in jobs {
        let at = job.finished_at.or(job.due_at).unwrap_or(job.created_at);
        table.row([
            job.id.to_string(),
            job.kind.clone(),
            job.placement.state.to_string(),
            job.queue.clone(),
            output::instant(at),
            output::short(&job.args, LONGEST_ARGS),
        ]);
    }
    table
}
