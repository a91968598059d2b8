//! Finding jobs: lists are walked in their order, and what is found is held against the filter.

mod page;
mod stops;
mod walk;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use page::Page;
use stops::Stop;

use crate::job::JobId;
use crate::storage::model::Listed;
use crate::storage::search::{JobFilter, JobPage, Key, Sieve};
use crate::storage::tables::{Result, Tables};

/// Jobs held against the filter at first; each step that was quick doubles it.
const FIRST_STEP: u32 = 128;
const LARGEST_STEP: u32 = 4_096;
/// A step that is as long as this is long enough: one step beyond the budget is the most that a
/// search takes too long.
const LONG_STEP: Duration = Duration::from_millis(20);
/// Matching jobs of which the records are read at once, at least.
const FEWEST_RECORDS: usize = 50;

/// The jobs that match, from where the filter says.
pub(crate) async fn search(t: &mut impl Tables, filter: &JobFilter) -> Result<JobPage> {
    let mut search = Search {
        filter,
        sieve: Sieve::of(filter),
        page: Page::new(filter),
        step: FIRST_STEP,
        until: Instant::now() + filter.longest(),
    };
    for (walked, stop) in stops::stops(t, filter).await?.iter().enumerate() {
        let end = match walked > 0 && search.is_late() {
            true => Some(End::Late(stop.start(filter))),
            false => search.walk(t, stop).await?,
        };
        if let Some(end) = end {
            return Ok(search.page.into_answer(stop, end));
        }
    }
    Ok(search.page.into_all())
}

struct Search<'f> {
    filter: &'f JobFilter,
    sieve: Sieve,
    page: Page,
    step: u32,
    until: Instant,
}

/// Why a search ends before the end of its lists.
enum End {
    Full,
    /// The time is up; this was the last place that was looked at.
    Late(Key),
}

impl Search<'_> {
    /// Walks one list to its end, unless the search ends before.
    async fn walk(&mut self, t: &mut impl Tables, stop: &Stop) -> Result<Option<End>> {
        let sieve = stop.sieve(&self.sieve);
        let floor = stop.floor(self.filter);
        let mut from = stop.start(self.filter);
        loop {
            let began = Instant::now();
            let mut chunk = walk::next(t, stop, from, self.step_size(&sieve)).await?;
            if let Some(floor) = floor {
                chunk.cut_below(floor);
            }
            let Some(last) = chunk.jobs.last().copied() else { return Ok(None) };
            let matching = sift(t, chunk.jobs, &sieve).await?;
            if let Some(end) = self.take(t, stop, &matching).await? {
                return Ok(Some(end));
            }
            match chunk.is_last {
                true => return Ok(None),
                false if self.is_late() => return Ok(Some(End::Late(last.key))),
                false => from = last.key,
            }
            self.step = match began.elapsed() < LONG_STEP {
                true => (self.step * 2).min(LARGEST_STEP),
                false => (self.step / 2).max(FIRST_STEP),
            };
        }
    }

    /// Puts what matches on the page.
    async fn take(
        &mut self,
        t: &mut impl Tables,
        stop: &Stop,
        matching: &[Listed],
    ) -> Result<Option<End>> {
        let mut rest = matching;
        while !rest.is_empty() {
            let count = self.page.missing().max(FEWEST_RECORDS).min(rest.len());
            let (some, others) = rest.split_at(count);
            self.page.add(t, stop, some, &self.sieve).await?;
            rest = others;
            match some.last() {
                _ if self.page.is_full() => return Ok(Some(End::Full)),
                Some(last) if !rest.is_empty() && self.is_late() => {
                    return Ok(Some(End::Late(last.key)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    /// Where nothing is compared, what is listed is what is found.
    fn step_size(&self, sieve: &Sieve) -> u32 {
        match sieve.is_open() {
            true => u32::try_from(self.page.missing()).unwrap_or(LARGEST_STEP),
            false => self.step,
        }
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }
}

async fn sift(t: &mut impl Tables, jobs: Vec<Listed>, sieve: &Sieve) -> Result<Vec<Listed>> {
    if sieve.is_open() {
        return Ok(jobs);
    }
    let ids: Vec<JobId> = jobs.iter().map(|listed| listed.job).collect();
    let through: HashSet<JobId> = t.sift(&ids, sieve).await?.into_iter().collect();
    Ok(jobs.into_iter().filter(|listed| through.contains(&listed.job)).collect())
}
