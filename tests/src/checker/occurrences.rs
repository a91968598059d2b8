//! Each occurrence of a recurring schedule is enqueued once.

use std::collections::{BTreeMap, HashSet};

use jobs_runtime::JobId;

use super::{Fire, Violation};

/// Checks a schedule that fires `every` so many microseconds, counted from 1970: all occurrences
/// from `first` to `last`, each with one job of `jobs`, which are all that the schedule has
/// enqueued.
#[must_use]
pub fn check_occurrences(
    fires: &[Fire],
    jobs: &[JobId],
    every: i64,
    (first, last): (i64, i64),
) -> Vec<Violation> {
    let mut found = Vec::new();
    let stored: HashSet<JobId> = jobs.iter().copied().collect();
    let mut by_time: BTreeMap<i64, Option<JobId>> = BTreeMap::new();
    for fire in fires {
        if by_time.insert(fire.at, fire.job).is_some() || fire.at % every != 0 {
            found.push(Violation::Surplus { at: fire.at });
        }
        if fire.job.is_none_or(|job| !stored.contains(&job)) {
            found.push(Violation::WithoutJob { at: fire.at });
        }
    }
    let mut at = first + (every - first % every) % every;
    while at <= last {
        if !by_time.contains_key(&at) {
            found.push(Violation::Missing { at });
        }
        at += every;
    }
    let fired: HashSet<JobId> = by_time.into_values().flatten().collect();
    let double = jobs.iter().filter(|job| !fired.contains(job));
    found.extend(double.map(|job| Violation::Double { job: *job }));
    found
}
