//! `jobs`: background jobs on the command line. `jobs --help` says what it can do.

mod cli;
mod commands;
mod database;
mod exit;
mod filter;
mod output;
mod values;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use exit::Exit;
use output::Output;

fn main() -> ExitCode {
    // What clap has to say about the arguments ends the program here, with code 2.
    let cli = Cli::parse();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    let Cli { database, json, command } = cli;
    let mut output = Output::new(json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(commands::run(command, &database, &mut output))
}
