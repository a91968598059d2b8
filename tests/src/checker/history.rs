//! What happened, as the checker reads it. Instants are microseconds since 1970.

use std::collections::HashMap;

use jobs_runtime::{JobId, JobState};

use super::{Ending, Event, Line};

/// The record of a test, and what the tables of the library say.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The enqueues that returned.
    pub stored: Vec<Stored>,
    /// The runs that began, in the order in which they did.
    pub runs: Vec<Run>,
    /// When processes ended.
    pub gone: HashMap<u32, i64>,
    /// From the tables: the servers, in the order in which they were announced.
    pub servers: Vec<Server>,
    /// From the tables: the states of the jobs that are stored.
    pub states: HashMap<JobId, JobState>,
    /// From the tables: the runs whose ends were accepted.
    pub attempts: Vec<Attempt>,
}

/// An enqueue that returned.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The job that it stored.
    pub job: JobId,
    /// The job whose success this one waits for.
    pub parent: Option<JobId>,
}

/// A run that began.
#[derive(Debug, Clone)]
pub struct Run {
    /// The job.
    pub job: JobId,
    /// The process that ran it.
    pub pid: u32,
    /// Under which it ran.
    pub lease: i64,
    /// When it began.
    pub started: i64,
    /// When and how it ended; `None` if its process died first.
    pub ended: Option<(i64, Ending)>,
}

/// A server as it was announced: a process, until it left or was declared dead.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its id in the tables.
    pub id: i64,
    /// Its process.
    pub pid: u32,
    /// When it was announced.
    pub started: i64,
    /// When it left or was declared dead. Its leases were lost then.
    pub gone: Option<i64>,
}

/// A run as the library stored it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The job.
    pub job: JobId,
    /// Which run of the job.
    pub run: i64,
    /// The lease under which it succeeded, which is what the jobs of the tests return; `None` for
    /// one that did not succeed.
    pub success: Option<i64>,
}

/// An occurrence of a recurring schedule, as the library stored it.
#[derive(Debug, Clone)]
pub struct Fire {
    /// The time of the occurrence.
    pub at: i64,
    /// The job that was enqueued for it.
    pub job: Option<JobId>,
}

impl History {
    /// Takes over what the processes noted.
    ///
    /// # Panics
    /// If a run ends that has not begun.
    pub fn read(&mut self, lines: &[Line]) {
        let mut open: HashMap<(JobId, i64), usize> = HashMap::new();
        for Line { at, pid, event } in lines {
            match event {
                Event::Ready => {}
                Event::Gone => {
                    self.gone.insert(*pid, *at);
                }
                Event::Stored { job, parent, .. } => {
                    self.stored.push(Stored { job: *job, parent: *parent });
                }
                Event::Started { job, lease, .. } => {
                    open.insert((*job, *lease), self.runs.len());
                    let (job, pid, lease, started) = (*job, *pid, *lease, *at);
                    self.runs.push(Run { job, pid, lease, started, ended: None });
                }
                Event::Ended { job, lease, how } => {
                    let run = open.remove(&(*job, *lease)).expect("a run that began");
                    self.runs[run].ended = Some((*at, *how));
                }
            }
        }
    }

    /// Until when a run held its lease: until it ended, its process died, or its server left or
    /// was declared dead.
    #[must_use]
    pub fn live_until(&self, run: &Run) -> i64 {
        let ended = run.ended.map(|(at, _)| at);
        let died = self.gone.get(&run.pid).copied();
        let ends = [ended, died, self.lost(run)];
        ends.into_iter().flatten().min().unwrap_or(i64::MAX)
    }

    /// When the server that a run was claimed by left or was declared dead. A process that was
    /// declared dead and came back has had several servers: a run is the one's that was announced
    /// last before it began.
    #[must_use]
    pub fn lost(&self, run: &Run) -> Option<i64> {
        let mut servers = self.servers.iter().filter(|server| server.pid == run.pid);
        servers.rfind(|server| server.started <= run.started)?.gone
    }

    /// The runs that began while they held their lease.
    pub fn live_runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| self.live_until(run) > run.started)
    }

    /// The run of this job under this lease.
    #[must_use]
    pub fn run(&self, job: JobId, lease: i64) -> Option<&Run> {
        self.runs.iter().find(|run| run.job == job && run.lease == lease)
    }

    /// The accepted successes.
    pub fn successes(&self) -> impl Iterator<Item = (JobId, i64)> {
        self.attempts.iter().filter_map(|attempt| Some((attempt.job, attempt.success?)))
    }

    /// How many attempts of this job failed, which is how many were charged to it.
    #[must_use]
    pub fn charged(&self, job: JobId) -> usize {
        let of_job = self.attempts.iter().filter(|attempt| attempt.job == job);
        of_job.filter(|attempt| attempt.success.is_none()).count()
    }
}
