//! What this process tells about the jobs that it stores and runs: spans and events of `tracing`,
//! with the feature `opentelemetry` the trace that a job was stored in, and with `metrics`
//! numbers.

#[cfg(feature = "metrics")]
mod metrics;
mod run;
#[cfg(feature = "opentelemetry")]
mod trace;

#[cfg(feature = "metrics")]
pub(crate) use metrics::{Seen, StoredJobs, describe, ended};
pub(crate) use run::{span, tell};
#[cfg(feature = "opentelemetry")]
pub(crate) use trace::Trace;
