//! What can be said on the command line.

use clap::{Parser, Subcommand};

use crate::commands::{
    batches, cron, dashboard, delete, enqueue, list, prune, queues, recurring, requeue, servers,
    show,
};
use crate::database::Database;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  the database does not answer, or something else went wrong
  2  the command, or a value in it, is not one
  3  there is no such job, batch, schedule or server
  4  nothing was changed: the state of the job does not allow it
  5  the job that was waited for did not succeed

Examples:
  export JOBS_DATABASE_URL=postgres://localhost/shop
  jobs stats
  jobs list --state failed --kind send_mail
  jobs requeue --all --state failed --kind send_mail
  jobs enqueue send_mail --args '{\"to\": \"ada@example.com\"}' --wait";

/// Looks at and steers background jobs in their database.
#[derive(Debug, Parser)]
#[command(name = "jobs", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) database: Database,

    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the tables, or bring them up to date
    ///
    /// Programs that use jobs do so by themselves when they connect, unless they are told not to.
    /// No other command changes the tables.
    Migrate,

    /// Count the jobs in each state
    Stats,

    /// List jobs, a page at a time
    List(list::List),

    /// Show one job: its arguments, runs, events and log
    Show(show::Show),

    /// Store a job by the name of its kind
    Enqueue(enqueue::Enqueue),

    /// Put jobs at the end of their lines, with all their attempts before them
    Requeue(requeue::Requeue),

    /// Delete jobs: one that waits never starts, one that runs is told to stop
    Delete(delete::Delete),

    /// List, pause and resume queues
    Queues(queues::Queues),

    /// List, pause and resume servers
    Servers(servers::Servers),

    /// List, trigger, pause, resume and remove recurring schedules
    Recurring(recurring::Recurring),

    /// List, show, cancel and requeue batches and workflows
    Batches(batches::Batches),

    /// Remove jobs that have ended
    Prune(prune::Prune),

    /// Serve the dashboard, for a browser on this machine
    Dashboard(dashboard::Dashboard),

    /// Look at cron expressions; needs no database
    #[command(subcommand)]
    Cron(cron::Cron),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }
}
