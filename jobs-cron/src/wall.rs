use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// What a time on the wall clock of a zone means.
pub(crate) enum Reading {
    /// The clock shows it once.
    Once(DateTime<Utc>),
    /// The clocks go back over it.
    Twice { first: DateTime<Utc>, second: DateTime<Utc> },
    /// The clocks go forward over it.
    Skipped {
        /// The first instant after the gap.
        resumes: DateTime<Utc>,
        /// The first time on the wall clock that the gap swallows.
        gap_begins: NaiveDateTime,
    },
}

impl Reading {
    pub(crate) fn of(wall: NaiveDateTime, zone: Tz) -> Reading {
        let at = |offset: i32| (wall - seconds(offset)).and_utc();
        match zone.offset_from_local_datetime(&wall) {
            LocalResult::Single(offset) => Reading::Once(at(east(&offset))),
            LocalResult::Ambiguous(before, after) => {
                Reading::Twice { first: at(east(&before)), second: at(east(&after)) }
            }
            LocalResult::None => match GapInfo::new(&wall, &zone).and_then(|gap| gap.begin) {
                Some((gap_begins, before)) => Reading::Skipped {
                    resumes: (gap_begins - seconds(east(&before))).and_utc(),
                    gap_begins,
                },
                // A gap lies between two spans of the zone, so that it always has a beginning.
                None => Reading::Once(wall.and_utc()),
            },
        }
    }
}

/// What the wall clock shows at an instant.
pub(crate) fn wall_at(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    instant.naive_utc() + seconds(offset_at(instant, zone))
}

/// The stretch of wall clock time that the clocks go back over, as seen from one of its instants.
pub(crate) struct Overlap {
    /// What the clock shows when it has gone back.
    pub(crate) begins: NaiveDateTime,
    /// What the clock would show if it did not go back.
    pub(crate) ends: NaiveDateTime,
    /// The instant lies behind the change.
    pub(crate) second_pass: bool,
}

impl Overlap {
    pub(crate) fn around(instant: DateTime<Utc>, zone: Tz) -> Option<Overlap> {
        let Reading::Twice { first, second } = Reading::of(wall_at(instant, zone), zone) else {
            return None;
        };
        let change = first_change(first, second, zone);
        Some(Overlap {
            begins: wall_at(change, zone),
            ends: change.naive_utc() + seconds(offset_at(first, zone)),
            second_pass: instant >= change,
        })
    }
}

/// The instant between the two at which the offset becomes that of the second.
fn first_change(first: DateTime<Utc>, second: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let before = offset_at(first, zone);
    let (mut low, mut high) = (first, second);
    while high - low > TimeDelta::seconds(1) {
        let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
        if offset_at(middle, zone) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

fn offset_at(instant: DateTime<Utc>, zone: Tz) -> i32 {
    east(&zone.offset_from_utc_datetime(&instant.naive_utc()))
}

fn east(offset: &impl Offset) -> i32 {
    offset.fix().local_minus_utc()
}

fn seconds(count: i32) -> TimeDelta {
    TimeDelta::seconds(i64::from(count))
}
