//! A step of a run, in a process of its own.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jobs_bench_harness::{LIMIT, Line};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// A program gives up by itself after [`LIMIT`]; one that cannot is killed so much later.
const GRACE: Duration = Duration::from_secs(10);

/// How much of what a program complains about is shown.
const SHOWN: usize = 2_000;

/// What a process is started with.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) program: &'a Path,
    pub(crate) args: Vec<String>,
}

/// A process and what it says.
struct Running {
    child: Child,
    complaints: std::fs::File,
}

/// How a process ended: with its result, or else with the reason why there is none.
pub(crate) type End = std::result::Result<Line, String>;

/// Starts as many processes of one call as are wanted, waits for all of them, and gives the end
/// of each, with the processor time of all.
///
/// # Errors
/// If one cannot be started or waited for.
pub(crate) fn run(call: &Call<'_>, processes: usize) -> Result<(Vec<End>, Duration)> {
    let before = processor_time()?;
    let mut running = Vec::new();
    for _ in 0..processes {
        running.push(Running::start(call)?);
    }
    let begin = Instant::now();
    let ends: Result<Vec<End>> = running.into_iter().map(|process| process.finish(begin)).collect();
    Ok((ends?, processor_time()?.saturating_sub(before)))
}

impl Running {
    fn start(call: &Call<'_>) -> Result<Self> {
        let complaints = tempfile::tempfile().context("cannot make a temporary file")?;
        let child = Command::new(call.program)
            .args(&call.args)
            // Some error types note where they were made, which costs more than most jobs.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints.try_clone().context("cannot share a temporary file")?)
            .spawn()
            .with_context(|| format!("cannot start {}", call.program.display()))?;
        Ok(Self { child, complaints })
    }

    /// What the process prints is one line, which no pipe is too small for, so that it can be read
    /// when the process has ended.
    fn finish(mut self, begin: Instant) -> Result<End> {
        let status = loop {
            if let Some(status) = self.child.try_wait().context("lost a process")? {
                break status;
            }
            if begin.elapsed() > LIMIT + GRACE {
                self.child.kill().context("cannot kill a process")?;
                self.child.wait().context("lost a process")?;
                return Ok(Err("stalled: killed".to_owned()));
            }
            thread::sleep(Duration::from_millis(5));
        };
        let mut printed = String::new();
        if let Some(mut output) = self.child.stdout.take() {
            output.read_to_string(&mut printed).context("cannot read what a process printed")?;
        }
        if !status.success() {
            eprintln!("{}", self.complaints()?);
            return Ok(Err(format!("failed: {status}")));
        }
        let line = printed.lines().last().unwrap_or_default();
        Ok(serde_json::from_str(line).map_err(|error| format!("failed: {error} in {line}")))
    }

    fn complaints(&mut self) -> Result<String> {
        let mut text = Vec::new();
        self.complaints.seek(SeekFrom::Start(0)).context("cannot read a temporary file")?;
        self.complaints.read_to_end(&mut text).context("cannot read a temporary file")?;
        let tail = text.len().saturating_sub(SHOWN);
        Ok(String::from_utf8_lossy(text.get(tail..).unwrap_or_default()).into_owned())
    }
}

/// That of all processes that were waited for.
fn processor_time() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("cannot tell the processor time")?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(microseconds)?))
}
