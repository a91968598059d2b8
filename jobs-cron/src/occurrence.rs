use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::plan::{BOUNDS, Plan};
use crate::wall::{Overlap, Reading, wall_at};

/// Room for the offset of any zone around the years in which occurrences are looked for.
const MARGIN: i64 = 2 * 86_400;

/// A plan read off the wall clock of a zone.
///
/// The order of instants is that of the wall clock, except where clocks go back. There the
/// stretch that is shown twice is walked twice.
pub(crate) struct Clock<'a> {
    plan: &'a Plan,
    zone: Tz,
}

impl<'a> Clock<'a> {
    pub(crate) fn new(plan: &'a Plan, zone: Tz) -> Clock<'a> {
        Clock { plan, zone }
    }

    /// The first occurrence later than a Unix time.
    pub(crate) fn next_after(&self, after: i64) -> Option<DateTime<Utc>> {
        let after = near_years(after);
        let mut cursor = wall_at(after, self.zone);
        if self.plan.interval
            && let Some(overlap) = Overlap::around(after, self.zone)
            && !overlap.second_pass
            && self.plan.next(cursor).is_none_or(|next| next >= overlap.ends)
        {
            cursor = overlap.begins - TimeDelta::seconds(1);
        }
        loop {
            let wall = self.plan.next(cursor)?;
            let (first, second) = self.instants(&Reading::of(wall, self.zone));
            if first > after {
                return Some(first);
            }
            if let Some(second) = second.filter(|second| *second > after) {
                return Some(second);
            }
            cursor = wall;
        }
    }

    /// The last occurrence earlier than a Unix time.
    pub(crate) fn previous_before(&self, before: i64) -> Option<DateTime<Utc>> {
        let before = near_years(before);
        let mut cursor = wall_at(before, self.zone);
        if let Some(overlap) = Overlap::around(before, self.zone)
            && overlap.second_pass
        {
            let in_this_pass = self.plan.previous(cursor) >= Some(overlap.begins);
            if !(self.plan.interval && in_this_pass) {
                cursor = overlap.ends;
            }
        }
        loop {
            let wall = self.plan.previous(cursor)?;
            let reading = Reading::of(wall, self.zone);
            let (first, second) = self.instants(&reading);
            if let Some(second) = second.filter(|second| *second < before) {
                return Some(second);
            }
            if first < before {
                return Some(first);
            }
            cursor = match reading {
                Reading::Skipped { gap_begins, .. } => gap_begins,
                _ => wall,
            };
        }
    }

    /// When a time on the wall clock fires: a fixed time that is shown twice fires once.
    fn instants(&self, reading: &Reading) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
        match *reading {
            Reading::Once(instant) => (instant, None),
            Reading::Twice { first, second } => (first, self.plan.interval.then_some(second)),
            Reading::Skipped { resumes, .. } => (resumes, None),
        }
    }
}

/// The instant, drawn near to the years in which occurrences are looked for, so that arithmetic
/// with it cannot overflow.
fn near_years(unix: i64) -> DateTime<Utc> {
    let clamped = unix.clamp(BOUNDS.start - MARGIN, BOUNDS.end + MARGIN);
    DateTime::from_timestamp(clamped, 0).unwrap_or_default()
}
