//! Which jobs a caller asks for, and the page that answers.

mod cursor;
mod sieve;
mod span;

use std::borrow::Cow;
use std::ops::RangeBounds;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use cursor::Cursor;
pub(crate) use cursor::{Key, Section};
pub(crate) use sieve::Sieve;
pub(crate) use span::Span;

use super::monitor::JobRecord;
use crate::error::Error;
use crate::job::State;

const USUAL_LIMIT: usize = 50;
const LARGEST_LIMIT: usize = 1_000;
/// How long a search may read before it gives what it has found.
const LONGEST: Duration = Duration::from_millis(500);

/// Which jobs are asked for, and how many at once.
///
/// ```no_run
/// # use jobs_runtime::{Client, JobFilter, JobState};
/// # async fn example(client: &Client) -> Result<(), jobs_runtime::Error> {
/// let filter = JobFilter::new().state(JobState::Failed).kind("send_mail").text("ada@");
/// let mut page = client.search(&filter).await?;
/// loop {
///     for job in &page.jobs {
///         println!("{} {}", job.id, job.args);
///     }
///     let Some(next) = page.next else { break };
///     page = client.search(&filter.clone().after(next)).await?;
/// }
/// # Ok(()) }
/// ```
///
/// # Order
/// State by state: Processing (claimed last first), Enqueued (by queue, in the order of claims),
/// Scheduled (due first), Awaiting (newest first), Failed, Deleted and Succeeded (ended last
/// first). With a tag and no state, or a tag that no more than 1,000 jobs have: by that tag, what
/// was tagged last first. A page goes on where the one before it ended, whatever has come or gone
/// meanwhile; a job that changes its state between two pages may be on both of them, or on none.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    pub(crate) kinds: Vec<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) states: Vec<State>,
    pub(crate) retrying: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) text: Option<String>,
    pub(crate) created: Span,
    pub(crate) finished: Span,
    pub(crate) limit: Option<usize>,
    pub(crate) time_limit: Option<Duration>,
    pub(crate) after: Option<Cursor>,
}

impl JobFilter {
    /// All jobs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only jobs of this kind, or of any of those named so.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kinds.push(kind.into());
        self
    }

    /// Only jobs of this queue, or of any of those named so.
    #[must_use]
    pub fn queue(mut self, queue: impl Into<String>) -> Self {
        self.queues.push(queue.into());
        self
    }

    /// Only jobs in this state, or in any of those named so.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.states.push(state);
        self
    }

    /// Only jobs that wait for another attempt: those of the Scheduled ones of which a run has
    /// failed since they were last requeued.
    #[must_use]
    pub fn retrying(mut self) -> Self {
        self.retrying = true;
        self
    }

    /// Only jobs with this tag, and with all others named so.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(storable_tag(&tag.into()).into_owned());
        self
    }

    /// Only jobs whose arguments, as they are shown, contain this text. Letters of ASCII match in
    /// either case; no character has a meaning of its own.
    ///
    /// No index helps here: a search whose [time](Self::time_limit) is up gives what it has found, and says by
    /// [`JobPage::complete`] and [`JobPage::next`] that and where it stopped.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    /// Only jobs that were stored at these times.
    #[must_use]
    pub fn created(mut self, times: impl RangeBounds<DateTime<Utc>>) -> Self {
        self.created = Span::of(&times);
        self
    }

    /// Only jobs that have settled at these times.
    #[must_use]
    pub fn finished(mut self, times: impl RangeBounds<DateTime<Utc>>) -> Self {
        self.finished = Span::of(&times);
        self
    }

    /// At most so many jobs on a page: 50 unless set, 1,000 at most.
    #[must_use]
    pub fn limit(mut self, jobs: usize) -> Self {
        self.limit = Some(jobs.clamp(1, LARGEST_LIMIT));
        self
    }

    /// Reads for no longer than this: 500 ms unless set, and at most.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit.min(LONGEST));
        self
    }

    /// Goes on where a page has ended. The rest of the filter must be that of the page.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    pub(crate) fn longest(&self) -> Duration {
        self.time_limit.unwrap_or(LONGEST)
    }

    pub(crate) fn page_size(&self) -> usize {
        self.limit.unwrap_or(USUAL_LIMIT)
    }

    /// The states that may hold a job that is asked for.
    pub(crate) fn possible_states(&self) -> Vec<State> {
        let asked = |state: &State| self.states.is_empty() || self.states.contains(state);
        let settled = |state: &State| self.finished.is_all() || state.is_settled();
        let retrying = |state: &State| !self.retrying || *state == State::Scheduled;
        State::ALL.into_iter().filter(asked).filter(settled).filter(retrying).collect()
    }

    /// The same without jobs in this state.
    pub(crate) fn except(&self, state: State) -> Option<Self> {
        let mut states = self.possible_states();
        states.retain(|other| *other != state);
        (!states.is_empty()).then(|| Self { states, ..self.clone() })
    }

    /// Whether the page that the cursor is of can have been one of this filter.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.after {
            Some(cursor) if cursor.is_of_a_tag() && !self.tags.contains(&cursor.name) => {
                Err(Error::InvalidCursor { cursor: cursor.to_string() })
            }
            _ => Ok(()),
        }
    }
}

/// Jobs that were asked for, in the order of their list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobRecord>,
    /// Where to go on; `None` if there is nothing behind.
    pub next: Option<Cursor>,
    /// Whether the page ends because it is full or nothing is left. If not, the time for the
    /// search was up, and there may be more jobs behind [`next`](Self::next).
    pub complete: bool,
}

/// A tag as every database can store it.
pub(crate) fn storable_tag(tag: &str) -> Cow<'_, str> {
    match tag.contains('\0') {
        true => tag.replace('\0', "\u{fffd}").into(),
        false => tag.into(),
    }
}
