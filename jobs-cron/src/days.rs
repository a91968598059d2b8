use chrono::{Datelike, NaiveDate, Weekday};

use crate::item::{Item, is_number, parse_value};
use crate::parse::items;
use crate::values::Values;
use crate::{CronError, Field};

/// What the day of month field admits.
#[derive(Clone, Debug)]
pub(crate) struct MonthDays {
    values: Values,
    relative: Vec<MonthDay>,
    /// Begins with `*` or `?`, and so leaves the choice of days to the other day field.
    pub(crate) open: bool,
}

/// A day that is another one in each month.
#[derive(Clone, Copy, Debug)]
enum MonthDay {
    /// `L`, and `L-3` for three days before it.
    Last { before: u32 },
    /// `LW`: the last day that is neither Saturday nor Sunday.
    LastWorkday,
    /// `15W`: the day from Monday to Friday that is nearest, within the month.
    NearestWorkday(u32),
}

impl MonthDays {
    pub(crate) fn all() -> MonthDays {
        MonthDays { values: all_values(Field::DayOfMonth), relative: Vec::new(), open: true }
    }

    pub(crate) fn parse(text: &str) -> Result<MonthDays, CronError> {
        if text == "?" {
            return Ok(MonthDays::all());
        }
        let mut days = MonthDays {
            values: Values::default(),
            relative: Vec::new(),
            open: text.starts_with('*'),
        };
        for item in items(Field::DayOfMonth, text)? {
            match MonthDay::parse(item)? {
                Some(day) => days.relative.push(day),
                None => {
                    let item = Item::parse(Field::DayOfMonth, item)?;
                    days.values = days.values.union(item.values);
                }
            }
        }
        Ok(days)
    }

    pub(crate) fn contains(&self, date: NaiveDate) -> bool {
        self.values.contains(date.day()) || self.relative.iter().any(|day| day.is(date))
    }

    /// The numbers of all days that can be admitted in some month.
    pub(crate) fn candidates(&self) -> Values {
        let relative = self.relative.iter().map(|day| day.candidates());
        relative.fold(self.values, Values::union)
    }
}

impl MonthDay {
    fn parse(item: &str) -> Result<Option<MonthDay>, CronError> {
        let upper = item.to_ascii_uppercase();
        if upper == "L" {
            return Ok(Some(MonthDay::Last { before: 0 }));
        }
        if upper == "LW" {
            return Ok(Some(MonthDay::LastWorkday));
        }
        if let Some(before) = upper.strip_prefix("L-").filter(|rest| is_number(rest)) {
            return match before.parse() {
                Ok(before @ 1..=30) => Ok(Some(MonthDay::Last { before })),
                _ => Err(CronError::BeforeLast { value: item.to_owned() }),
            };
        }
        if let Some(day) = upper.strip_suffix('W').filter(|rest| is_number(rest)) {
            let day = parse_value(Field::DayOfMonth, item, day)?;
            return Ok(Some(MonthDay::NearestWorkday(day)));
        }
        Ok(None)
    }

    fn is(self, date: NaiveDate) -> bool {
        let length = u32::from(date.num_days_in_month());
        match self {
            MonthDay::Last { before } => date.day() + before == length,
            MonthDay::LastWorkday => nearest_workday(date, length) == Some(date.day()),
            MonthDay::NearestWorkday(day) => nearest_workday(date, day) == Some(date.day()),
        }
    }

    fn candidates(self) -> Values {
        // From the last day of February to that of January, and at most two days off for a
        // weekend at either end of a month.
        let (first, last) = match self {
            MonthDay::Last { before } => (28_u32.saturating_sub(before), 31 - before),
            MonthDay::LastWorkday => (26, 31),
            MonthDay::NearestWorkday(day) => (day.saturating_sub(2), day + 2),
        };
        (first.max(1)..=last.min(31)).collect()
    }
}

/// The day from Monday to Friday that is nearest to `day` in the month of `date`, if the month
/// has such a day.
fn nearest_workday(date: NaiveDate, day: u32) -> Option<u32> {
    let length = u32::from(date.num_days_in_month());
    Some(match date.with_day(day)?.weekday() {
        Weekday::Sat if day == 1 => day + 2,
        Weekday::Sat => day - 1,
        Weekday::Sun if day == length => day - 2,
        Weekday::Sun => day + 1,
        _ => day,
    })
}

/// What the day of week field admits; Sunday is 0.
#[derive(Clone, Debug)]
pub(crate) struct WeekDays {
    values: Values,
    relative: Vec<WeekDay>,
    /// Begins with `*` or `?`, and so leaves the choice of days to the other day field.
    pub(crate) open: bool,
}

/// One weekday of a month.
#[derive(Clone, Copy, Debug)]
enum WeekDay {
    /// `FRI#2`
    Nth { day: u32, nth: u32 },
    /// `5L` or `FRIL`
    Last { day: u32 },
}

impl WeekDays {
    pub(crate) fn all() -> WeekDays {
        WeekDays { values: all_values(Field::DayOfWeek), relative: Vec::new(), open: true }
    }

    pub(crate) fn parse(text: &str) -> Result<WeekDays, CronError> {
        if text == "?" {
            return Ok(WeekDays::all());
        }
        let mut days = WeekDays {
            values: Values::default(),
            relative: Vec::new(),
            open: text.starts_with('*'),
        };
        for item in items(Field::DayOfWeek, text)? {
            match WeekDay::parse(item)? {
                Some(day) => days.relative.push(day),
                None => {
                    let item = Item::parse(Field::DayOfWeek, item)?;
                    days.values = days.values.union(item.values);
                }
            }
        }
        Ok(days)
    }

    pub(crate) fn contains(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().num_days_from_sunday();
        self.values.contains(weekday) || self.relative.iter().any(|day| day.is(date))
    }

    /// All weekdays that can be admitted in some week.
    pub(crate) fn candidates(&self) -> Values {
        let relative = self.relative.iter().map(|day| day.weekday()).collect();
        self.values.union(relative)
    }
}

impl WeekDay {
    fn parse(item: &str) -> Result<Option<WeekDay>, CronError> {
        let weekday = |day| Ok(parse_value(Field::DayOfWeek, item, day)? % 7);
        if let Some((day, digits)) = item.split_once('#') {
            let day = weekday(day)?;
            return match digits.parse() {
                Ok(nth @ 1..=5) if is_number(digits) => Ok(Some(WeekDay::Nth { day, nth })),
                _ => Err(CronError::NthWeekday { value: item.to_owned() }),
            };
        }
        match item.strip_suffix(['L', 'l']) {
            Some(day) if !day.is_empty() => Ok(Some(WeekDay::Last { day: weekday(day)? })),
            _ => Ok(None),
        }
    }

    fn weekday(self) -> u32 {
        match self {
            WeekDay::Nth { day, .. } | WeekDay::Last { day } => day,
        }
    }

    fn is(self, date: NaiveDate) -> bool {
        let length = u32::from(date.num_days_in_month());
        date.weekday().num_days_from_sunday() == self.weekday()
            && match self {
                WeekDay::Nth { nth, .. } => date.day().div_ceil(7) == nth,
                WeekDay::Last { .. } => date.day() + 7 > length,
            }
    }
}

fn all_values(field: Field) -> Values {
    (field.first()..field.first() + field.size()).collect()
}
