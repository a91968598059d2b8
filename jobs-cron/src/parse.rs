use crate::days::{MonthDays, WeekDays};
use crate::item::Item;
use crate::values::Values;
use crate::{CronError, Field};

/// What each macro stands for.
const MACROS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// An expression as it was read, before it is lowered.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) seconds: Values,
    pub(crate) minutes: Values,
    pub(crate) hours: Values,
    pub(crate) month_days: MonthDays,
    pub(crate) months: Values,
    pub(crate) week_days: WeekDays,
    /// The time of day is an interval and not fixed, which matters where clocks go back.
    pub(crate) interval: bool,
}

impl Fields {
    pub(crate) fn parse(text: &str) -> Result<Fields, CronError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CronError::Empty);
        }
        let fields: Vec<&str> = expand(text)?.split_whitespace().collect();
        let (second, rest) = match fields.as_slice() {
            rest @ [_, _, _, _, _] => ("0", rest),
            [second, rest @ ..] if rest.len() == 5 => (*second, rest),
            other => return Err(CronError::FieldCount { count: other.len() }),
        };
        let seconds = Numbers::parse(Field::Second, second)?;
        let minutes = Numbers::parse(Field::Minute, rest[0])?;
        let hours = Numbers::parse(Field::Hour, rest[1])?;
        Ok(Fields {
            seconds: seconds.values,
            minutes: minutes.values,
            hours: hours.values,
            month_days: MonthDays::parse(rest[2])?,
            months: Numbers::parse(Field::Month, rest[3])?.values,
            week_days: WeekDays::parse(rest[4])?,
            interval: seconds.interval || minutes.interval || hours.interval,
        })
    }
}

struct Numbers {
    values: Values,
    interval: bool,
}

impl Numbers {
    fn parse(field: Field, text: &str) -> Result<Numbers, CronError> {
        let mut numbers = Numbers { values: Values::default(), interval: false };
        for item in items(field, text)? {
            let item = Item::parse(field, item)?;
            numbers.values = numbers.values.union(item.values);
            numbers.interval |= item.interval;
        }
        Ok(numbers)
    }
}

/// Splits a field at its commas.
pub(crate) fn items(field: Field, text: &str) -> Result<impl Iterator<Item = &str>, CronError> {
    if text.split(',').any(str::is_empty) {
        return Err(CronError::EmptyItem { field, value: text.to_owned() });
    }
    Ok(text.split(','))
}

/// Replaces a macro by the fields that it stands for.
fn expand(text: &str) -> Result<&str, CronError> {
    if !text.starts_with('@') {
        return Ok(text);
    }
    let found = MACROS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    match found {
        Some((_, fields)) => Ok(fields),
        None => Err(CronError::UnknownMacro { name: text.to_owned() }),
    }
}

pub(crate) fn macro_list() -> String {
    let names = MACROS.iter().map(|(name, _)| format!("`{name}`, "));
    names.chain(["and `@every 90s`".to_owned()]).collect()
}
