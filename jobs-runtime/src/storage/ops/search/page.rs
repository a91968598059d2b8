//! The page that a search fills.

use std::collections::{HashMap, HashSet};

use super::End;
use super::stops::Stop;
use crate::job::{JobId, State};
use crate::storage::model::Listed;
use crate::storage::monitor::JobRecord;
use crate::storage::search::{Cursor, JobFilter, JobPage, Sieve, Span};
use crate::storage::tables::{Result, Tables};

pub(super) struct Page {
    /// One more than was asked for, by which is seen that there are more.
    jobs: Vec<(JobRecord, Cursor)>,
    seen: HashSet<JobId>,
    size: usize,
    /// For lists that hold jobs of several states.
    states: Vec<State>,
    finished: Span,
}

impl Page {
    pub(super) fn new(filter: &JobFilter) -> Self {
        Self {
            jobs: Vec::new(),
            seen: HashSet::new(),
            size: filter.page_size(),
            states: filter.possible_states(),
            finished: filter.finished,
        }
    }

    pub(super) fn missing(&self) -> usize {
        (self.size + 1).saturating_sub(self.jobs.len())
    }

    pub(super) fn is_full(&self) -> bool {
        self.missing() == 0
    }

    /// Adds those of the listed jobs that are still where they were listed, until it is full.
    pub(super) async fn add(
        &mut self,
        t: &mut impl Tables,
        stop: &Stop,
        listed: &[Listed],
        sieve: &Sieve,
    ) -> Result<()> {
        let ids: Vec<JobId> = listed.iter().map(|listed| listed.job).collect();
        let records = t.records(&ids).await?.into_iter().map(JobRecord::shown);
        let mut records: HashMap<JobId, JobRecord> =
            records.map(|record| (record.id, record)).collect();
        for Listed { job, key } in listed {
            let Some(record) = records.remove(job) else { continue };
            let fits = self.fits(stop, &record) && sieve.is_shown_by(&record);
            if fits && !self.is_full() && self.seen.insert(*job) {
                self.jobs.push((record, stop.cursor(*key)));
            }
        }
        Ok(())
    }

    fn fits(&self, stop: &Stop, record: &JobRecord) -> bool {
        match stop.state() {
            Some(state) => record.placement.state == state,
            None => {
                let within = record.finished_at.is_some_and(|at| self.finished.contains(at));
                self.states.contains(&record.placement.state) && (within || self.finished.is_all())
            }
        }
    }

    /// The answer of a search that has come to the end of its lists.
    pub(super) fn into_all(self) -> JobPage {
        let jobs = self.jobs.into_iter().map(|(record, _)| record).collect();
        JobPage { jobs, next: None, complete: true }
    }

    /// The answer of a search that ended in this list.
    pub(super) fn into_answer(mut self, stop: &Stop, end: End) -> JobPage {
        let (next, complete) = match end {
            End::Late(last) => (Some(stop.cursor(last)), false),
            End::Full => {
                self.jobs.truncate(self.size);
                (self.jobs.last().map(|(_, cursor)| cursor.clone()), true)
            }
        };
        JobPage { next, complete, ..self.into_all() }
    }
}
