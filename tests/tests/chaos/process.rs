//! Processes that end with their test, however that ends.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use jobs_tests::checker::{Event, Record};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// How much of a log is shown when a test fails.
const SHOWN: usize = 4_000;

/// A process of the test. Its end is noted in the record by whoever notices it.
pub(super) struct Process {
    child: Child,
    record: Record,
    log: PathBuf,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts a command, with its output in a file of this directory.
    pub(super) fn start(command: &mut Command, record: Record, directory: &Path) -> Self {
        let log = tempfile::Builder::new().prefix("log-").tempfile_in(directory);
        let (log, path) = log.and_then(|log| Ok(log.keep()?)).expect("a file for the log");
        let output = |log: &File| Stdio::from(log.try_clone().expect("the log once more"));
        command.stdin(Stdio::null()).stdout(output(&log)).stderr(output(&log));
        let child = command.spawn().expect("the process starts");
        Self { child, record, log: path, status: None }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill(self.id(), signal).expect("the process is there");
    }

    /// Stops it; when this returns, none of its threads does anything.
    pub(super) fn stop(&self) {
        self.signal(Signal::SIGSTOP);
        let status = waitpid(self.id(), Some(WaitPidFlag::WUNTRACED));
        assert!(matches!(status, Ok(WaitStatus::Stopped(..))), "it ended instead: {status:?}");
    }

    /// The ports of its connections, by what Linux tells of its sockets.
    pub(super) fn ports(&self) -> Vec<u16> {
        let process = PathBuf::from(format!("/proc/{}", self.pid()));
        let files = fs::read_dir(process.join("fd")).expect("the process is there");
        let targets = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
        let sockets: HashSet<String> =
            targets.map(|target| target.to_string_lossy().into_owned()).collect();
        let connections = fs::read_to_string(process.join("net/tcp")).expect("a list of sockets");
        let port = |line: &str| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (_, port) = columns.get(1)?.split_once(':')?;
            let is_own = sockets.contains(&format!("socket:[{}]", columns.get(9)?));
            is_own.then(|| u16::from_str_radix(port, 16).ok())?
        };
        connections.lines().filter_map(port).collect()
    }

    fn id(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid()).expect("a process id"))
    }

    /// `kill -9`; returns when the process has gone.
    pub(super) fn kill(&mut self) {
        if self.ended().is_none() {
            self.signal(Signal::SIGKILL);
            let status = self.child.wait().expect("the process can be waited for");
            self.note(status);
        }
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            let status = self.child.try_wait().expect("the process can be waited for")?;
            self.note(status);
        }
        self.status
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn note(&mut self, status: ExitStatus) {
        self.status = Some(status);
        self.record.note_of(self.pid(), Event::Gone);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(SHOWN);
            let from = (from..=log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("-- process {} said last:\n{}", self.pid(), &log[from..]);
        }
    }
}
