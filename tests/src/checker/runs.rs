//! One run of a job at a time, none after its success, and none before its parent's.

use std::collections::HashMap;

use jobs_runtime::JobId;

use super::{History, Run, Violation};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut runs: HashMap<JobId, Vec<&Run>> = HashMap::new();
    for run in history.live_runs() {
        runs.entry(run.job).or_default().push(run);
    }
    let mut found = Vec::new();
    for runs in runs.values_mut() {
        runs.sort_by_key(|run| run.started);
        overlaps(history, runs, &mut found);
    }
    let succeeded = success_times(history);
    for (job, (at, lease)) in &succeeded {
        let again = runs.get(job).into_iter().flatten();
        let again = again.filter(|run| run.lease != *lease && run.started > *at);
        found.extend(again.map(|run| Violation::StartedAgain { job: *job, lease: run.lease }));
    }
    for stored in &history.stored {
        let Some(parent) = stored.parent else { continue };
        let Some(first) = runs.get(&stored.job).and_then(|runs| runs.first()) else { continue };
        if succeeded.get(&parent).is_none_or(|(at, _)| first.started < *at) {
            found.push(Violation::BeforeParent { job: stored.job, parent });
        }
    }
    found
}

fn overlaps(history: &History, runs: &[&Run], found: &mut Vec<Violation>) {
    let mut last: Option<(&Run, i64)> = None;
    for run in runs {
        let end = history.live_until(run);
        if let Some((other, until)) = last
            && run.started < until
        {
            let leases = (other.lease, run.lease);
            found.push(Violation::Overlap { job: run.job, leases });
        }
        if last.is_none_or(|(_, until)| end > until) {
            last = Some((run, end));
        }
    }
}

/// When each job came to the end that was accepted as its success, and under which lease.
fn success_times(history: &History) -> HashMap<JobId, (i64, i64)> {
    let time = |(job, lease)| {
        let (at, _) = history.run(job, lease)?.ended?;
        Some((job, (at, lease)))
    };
    history.successes().filter_map(time).collect()
}
