//! What several test files share.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of this, and a panic is a failed test"
)]

pub mod oracle;

use chrono::{DateTime, NaiveDateTime, Utc};
use jobs_cron::Schedule;

/// An instant of UTC, from `2026-01-02 03:04` or `2026-01-02 03:04:05`.
pub fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .unwrap()
        .and_utc()
}

pub fn schedule(cron: &str, zone: &str) -> Schedule {
    Schedule::parse(cron, zone).unwrap_or_else(|error| panic!("{cron}: {error}"))
}

/// The occurrences between two instants of UTC, both excluded, as the zone's wall clock shows
/// them with its offset: `2026-03-29 03:00 +02:00`.
pub fn fires(cron: &str, zone: &str, after: &str, before: &str) -> Vec<String> {
    let schedule = schedule(cron, zone);
    let forward: Vec<DateTime<Utc>> =
        schedule.upcoming(utc(after)).take_while(|time| *time < utc(before)).collect();
    let mut backward: Vec<DateTime<Utc>> =
        std::iter::successors(schedule.previous_before(utc(before)), |time| {
            schedule.previous_before(*time)
        })
        .take_while(|time| *time > utc(after))
        .collect();
    backward.reverse();
    assert_eq!(forward, backward, "{cron} in {zone}, forward and backward");
    let local = |time: DateTime<Utc>| time.with_timezone(&schedule.zone());
    forward.into_iter().map(|time| local(time).format("%Y-%m-%d %H:%M %:z").to_string()).collect()
}
