//! One run of a job, as `tracing` sees it.

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::storage::{Claimed, Outcome};

/// The span in which a job runs, its layers included: of the highest level, so that it names the
/// job wherever anything is logged. The fields are names of this library, since what a program logs
/// by itself is likely to have an `id`.
pub(crate) fn span(claimed: &Claimed) -> Span {
    let span = tracing::error_span!(
        "job",
        otel.name = Empty,
        otel.kind = Empty,
        job.id = %claimed.id,
        job.kind = claimed.kind,
        job.queue = &*claimed.queue,
        job.attempt = claimed.charged.saturating_add(1),
    );
    #[cfg(feature = "opentelemetry")]
    {
        span.record("otel.name", &claimed.kind).record("otel.kind", "consumer");
        super::Trace::continue_in(&span, claimed.options.as_deref());
    }
    span
}

/// Says inside the span how the run ended.
pub(crate) fn tell(span: &Span, outcome: &Outcome, took: Duration) {
    span.in_scope(|| match outcome {
        Outcome::Succeeded { .. } => tracing::debug!(?took, "job succeeded"),
        Outcome::Retry { delay, failure } => {
            tracing::warn!(?took, error = %failure, again_in = ?delay, "job failed, and is tried again");
        }
        Outcome::Failed { failure } => tracing::error!(?took, error = %failure, "job failed"),
        Outcome::Dropped { failure } => {
            tracing::error!(?took, error = %failure, "job failed, and is deleted");
        }
        Outcome::Snoozed { delay } => tracing::debug!(?took, again_in = ?delay, "job snoozed"),
        Outcome::Expired => tracing::warn!("job not run: its deadline had passed"),
        Outcome::Released { .. } => tracing::info!(?took, "job stopped, and goes back to its line"),
    });
}
