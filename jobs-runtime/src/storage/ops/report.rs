//! Storing what running jobs say about themselves.

use std::collections::{BTreeSet, HashMap};

use crate::job::JobId;
use crate::storage::MOST_LOG_LINES;
use crate::storage::model::{LogRow, Report};
use crate::storage::tables::{Result, Tables};

/// In the place of the last line that is kept of a job.
const CUT: &str = "(cut here: 10,000 lines are kept of one job)";

/// Appends lines, as far as their jobs have room for them, and notes the newest progress. Gives how
/// many lines there are then of each job.
pub(crate) async fn report(
    t: &mut impl Tables,
    report: &mut Report,
) -> Result<HashMap<JobId, i64>> {
    if count_lines(t, report).await? {
        return Ok(HashMap::new());
    }
    let mut kept = report.kept.clone();
    let rows: Vec<LogRow> =
        report.lines.iter().filter_map(|line| within_limit(line, &mut kept)).collect();
    if !rows.is_empty() {
        t.insert_log(&rows).await?;
    }
    if !report.progress.is_empty() {
        t.put_progress(&report.progress).await?;
    }
    Ok(kept)
}

/// Asks how many lines there are of the jobs of which that is not known. `true` if these lines
/// are there already: an earlier try was committed, though its answer was lost.
async fn count_lines(t: &mut impl Tables, report: &mut Report) -> Result<bool> {
    let jobs: BTreeSet<JobId> = report.lines.iter().map(|line| line.job).collect();
    let asked = jobs.into_iter().filter(|job| report.again || !report.kept.contains_key(job));
    let asked: Vec<JobId> = asked.collect();
    if asked.is_empty() {
        return Ok(false);
    }
    let counts = t.count_log(&asked, MOST_LOG_LINES).await?;
    // Nobody else writes lines of these jobs: where there are more, they are these.
    let has_more =
        |(job, count): &(JobId, i64)| report.kept.get(job).is_some_and(|kept| count > kept);
    let is_written = report.again && counts.iter().any(has_more);
    report.kept.extend(counts);
    Ok(is_written)
}

fn within_limit(line: &LogRow, kept: &mut HashMap<JobId, i64>) -> Option<LogRow> {
    let kept = kept.entry(line.job).or_default();
    if *kept >= MOST_LOG_LINES {
        return None;
    }
    *kept += 1;
    let is_last = *kept == MOST_LOG_LINES;
    let text = if is_last { CUT.to_owned() } else { line.text.clone() };
    Some(LogRow { text, ..line.clone() })
}
