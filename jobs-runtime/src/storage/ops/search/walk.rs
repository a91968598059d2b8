//! The next jobs of a list, whatever it is kept in.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::stops::Stop;
use crate::job::{JobId, State};
use crate::storage::model::{FinishedRow, List, Listed, Member};
use crate::storage::search::Key;
use crate::storage::tables::{Result, Tables};

/// Marks the key of a job that is not one of several in a row.
const ALONE: i64 = -1;

/// Some jobs of a list, in its order.
pub(super) struct Chunk {
    pub(super) jobs: Vec<Listed>,
    /// Nothing comes behind them.
    pub(super) is_last: bool,
}

impl Chunk {
    /// Leaves out what is before this instant, in a list by time.
    pub(super) fn cut_below(&mut self, floor: i64) {
        let above = self.jobs.iter().take_while(|listed| listed.key.at >= floor).count();
        self.is_last |= above < self.jobs.len();
        self.jobs.truncate(above);
    }
}

/// About `limit` jobs behind this key.
pub(super) async fn next(
    t: &mut impl Tables,
    stop: &Stop,
    after: Key,
    limit: u32,
) -> Result<Chunk> {
    match stop.list() {
        Some(list) => {
            let jobs = t.list(list, after, limit).await?;
            let is_last = jobs.len() < limit as usize;
            Ok(Chunk { jobs, is_last })
        }
        None if stop.state() == Some(State::Processing) => processing(t, after).await,
        None => succeeded(t, after, limit).await,
    }
}

/// Members of leases whose run has not ended.
async fn processing(t: &mut impl Tables, after: Key) -> Result<Chunk> {
    let mut jobs = Vec::new();
    let mut runs = Vec::new();
    for lease in t.leases().await? {
        let revoked: HashSet<JobId> = lease.revoked.iter().copied().collect();
        let members: Vec<(i64, &Member)> = (0..).zip(&lease.members).collect();
        for (nth, member) in members.into_iter().rev() {
            let key = Key { at: lease.id, seq: 0, nth };
            if (key.at, key.nth) < (after.at, after.nth) && !revoked.contains(&member.job) {
                jobs.push(Listed { job: member.job, key });
                runs.push((member.job, member.count.run));
            }
        }
    }
    let ended: HashSet<JobId> = t.attempted(&runs).await?.into_iter().collect();
    jobs.retain(|listed| !ended.contains(&listed.job));
    Ok(Chunk { jobs, is_last: true })
}

/// Two lists in one order: the packed one of those that are kept for the default time, and that of
/// the others.
async fn succeeded(t: &mut impl Tables, mut after: Key, limit: u32) -> Result<Chunk> {
    loop {
        let rows = t.finished(finished_from(after), limit).await?;
        let mut kept = t.list(List::Kept, kept_after(after), limit).await?;
        kept.iter_mut().for_each(|listed| listed.key.nth = ALONE);
        let ends = [rows.last().map(first_of), kept.last().map(|listed| listed.key)];
        // Behind the end of one of them, more of it may come between the jobs of the other.
        let Some(end) = ends.into_iter().flatten().min_by_key(|end| order(*end)) else {
            return Ok(Chunk { jobs: Vec::new(), is_last: true });
        };
        let mut jobs: Vec<Listed> = rows.iter().flat_map(members).chain(kept).collect();
        jobs.retain(|listed| order(listed.key) > order(after) && order(listed.key) <= order(end));
        jobs.sort_unstable_by_key(|listed| order(listed.key));
        if !jobs.is_empty() {
            return Ok(Chunk { jobs, is_last: false });
        }
        // Rows of which nobody is left.
        after = end;
    }
}

/// Newest first; of one instant, those of rows before those alone.
fn order(key: Key) -> (Reverse<i64>, bool, Reverse<i64>, Reverse<i64>) {
    (Reverse(key.at), key.nth == ALONE, Reverse(key.seq), Reverse(key.nth))
}

fn finished_from(after: Key) -> Key {
    match after.nth {
        ALONE => Key { at: after.at.saturating_sub(1), ..Key::LAST },
        0 => Key { seq: after.seq.saturating_sub(1), ..after },
        _ => after,
    }
}

fn kept_after(after: Key) -> Key {
    match after.nth {
        ALONE => after,
        _ => Key { seq: i64::MAX, ..after },
    }
}

/// The key of the first job of a row, which comes last in the list.
fn first_of(row: &FinishedRow) -> Key {
    Key { at: row.at, seq: row.id, nth: 0 }
}

fn members(row: &FinishedRow) -> impl Iterator<Item = Listed> {
    let key = |nth| Key { at: row.at, seq: row.id, nth };
    (0..).zip(&row.jobs).map(move |(nth, job)| Listed { job: *job, key: key(nth) })
}
