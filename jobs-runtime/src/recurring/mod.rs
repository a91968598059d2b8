//! Recurring schedules at run time.

mod plan;

use std::time::Duration;

use chrono::{DateTime, Utc};
use jobs_cron::Schedule;

use crate::client::{Client, JobHandle};
use crate::error::Error;
use crate::job::{Job, JobId, Misfire, NoInput, Overlap};
use crate::protect::Owner;
use crate::request::JobRequest;
use crate::storage::{Effects, FireRow, NewJob, RecurringRow, Stored};

pub use plan::RecurringPlan;

/// A recurring schedule that is added, changed or steered while the program runs.
///
/// ```no_run
/// use jobs_runtime::prelude::*;
///
/// #[job]
/// async fn report(days: u32) {
///     let _ = days;
/// }
///
/// # async fn example() -> anyhow::Result<()> {
/// RecurringJob::new("monthly", "0 9 1 * *", report::job(30))
///     .tz("Europe/Istanbul")
///     .overlap(Overlap::Skip)
///     .add_or_update()
///     .await?;
/// RecurringJob::pause("monthly").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a schedule is stored by `.add_or_update().await`"]
pub struct RecurringJob<J> {
    id: String,
    cron: String,
    tz: String,
    request: JobRequest<J>,
    misfire: Misfire,
    overlap: Overlap,
    jitter: Duration,
    paused: bool,
    client: Option<Client>,
}

impl<J: Job<Input = NoInput>> RecurringJob<J> {
    /// A schedule that enqueues this request whenever the expression fires, in UTC.
    ///
    /// The expression has five fields (minute, hour, day of month, month, day of week), six with
    /// seconds before them, or is `@hourly`, `@daily`, … or `@every 90s`. The id is 1 to 200
    /// characters. Jobs of a schedule hold no unique key, even where their kind is unique:
    /// [`overlap`](Self::overlap) says how many there may be.
    pub fn new(id: impl Into<String>, cron: impl Into<String>, request: JobRequest<J>) -> Self {
        Self {
            id: id.into(),
            cron: cron.into(),
            tz: "UTC".to_owned(),
            request,
            misfire: Misfire::default(),
            overlap: Overlap::default(),
            jitter: Duration::ZERO,
            paused: false,
            client: None,
        }
    }

    /// The zone in which the expression is read, by its IANA name.
    pub fn tz(mut self, zone: impl Into<String>) -> Self {
        self.tz = zone.into();
        self
    }

    /// What to do with runs missed while no server was up.
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.misfire = misfire;
        self
    }

    /// What to do when the last run is not over.
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// Delays each start by a random duration up to this.
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.jitter = jitter;
        self
    }

    /// Stores the schedule paused.
    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// Uses this client instead of the default one.
    pub fn with(mut self, client: &Client) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Stores the schedule, in the place of any other with its id.
    ///
    /// # Errors
    /// [`Error::InvalidSchedule`] names what is wrong with the id, the expression or the zone, or
    /// what of the request a schedule cannot keep: a unique key, a delay, a time, parents; the
    /// errors of [`enqueue`](JobRequest::enqueue) for the request.
    pub async fn add_or_update(self) -> Result<(), Error> {
        let client = self.client.map_or_else(Client::current, Ok)?;
        check_id(&self.id)?;
        Schedule::parse(&self.cron, &self.tz).map_err(|error| Error::InvalidSchedule {
            id: self.id.clone(),
            message: error.to_string(),
        })?;
        if let Some(problem) = self.request.unschedulable() {
            return Err(Error::InvalidSchedule { id: self.id, message: problem.to_owned() });
        }
        let job: NewJob = self.request.into_new_job(&client.limits().without_stamp())?;
        // Its jobs are encrypted for the schedule, since they have no ids yet.
        let job = job.owned_by(Owner::Schedule(job.id))?;
        let fresh = RecurringRow {
            id: self.id.clone(),
            kind: job.kind.into_owned(),
            queue: job.queue.into_owned(),
            priority: job.priority,
            args: job.args,
            options: job.options,
            expires: job.expires,
            cron: self.cron,
            tz: self.tz,
            misfire: self.misfire,
            overlap: self.overlap,
            jitter: self.jitter,
            paused: self.paused,
            declared: None,
            next_at: None,
            last_at: None,
            last_job: None,
            error: None,
        };
        let edit = |stored: Option<RecurringRow>, now| {
            let stored = stored.as_ref();
            Some(RecurringRow {
                next_at: next_of(stored, &fresh, now),
                last_at: stored.and_then(|stored| stored.last_at),
                last_job: stored.and_then(|stored| stored.last_job),
                // Kept, so that the program's own declaration does not win it back unchanged.
                declared: stored.and_then(|stored| stored.declared.clone()),
                ..fresh.clone()
            })
        };
        client.storage().edit_recurring(&self.id, edit).await?;
        client.wake();
        Ok(())
    }
}

impl RecurringJob<()> {
    /// Removes a schedule; `false` if there is none with this id. One that the program declares
    /// comes back when it starts again.
    ///
    /// # Errors
    /// [`Error::NoClient`]; [`Error::Storage`].
    pub async fn remove(id: &str) -> Result<bool, Error> {
        Client::current()?.recurring().remove(id).await
    }

    /// Enqueues a run now, whether or not the schedule is paused; `None` if there is no schedule
    /// with this id.
    ///
    /// # Errors
    /// [`Error::NoClient`]; [`Error::Storage`].
    pub async fn trigger(id: &str) -> Result<Option<JobHandle<()>>, Error> {
        Client::current()?.recurring().trigger(id).await
    }

    /// Pauses a schedule; `false` if there is none with this id. What passes meanwhile is not
    /// made up for.
    ///
    /// # Errors
    /// [`Error::NoClient`]; [`Error::Storage`].
    pub async fn pause(id: &str) -> Result<bool, Error> {
        Client::current()?.recurring().pause(id).await
    }

    /// Resumes a schedule, from now on; `false` if there is none with this id.
    ///
    /// # Errors
    /// [`Error::NoClient`]; [`Error::Storage`].
    pub async fn resume(id: &str) -> Result<bool, Error> {
        Client::current()?.recurring().resume(id).await
    }

    /// All schedules, by id.
    ///
    /// # Errors
    /// [`Error::NoClient`]; [`Error::Storage`].
    pub async fn list() -> Result<Vec<RecurringRecord>, Error> {
        Client::current()?.recurring().list().await
    }
}

/// The recurring schedules of one client's storage.
#[derive(Debug, Clone)]
pub struct Recurring {
    client: Client,
}

impl Client {
    /// The recurring schedules.
    #[must_use]
    pub fn recurring(&self) -> Recurring {
        Recurring { client: self.clone() }
    }
}

impl Recurring {
    /// As [`RecurringJob::remove`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn remove(&self, id: &str) -> Result<bool, Error> {
        Ok(self.client.storage().delete_recurring(id).await?)
    }

    /// As [`RecurringJob::trigger`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn trigger(&self, id: &str) -> Result<Option<JobHandle<()>>, Error> {
        let mut effects = Effects::default();
        let storage = self.client.storage();
        let job: Option<JobId> = storage.trigger(id, self.client.retention(), &mut effects).await?;
        self.client.tell(effects);
        Ok(job.map(|job| JobHandle::new(Stored::New(job), self.client.clone())))
    }

    /// As [`RecurringJob::pause`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn pause(&self, id: &str) -> Result<bool, Error> {
        self.set_paused(id, true).await
    }

    /// As [`RecurringJob::resume`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn resume(&self, id: &str) -> Result<bool, Error> {
        self.set_paused(id, false).await
    }

    /// As [`RecurringJob::list`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn list(&self) -> Result<Vec<RecurringRecord>, Error> {
        let rows = self.client.storage().recurring().await?;
        Ok(rows.into_iter().map(RecurringRecord::from).collect())
    }

    /// Up to `limit` of the latest runs of each of these schedules, by id and newest first; what
    /// is older than a week is forgotten.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn runs(&self, ids: &[String], limit: u32) -> Result<Vec<RecurringRun>, Error> {
        let rows = self.client.storage().fires(ids, limit).await?;
        Ok(rows.into_iter().map(RecurringRun::from).collect())
    }

    async fn set_paused(&self, id: &str, paused: bool) -> Result<bool, Error> {
        let edit = |stored: Option<RecurringRow>, now| {
            let stored = stored?;
            let next_at = next_after(&stored.cron, &stored.tz, now);
            Some(RecurringRow { paused, next_at, ..stored })
        };
        let done = self.client.storage().edit_recurring(id, edit).await?;
        self.client.wake();
        Ok(done)
    }
}

/// A recurring schedule as it is stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecurringRecord {
    /// Its id.
    pub id: String,
    /// The kind of its jobs.
    pub kind: String,
    /// The queue of its jobs.
    pub queue: String,
    /// The arguments of its jobs, as JSON; those that are redacted are `"•••"`.
    pub args: String,
    /// Its expression.
    pub cron: String,
    /// Its zone.
    pub tz: String,
    /// What happens to runs missed while no server was up.
    pub misfire: Misfire,
    /// What happens when the last run is not over.
    pub overlap: Overlap,
    /// The longest random delay of a start.
    pub jitter: Duration,
    /// Whether it is paused.
    pub paused: bool,
    /// The next occurrence; `None` for an expression that never fires.
    pub next_at: Option<DateTime<Utc>>,
    /// The last occurrence.
    pub last_at: Option<DateTime<Utc>>,
    /// The job of the last occurrence that was not left out.
    pub last_job: Option<JobId>,
    /// Why it does not fire, if something is wrong with it.
    pub error: Option<String>,
}

/// One occurrence of a schedule, or a run that somebody has triggered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecurringRun {
    /// The id of the schedule.
    pub schedule: String,
    /// When it was due, or was triggered.
    pub at: DateTime<Utc>,
    /// Its job; `None` if it was left out, since the run before it was not over.
    pub job: Option<JobId>,
}

impl From<FireRow> for RecurringRun {
    fn from(row: FireRow) -> Self {
        Self { schedule: row.recurring, at: row.at, job: row.job }
    }
}

impl From<RecurringRow> for RecurringRecord {
    fn from(row: RecurringRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            queue: row.queue,
            args: crate::protect::shown(row.args, row.options.as_deref()),
            cron: row.cron,
            tz: row.tz,
            misfire: row.misfire,
            overlap: row.overlap,
            jitter: row.jitter,
            paused: row.paused,
            next_at: row.next_at,
            last_at: row.last_at,
            last_job: row.last_job,
            error: row.error,
        }
    }
}

/// Where a schedule goes on: an occurrence that is due and not dealt with yet stays so, unless
/// the expression or the zone has changed.
pub(crate) fn next_of(
    stored: Option<&RecurringRow>,
    fresh: &RecurringRow,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let same = |stored: &&RecurringRow| stored.cron == fresh.cron && stored.tz == fresh.tz;
    match stored.filter(same) {
        Some(stored) if stored.next_at.is_some() && !stored.paused => stored.next_at,
        _ => next_after(&fresh.cron, &fresh.tz, now),
    }
}

/// The occurrence after `now`; `None` if there is none, or the expression is not one.
pub(crate) fn next_after(cron: &str, tz: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Schedule::parse(cron, tz).ok()?.next_after(now)
}

fn check_id(id: &str) -> Result<(), Error> {
    let length = id.chars().count();
    match (1..=200).contains(&length) && !id.contains('\0') {
        true => Ok(()),
        false => Err(Error::InvalidSchedule {
            id: id.to_owned(),
            message: "an id has 1 to 200 characters".to_owned(),
        }),
    }
}
