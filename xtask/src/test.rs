//! `cargo xtask test`: all steps, in order, until one fails.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::browser;
use crate::install;
use crate::servers::Servers;
use crate::steps::Step;

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Run this step alone
    #[arg(long, value_name = "STEP")]
    only: Option<Step>,

    /// Added to the command of the one step that then runs: nextest, unless --only names another
    #[arg(last = true)]
    args: Vec<String>,
}

impl Test {
    /// # Errors
    /// If a step fails; those after it do not run.
    pub(crate) fn run(&self) -> Result<()> {
        let steps = self.steps();
        let requirements: Vec<_> =
            steps.iter().flat_map(|step| step.requirements()).copied().collect();
        install::ensure(&requirements)?;

        let mut servers = None;
        for step in steps {
            let started = Instant::now();
            println!("\n== {step}");
            let variables = if step.needs_servers() {
                let servers = match &mut servers {
                    Some(servers) => servers,
                    none => none.insert(Servers::start()?),
                };
                [servers.variables(), browser::variables()].concat()
            } else {
                Vec::new()
            };
            step.run(&variables, &self.args)
                .with_context(|| format!("step {step} failed after {}", seconds(started)))?;
            println!("== {step} passed in {}", seconds(started));
        }
        drop(servers);
        println!("\nall steps passed");
        Ok(())
    }

    fn steps(&self) -> Vec<Step> {
        match self.only {
            Some(step) => vec![step],
            None if !self.args.is_empty() => vec![Step::Nextest],
            None => Step::value_variants().to_vec(),
        }
    }
}

fn seconds(since: Instant) -> String {
    format!("{:.1} s", since.elapsed().as_secs_f64())
}
