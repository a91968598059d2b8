//! What one test has: a database, a record, processes, and a client that looks at it all.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use jobs_runtime::{Client, Counts, JobId, StorageOptions};
use jobs_tests::checker::{Event, History, Line, Reader, Record, check};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::database::Database;
use super::process::Process;
use super::tables::Tables;

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long anything is waited for, unless its time is what a test is about: far longer than it
/// takes on a busy machine whose disk stalls now and then.
const LONGEST: Duration = Duration::from_secs(120);

/// Settings of workers that are noticed to be dead soon: a heartbeat each half second, dead after
/// 3 s. Shorter ones would kill the living on a busy machine.
pub(super) const SOON: [&str; 4] = ["--heartbeat", "500", "--dead-after", "3000"];

pub(super) struct World {
    database: Database,
    client: Client,
    record: Record,
    reader: Reader,
    path: PathBuf,
    /// Removed last.
    directory: TempDir,
}

impl World {
    pub(super) async fn new(database: Database) -> Self {
        let directory = tempfile::Builder::new().prefix("jobs-chaos-").tempdir();
        let directory = directory.expect("a temporary directory");
        let url = database.url(directory.path());
        let options = StorageOptions::new(url).schema(database.schema()).lock_timeout(LONGEST);
        let client = Client::new(options.connect().await.expect("the storage of the test"));
        let path = directory.path().join("record");
        let record = Record::open(&path);
        let reader = Reader::open(&path);
        Self { database, client, record, reader, path, directory }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether the jobs are in a file, which has one writer at a time.
    pub(super) fn is_file(&self) -> bool {
        self.database.is_sqlite()
    }

    /// A worker that takes jobs when this returns.
    pub(super) async fn worker(&mut self, arguments: &[&str]) -> Process {
        let mut worker = self.start_worker(arguments);
        let pid = worker.pid();
        let mut patience = Patience::new("a worker is ready");
        while !self.lines().iter().any(|line| line.pid == pid && line.event == Event::Ready) {
            assert!(worker.ended().is_none(), "the worker ended:\n{}", worker.log());
            patience.pause().await;
        }
        worker
    }

    /// A worker that has only been started.
    pub(super) fn start_worker(&self, arguments: &[&str]) -> Process {
        self.start("run", arguments)
    }

    /// A process that enqueues.
    pub(super) fn start_enqueuer(&self, arguments: &[&str]) -> Process {
        self.start("enqueue", arguments)
    }

    fn start(&self, mode: &str, arguments: &[&str]) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        let url = self.database.process_url(self.directory.path());
        command.args(["--url", &url, "--schema", self.database.schema()]);
        command.arg("--record").arg(&self.path).arg(mode).args(arguments);
        Process::start(&mut command, self.record.clone(), self.directory.path())
    }

    /// Enqueues jobs in a process of their own, and returns when it has ended well.
    pub(super) async fn enqueue(&self, kind: &str, count: usize, arguments: &[&str]) {
        let count = count.to_string();
        let head = ["--kind", kind, "--count", &count];
        let mut enqueuer = self.start_enqueuer(&[&head, arguments].concat());
        let mut patience = Patience::new("all is enqueued");
        let status = loop {
            match enqueuer.ended() {
                Some(status) => break status,
                None => patience.pause().await,
            }
        };
        assert!(status.success(), "the enqueuer failed:\n{}", enqueuer.log());
    }

    /// All that has been noted so far.
    pub(super) fn lines(&mut self) -> &[Line] {
        self.reader.lines()
    }

    /// How many lines of the record are like this.
    pub(super) fn count(&mut self, like: impl Fn(&Line) -> bool) -> usize {
        self.lines().iter().filter(|line| like(line)).count()
    }

    /// Waits until this many lines of the record are like this.
    pub(super) async fn until(&mut self, what: &str, count: usize, like: impl Fn(&Line) -> bool) {
        let mut patience = Patience::new(what);
        while self.count(&like) < count {
            patience.pause().await;
        }
    }

    /// The jobs that a process has begun to run and has not ended.
    pub(super) fn running(&mut self, process: &Process) -> HashSet<JobId> {
        let mut running = HashSet::new();
        for line in self.lines().iter().filter(|line| line.pid == process.pid()) {
            match &line.event {
                Event::Started { job, .. } => drop(running.insert(*job)),
                Event::Ended { job, .. } => drop(running.remove(job)),
                _ => {}
            }
        }
        running
    }

    /// Stops a process at a moment at which it runs jobs; gives them.
    pub(super) async fn stop_at_work(&mut self, process: &Process) -> HashSet<JobId> {
        self.stop_one_at_work(std::slice::from_ref(process)).await.1
    }

    /// The same with whichever of several it is; gives its number as well.
    pub(super) async fn stop_one_at_work(
        &mut self,
        processes: &[Process],
    ) -> (usize, HashSet<JobId>) {
        let mut patience = Patience::new("one is stopped while it runs a job");
        loop {
            for (number, process) in processes.iter().enumerate() {
                process.stop();
                let running = self.running(process);
                if !running.is_empty() {
                    return (number, running);
                }
                process.signal(Signal::SIGCONT);
            }
            patience.pause().await;
        }
    }

    /// Waits until the database is done with what processes told it that are gone now.
    pub(super) async fn until_no_sessions(&self) {
        let mut tables = self.tables().await;
        let mut patience = Patience::new("no process has a session");
        while tables.has_sessions().await {
            patience.pause().await;
        }
    }

    /// The same for one process, by the ports that it had.
    pub(super) async fn until_no_sessions_from(&self, ports: &[u16]) {
        let mut tables = self.tables().await;
        let mut patience = Patience::new("the process has no session");
        while tables.has_sessions_from(ports).await {
            patience.pause().await;
        }
    }

    pub(super) async fn counts(&self) -> Counts {
        self.client.counts().await.expect("the storage answers")
    }

    /// Waits until no job is left that has not come to an end.
    pub(super) async fn until_settled(&self) {
        self.until_settled_within(LONGEST).await;
    }

    /// The same, where it has to be so within this time.
    pub(super) async fn until_settled_within(&self, limit: Duration) {
        let mut patience = Patience::within("all jobs have come to an end", limit);
        while !is_settled(&self.counts().await) {
            patience.pause().await;
        }
    }

    pub(super) async fn tables(&self) -> Tables {
        Tables::open(&self.database, self.directory.path()).await
    }

    /// What happened. Workers that still run are taken as they are at this moment.
    pub(super) async fn history(&mut self) -> History {
        let mut tables = self.tables().await;
        let jobs = tables.jobs(None).await;
        let servers = tables.servers().await;
        let attempts = tables.attempts().await;
        let mut history = History { servers, attempts, ..History::default() };
        for job in jobs {
            history.states.insert(job, self.state(job).await);
        }
        history.read(self.lines());
        history
    }

    async fn state(&self, job: JobId) -> jobs_runtime::JobState {
        let record = self.client.job(job).await.expect("the storage answers");
        record.expect("a stored job").placement.state
    }

    /// Checks what happened, and gives it to the test for its own questions.
    pub(super) async fn checked(&mut self) -> History {
        let history = self.history().await;
        let found = check(&history);
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{} violations:\n{}", found.len(), texts.join("\n"));
        println!(
            "{} jobs, {} runs, {} servers: nothing lost, nothing doubled",
            history.states.len(),
            history.runs.len(),
            history.servers.len()
        );
        history
    }

    /// Ends the test, whose processes are gone: its database goes.
    pub(super) async fn remove(self) {
        self.until_no_sessions().await;
        self.tables().await.remove().await;
        self.client.storage().close().await;
    }
}

impl Drop for World {
    /// Leaves the record, the logs and a SQLite file to whoever looks into a failure.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.directory.disable_cleanup(true);
            eprintln!("kept for a look: {}", self.directory.path().display());
        }
    }
}

pub(super) fn is_settled(counts: &Counts) -> bool {
    counts.enqueued + counts.scheduled + counts.awaiting + counts.processing == 0
}

/// Whether the line says that a run has begun.
pub(super) fn is_start(line: &Line) -> bool {
    matches!(line.event, Event::Started { .. })
}

/// Whether the line says that a run has ended.
pub(super) fn is_end(line: &Line) -> bool {
    matches!(line.event, Event::Ended { .. })
}

/// Whether the line says that an enqueue has returned.
pub(super) fn is_stored(line: &Line) -> bool {
    matches!(line.event, Event::Stored { .. })
}

/// Waits for something, but not for ever.
pub(super) struct Patience {
    what: String,
    began: Instant,
    limit: Duration,
}

impl Patience {
    pub(super) fn new(what: &str) -> Self {
        Self::within(what, LONGEST)
    }

    /// For what has to happen within this time.
    pub(super) fn within(what: &str, limit: Duration) -> Self {
        Self { what: what.to_owned(), began: Instant::now(), limit }
    }

    /// Waits for a moment.
    ///
    /// # Panics
    /// If the limit has passed.
    pub(super) async fn pause(&mut self) {
        let passed = self.began.elapsed();
        assert!(passed < self.limit, "waited {passed:?} in vain: {}", self.what);
        tokio::time::sleep(LOOK).await;
    }
}
