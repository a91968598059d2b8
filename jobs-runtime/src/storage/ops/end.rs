//! How a job or a batch has ended, as those see it that wait for it.

use super::failure_json;
use crate::batch::BatchState;
use crate::job::{BatchId, FailureKind, JobFailure, JobId, State};
use crate::request::Trigger;
use crate::storage::batches::{BatchRow, Class};
use crate::storage::model::Settled;
use crate::storage::tables::{Result, Tables};

/// A job that has just settled.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) job: JobId,
    pub(super) end: Settled,
    /// The batch that it is a member of.
    pub(super) batch: Option<BatchId>,
    /// As what it counted there before.
    pub(super) from: Class,
    /// It was not needed, because of its parent's end.
    pub(super) skipped: bool,
}

impl Ended {
    /// One that had not settled before.
    pub(super) fn new(job: JobId, end: Settled, batch: Option<BatchId>) -> Self {
        Self { job, end, batch, from: Class::Pending, skipped: false }
    }

    pub(super) fn class(&self) -> Class {
        Class::of_job(self.end.state(), self.skipped)
    }
}

/// The end of a parent.
#[derive(Debug)]
pub(super) enum End {
    Job {
        end: Settled,
        /// The batch that it is a member of.
        batch: Option<BatchId>,
    },
    Batch {
        row: Box<BatchRow>,
        /// What its members returned, as a JSON array; filled where a child takes it.
        outputs: Option<String>,
    },
}

impl End {
    /// `None` while there is none.
    pub(super) fn of_batch(row: BatchRow) -> Option<Self> {
        row.state.as_job().map(|_| Self::Batch { row: row.into(), outputs: None })
    }

    pub(super) fn state(&self) -> State {
        match self {
            Self::Job { end, .. } => end.state(),
            Self::Batch { row, .. } => row.state.as_job().unwrap_or(State::Processing),
        }
    }

    /// The batch that it is a member of.
    pub(super) fn batch(&self) -> Option<BatchId> {
        match self {
            Self::Job { batch, .. } => *batch,
            Self::Batch { row, .. } => row.parent,
        }
    }

    /// Reads what the members of a batch returned, if that is what is handed over.
    pub(super) async fn fill(&mut self, t: &mut impl Tables) -> Result<()> {
        if let Self::Batch { row, outputs: outputs @ None } = self
            && row.state == BatchState::Succeeded
        {
            *outputs = Some(outputs_of(t, row.id).await?);
        }
        Ok(())
    }

    /// What an edge hands to its child, as JSON.
    pub(super) fn handed_over(&self, as_result: bool) -> Option<String> {
        match (self.returned(), as_result) {
            (Ok(output), false) => Some(output),
            (Ok(output), true) => Some(format!("{{\"Ok\":{output}}}")),
            (Err(_), false) => None,
            (Err(failure), true) => Some(format!("{{\"Err\":{}}}", failure_json(&failure))),
        }
    }

    fn returned(&self) -> std::result::Result<String, JobFailure> {
        let or_null = |output: &Option<String>| output.clone().unwrap_or_else(|| "null".to_owned());
        match self {
            Self::Job { end: Settled::Succeeded { output }, .. } => Ok(or_null(output)),
            Self::Job { end: Settled::Failed { failure }, .. } => Err(failure.clone()),
            Self::Job { end: Settled::Deleted { reason, failure }, .. } => Err(failure
                .clone()
                .unwrap_or_else(|| JobFailure::new(FailureKind::Error, reason.clone()))),
            Self::Batch { row, outputs } => match row.state {
                BatchState::Succeeded => Ok(or_null(outputs)),
                _ => Err(JobFailure::new(FailureKind::Error, described(row))),
            },
        }
    }
}

/// What the members of a batch returned, in their order, as a JSON array.
pub(super) async fn outputs_of(t: &mut impl Tables, batch: BatchId) -> Result<String> {
    let outputs = t.batch_outputs(batch).await?;
    let outputs: Vec<&str> =
        outputs.iter().map(|output| output.as_deref().unwrap_or("null")).collect();
    Ok(format!("[{}]", outputs.join(",")))
}

/// How a batch that has not succeeded stands.
pub(super) fn described(row: &BatchRow) -> String {
    let counts = &row.counts;
    let (name, total) = (&row.name, counts.total);
    match row.state {
        BatchState::Skipped => format!("batch `{name}` was not needed"),
        _ => format!(
            "of the {total} jobs of batch `{name}`, {} failed and {} were deleted",
            counts.failed, counts.deleted
        ),
    }
}

/// What an edge makes of its parent's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Release,
    /// A requeue of the parent may still bring the end that the child waits for.
    Wait,
    /// The child has nothing left to wait for, unless the parent is requeued.
    Drop,
}

/// A Failed parent keeps its children waiting, since it is kept for somebody to act on; the
/// final states do not.
pub(super) fn verdict(trigger: Trigger, parent: State) -> Verdict {
    match (trigger, parent) {
        (_, state) if !state.is_settled() => Verdict::Wait,
        (Trigger::Finished, _)
        | (Trigger::Succeeded, State::Succeeded)
        | (Trigger::Failed, State::Failed)
        | (Trigger::Deleted, State::Deleted) => Verdict::Release,
        (_, State::Failed) => Verdict::Wait,
        _ => Verdict::Drop,
    }
}

impl Settled {
    pub(super) fn state(&self) -> State {
        match self {
            Self::Succeeded { .. } => State::Succeeded,
            Self::Failed { .. } => State::Failed,
            Self::Deleted { .. } => State::Deleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_parent_holds_its_children_and_a_final_one_does_not() {
        use State::{Deleted, Failed, Processing, Succeeded};
        let cases = [
            (Trigger::Succeeded, Succeeded, Verdict::Release),
            (Trigger::Succeeded, Failed, Verdict::Wait),
            (Trigger::Succeeded, Deleted, Verdict::Drop),
            (Trigger::Failed, Succeeded, Verdict::Drop),
            (Trigger::Failed, Failed, Verdict::Release),
            (Trigger::Failed, Deleted, Verdict::Drop),
            (Trigger::Finished, Succeeded, Verdict::Release),
            (Trigger::Finished, Failed, Verdict::Release),
            (Trigger::Finished, Deleted, Verdict::Release),
            (Trigger::Finished, Processing, Verdict::Wait),
            (Trigger::Deleted, Succeeded, Verdict::Drop),
            (Trigger::Deleted, Failed, Verdict::Wait),
            (Trigger::Deleted, Deleted, Verdict::Release),
        ];
        for (trigger, state, expected) in cases {
            assert_eq!(verdict(trigger, state), expected, "{trigger:?} after {state}");
        }
    }
}
