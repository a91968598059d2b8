//! Each row of the dialect, by the days and times at which it fires.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod support;

use jobs_cron::{Cron, Field, Schedule, Tz};
use support::{fires, schedule, utc};

/// The minutes, hours or days at which an expression fires in a window of UTC.
fn values(cron: &str, format: &str, after: &str, before: &str) -> String {
    let schedule = schedule(cron, "UTC");
    let times = schedule.upcoming(utc(after)).take_while(|time| *time < utc(before));
    let texts: Vec<String> = times.map(|time| time.format(format).to_string()).collect();
    texts.join(" ")
}

fn minutes(field: &str) -> String {
    let cron = format!("{field} 0 1 1 *");
    values(&cron, "%-M", "2025-12-31 23:59:59", "2026-01-02 00:00")
}

fn hours(field: &str) -> String {
    let cron = format!("0 {field} 1 1 *");
    values(&cron, "%-H", "2025-12-31 23:59:59", "2026-01-02 00:00")
}

fn seconds(field: &str) -> String {
    let cron = format!("{field} 0 0 1 1 *");
    values(&cron, "%-S", "2025-12-31 23:59:59", "2026-01-02 00:00")
}

fn months(field: &str) -> String {
    let cron = format!("0 0 1 {field} *");
    values(&cron, "%-m", "2025-12-31 23:59:59", "2027-01-01 00:00")
}

/// The days of one month on which both day fields admit.
fn days(month_day: &str, week_day: &str, month: &str) -> String {
    let first = chrono::NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").unwrap();
    let next = first + chrono::Months::new(1);
    let cron = format!("0 0 {month_day} * {week_day}");
    let before = first - chrono::Days::new(1);
    values(&cron, "%-d", &format!("{before} 23:59:59"), &format!("{next} 00:00"))
}

#[test]
fn minute_fields() {
    let all: Vec<String> = (0..60).map(|minute| minute.to_string()).collect();
    for (field, expected) in [
        ("0", "0"),
        ("5", "5"),
        ("05", "5"),
        ("59", "59"),
        ("*", all.join(" ").as_str()),
        ("*/1", all.join(" ").as_str()),
        ("*/15", "0 15 30 45"),
        ("*/7", "0 7 14 21 28 35 42 49 56"),
        ("*/60", "0"),
        ("10-13", "10 11 12 13"),
        ("10-50/5", "10 15 20 25 30 35 40 45 50"),
        ("5/15", "5 20 35 50"),
        ("58-2", "0 1 2 58 59"),
        ("58-2/2", "0 2 58"),
        ("59-1/2", "1 59"),
        ("7-7", "7"),
        ("1,2,3", "1 2 3"),
        ("30,0", "0 30"),
        ("1,1,1", "1"),
        ("0,20-22,40/10", "0 20 21 22 40 50"),
        ("5,*/30", "0 5 30"),
    ] {
        assert_eq!(minutes(field), expected, "{field}");
    }
}

#[test]
fn hour_fields() {
    for (field, expected) in [
        ("0", "0"),
        ("23", "23"),
        ("9-17", "9 10 11 12 13 14 15 16 17"),
        ("22-2", "0 1 2 22 23"),
        ("22-2/2", "0 2 22"),
        ("*/6", "0 6 12 18"),
        ("*/24", "0"),
        ("20/2", "20 22"),
        ("9,12,18", "9 12 18"),
    ] {
        assert_eq!(hours(field), expected, "{field}");
    }
}

#[test]
fn second_fields() {
    for (field, expected) in [
        ("0", "0"),
        ("59", "59"),
        ("*/20", "0 20 40"),
        ("50/5", "50 55"),
        ("58-1", "0 1 58 59"),
        ("1,2", "1 2"),
    ] {
        assert_eq!(seconds(field), expected, "{field}");
    }
}

#[test]
fn month_fields() {
    for (field, expected) in [
        ("1", "1"),
        ("jan", "1"),
        ("Dec", "12"),
        ("*", "1 2 3 4 5 6 7 8 9 10 11 12"),
        ("*/3", "1 4 7 10"),
        ("2/5", "2 7 12"),
        ("JUN-AUG", "6 7 8"),
        ("nov-Feb", "1 2 11 12"),
        ("NOV-FEB/2", "1 11"),
        ("11-FEB", "1 2 11 12"),
        ("APR,MAY,9", "4 5 9"),
        ("FEB,MAR,JUL,SEP,OCT", "2 3 7 9 10"),
    ] {
        assert_eq!(months(field), expected, "{field}");
    }
}

#[test]
fn day_of_month_fields() {
    // In 2026 January begins on a Thursday, February on a Sunday, May on a Friday,
    // August on a Saturday; 2028 is a leap year.
    for (field, month, expected) in [
        ("1", "2026-01", "1"),
        ("31", "2026-01", "31"),
        ("31", "2026-02", ""),
        ("1,15", "2026-01", "1 15"),
        ("30-2", "2026-01", "1 2 30 31"),
        ("30-2", "2026-02", "1 2"),
        ("*/10", "2026-01", "1 11 21 31"),
        ("5/10", "2026-01", "5 15 25"),
        ("1-10/3", "2026-01", "1 4 7 10"),
        ("L", "2026-01", "31"),
        ("L", "2026-02", "28"),
        ("L", "2028-02", "29"),
        ("L", "2100-02", "28"),
        ("l", "2026-04", "30"),
        ("L-3", "2026-01", "28"),
        ("L-30", "2026-01", "1"),
        ("L-30", "2026-04", ""),
        ("L-28", "2028-02", "1"),
        ("L-28", "2026-02", ""),
        ("1,L", "2026-02", "1 28"),
        ("LW", "2026-01", "30"),
        ("LW", "2026-02", "27"),
        ("lw", "2026-05", "29"),
        ("LW", "2026-08", "31"),
        ("15W", "2026-01", "15"),
        ("15W", "2026-02", "16"),
        ("15W", "2026-08", "14"),
        ("1W", "2026-08", "3"),
        ("1W", "2026-02", "2"),
        ("31W", "2026-01", "30"),
        ("31W", "2026-05", "29"),
        ("31W", "2026-02", ""),
        ("28W", "2026-02", "27"),
        ("15w,L", "2026-02", "16 28"),
        ("LW,L", "2026-02", "27 28"),
    ] {
        assert_eq!(days(field, "*", month), expected, "{field} in {month}");
        assert_eq!(days(field, "?", month), expected, "{field} in {month}");
    }
}

#[test]
fn day_of_week_fields() {
    // March 2026 begins on a Sunday.
    for (field, expected) in [
        ("0", "1 8 15 22 29"),
        ("7", "1 8 15 22 29"),
        ("SUN", "1 8 15 22 29"),
        ("1", "2 9 16 23 30"),
        ("mon", "2 9 16 23 30"),
        ("6", "7 14 21 28"),
        ("MON-WED", "2 3 4 9 10 11 16 17 18 23 24 25 30 31"),
        ("1-3", "2 3 4 9 10 11 16 17 18 23 24 25 30 31"),
        ("1-WED", "2 3 4 9 10 11 16 17 18 23 24 25 30 31"),
        ("SAT-SUN", "1 7 8 14 15 21 22 28 29"),
        ("6-7", "1 7 8 14 15 21 22 28 29"),
        ("6-0", "1 7 8 14 15 21 22 28 29"),
        ("FRI-MON", "1 2 6 7 8 9 13 14 15 16 20 21 22 23 27 28 29 30"),
        ("FRI-MON/2", "1 6 8 13 15 20 22 27 29"),
        ("7-1", "1 2 8 9 15 16 22 23 29 30"),
        ("7-0", "1 8 15 22 29"),
        ("TUE,THU", "3 5 10 12 17 19 24 26 31"),
        ("5/2", "1 6 8 13 15 20 22 27 29"),
        ("FRI#2", "13"),
        ("5#2", "13"),
        ("sun#1", "1"),
        ("7#5", "29"),
        ("0#5", "29"),
        ("SAT#5", ""),
        ("5L", "27"),
        ("FRIL", "27"),
        ("fril", "27"),
        ("7L", "29"),
        ("0l", "29"),
        ("TUEL", "31"),
        ("MON#1,FRIL", "2 27"),
        ("MON,FRI#2", "2 9 13 16 23 30"),
    ] {
        assert_eq!(days("*", field, "2026-03"), expected, "{field}");
        assert_eq!(days("?", field, "2026-03"), expected, "{field}");
    }
    assert_eq!(days("*", "0-7", "2026-02"), days("*", "*", "2026-02"));
    assert_eq!(days("*", "MON-SUN", "2026-02"), days("*", "*", "2026-02"));
    assert_eq!(days("*", "*/2", "2026-03"), days("*", "0,2,4,6", "2026-03"));
}

#[test]
fn either_day_field_matches_when_both_are_restricted() {
    for (month_day, week_day, expected) in [
        ("13", "FRI", "6 13 20 27"),
        ("1", "MON", "1 2 9 16 23 30"),
        ("L", "SUN#1", "1 31"),
        ("15W", "5L", "16 27"),
        ("1-31", "MON", &(1..=31).map(|day| day.to_string()).collect::<Vec<_>>().join(" ")),
        // Beginning with a star, a field is not restricted, and both have to match.
        ("*/2", "MON", "9 23"),
        ("1-31/2", "MON#1", "1 2 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31"),
        ("*,5", "MON", "2 9 16 23 30"),
        ("1-7", "*/1", "1 2 3 4 5 6 7"),
        ("*/5", "*/2", "1 21 26 31"),
        ("?", "?", &(1..=31).map(|day| day.to_string()).collect::<Vec<_>>().join(" ")),
    ] {
        assert_eq!(days(month_day, week_day, "2026-03"), expected, "{month_day} {week_day}");
    }
}

#[test]
fn weekdays_mean_the_same_in_both_forms() {
    for day in ["0", "1", "5", "7", "MON-FRI", "FRI-MON", "5#2", "7L"] {
        let five = Cron::parse(&format!("30 9 * * {day}")).unwrap();
        let six = Cron::parse(&format!("0 30 9 * * {day}")).unwrap();
        let upcoming = |cron| {
            let schedule = Schedule::new(cron, Tz::UTC);
            let times = schedule.upcoming(utc("2026-01-01 00:00"));
            times.take(40).collect::<Vec<_>>()
        };
        assert_eq!(upcoming(five), upcoming(six), "{day}");
    }
}

#[test]
fn macros_stand_for_their_fields() {
    for (name, fields) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@Daily", "0 0 * * *"),
    ] {
        let upcoming = |text| {
            let schedule = schedule(text, "Europe/Istanbul");
            let times = schedule.upcoming(utc("2026-01-01 00:00"));
            times.take(30).collect::<Vec<_>>()
        };
        assert_eq!(upcoming(name), upcoming(fields), "{name}");
    }
}

#[test]
fn every_counts_from_the_epoch() {
    for (text, after, expected) in [
        ("@every 90s", "1970-01-01 00:00", "1970-01-01 00:01:30"),
        ("@every 90s", "2026-01-01 00:00", "2026-01-01 00:01:30"),
        ("@every 1s", "2026-01-01 00:00", "2026-01-01 00:00:01"),
        ("@every 11m", "2026-01-01 00:00", "2026-01-01 00:05"),
        ("@EVERY  1h 30m ", "2026-01-01 00:00", "2026-01-01 01:30"),
        // The epoch was a Thursday.
        ("@every 1week", "2026-01-02 00:00", "2026-01-08 00:00"),
        ("@every 90s", "1969-12-31 23:59", "1970-01-01 00:00"),
        ("@every 90s", "1969-12-31 23:58", "1969-12-31 23:58:30"),
    ] {
        for zone in ["UTC", "Asia/Kathmandu", "Pacific/Apia"] {
            let next = schedule(text, zone).next_after(utc(after));
            assert_eq!(next, Some(utc(expected)), "{text} after {after} in {zone}");
            let back = schedule(text, zone).previous_before(utc(expected)).unwrap();
            assert!(back <= utc(after), "{text} before {expected} in {zone}");
        }
    }
    assert_eq!(
        fires("@every 12h", "Europe/Berlin", "2026-03-28 12:00", "2026-03-30 00:00").len(),
        2
    );
}

#[test]
fn every_from_a_duration_is_what_its_text_says() {
    for seconds in [1, 59, 60, 90, 3_600, 86_400, 1_000_003, 3_155_760_000] {
        let cron = Cron::every(std::time::Duration::from_secs(seconds)).unwrap();
        let read = Cron::parse(cron.as_str()).unwrap();
        assert_eq!(cron, read);
        let next = |cron| Schedule::new(cron, Tz::UTC).next_after(utc("2026-01-01 00:00"));
        let next_of_both = (next(cron), next(read));
        assert_eq!(next_of_both.0, next_of_both.1);
        assert_eq!(next_of_both.0.unwrap().timestamp() % seconds as i64, 0);
    }
}

#[test]
fn white_space_is_free_and_the_text_is_kept() {
    let cron = Cron::parse("  0\t9  * *\n1 ").unwrap();
    assert_eq!(cron.as_str(), "  0\t9  * *\n1 ");
    assert_eq!(cron.to_string(), cron.as_str());
    let next = Schedule::new(cron, Tz::UTC).next_after(utc("2026-01-01 00:00"));
    assert_eq!(next, Some(utc("2026-01-05 09:00")));
}

#[test]
fn equality_is_that_of_the_text() {
    let parse = |text| Cron::parse(text).unwrap();
    assert_eq!(parse("@daily"), parse("@daily"));
    assert_ne!(parse("@daily"), parse("0 0 * * *"));
    assert_eq!(format!("{:?}", parse("@daily")), "Cron(\"@daily\")");
    assert_eq!(schedule("@daily", "UTC"), Schedule::new(parse("@daily"), Tz::UTC));
    assert_ne!(schedule("@daily", "UTC"), schedule("@daily", "Asia/Tokyo"));
}

#[test]
fn expressions_that_never_fire_say_so_and_cost_nothing() {
    for text in ["0 0 31 2 *", "0 0 30 2 ?", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "0 0 0 L-30 2 *"] {
        assert!(Cron::parse(text).unwrap().fires_never(), "{text}");
        let schedule = schedule(text, "Europe/Berlin");
        assert_eq!(schedule.next_after(utc("2026-01-01 00:00")), None, "{text}");
        assert_eq!(schedule.previous_before(utc("2026-01-01 00:00")), None, "{text}");
    }
    for text in ["0 0 29 2 *", "0 0 31 2 MON", "0 0 */28 2 1", "* * * * *", "@every 100years"] {
        assert!(!Cron::parse(text).unwrap().fires_never(), "{text}");
    }
}

#[test]
fn rare_dates_are_found() {
    // 29 February on a Monday: the star makes both day fields count.
    let leap_monday = schedule("0 0 */28 2 MON#5", "UTC");
    assert_eq!(leap_monday.next_after(utc("2026-01-01 00:00")), Some(utc("2044-02-29 00:00")));
    assert_eq!(leap_monday.previous_before(utc("2026-01-01 00:00")), Some(utc("2016-02-29 00:00")));
    let leap_day = schedule("0 0 29 2 *", "UTC");
    assert_eq!(leap_day.next_after(utc("2096-02-28 12:00")), Some(utc("2096-02-29 00:00")));
    assert_eq!(leap_day.next_after(utc("2096-02-29 00:00")), None);
}

#[test]
fn sparse_expressions_are_quick() {
    let start = std::time::Instant::now();
    for text in ["0 0 */28 2 MON#5", "59 59 23 31W 12 ?", "0 0 29 2 *", "0 0 31 2 *"] {
        let schedule = schedule(text, "America/New_York");
        for _ in 0..100 {
            let _ = schedule.next_after(utc("2017-01-01 00:00"));
            let _ = schedule.previous_before(utc("2043-01-01 00:00"));
        }
    }
    // Milliseconds in truth; the bound only has to tell a search of years from one of seconds.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn fractions_of_a_second_belong_to_the_second() {
    let schedule = schedule("* * * * * *", "UTC");
    let second = utc("2026-01-01 00:00:05");
    let within = second + chrono::TimeDelta::milliseconds(400);
    assert_eq!(schedule.next_after(within), Some(utc("2026-01-01 00:00:06")));
    assert_eq!(schedule.previous_before(within), Some(second));
    assert_eq!(schedule.next_after(second), Some(utc("2026-01-01 00:00:06")));
    assert_eq!(schedule.previous_before(second), Some(utc("2026-01-01 00:00:04")));
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    let (first, last) =
        (chrono::DateTime::<chrono::Utc>::MIN_UTC, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
        let minutes = schedule("* * * * *", zone);
        assert!(minutes.next_after(first).is_some());
        assert_eq!(minutes.previous_before(first), None);
        assert_eq!(minutes.next_after(last), None);
        assert!(minutes.previous_before(last).is_some());
    }
    assert_eq!(schedule("@every 1s", "UTC").next_after(last), None);
    assert!(schedule("@every 1s", "UTC").next_after(first).is_some());
    assert!(schedule("@every 100years", "UTC").previous_before(last).is_some());
}

#[test]
fn upcoming_ends_when_there_is_no_more() {
    let schedule = schedule("0 0 29 2 *", "UTC");
    let years: Vec<_> = schedule
        .upcoming(utc("2085-01-01 00:00"))
        .map(|time| time.format("%Y").to_string())
        .collect();
    assert_eq!(years, ["2088", "2092", "2096"]);
}

#[test]
fn fields_have_names() {
    for (field, name) in [
        (Field::Second, "second"),
        (Field::Minute, "minute"),
        (Field::Hour, "hour"),
        (Field::DayOfMonth, "day of month"),
        (Field::Month, "month"),
        (Field::DayOfWeek, "day of week"),
    ] {
        assert_eq!(field.to_string(), name);
    }
}
