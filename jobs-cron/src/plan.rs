use std::fmt::Write;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::days::{MonthDays, WeekDays};
use crate::parse::Fields;
use crate::values::Values;
use crate::{CronError, Field};

/// The Unix times between which occurrences are looked for: from the start of 1970 to the end of
/// 2100, as in the `cron` crate. `chrono-tz` knows no changes of clocks beyond 2100 either.
pub(crate) const BOUNDS: Range<i64> = 0..4_133_980_800;

/// A lowered expression: occurrences on a wall clock that knows no zone.
#[derive(Debug)]
pub(crate) struct Plan {
    rules: Vec<Rule>,
    /// Fires in both passes of an hour that the clocks repeat.
    pub(crate) interval: bool,
}

/// A `cron` schedule and the days that it leaves undecided.
///
/// `cron` has no word for `L`, `W` and `#`; it gets the days on which they can fall, and the
/// sets of days decide.
#[derive(Debug)]
struct Rule {
    candidates: cron::Schedule,
    month_days: MonthDays,
    week_days: WeekDays,
}

impl Plan {
    pub(crate) fn lower(fields: Fields) -> Result<Plan, CronError> {
        let either = !fields.month_days.open && !fields.week_days.open;
        let days = if either {
            // `cron` wants both day fields to match; that either does is the union of two.
            vec![
                (fields.month_days.clone(), WeekDays::all()),
                (MonthDays::all(), fields.week_days.clone()),
            ]
        } else {
            vec![(fields.month_days.clone(), fields.week_days.clone())]
        };
        let rules = days
            .into_iter()
            .map(|(month_days, week_days)| Rule::lower(&fields, month_days, week_days))
            .collect::<Result<_, _>>()?;
        Ok(Plan { rules, interval: fields.interval })
    }

    /// Whether there is no occurrence at all. Every kind of year falls into the years searched.
    pub(crate) fn is_empty(&self) -> bool {
        self.next(NaiveDateTime::MIN).is_none()
    }

    /// The first occurrence later than `after`.
    pub(crate) fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let after = after.max(wall(BOUNDS.start - 1));
        self.rules.iter().filter_map(|rule| rule.next(after)).min()
    }

    /// The last occurrence earlier than `before`.
    pub(crate) fn previous(&self, before: NaiveDateTime) -> Option<NaiveDateTime> {
        let before = before.min(wall(BOUNDS.end));
        let rules = self.rules.iter();
        rules.filter_map(|rule| rule.previous(before)).max()
    }
}

impl Rule {
    fn lower(
        fields: &Fields,
        month_days: MonthDays,
        week_days: WeekDays,
    ) -> Result<Rule, CronError> {
        // `cron` counts Sunday as 1.
        let weekdays = week_days.candidates().iter().map(|day| day + 1).collect();
        let columns = [
            list(Field::Second, fields.seconds),
            list(Field::Minute, fields.minutes),
            list(Field::Hour, fields.hours),
            list(Field::DayOfMonth, month_days.candidates()),
            list(Field::Month, fields.months),
            list(Field::DayOfWeek, weekdays),
        ];
        let lowered = columns.join(" ");
        let candidates = lowered.parse().map_err(|error: cron::error::Error| {
            CronError::NotLowered { lowered, reason: error.to_string() }
        })?;
        Ok(Rule { candidates, month_days, week_days })
    }

    fn admits(&self, date: NaiveDate) -> bool {
        self.month_days.contains(date) && self.week_days.contains(date)
    }

    fn next(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut cursor = after;
        loop {
            let mut candidates = self.candidates.after(&cursor.and_utc());
            let found = candidates.next()?.naive_utc();
            if self.admits(found.date()) {
                return Some(found);
            }
            cursor = start_of_day(found) + TimeDelta::seconds(86_399);
        }
    }

    fn previous(&self, before: NaiveDateTime) -> Option<NaiveDateTime> {
        let mut cursor = before;
        loop {
            let mut candidates = self.candidates.after(&cursor.and_utc());
            let found = candidates.next_back()?.naive_utc();
            if self.admits(found.date()) {
                return Some(found);
            }
            cursor = start_of_day(found);
        }
    }
}

fn wall(seconds: i64) -> NaiveDateTime {
    let time: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.naive_utc()
}

fn start_of_day(time: NaiveDateTime) -> NaiveDateTime {
    time.date().and_time(NaiveTime::MIN)
}

fn list(field: Field, values: Values) -> String {
    if values.iter().count() == field.size() as usize {
        return "*".to_owned();
    }
    let mut text = String::new();
    for value in values.iter() {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{value}");
    }
    text
}
