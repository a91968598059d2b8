//! What happens where clocks change. Windows are in UTC, results are what the wall clock shows.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod support;

use support::fires;

#[track_caller]
fn check(cron: &str, zone: &str, window: (&str, &str), expected: &[&str]) {
    assert_eq!(fires(cron, zone, window.0, window.1), expected, "{cron} in {zone}");
}

#[test]
fn a_fixed_time_in_the_gap_fires_at_its_end() {
    let spring = ("2026-03-28 12:00", "2026-03-29 12:00");
    check("30 2 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("0 2 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("59 59 2 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("0 3 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("59 1 * * *", "Europe/Berlin", spring, &["2026-03-29 01:59 +01:00"]);
    check("30 2 29 3 *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("30 2 * * MON", "Europe/Berlin", spring, &[]);
    check(
        "30 2 * * *",
        "America/New_York",
        ("2026-03-08 00:00", "2026-03-09 00:00"),
        &["2026-03-08 03:00 -04:00"],
    );
}

#[test]
fn several_times_in_the_gap_fire_once() {
    let spring = ("2026-03-29 00:00", "2026-03-29 01:30");
    check("*/15 2 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check("0,30 2,3 * * *", "Europe/Berlin", spring, &["2026-03-29 03:00 +02:00"]);
    check(
        "*/20 * * * *",
        "Europe/Berlin",
        spring,
        &[
            "2026-03-29 01:20 +01:00",
            "2026-03-29 01:40 +01:00",
            "2026-03-29 03:00 +02:00",
            "2026-03-29 03:20 +02:00",
        ],
    );
}

#[test]
fn an_interval_in_the_gap_fires_at_its_end_too() {
    check(
        "30 * * * *",
        "Europe/Berlin",
        ("2026-03-29 00:00", "2026-03-29 02:00"),
        &["2026-03-29 01:30 +01:00", "2026-03-29 03:00 +02:00", "2026-03-29 03:30 +02:00"],
    );
}

#[test]
fn a_fixed_time_in_the_overlap_fires_once() {
    let autumn = ("2026-10-24 12:00", "2026-10-25 12:00");
    check("30 2 * * *", "Europe/Berlin", autumn, &["2026-10-25 02:30 +02:00"]);
    check("0 2 * * *", "Europe/Berlin", autumn, &["2026-10-25 02:00 +02:00"]);
    check("0 3 * * *", "Europe/Berlin", autumn, &["2026-10-25 03:00 +01:00"]);
    check("59 59 2 * * *", "Europe/Berlin", autumn, &["2026-10-25 02:59 +02:00"]);
    check(
        "0,30 2,3 * * *",
        "Europe/Berlin",
        autumn,
        &[
            "2026-10-25 02:00 +02:00",
            "2026-10-25 02:30 +02:00",
            "2026-10-25 03:00 +01:00",
            "2026-10-25 03:30 +01:00",
        ],
    );
    check(
        "30 1 * * *",
        "America/New_York",
        ("2026-11-01 00:00", "2026-11-02 00:00"),
        &["2026-11-01 01:30 -04:00"],
    );
}

#[test]
fn an_interval_in_the_overlap_fires_in_both_hours() {
    let autumn = ("2026-10-24 12:00", "2026-10-25 12:00");
    let both = [
        "2026-10-25 02:00 +02:00",
        "2026-10-25 02:30 +02:00",
        "2026-10-25 02:00 +01:00",
        "2026-10-25 02:30 +01:00",
    ];
    check("*/30 2 * * *", "Europe/Berlin", autumn, &both);
    check("0/30 2 * * *", "Europe/Berlin", autumn, &both);
    check("0-30/30 2 * * *", "Europe/Berlin", autumn, &both);
    check("0,30 2-2 * * *", "Europe/Berlin", autumn, &both);
    check(
        "15 * * * *",
        "Europe/Berlin",
        ("2026-10-24 23:00", "2026-10-25 02:30"),
        &[
            "2026-10-25 01:15 +02:00",
            "2026-10-25 02:15 +02:00",
            "2026-10-25 02:15 +01:00",
            "2026-10-25 03:15 +01:00",
        ],
    );
    check(
        "*/30 30 2 * * *",
        "Europe/Berlin",
        autumn,
        &[
            "2026-10-25 02:30 +02:00",
            "2026-10-25 02:30 +02:00",
            "2026-10-25 02:30 +01:00",
            "2026-10-25 02:30 +01:00",
        ],
    );
    check(
        "@hourly",
        "America/New_York",
        ("2026-11-01 04:30", "2026-11-01 07:30"),
        &["2026-11-01 01:00 -04:00", "2026-11-01 01:00 -05:00", "2026-11-01 02:00 -05:00"],
    );
}

#[test]
fn from_within_the_overlap() {
    use support::{schedule, utc};
    let fixed = schedule("30 2 * * *", "Europe/Berlin");
    let fixed_twice = schedule("0,30 2 * * *", "Europe/Berlin");
    let interval = schedule("*/30 2 * * *", "Europe/Berlin");
    // 02:45 of the first pass, and 02:15 of the second.
    let (first, second) = (utc("2026-10-25 00:45"), utc("2026-10-25 01:15"));
    assert_eq!(fixed.next_after(first), Some(utc("2026-10-26 01:30")));
    assert_eq!(fixed.next_after(second), Some(utc("2026-10-26 01:30")));
    assert_eq!(fixed.previous_before(first), Some(utc("2026-10-25 00:30")));
    assert_eq!(fixed.previous_before(second), Some(utc("2026-10-25 00:30")));
    assert_eq!(fixed_twice.next_after(second), Some(utc("2026-10-26 01:00")));
    assert_eq!(fixed_twice.previous_before(second), Some(utc("2026-10-25 00:30")));
    assert_eq!(interval.next_after(first), Some(utc("2026-10-25 01:00")));
    assert_eq!(interval.next_after(second), Some(utc("2026-10-25 01:30")));
    assert_eq!(interval.previous_before(first), Some(utc("2026-10-25 00:30")));
    assert_eq!(interval.previous_before(second), Some(utc("2026-10-25 01:00")));
    assert_eq!(interval.previous_before(utc("2026-10-25 01:00")), Some(utc("2026-10-25 00:30")));
}

#[test]
fn istanbul_kept_summer_time_in_2016() {
    // The last change forward, on 27 March 2016 at 03:00; since then +03:00.
    check(
        "30 3 * * *",
        "Europe/Istanbul",
        ("2016-03-26 12:00", "2016-03-27 12:00"),
        &["2016-03-27 04:00 +03:00"],
    );
    check(
        "30 3 * * *",
        "Europe/Istanbul",
        ("2016-10-29 12:00", "2016-10-30 12:00"),
        &["2016-10-30 03:30 +03:00"],
    );
    check(
        "0 9 * * *",
        "Europe/Istanbul",
        ("2026-01-01 00:00", "2026-01-02 00:00"),
        &["2026-01-01 09:00 +03:00"],
    );
    // In 2015 clocks went back at 04:00 on 8 November, two weeks after the rest of Europe.
    check(
        "30 3 * * *",
        "Europe/Istanbul",
        ("2015-11-07 12:00", "2015-11-08 12:00"),
        &["2015-11-08 03:30 +03:00"],
    );
    check(
        "30 3-3 * * *",
        "Europe/Istanbul",
        ("2015-11-07 12:00", "2015-11-08 12:00"),
        &["2015-11-08 03:30 +03:00", "2015-11-08 03:30 +02:00"],
    );
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    // Forward on 4 October 2026, from 02:00 to 02:30; back on 5 April, from 02:00 to 01:30.
    let spring = ("2026-10-03 12:00", "2026-10-04 03:00");
    check("15 2 * * *", "Australia/Lord_Howe", spring, &["2026-10-04 02:30 +11:00"]);
    check("45 2 * * *", "Australia/Lord_Howe", spring, &["2026-10-04 02:45 +11:00"]);
    let autumn = ("2026-04-04 12:00", "2026-04-05 03:00");
    check("45 1 * * *", "Australia/Lord_Howe", autumn, &["2026-04-05 01:45 +11:00"]);
    check("15 1 * * *", "Australia/Lord_Howe", autumn, &["2026-04-05 01:15 +11:00"]);
    check(
        "*/15 1 * * *",
        "Australia/Lord_Howe",
        autumn,
        &[
            "2026-04-05 01:00 +11:00",
            "2026-04-05 01:15 +11:00",
            "2026-04-05 01:30 +11:00",
            "2026-04-05 01:45 +11:00",
            "2026-04-05 01:30 +10:30",
            "2026-04-05 01:45 +10:30",
        ],
    );
}

#[test]
fn a_gap_at_midnight() {
    // Sao Paulo: 4 November 2018, from 00:00 to 01:00.
    let spring = ("2018-11-03 12:00", "2018-11-04 12:00");
    check("@daily", "America/Sao_Paulo", spring, &["2018-11-04 01:00 -02:00"]);
    check("30 0 4 11 *", "America/Sao_Paulo", spring, &["2018-11-04 01:00 -02:00"]);
    check("59 23 * * *", "America/Sao_Paulo", spring, &["2018-11-03 23:59 -03:00"]);
    // Back on 18 February 2018, from 00:00 to 23:00 of the day before.
    let autumn = ("2018-02-17 12:00", "2018-02-18 12:00");
    check("30 23 * * *", "America/Sao_Paulo", autumn, &["2018-02-17 23:30 -02:00"]);
    check("@daily", "America/Sao_Paulo", autumn, &["2018-02-18 00:00 -03:00"]);
    check(
        "30 * 17 * *",
        "America/Sao_Paulo",
        ("2018-02-18 00:00", "2018-02-18 12:00"),
        &["2018-02-17 22:30 -02:00", "2018-02-17 23:30 -02:00", "2018-02-17 23:30 -03:00"],
    );
    // Cairo: 24 April 2026, from 00:00 to 01:00.
    check(
        "@daily",
        "Africa/Cairo",
        ("2026-04-23 12:00", "2026-04-24 12:00"),
        &["2026-04-24 01:00 +03:00"],
    );
}

#[test]
fn apia_skipped_a_day() {
    let window = ("2011-12-29 12:00", "2011-12-31 12:00");
    check(
        "0 9 * * *",
        "Pacific/Apia",
        window,
        &["2011-12-29 09:00 -10:00", "2011-12-31 00:00 +14:00", "2011-12-31 09:00 +14:00"],
    );
    check("0 9 30 12 *", "Pacific/Apia", window, &["2011-12-31 00:00 +14:00"]);
    check("0 9 29 12 *", "Pacific/Apia", window, &["2011-12-29 09:00 -10:00"]);
    check(
        "0 */12 * * *",
        "Pacific/Apia",
        ("2011-12-29 12:00", "2011-12-31 00:00"),
        &["2011-12-29 12:00 -10:00", "2011-12-31 00:00 +14:00", "2011-12-31 12:00 +14:00"],
    );
    let each_second = support::schedule("* * * * * *", "Pacific/Apia");
    let end_of_gap = support::utc("2011-12-30 10:00:00");
    assert_eq!(each_second.previous_before(end_of_gap), Some(support::utc("2011-12-30 09:59:59")));
    assert_eq!(each_second.next_after(support::utc("2011-12-30 09:59:59")), Some(end_of_gap));
}

#[test]
fn kwajalein_skipped_a_day_too_and_monrovia_had_half_minutes() {
    check(
        "0 12 21 8 *",
        "Pacific/Kwajalein",
        ("1993-08-20 00:00", "1993-08-23 00:00"),
        &["1993-08-22 00:00 +12:00"],
    );
    // Monrovia was 44 minutes and 30 seconds behind until 7 January 1972.
    let next = support::schedule("0 12 * * *", "Africa/Monrovia")
        .next_after(support::utc("1971-06-01 00:00"));
    assert_eq!(next, Some(support::utc("1971-06-01 12:44:30")));
}

#[test]
fn every_knows_no_clocks() {
    let autumn = ("2026-10-24 23:00", "2026-10-25 02:30");
    check(
        "@every 1h",
        "Europe/Berlin",
        autumn,
        &["2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00", "2026-10-25 03:00 +01:00"],
    );
}
