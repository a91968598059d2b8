//! An effect is a success in the library's tables: each job that succeeded has one, of a run that
//! came to its end while it held its lease.

use std::collections::{BTreeSet, HashMap};

use jobs_runtime::{JobId, JobState};

use super::{Ending, History, Violation};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut found: Vec<Violation> =
        history.successes().filter_map(|(job, lease)| of_one(history, job, lease)).collect();
    let mut counts: HashMap<JobId, usize> = HashMap::new();
    for (job, _) in history.successes() {
        *counts.entry(job).or_default() += 1;
    }
    let jobs: BTreeSet<JobId> = history.states.keys().chain(counts.keys()).copied().collect();
    for job in jobs {
        let state = history.states.get(&job).copied();
        let count = counts.get(&job).copied().unwrap_or_default();
        if count != usize::from(state == Some(JobState::Succeeded)) {
            found.push(Violation::Successes { job, state, count });
        }
    }
    found
}

fn of_one(history: &History, job: JobId, lease: i64) -> Option<Violation> {
    let Some(run) = history.run(job, lease) else {
        return Some(Violation::Unearned { job, lease });
    };
    let Some((ended, Ending::Done)) = run.ended else {
        return Some(Violation::Unearned { job, lease });
    };
    let lost = history.lost(run).is_some_and(|lost| lost < ended);
    lost.then_some(Violation::AfterLoss { job, lease })
}
