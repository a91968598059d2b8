//! Each error, by its whole message.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::time::Duration;

use jobs_cron::{Cron, CronError, Field, Schedule, ScheduleError, parse_duration, parse_zone};

#[track_caller]
fn check(text: &str, field: Option<Field>, message: &str) {
    let error = Cron::parse(text).expect_err(text);
    assert_eq!(error.to_string(), message, "{text}");
    assert_eq!(error.field(), field, "{text}");
}

#[test]
fn numbers_outside_their_field() {
    let minutes = "minutes are 0 to 59";
    let weekdays = "days of the week are 0 to 7 (0 and 7 are Sunday) or SUN to SAT";
    for (text, field, value, bounds) in [
        ("61 * * * *", Field::Minute, "61", minutes),
        ("60 * * * *", Field::Minute, "60", minutes),
        ("5,61 * * * *", Field::Minute, "61", minutes),
        ("10-61 * * * *", Field::Minute, "61", minutes),
        ("70/5 * * * *", Field::Minute, "70", minutes),
        ("99999999999999999999 * * * *", Field::Minute, "99999999999999999999", minutes),
        ("0 24 * * *", Field::Hour, "24", "hours are 0 to 23"),
        ("0 0 0 * *", Field::DayOfMonth, "0", "days of the month are 1 to 31"),
        ("0 0 32 * *", Field::DayOfMonth, "32", "days of the month are 1 to 31"),
        ("0 0 40W * *", Field::DayOfMonth, "40", "days of the month are 1 to 31"),
        ("0 0 * 0 *", Field::Month, "0", "months are 1 to 12 or JAN to DEC"),
        ("0 0 * 13 *", Field::Month, "13", "months are 1 to 12 or JAN to DEC"),
        ("0 0 * * 8", Field::DayOfWeek, "8", weekdays),
        ("0 0 * * 8L", Field::DayOfWeek, "8", weekdays),
        ("0 0 * * 9#1", Field::DayOfWeek, "9", weekdays),
        ("60 0 0 * * *", Field::Second, "60", "seconds are 0 to 59"),
    ] {
        check(text, Some(field), &format!("the {field} field holds `{value}`; {bounds}"));
    }
}

#[test]
fn values_that_cannot_be_read() {
    check(
        "x * * * *",
        Some(Field::Minute),
        "the minute field holds `x`, which cannot be read; write `*`, `5`, `10-20`, `*/5`, `10-50/5` or a list \
         such as `0,30`; minutes are 0 to 59",
    );
    check(
        "0 9am * * *",
        Some(Field::Hour),
        "the hour field holds `9am`, which cannot be read; write `*`, `5`, `9-17`, `*/2`, `22-2` or a list such \
         as `9,12`; hours are 0 to 23",
    );
    check(
        "0 0 FRI * *",
        Some(Field::DayOfMonth),
        "the day of month field holds `FRI`, which cannot be read; write `*`, `5`, `1-15`, `*/2`, `L`, `L-3`, \
         `LW`, `15W` or a list such as `1,15`; days of the month are 1 to 31",
    );
    check(
        "0 0 * JANUARY *",
        Some(Field::Month),
        "the month field holds `JANUARY`, which cannot be read; write `*`, `5`, `JUN`, `JUN-AUG`, `*/3` or a list \
         such as `1,7`; months are 1 to 12 or JAN to DEC",
    );
    check(
        "0 0 * * L",
        Some(Field::DayOfWeek),
        "the day of week field holds `L`, which cannot be read; write `*`, `5`, `FRI`, `MON-FRI`, `FRI#2` (the \
         second Friday), `5L` or `FRIL` (the last Friday) or a list such as `MON,WED`; days of the week are 0 to \
         7 (0 and 7 are Sunday) or SUN to SAT",
    );
    for text in [
        "-5 * * * *",
        "5- * * * *",
        "1-2-3 * * * *",
        "+5 * * * *",
        "** * * * *",
        "1/ * * * *",
        "*/x * * * *",
        "/5 * * * *",
        "*/5/5 * * * *",
        "*-5 * * * *",
        "1.5 * * * *",
        "５ * * * *",
        "0 0 L-x * *",
        "0 0 xW * *",
        "0 0 L-3W * *",
        "0 0 1-L * *",
        "0 0 5L * *",
        "0 0 * * #2",
        "0 0 * * FRI#L",
        "0 0 * * MONDAY",
        "0 0 * * xL",
    ] {
        let error = Cron::parse(text).expect_err(text);
        let read = matches!(error, CronError::NotUnderstood { .. } | CronError::NthWeekday { .. });
        assert!(read, "{text}: {error}");
    }
}

#[test]
fn lists_with_nothing_beside_a_comma() {
    for value in [",", "1,", ",1", "1,,2"] {
        check(
            &format!("{value} * * * *"),
            Some(Field::Minute),
            &format!(
                "the minute field holds `{value}`, where a comma has nothing beside it; write a list such as `1,2`"
            ),
        );
    }
    assert_eq!(Cron::parse("0 0 1,, * *").unwrap_err().field(), Some(Field::DayOfMonth));
    assert_eq!(Cron::parse("0 0 * * ,MON").unwrap_err().field(), Some(Field::DayOfWeek));
}

#[test]
fn steps_that_do_not_fit() {
    for (text, field, value, largest) in [
        ("*/0 * * * *", Field::Minute, "*/0", 60),
        ("*/90 * * * *", Field::Minute, "*/90", 60),
        ("0 */25 * * *", Field::Hour, "*/25", 24),
        ("0 0 1/32 * *", Field::DayOfMonth, "1/32", 31),
        ("0 0 * 1-6/13 *", Field::Month, "1-6/13", 12),
        ("0 0 * * */8", Field::DayOfWeek, "*/8", 7),
        ("*/99999999999 * * * * *", Field::Second, "*/99999999999", 60),
    ] {
        check(
            text,
            Some(field),
            &format!(
                "the {field} field holds `{value}`; steps in this field are 1 to {largest}, and periods that no \
                 field can hold are written like `@every 90m`"
            ),
        );
    }
}

#[test]
fn signs_in_the_wrong_field() {
    let question = "`?` is for the day of month and the day of week, and stands alone there";
    let hash = "`#` is for the day of week, as in `FRI#2`";
    let workday = "`W` is for the day of month, as in `15W` or `LW`";
    let last = "`L` is for the day of month, as in `L`, and for the day of week, as in `5L`";
    for (text, field, value, rest) in [
        ("? * * * *", Field::Minute, "?", question),
        ("0 0 ?,1 * *", Field::DayOfMonth, "?", question),
        ("0 0 * * ?/2", Field::DayOfWeek, "?/2", question),
        ("0 0 5#2 * *", Field::DayOfMonth, "5#2", hash),
        ("0 5#2 * * *", Field::Hour, "5#2", hash),
        ("0 0 * * 15W", Field::DayOfWeek, "15W", workday),
        ("0 0 * LW *", Field::Month, "LW", workday),
        ("0 L * * *", Field::Hour, "L", last),
        ("0 0 * 5L *", Field::Month, "5L", last),
    ] {
        check(text, Some(field), &format!("the {field} field holds `{value}`; {rest}"));
    }
}

#[test]
fn numbers_behind_signs() {
    for value in ["FRI#0", "FRI#6", "5#", "5#x", "5#+2"] {
        check(
            &format!("0 0 * * {value}"),
            Some(Field::DayOfWeek),
            &format!("the day of week field holds `{value}`; the number after `#` is 1 to 5"),
        );
    }
    for value in ["L-0", "L-31", "L-99999999999"] {
        check(
            &format!("0 0 {value} * *"),
            Some(Field::DayOfMonth),
            &format!("the day of month field holds `{value}`; the number after `L-` is 1 to 30"),
        );
    }
}

#[test]
fn expressions_that_are_wrong_as_a_whole() {
    let empty = "the cron expression is empty; write five fields, such as `0 9 * * MON-FRI`";
    check("", None, empty);
    check(" \t\n", None, empty);
    for (text, count) in
        [("*", "1 field"), ("* * * *", "4 fields"), ("0 0 0 1 1 * 2026", "7 fields")]
    {
        check(
            text,
            None,
            &format!(
                "the cron expression has {count}; write five (minute, hour, day of month, month, day of week), or \
                 six with the seconds in front"
            ),
        );
    }
    for name in ["@reboot", "@", "@every90s", "@daily 5"] {
        check(
            name,
            None,
            &format!(
                "`{name}` is not a macro of this dialect; the macros are `@hourly`, `@daily`, `@midnight`, \
                 `@weekly`, `@monthly`, `@yearly`, `@annually`, and `@every 90s`"
            ),
        );
    }
}

#[test]
fn periods() {
    for (text, message) in [
        (
            "@every",
            "the period of `@every` cannot be read: `` is not a duration; write for example `30s`, `5m` or `1h 30m`",
        ),
        (
            "@every blue moon",
            "the period of `@every` cannot be read: `blue moon` is not a duration; write for example `30s`, `5m` \
             or `1h 30m`",
        ),
        ("@every 500ms", "`@every 500ms` is too often; the shortest period is `1s`"),
        ("@every 0s", "`@every 0s` is too often; the shortest period is `1s`"),
        (
            "@every 1500ms",
            "`@every 1500ms` has a fraction of a second; write whole seconds, such as `90s`",
        ),
        ("@every 101years", "`@every 101years` is too seldom; the longest period is `100years`"),
    ] {
        check(text, None, message);
    }
    let every = |period| Cron::every(period).unwrap_err().to_string();
    assert_eq!(every(Duration::ZERO), "`@every 0s` is too often; the shortest period is `1s`");
    assert_eq!(
        every(Duration::from_millis(1_500)),
        "`@every 1s 500ms` has a fraction of a second; write whole seconds, such as `90s`",
    );
    assert!(matches!(Cron::every(Duration::MAX), Err(CronError::PeriodNotWhole { .. })));
    assert!(matches!(
        Cron::every(Duration::from_secs(u64::MAX)),
        Err(CronError::PeriodTooLong { .. })
    ));
}

#[test]
fn the_first_wrong_field_is_named() {
    assert_eq!(Cron::parse("61 25 * * *").unwrap_err().field(), Some(Field::Minute));
    assert_eq!(Cron::parse("0 0 0 0 0 *").unwrap_err().field(), Some(Field::DayOfMonth));
}

#[test]
fn zones() {
    for (name, rest) in [
        ("europe/istanbul", "did you mean `Europe/Istanbul`?"),
        ("EUROPE/BERLIN", "did you mean `Europe/Berlin`?"),
        ("utc", "did you mean `UTC`?"),
        ("Europe/Istambul", "did you mean `Europe/Istanbul`?"),
        ("America/New York", "did you mean `America/New_York`?"),
        ("new york", "did you mean `America/New_York`?"),
        ("Berlin", "did you mean `Europe/Berlin`?"),
        ("istanbul", "did you mean `Asia/Istanbul` or `Europe/Istanbul`?"),
        (" UTC ", "did you mean `UTC`?"),
        ("Mars/Olympus", "write a name such as `Europe/Istanbul` or `UTC`"),
        ("", "write a name such as `Europe/Istanbul` or `UTC`"),
        ("xyz", "write a name such as `Europe/Istanbul` or `UTC`"),
        ("+03:00", "write a name such as `Europe/Istanbul` or `UTC`"),
    ] {
        let error = parse_zone(name).unwrap_err();
        assert_eq!(error.to_string(), format!("`{name}` is not an IANA time zone; {rest}"));
        assert_eq!(error.name(), name);
    }
    for name in ["UTC", "Europe/Istanbul", "America/Argentina/Buenos_Aires", "Etc/GMT+3"] {
        assert_eq!(parse_zone(name).unwrap().name(), name);
    }
}

#[test]
fn schedules_pass_on_what_is_wrong() {
    let error = Schedule::parse("61 * * * *", "Nowhere").unwrap_err();
    assert_eq!(error.to_string(), "the minute field holds `61`; minutes are 0 to 59");
    let error = Schedule::parse("* * * * *", "Nowhere").unwrap_err();
    assert!(matches!(error, ScheduleError::Zone(_)));
}

#[test]
fn durations() {
    for (text, seconds) in [
        ("0", 0),
        ("0s", 0),
        ("30s", 30),
        ("5m", 300),
        ("1h 30m", 5_400),
        ("1h30m", 5_400),
        ("2days", 172_800),
    ] {
        assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
    for text in ["", "soon", "30", "-5s", "5 minits", "99999999999999999999s", "99999999999999999y"]
    {
        let error = parse_duration(text).unwrap_err();
        let rest = "is not a duration; write for example `30s`, `5m` or `1h 30m`";
        assert_eq!(error.to_string(), format!("`{text}` {rest}"));
        assert_eq!(error.value(), text);
    }
}
