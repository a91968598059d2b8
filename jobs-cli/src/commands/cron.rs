//! `jobs cron`

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use jobs_cron::Schedule;
use serde_json::json;

use crate::exit::{Exit, Usage};
use crate::output::{Output, Table, instant};
use crate::values;

const EXAMPLES: &str = "\
Examples:
  jobs cron next '0 9 * * MON-FRI' --tz Europe/Istanbul
  jobs cron next '@every 90s' --after 2026-11-28T09:00:00Z -n 3";

#[derive(Debug, Subcommand)]
pub(crate) enum Cron {
    /// Say when an expression fires next
    Next(Next),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Next {
    /// Five fields, or six with seconds, or @hourly, @daily, @every 90s and the like
    expression: String,

    /// The zone in which it is read, by its IANA name
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    tz: String,

    /// After this instant instead of now
    #[arg(long, value_parser = values::instant, value_name = "RFC3339")]
    after: Option<DateTime<Utc>>,

    /// How many
    #[arg(short = 'n', long, default_value_t = 5)]
    count: usize,
}

impl Cron {
    pub(super) fn run(&self, output: &mut Output) -> Result<Exit> {
        let Self::Next(next) = self;
        next.run(output)
    }
}

impl Next {
    fn run(&self, output: &mut Output) -> Result<Exit> {
        let schedule = Schedule::parse(&self.expression, &self.tz)
            .map_err(|error| Usage::new(error.to_string()))?;
        let after = self.after.unwrap_or_else(Utc::now);
        let times: Vec<DateTime<Utc>> = schedule.upcoming(after).take(self.count).collect();
        let there = |time: &DateTime<Utc>| time.with_timezone(&schedule.zone());
        let answer: Vec<_> = times
            .iter()
            .map(|time| json!({ "at": time, "local": there(time).to_rfc3339() }))
            .collect();
        output.answer(&answer, |people| {
            let mut table = Table::new(&["THERE", "UTC"]);
            for time in &times {
                let there = there(time).format("%a %Y-%m-%d %H:%M:%S %Z").to_string();
                table.row([there, instant(*time)]);
            }
            people.table(&table, "it never fires")
        })?;
        Ok(Exit::Done)
    }
}
