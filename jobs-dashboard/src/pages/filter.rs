//! Which jobs a visitor asks for.

use chrono::{DateTime, NaiveDateTime, Utc};
use jobs_runtime::{Cursor, JobFilter, JobState};

use crate::failure::Failure;
use crate::fields::Fields;
use crate::format::encoded;

/// The states in the order in which they are shown.
pub(crate) const STATES: [JobState; 7] = [
    JobState::Enqueued,
    JobState::Scheduled,
    JobState::Awaiting,
    JobState::Processing,
    JobState::Succeeded,
    JobState::Failed,
    JobState::Deleted,
];

/// In the place of a state: those of the scheduled jobs that wait for another attempt.
pub(crate) const RETRIES: &str = "retries";

/// The fields of the form, as they were filled in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) state: String,
    pub(crate) kind: String,
    pub(crate) queue: String,
    pub(crate) tag: String,
    pub(crate) text: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Filter {
    pub(crate) fn of(fields: &Fields) -> Self {
        Self {
            state: fields.text("state"),
            kind: fields.text("kind"),
            queue: fields.text("queue"),
            tag: fields.text("tag"),
            text: fields.text("text"),
            from: fields.text("from"),
            to: fields.text("to"),
        }
    }

    /// The names and values that are not empty.
    pub(crate) fn fields(&self) -> Vec<(&'static str, &str)> {
        let mut fields = vec![
            ("state", self.state.as_str()),
            ("kind", &self.kind),
            ("queue", &self.queue),
            ("tag", &self.tag),
            ("text", &self.text),
            ("from", &self.from),
            ("to", &self.to),
        ];
        fields.retain(|(_, value)| !value.is_empty());
        fields
    }

    /// Whether more than the state is asked for.
    pub(crate) fn narrows(&self) -> bool {
        self.fields().iter().any(|(name, _)| *name != "state")
    }

    /// The address of the list, without the beginning.
    pub(crate) fn path(&self) -> String {
        let pairs: Vec<String> = self
            .fields()
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        match pairs.is_empty() {
            true => "/jobs".to_owned(),
            false => format!("/jobs?{}", pairs.join("&")),
        }
    }

    pub(crate) fn path_without_state(&self) -> String {
        Self { state: String::new(), ..self.clone() }.path()
    }

    pub(crate) fn path_of_state(&self) -> String {
        Self { state: self.state.clone(), ..Self::default() }.path()
    }

    /// The same list from there on.
    pub(crate) fn path_after(&self, cursor: &Cursor) -> String {
        let path = self.path();
        let mark = if path.contains('?') { '&' } else { '?' };
        format!("{path}{mark}after={}", encoded(&cursor.to_string()))
    }

    pub(crate) fn job_state(&self) -> Result<Option<JobState>, Failure> {
        match self.state.as_str() {
            "" => Ok(None),
            RETRIES => Ok(Some(JobState::Scheduled)),
            name => STATES
                .into_iter()
                .find(|state| state.as_str() == name)
                .map(Some)
                .ok_or_else(|| Failure::bad("state", name)),
        }
    }

    pub(crate) fn to_search(&self) -> Result<JobFilter, Failure> {
        let state = self.job_state()?;
        let mut search = JobFilter::new();
        if let Some(state) = state {
            search = search.state(state);
        }
        if self.state == RETRIES {
            search = search.retrying();
        }
        if !self.kind.is_empty() {
            search = search.kind(&self.kind);
        }
        if !self.queue.is_empty() {
            search = search.queue(&self.queue);
        }
        for tag in self.tag.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
            search = search.tag(tag);
        }
        let search = search.text(&self.text);
        let from = instant("from", &self.from)?.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let to = instant("to", &self.to)?.unwrap_or(DateTime::<Utc>::MAX_UTC);
        if self.from.is_empty() && self.to.is_empty() {
            return Ok(search);
        }
        Ok(match state.is_some_and(JobState::is_settled) {
            true => search.finished(from..to),
            false => search.created(from..to),
        })
    }
}

/// An instant as a browser's field for it gives it, which is UTC here, or with a zone.
pub(crate) fn instant(field: &'static str, text: &str) -> Result<Option<DateTime<Utc>>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(Some(instant.into()));
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|instant| Some(instant.and_utc()))
        .ok_or_else(|| Failure::bad(field, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_found_again_in_its_address() {
        let filter =
            Filter { state: "failed".to_owned(), text: "a&b=\"".to_owned(), ..Filter::default() };
        assert_eq!(filter.path(), "/jobs?state=failed&text=a%26b%3D%22");
        assert_eq!(Filter::default().path(), "/jobs");
        assert!(filter.narrows());
    }

    #[test]
    fn what_is_no_state_and_no_time_is_refused() {
        let bad = |filter: Filter| filter.to_search().is_err();
        assert!(bad(Filter { state: "gone".to_owned(), ..Filter::default() }));
        assert!(bad(Filter { from: "yesterday".to_owned(), ..Filter::default() }));
        assert!(!bad(Filter { from: "2026-11-28T10:00".to_owned(), ..Filter::default() }));
    }
}
