//! The result of one run, as it is printed.

use serde::{Deserialize, Serialize};

/// One line of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The library.
    pub peer: String,
    /// Its version.
    pub version: String,
    /// Where the jobs are stored: `postgres` or `sqlite`.
    pub storage: String,
    /// Whether jobs that have succeeded can be looked at afterwards.
    pub keeps_history: bool,
    /// The scenario.
    pub scenario: String,
    /// How many jobs were measured.
    pub n: usize,
    /// How many workers, or tasks that enqueue.
    pub concurrency: usize,
    /// Jobs a second; nothing if the run came to no end.
    pub jobs_per_s: Option<f64>,
    /// The median of single operations, in milliseconds.
    pub p50_ms: Option<f64>,
    /// Their 99th percentile, in milliseconds.
    pub p99_ms: Option<f64>,
    /// When the work began, in seconds since 1970, if other processes shared it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<f64>,
    /// When it was seen that nothing was left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<f64>,
    /// Why there is no rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
