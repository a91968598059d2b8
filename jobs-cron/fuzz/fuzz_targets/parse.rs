//! Whatever is written, reading it gives an expression or an error, and an expression keeps the
//! promises of `Schedule`.

#![no_main]

use chrono::{DateTime, Utc};
use jobs_cron::{Cron, Schedule, Tz, parse_duration, parse_zone};
use libfuzzer_sys::fuzz_target;

/// One hour before clocks in Berlin go back.
const START: DateTime<Utc> = match DateTime::from_timestamp(1_792_886_400, 0) {
    Some(start) => start,
    None => panic!("the time is out of range"),
};

fuzz_target!(|text: &str| {
    let _ = parse_zone(text).map_err(|error| error.to_string());
    let _ = parse_duration(text).map_err(|error| error.to_string());
    match Cron::parse(text) {
        Ok(cron) => check(cron),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});

fn check(cron: Cron) {
    let never = cron.fires_never();
    let schedule = Schedule::new(cron, Tz::Europe__Berlin);
    let mut last = START;
    for next in schedule.upcoming(START).take(20) {
        assert!(!never && next > last);
        if last != START {
            assert_eq!(schedule.previous_before(next), Some(last));
        }
        last = next;
    }
    assert_eq!(never, last == START);
}
