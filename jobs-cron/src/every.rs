use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{CronError, parse_duration};

/// A hundred years of 365.25 days. Up to here each period has occurrences that a date can hold.
const LONGEST: u64 = 3_155_760_000;

/// `@every`: the multiples of a period since the Unix epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Every {
    seconds: i64,
}

impl Every {
    /// Reads the text behind `@every`.
    pub(crate) fn parse(value: &str) -> Result<Every, CronError> {
        Every::new(parse_duration(value).map_err(CronError::Period)?, value)
    }

    pub(crate) fn new(period: Duration, value: &str) -> Result<Every, CronError> {
        let value = || value.to_owned();
        if period.as_secs() == 0 {
            return Err(CronError::PeriodTooShort { value: value() });
        }
        if period.subsec_nanos() != 0 {
            return Err(CronError::PeriodNotWhole { value: value() });
        }
        match i64::try_from(period.as_secs()) {
            Ok(seconds) if period.as_secs() <= LONGEST => Ok(Every { seconds }),
            _ => Err(CronError::PeriodTooLong { value: value() }),
        }
    }

    pub(crate) fn next_after(self, after: i64) -> Option<DateTime<Utc>> {
        self.nth(after.div_euclid(self.seconds).checked_add(1)?)
    }

    pub(crate) fn previous_before(self, before: i64) -> Option<DateTime<Utc>> {
        self.nth(before.checked_sub(1)?.div_euclid(self.seconds))
    }

    fn nth(self, nth: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(nth.checked_mul(self.seconds)?, 0)
    }
}
