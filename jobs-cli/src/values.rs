//! Values of the command line that are not just text.

use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use jobs_runtime::JobState;

/// `30s`, `5m`, `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, jobs_cron::DurationError> {
    jobs_cron::parse_duration(text)
}

/// An instant as RFC 3339 has it.
pub(crate) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text).map(Into::into).map_err(|error| {
        format!("{error}; write for example 2026-11-28T09:00:00Z or 2026-11-28T12:00:00+03:00")
    })
}

const STATES: [JobState; 7] = [
    JobState::Enqueued,
    JobState::Scheduled,
    JobState::Awaiting,
    JobState::Processing,
    JobState::Succeeded,
    JobState::Failed,
    JobState::Deleted,
];

pub(crate) fn state(text: &str) -> Result<JobState, String> {
    STATES.into_iter().find(|state| state.as_str() == text).ok_or_else(|| {
        let names: Vec<&str> = STATES.iter().map(|state| state.as_str()).collect();
        format!("a state is one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_a_zone() {
        let noon = instant("2026-11-28T12:00:00+03:00").expect("an instant");
        assert_eq!(noon.to_rfc3339(), "2026-11-28T09:00:00+00:00");
        assert!(instant("2026-11-28 12:00").is_err());
    }

    #[test]
    fn a_wrong_state_is_answered_with_the_right_ones() {
        assert_eq!(state("failed"), Ok(JobState::Failed));
        assert!(state("dead").expect_err("no state").contains("failed"));
    }
}
