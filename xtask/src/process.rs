//! Child processes, of which none outlives this program.
//!
//! Each child gets a process group of its own: a Ctrl-C on the terminal reaches this program only,
//! which passes it on, the same way for a key press as for a `kill`. Children therefore read
//! nothing from the terminal.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::interrupt::{self, Interrupted, POLL};

/// How long a child may take to end when asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// Runs a command to its end. After a signal its whole process group is interrupted, given
/// [`GRACE`] and then killed.
///
/// # Errors
/// If it cannot be started, and [`Interrupted`] after a signal.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    run_with_input(command, Stdio::null())
}

/// Shows a command and runs it to its end, as [`run`].
///
/// # Errors
/// If it does not succeed.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = run(command)?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

fn run_with_input(command: &mut Command, input: Stdio) -> Result<ExitStatus> {
    let name = command.get_program().to_owned();
    let mut child = command
        .stdin(input)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", name.display()))?;
    loop {
        if let Some(status) =
            child.try_wait().with_context(|| format!("lost {}", name.display()))?
        {
            interrupt::check()?;
            return Ok(status);
        }
        if interrupt::pause().is_err() {
            let group = pid(&child);
            if !ends_after(&mut child, || killpg(group, Signal::SIGINT)) {
                ends_after(&mut child, || killpg(group, Signal::SIGKILL));
            }
            return Err(Interrupted.into());
        }
    }
}

/// Runs a command quietly: its output is shown only as part of the error.
///
/// # Errors
/// If it cannot be started or does not succeed.
pub(crate) fn run_quietly(command: &mut Command, input: Stdio, log: &Path) -> Result<()> {
    let (out, err) = log_files(log)?;
    let status = run_with_input(command.stdout(out).stderr(err), input)?;
    if !status.success() {
        bail!("{} ended with {status}:\n{}", command.get_program().display(), tail(log));
    }
    Ok(())
}

/// Runs a command that takes no time, and gives what it printed.
///
/// # Errors
/// If it cannot be started.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// As [`output`], of a command that has to succeed.
///
/// # Errors
/// If it does not, with what it printed on its standard error.
pub(crate) fn successful_output(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        bail!("`{}` failed: {}\n{complaint}", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` gave no UTF-8", line(command)))
}

/// The command as one would type it, for people to read.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={:?}", name.display(), value?.to_string_lossy()))
    });
    let words = program.file_name().into_iter().chain(command.get_args());
    let words = words.map(|word| word.display().to_string());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

/// A server that runs until the guard is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    stop: Signal,
    log: PathBuf,
}

impl Server {
    /// Starts a server that writes to `log` and ends on the signal `stop`.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        stop: Signal,
        log: &Path,
    ) -> Result<Self> {
        let (out, err) = log_files(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, child, stop, log: log.to_owned() })
    }

    /// Waits until `ready` says so.
    ///
    /// # Errors
    /// If the server ends, or is not ready within `limit`; both with the end of its log.
    pub(crate) fn wait_until(&mut self, ready: impl Fn() -> bool, limit: Duration) -> Result<()> {
        let started = Instant::now();
        while !ready() {
            self.check()?;
            if started.elapsed() > limit {
                bail!("{} was not ready within {limit:?}:\n{}", self.name, tail(&self.log));
            }
            interrupt::pause()?;
        }
        Ok(())
    }

    /// # Errors
    /// If the server has ended, with the end of its log.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) =
            self.child.try_wait().with_context(|| format!("lost {}", self.name))?
        {
            bail!("{} ended with {status}:\n{}", self.name, tail(&self.log));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let (process, stop) = (pid(&self.child), self.stop);
        if !ends_after(&mut self.child, || kill(process, stop)) {
            ends_after(&mut self.child, || kill(process, Signal::SIGKILL));
        }
    }
}

/// Whether something accepts connections on this port of 127.0.0.1.
pub(crate) fn accepts(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

/// Sends a signal, unless the child has ended, and tells whether it ends within [`GRACE`]. The
/// child has not been waited for before, so its number cannot belong to anything else.
fn ends_after(child: &mut Child, signal: impl FnOnce() -> nix::Result<()>) -> bool {
    let ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
    if ended(child) || signal().is_err() {
        return true;
    }
    let asked = Instant::now();
    while asked.elapsed() < GRACE {
        if ended(child) {
            return true;
        }
        thread::sleep(POLL);
    }
    false
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

fn log_files(log: &Path) -> Result<(File, File)> {
    let open = || -> Result<(File, File)> {
        let out = File::options().create(true).append(true).open(log)?;
        let err = out.try_clone()?;
        Ok((out, err))
    };
    open().with_context(|| format!("cannot write {}", log.display()))
}

fn tail(log: &Path) -> String {
    const LINES: usize = 20;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
