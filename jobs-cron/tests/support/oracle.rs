//! A second, slow reading of the dialect, to compare with.
//!
//! It asks of each second or minute whether the text admits it, and knows neither sets nor
//! searches. Clocks are followed by walking through UTC and looking at what the wall shows.

use std::collections::HashSet;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
    Weekday,
};
use jobs_cron::Tz;

pub struct Oracle {
    second: [bool; 60],
    minute: [bool; 60],
    hour: [bool; 24],
    month: [bool; 12],
    month_day: String,
    week_day: String,
    interval: bool,
    /// How far apart two looks at the clock are.
    tick: i64,
}

impl Oracle {
    pub fn new(text: &str) -> Oracle {
        let fields: Vec<String> = text.to_uppercase().split(' ').map(str::to_owned).collect();
        let (second, rest) = match fields.len() {
            5 => ("0", &fields[..]),
            6 => (fields[0].as_str(), &fields[1..]),
            _ => panic!("{text} is not for the oracle"),
        };
        let clock = format!("{second} {} {}", rest[0], rest[1]);
        Oracle {
            second: std::array::from_fn(|v| number(second, v as i32, 0, 59, 60)),
            minute: std::array::from_fn(|v| number(&rest[0], v as i32, 0, 59, 60)),
            hour: std::array::from_fn(|v| number(&rest[1], v as i32, 0, 23, 24)),
            month_day: rest[2].clone(),
            month: std::array::from_fn(|v| number(&months(&rest[3]), v as i32 + 1, 1, 12, 12)),
            week_day: weekdays(&rest[4]),
            interval: clock.contains(['*', '-', '/']),
            tick: if fields.len() == 5 { 60 } else { 1 },
        }
    }

    pub fn admits(&self, wall: NaiveDateTime) -> bool {
        self.second[wall.second() as usize]
            && self.minute[wall.minute() as usize]
            && self.hour[wall.hour() as usize]
            && self.admits_day(wall.date())
    }

    pub fn admits_day(&self, date: NaiveDate) -> bool {
        let by_month = self.month_day.split(',').any(|item| month_day(item, date));
        let by_week = self.week_day.split(',').any(|item| week_day(item, date));
        let open = |field: &str| field.starts_with(['*', '?']);
        let day = if open(&self.month_day) || open(&self.week_day) {
            by_month && by_week
        } else {
            by_month || by_week
        };
        day && self.month[date.month0() as usize]
    }

    /// All occurrences in UTC on the days from `from`.
    pub fn days(&self, from: NaiveDate, days: u64) -> Vec<DateTime<Utc>> {
        let mut found = Vec::new();
        for date in from.iter_days().take(days as usize) {
            if !self.admits_day(date) {
                continue;
            }
            for hour in (0..24).filter(|hour| self.hour[*hour as usize]) {
                for minute in (0..60).filter(|minute| self.minute[*minute as usize]) {
                    for second in (0..60).filter(|second| self.second[*second as usize]) {
                        let time = date.and_hms_opt(hour, minute, second).unwrap();
                        found.push(time.and_utc());
                    }
                }
            }
        }
        found
    }

    /// All occurrences in a zone from `from` up to, but without, `to`.
    pub fn walk(&self, zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let tick = TimeDelta::seconds(self.tick);
        let mut shown = HashSet::new();
        let mut found = Vec::new();
        // Since 1970 no clocks have gone back by more than a few hours, so that half a day tells
        // what was shown before.
        let mut now = from - TimeDelta::hours(12);
        let mut previous = wall(now - tick, zone);
        while now < to {
            let current = wall(now, zone);
            let first_time = shown.insert(current);
            let due = self.admits(current) && (first_time || self.interval);
            let mut swallowed = false;
            let mut skipped = previous + tick;
            while skipped < current {
                swallowed |= self.admits(skipped);
                skipped += tick;
            }
            if (due || swallowed) && now >= from {
                found.push(now);
            }
            previous = current;
            now += tick;
        }
        found
    }
}

pub fn wall(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    instant.naive_utc() + TimeDelta::seconds(offset.local_minus_utc().into())
}

/// Whether a list of numbers, ranges and steps admits a value; `max` is where `a/n` ends.
fn number(list: &str, value: i32, min: i32, max: i32, size: i32) -> bool {
    list.split(',').any(|item| {
        let (base, step) = item.split_once('/').unwrap_or((item, "1"));
        let step: i32 = step.parse().unwrap();
        let (from, to) = match base.split_once('-') {
            Some((from, to)) => (from.parse().unwrap(), to.parse().unwrap()),
            None if base == "*" => (min, min + size - 1),
            None if item.contains('/') => (base.parse().unwrap(), max),
            None => (base.parse().unwrap(), base.parse().unwrap()),
        };
        let inside =
            if from <= to { from <= value && value <= to } else { value >= from || value <= to };
        inside && (value - from).rem_euclid(size) % step == 0
    })
}

fn months(text: &str) -> String {
    let names = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
    replace_names(text, names, 1)
}

fn weekdays(text: &str) -> String {
    replace_names(text, "SUN MON TUE WED THU FRI SAT", 0)
}

fn replace_names(text: &str, names: &str, first: usize) -> String {
    let mut text = text.to_owned();
    for (index, name) in names.split(' ').enumerate() {
        text = text.replace(name, &(first + index).to_string());
    }
    text
}

fn length(date: NaiveDate) -> u32 {
    (28..=31).rfind(|day| date.with_day(*day).is_some()).unwrap()
}

fn is_workday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn month_day(item: &str, date: NaiveDate) -> bool {
    let today = date.day();
    if item == "?" {
        return true;
    }
    if item == "LW" {
        let last = (1..=31).filter_map(|day| date.with_day(day)).rfind(|day| is_workday(*day));
        return last == Some(date);
    }
    if let Some(before) = item.strip_prefix('L') {
        let before: u32 = before.trim_start_matches('-').parse().unwrap_or(0);
        return today + before == length(date);
    }
    if let Some(wanted) = item.strip_suffix('W') {
        let wanted: u32 = wanted.parse().unwrap();
        // The nearest working day of the month; there are never two at the same distance.
        let nearest = (1..=length(date))
            .filter(|day| is_workday(date.with_day(*day).unwrap()))
            .min_by_key(|day| day.abs_diff(wanted));
        return wanted <= length(date) && nearest == Some(today);
    }
    number(item, today as i32, 1, 31, 31)
}

fn week_day(item: &str, date: NaiveDate) -> bool {
    let today = date.weekday().num_days_from_sunday();
    let same = |day: &str| day.parse::<u32>().unwrap() % 7 == today;
    if item == "?" {
        return true;
    }
    if let Some(day) = item.strip_suffix('L') {
        return same(day) && (date + Days::new(7)).month() != date.month();
    }
    if let Some((day, nth)) = item.split_once('#') {
        let earlier =
            (1..date.day()).filter(|day| date.with_day(*day).unwrap().weekday() == date.weekday());
        return same(day) && earlier.count() + 1 == nth.parse::<usize>().unwrap();
    }
    // Sunday is asked for as 0 and as 7, except that a range from 7 begins at 0.
    let item = match item.split_once('-') {
        Some(("7", rest)) if !rest.starts_with('7') => format!("0-{rest}"),
        _ => item.to_owned(),
    };
    let today = today as i32;
    number(&item, today, 0, 7, 7) || (today == 0 && reaches_seven(&item))
}

fn reaches_seven(item: &str) -> bool {
    let (base, step) = item.split_once('/').unwrap_or((item, "1"));
    let step: i32 = step.parse().unwrap();
    match base.split_once('-') {
        Some((from, "7")) => (7 - from.parse::<i32>().unwrap()) % step == 0,
        Some(_) => false,
        None if base == "*" => false,
        None if item.contains('/') => (7 - base.parse::<i32>().unwrap()) % step == 0,
        None => base == "7",
    }
}
