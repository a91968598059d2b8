//! A range of instants.

use std::ops::{Bound, RangeBounds};

use chrono::{DateTime, Utc};

/// From an instant on, and before another one, in microseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Option<i64>,
    pub(crate) before: Option<i64>,
}

impl Span {
    pub(crate) fn of(times: &impl RangeBounds<DateTime<Utc>>) -> Self {
        let micros = |instant: &DateTime<Utc>| instant.timestamp_micros();
        let after = |instant: &DateTime<Utc>| micros(instant).saturating_add(1);
        let from = match times.start_bound() {
            Bound::Included(instant) => Some(micros(instant)),
            Bound::Excluded(instant) => Some(after(instant)),
            Bound::Unbounded => None,
        };
        let before = match times.end_bound() {
            Bound::Included(instant) => Some(after(instant)),
            Bound::Excluded(instant) => Some(micros(instant)),
            Bound::Unbounded => None,
        };
        Self { from, before }
    }

    pub(crate) fn is_all(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn contains(self, instant: DateTime<Utc>) -> bool {
        let instant = instant.timestamp_micros();
        self.from.is_none_or(|from| from <= instant)
            && self.before.is_none_or(|before| instant < before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_every_form_hold_what_they_should() {
        let at = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
        let holds = |span: Span| (1..=4).filter(|n| span.contains(at(*n))).collect::<Vec<_>>();
        assert_eq!(holds(Span::of(&..)), [1, 2, 3, 4]);
        assert_eq!(holds(Span::of(&(at(2)..))), [2, 3, 4]);
        assert_eq!(holds(Span::of(&(at(2)..at(4)))), [2, 3]);
        assert_eq!(holds(Span::of(&(..=at(2)))), [1, 2]);
        assert!(holds(Span::of(&(at(4)..at(2)))).is_empty());
    }
}
