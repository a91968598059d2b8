//! A schedule whose jobs are named by their kind: for tools, which do not have their code.

use std::time::Duration;

use jobs_cron::Schedule;

use super::{Recurring, check_id, next_of};
use crate::error::Error;
use crate::job::{JobId, Misfire, Overlap, Overrides};
use crate::protect::{Owner, replace_args};
use crate::request::{check_kind, check_queue};
use crate::storage::RecurringRow;

/// A schedule as a person writes it down.
///
/// ```no_run
/// use jobs_runtime::{Client, RecurringPlan};
///
/// # async fn example(client: &Client) -> Result<(), jobs_runtime::Error> {
/// let mut plan = RecurringPlan::new("monthly", "report", "0 9 1 * *");
/// plan.tz = "Europe/Istanbul".to_owned();
/// plan.args = r#"{"days": 30}"#.to_owned();
/// client.recurring().put(plan).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecurringPlan {
    /// Its id.
    pub id: String,
    /// The kind of its jobs.
    pub kind: String,
    /// Their queue; that of the kind, if there is none.
    pub queue: Option<String>,
    /// Their arguments, as JSON.
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
}

impl RecurringPlan {
    /// A schedule that enqueues jobs of this kind without arguments, in UTC.
    pub fn new(id: impl Into<String>, kind: impl Into<String>, cron: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            queue: None,
            args: "{}".to_owned(),
            cron: cron.into(),
            tz: "UTC".to_owned(),
            misfire: Misfire::default(),
            overlap: Overlap::default(),
            jitter: Duration::ZERO,
        }
    }

    fn invalid(&self, message: impl Into<String>) -> Error {
        Error::InvalidSchedule { id: self.id.clone(), message: message.into() }
    }
}

impl Recurring {
    /// Stores the schedule, in the place of any other with its id: what the plan does not say
    /// (priority, settings of the jobs, whether it is paused) stays as it was. Redacted arguments
    /// that are left as `"•••"` stay as well.
    ///
    /// # Errors
    /// [`Error::InvalidSchedule`] names what is wrong with the expression or the zone;
    /// [`Error::InvalidArgs`] what is wrong with the arguments; [`Error::UnknownKind`] if no server has announced the kind and no queue is
    /// named; [`Error::Storage`].
    pub async fn put(&self, plan: RecurringPlan) -> Result<(), Error> {
        check_id(&plan.id)?;
        check_kind(&plan.kind)?;
        Schedule::parse(&plan.cron, &plan.tz).map_err(|error| plan.invalid(error.to_string()))?;
        let stored = self.client.storage().recurring().await?;
        let stored = stored.into_iter().find(|row| row.id == plan.id && row.kind == plan.kind);
        let queue = match (&plan.queue, &stored) {
            (Some(queue), _) => queue.clone(),
            (None, Some(stored)) => stored.queue.clone(),
            (None, None) => self.client.queue_of(&plan.kind).await?,
        };
        check_queue(&queue)?;
        let options = Overrides::of(stored.as_ref().and_then(|row| row.options.as_deref()));
        let former = stored.as_ref().map_or_else(|| "{}".to_owned(), |row| row.args.clone());
        // Nothing is encrypted where no schedule is named.
        let owner = Owner::Schedule(options.encrypted_for.unwrap_or_else(JobId::new));
        let keys = self.client.storage().keys();
        let args = replace_args(&plan.args, former, &options, [owner, owner], &plan.kind, keys)?;
        self.client.limits().check_args(&plan.kind, &args)?;
        let edit = |stored: Option<RecurringRow>, now| {
            let same = stored.as_ref().filter(|row| row.kind == plan.kind);
            let mut fresh = RecurringRow {
                id: plan.id.clone(),
                kind: plan.kind.clone(),
                queue: queue.clone(),
                priority: same.map_or(0, |row| row.priority),
                args: args.clone(),
                options: same.and_then(|row| row.options.clone()),
                expires: same.and_then(|row| row.expires),
                cron: plan.cron.clone(),
                tz: plan.tz.clone(),
                misfire: plan.misfire,
                overlap: plan.overlap,
                jitter: plan.jitter,
                paused: stored.as_ref().is_some_and(|row| row.paused),
                declared: stored.as_ref().and_then(|row| row.declared.clone()),
                next_at: None,
                last_at: stored.as_ref().and_then(|row| row.last_at),
                last_job: stored.as_ref().and_then(|row| row.last_job),
                error: None,
            };
            fresh.next_at = next_of(stored.as_ref(), &fresh, now);
            Some(fresh)
        };
        self.client.storage().edit_recurring(&plan.id, edit).await?;
        self.client.wake();
        Ok(())
    }
}
