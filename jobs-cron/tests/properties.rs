//! Expressions made at random, compared with a slow second reading of the dialect.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod support;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::TZ_VARIANTS;
use jobs_cron::{Cron, Schedule, Tz, parse_duration, parse_zone};
use proptest::prelude::*;
use proptest::sample::select;
use support::oracle::{Oracle, wall};

const MONTHS: [&str; 12] =
    ["JAN", "feb", "Mar", "APR", "may", "JUN", "JUL", "AUG", "SEP", "oct", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "mon", "Tue", "WED", "THU", "FRI", "SAT"];

/// One item of numbers or names: `min..=max` may be written, and steps go up to `size`.
fn item(min: u32, max: u32, size: u32, names: &'static [&'static str]) -> BoxedStrategy<String> {
    let value = (min..=max, any::<bool>()).prop_map(move |(value, named)| {
        match names.get((value - min) as usize) {
            Some(name) if named => (*name).to_owned(),
            _ => value.to_string(),
        }
    });
    let range = (value.clone(), value.clone()).prop_map(|(from, to)| format!("{from}-{to}"));
    prop_oneof![
        4 => value.clone(),
        1 => Just("*".to_owned()),
        2 => range.clone(),
        2 => (1..=size).prop_map(|step| format!("*/{step}")),
        1 => (value, 1..=size).prop_map(|(from, step)| format!("{from}/{step}")),
        2 => (range, 1..=size).prop_map(|(range, step)| format!("{range}/{step}")),
    ]
    .boxed()
}

fn list(item: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop::collection::vec(item, 1..4).prop_map(|items| items.join(",")).boxed()
}

fn sixty() -> BoxedStrategy<String> {
    list(item(0, 59, 60, &[]))
}

fn hour() -> BoxedStrategy<String> {
    list(item(0, 23, 24, &[]))
}

fn month() -> BoxedStrategy<String> {
    prop_oneof![3 => Just("*".to_owned()), 1 => list(item(1, 12, 12, &MONTHS))].boxed()
}

fn month_day() -> BoxedStrategy<String> {
    let relative = prop_oneof![
        Just("L".to_owned()),
        Just("LW".to_owned()),
        (1..=30).prop_map(|before| format!("L-{before}")),
        (1..=31).prop_map(|day| format!("{day}W")),
        // Where the working day would lie in another month.
        select(&["1W", "28W", "30W", "31W"][..]).prop_map(str::to_owned),
    ];
    let some = prop_oneof![item(1, 31, 31, &[]), relative].boxed();
    prop_oneof![Just("*".to_owned()), Just("?".to_owned()), list(some.clone()), list(some)].boxed()
}

fn week_day() -> BoxedStrategy<String> {
    let day = prop_oneof![
        (0..=7_u32).prop_map(|day| day.to_string()),
        select(&WEEKDAYS[..]).prop_map(str::to_owned)
    ];
    let relative = prop_oneof![
        (day.clone(), 1..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
        day.prop_map(|day| format!("{day}L")),
    ];
    let some = prop_oneof![item(0, 7, 7, &WEEKDAYS), relative].boxed();
    prop_oneof![Just("*".to_owned()), Just("?".to_owned()), list(some.clone()), list(some)].boxed()
}

fn five_fields() -> impl Strategy<Value = String> {
    (sixty(), hour(), month_day(), month(), week_day()).prop_map(
        |(minute, hour, day, month, week)| format!("{minute} {hour} {day} {month} {week}"),
    )
}

/// Times of day as they stand around changes of clocks, with any day allowed half the time.
fn five_fields_by_night() -> impl Strategy<Value = String> {
    let hour = prop_oneof![
        hour(),
        list(item(0, 4, 5, &[])),
        Just("*".to_owned()),
        (0..5_u32).prop_map(|hour| hour.to_string()),
    ];
    let minute = prop_oneof![sixty(), (0..60_u32).prop_map(|minute| minute.to_string())];
    let days = prop_oneof![
        Just("* * *".to_owned()),
        (month_day(), month(), week_day())
            .prop_map(|(day, month, week)| format!("{day} {month} {week}")),
    ];
    (minute, hour, days).prop_map(|(minute, hour, days)| format!("{minute} {hour} {days}"))
}

fn zone() -> impl Strategy<Value = Tz> {
    let known = [
        "Europe/Berlin",
        "Europe/Istanbul",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
    ];
    let known: Vec<Tz> = known.iter().map(|name| name.parse().unwrap()).collect();
    prop_oneof![select(known), select(&TZ_VARIANTS[..])]
}

/// An instant of 1970 to 2037.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..2_140_000_000_i64).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

/// The next change of clocks within two years: the first quarter of a day with one, and in it the
/// first half hour.
fn next_change(zone: Tz, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = |instant: DateTime<Utc>| wall(instant, zone) - instant.naive_utc();
    let first = |from: DateTime<Utc>, step: TimeDelta, count: i32| {
        (0..count)
            .map(|index| from + step * index)
            .find(|instant| offset(*instant) != offset(*instant + step))
    };
    let start = DateTime::from_timestamp(from.timestamp() / 1_800 * 1_800, 0)?;
    let day = first(start, TimeDelta::hours(6), 3_000)?;
    let half_hour = first(day, TimeDelta::minutes(30), 12)?;
    Some(half_hour + TimeDelta::minutes(30))
}

/// Instants of a window of `hours` around a change of clocks; half of them are close to it.
fn probes(hours: i64) -> impl Strategy<Value = Vec<TimeDelta>> {
    let middle = hours * 1_800;
    let seconds = prop_oneof![0..hours * 3_600, middle - 5_400..middle + 5_400];
    let probe = (seconds, 0..1_000_000_000_i64)
        .prop_map(|(seconds, nanos)| TimeDelta::seconds(seconds) + TimeDelta::nanoseconds(nanos));
    prop::collection::vec(probe, 12)
}

fn in_whole_minutes(zone: Tz, instant: DateTime<Utc>) -> bool {
    let offset = |instant: DateTime<Utc>| (wall(instant, zone) - instant.naive_utc()).num_seconds();
    offset(instant) % 60 == 0 && offset(instant - TimeDelta::days(3)) % 60 == 0
}

/// Compares every step, forward and backward, with what the oracle found in a window.
fn compare(
    schedule: &Schedule,
    expected: &[DateTime<Utc>],
    window: (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), TestCaseError> {
    let (from, to) = window;
    let found: Vec<DateTime<Utc>> =
        schedule.upcoming(from - TimeDelta::nanoseconds(1)).take_while(|time| *time < to).collect();
    prop_assert_eq!(&found, expected, "forward");
    let mut back: Vec<DateTime<Utc>> =
        std::iter::successors(schedule.previous_before(to), |time| schedule.previous_before(*time))
            .take_while(|time| *time >= from)
            .collect();
    back.reverse();
    prop_assert_eq!(&back, expected, "backward");
    Ok(())
}

/// From any instant of the window, and not only from occurrences.
fn compare_at(
    schedule: &Schedule,
    expected: &[DateTime<Utc>],
    window: (DateTime<Utc>, DateTime<Utc>),
    instant: DateTime<Utc>,
) -> Result<(), TestCaseError> {
    let next = expected.iter().find(|time| **time > instant).copied();
    let found = schedule.next_after(instant).filter(|time| *time < window.1);
    prop_assert_eq!(found, next, "next after {}", instant);
    let previous = expected.iter().rfind(|time| **time < instant).copied();
    let found = schedule.previous_before(instant).filter(|time| *time >= window.0);
    prop_assert_eq!(found, previous, "previous before {}", instant);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Day fields, over more than four years, so that there is a leap day.
    #[test]
    fn days_agree_with_the_oracle(
        text in five_fields(),
        start in 0..40_000_u64,
    ) {
        let from = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(start);
        let (minute, rest) = text.split_once(' ').unwrap();
        let (_, days) = rest.split_once(' ').unwrap();
        // One time a day; times have a test of their own.
        let minute = minute.split([',', '-', '/']).next().unwrap().replace('*', "7");
        let text = format!("{minute} 11 {days}");
        let schedule = Schedule::parse(&text, "UTC").unwrap();
        let expected = Oracle::new(&text).days(from, 1_500);
        let start = from.and_time(Default::default()).and_utc();
        compare(&schedule, &expected, (start, start + TimeDelta::days(1_500)))?;
        if schedule.cron().fires_never() {
            prop_assert!(expected.is_empty());
        }
    }

    /// All five fields, minute by minute around a change of clocks in any zone.
    #[test]
    fn minutes_agree_with_the_oracle_where_clocks_change(
        text in five_fields_by_night(),
        zone in zone(),
        instant in instant(),
        probes in probes(72),
    ) {
        let middle = next_change(zone, instant).unwrap_or(instant);
        prop_assume!(in_whole_minutes(zone, middle));
        let from = DateTime::from_timestamp(middle.timestamp() / 60 * 60, 0).unwrap() - TimeDelta::hours(36);
        let window = (from, from + TimeDelta::days(3));
        let expected = Oracle::new(&text).walk(zone, window.0, window.1);
        let schedule = Schedule::new(Cron::parse(&text).unwrap(), zone);
        compare(&schedule, &expected, window)?;
        for probe in probes {
            let instant = from + probe;
            compare_at(&schedule, &expected, window, instant)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    /// Six fields, second by second around a change of clocks in any zone.
    #[test]
    fn seconds_agree_with_the_oracle_where_clocks_change(
        second in sixty(),
        rest in five_fields_by_night(),
        zone in zone(),
        instant in instant(),
        probes in probes(4),
    ) {
        let text = format!("{second} {rest}");
        let middle = next_change(zone, instant).unwrap_or(instant);
        let window = (middle - TimeDelta::hours(2), middle + TimeDelta::hours(2));
        let expected = Oracle::new(&text).walk(zone, window.0, window.1);
        let schedule = Schedule::new(Cron::parse(&text).unwrap(), zone);
        compare(&schedule, &expected, window)?;
        for probe in probes {
            let instant = window.0 + probe;
            compare_at(&schedule, &expected, window, instant)?;
        }
    }
}

proptest! {
    /// Over any distance: strictly later, admitted unless it ends a gap, and the way back.
    #[test]
    fn next_and_previous_are_inverse(text in five_fields(), zone in zone(), start in instant()) {
        let schedule = Schedule::new(Cron::parse(&text).unwrap(), zone);
        let oracle = Oracle::new(&text);
        let Some(next) = schedule.next_after(start) else {
            prop_assert!(schedule.cron().fires_never());
            return Ok(());
        };
        prop_assert!(next > start);
        let shown = wall(next, zone);
        let after_a_gap = shown - wall(next - TimeDelta::seconds(1), zone) > TimeDelta::seconds(1);
        prop_assert!(oracle.admits(shown) || after_a_gap, "{} shows {}", next, shown);
        let later = schedule.next_after(next).unwrap();
        prop_assert_eq!(schedule.previous_before(later), Some(next));
        prop_assert!(schedule.previous_before(next).is_none_or(|previous| previous <= start));
    }

    #[test]
    fn every_is_a_multiple(seconds in 1..3_155_760_000_i64, start in -9_000_000_000_i64..9_000_000_000) {
        let cron = Cron::every(std::time::Duration::from_secs(seconds as u64)).unwrap();
        prop_assert_eq!(&Cron::parse(cron.as_str()).unwrap(), &cron);
        let schedule = Schedule::new(Cron::parse(cron.as_str()).unwrap(), Tz::UTC);
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let next = schedule.next_after(start).unwrap();
        prop_assert!(next > start && (next - start).num_seconds() <= seconds);
        prop_assert_eq!(next.timestamp() % seconds, 0);
        prop_assert_eq!(schedule.previous_before(next).unwrap(), next - TimeDelta::seconds(seconds));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = Cron::parse(&text).map_err(|error| error.to_string());
        let _ = parse_zone(&text).map_err(|error| error.to_string());
        let _ = parse_duration(&text).map_err(|error| error.to_string());
    }

    /// Texts made of the signs of the dialect, which come further than others do.
    #[test]
    fn no_text_of_the_dialect_makes_it_panic(text in "(@every )?[-0-9*/,?#LWMONFRIJA@smhdy ]{0,40}") {
        if let Ok(cron) = Cron::parse(&text) {
            let schedule = Schedule::new(cron, Tz::Europe__Berlin);
            let start = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap();
            prop_assert_eq!(schedule.next_after(start).is_none(), schedule.cron().fires_never());
        }
    }

    /// Random fields in random number: errors and expressions alike.
    #[test]
    fn no_fields_make_it_panic(fields in prop::collection::vec("[-0-9*/,?#LW]{1,5}|[A-Z]{3}(#[0-9]|L)?", 4..8)) {
        let _ = Cron::parse(&fields.join(" ")).map_err(|error| error.to_string());
    }
}
