//! What the worker is told.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// The database
    #[arg(long)]
    pub(crate) url: String,
    /// The schema, or the prefix of the tables
    #[arg(long)]
    pub(crate) schema: String,
    /// The file to which everything is noted
    #[arg(long)]
    pub(crate) record: PathBuf,
    /// The least level of the log on standard error
    #[arg(long, default_value = "info")]
    pub(crate) log: tracing_subscriber::filter::LevelFilter,
    #[command(subcommand)]
    pub(crate) mode: Mode,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mode {
    /// Run jobs until a signal arrives
    Run(Run),
    /// Enqueue jobs, and note each when its enqueue has returned
    Enqueue(Enqueue),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// How many jobs run at a time
    #[arg(long, default_value_t = 10)]
    pub(crate) workers: usize,
    /// Milliseconds between two heartbeats; the product's default unless given
    #[arg(long)]
    pub(crate) heartbeat: Option<u64>,
    /// Milliseconds of silence of a dead server; the product's default unless given
    #[arg(long)]
    pub(crate) dead_after: Option<u64>,
    /// Milliseconds that running jobs have at shutdown; the product's default unless given
    #[arg(long)]
    pub(crate) grace: Option<u64>,
    /// Fire the recurring schedule
    #[arg(long)]
    pub(crate) tick: bool,
    /// Be the old release, which lacks the kind `newer`
    #[arg(long)]
    pub(crate) old: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Enqueue {
    /// What to enqueue
    #[arg(long, value_enum)]
    pub(crate) kind: Kind,
    /// How many
    #[arg(long)]
    pub(crate) count: u64,
    /// Milliseconds that each works
    #[arg(long, default_value_t = 0)]
    pub(crate) works: u64,
    /// Retries of each; the kind's unless given
    #[arg(long)]
    pub(crate) retries: Option<u32>,
    /// Milliseconds between two
    #[arg(long, default_value_t = 0)]
    pub(crate) pause: u64,
    /// Give every so manieth a continuation
    #[arg(long)]
    pub(crate) follow: Option<u64>,
    /// At most so many of these at once
    #[arg(long)]
    pub(crate) at_once: Option<u32>,
    /// At most so many starts in any second
    #[arg(long)]
    pub(crate) a_second: Option<u32>,
    /// Take turns by this key
    #[arg(long)]
    pub(crate) fair_by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Works and returns
    Work,
    /// The same, unknown to the old release
    Newer,
    /// Kills its process
    Killer,
    /// Ends in a transaction of its own, and kills its process before the commit
    DieBeforeCommit,
    /// The same, after the commit
    DieAfterCommit,
    /// Has three steps, and kills its process in the third
    DieInStep,
    /// All in one batch, failing at random, and one job that follows the batch
    Shaky,
}
