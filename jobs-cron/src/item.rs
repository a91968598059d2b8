use crate::values::Values;
use crate::{CronError, Field};

/// One item of a list: `*`, a value, a range, or one of these with a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) values: Values,
    /// Written as a `*`, a range or a step, and not as a single value.
    pub(crate) interval: bool,
}

impl Item {
    pub(crate) fn parse(field: Field, text: &str) -> Result<Item, CronError> {
        let (base, step) = match text.split_once('/') {
            Some((base, step)) => (base, Some(parse_step(field, text, step)?)),
            None => (text, None),
        };
        let extent = Extent::parse(field, text, base, step.is_some())?;
        let step = step.unwrap_or(1);
        Ok(Item { values: extent.values(field, step), interval: extent.interval })
    }
}

/// A first value and how many follow one another from there, wrapping at the end of the field.
struct Extent {
    start: u32,
    count: u32,
    interval: bool,
}

impl Extent {
    fn parse(field: Field, text: &str, base: &str, stepped: bool) -> Result<Extent, CronError> {
        if base == "*" {
            return Ok(Extent { start: field.first(), count: field.size(), interval: true });
        }
        if let Some((start, end)) = base.split_once('-') {
            let start = parse_value(field, text, start)?;
            let end = parse_value(field, text, end)?;
            return Ok(Extent { start, count: range_length(field, start, end), interval: true });
        }
        let start = parse_value(field, text, base)?;
        let end = if stepped { field.last() } else { start };
        Ok(Extent { start, count: end - start + 1, interval: stepped })
    }

    fn values(&self, field: Field, step: u32) -> Values {
        let (first, size) = (field.first(), field.size());
        (0..self.count)
            .filter(|offset| offset % step == 0)
            .map(|offset| first + (self.start - first + offset) % size)
            .collect()
    }
}

fn range_length(field: Field, start: u32, end: u32) -> u32 {
    if start <= end { end - start + 1 } else { (end + field.size() - start) % field.size() + 1 }
}

/// Reads a number or a name. `text` is the whole item, for the message.
pub(crate) fn parse_value(field: Field, text: &str, value: &str) -> Result<u32, CronError> {
    let named = |name: &&str| name.eq_ignore_ascii_case(value);
    if let Some(index) = field.names().iter().position(named) {
        return Ok(field.first() + index as u32);
    }
    if !is_number(value) {
        return Err(not_understood(field, text));
    }
    match value.parse() {
        Ok(number) if (field.first()..=field.last()).contains(&number) => Ok(number),
        _ => Err(CronError::OutOfRange { field, value: value.to_owned() }),
    }
}

fn parse_step(field: Field, text: &str, step: &str) -> Result<u32, CronError> {
    if !is_number(step) {
        return Err(not_understood(field, text));
    }
    match step.parse() {
        Ok(step) if (1..=field.size()).contains(&step) => Ok(step),
        _ => Err(CronError::Step { field, value: text.to_owned() }),
    }
}

pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_understood(field: Field, text: &str) -> CronError {
    match misplaced_sign(field, text) {
        Some(sign) => CronError::Misplaced { field, value: text.to_owned(), sign },
        None => CronError::NotUnderstood { field, value: text.to_owned() },
    }
}

/// The sign that shows which other field the writer had in mind.
fn misplaced_sign(field: Field, text: &str) -> Option<char> {
    let text = text.to_ascii_uppercase();
    let ends_in = |sign| text.strip_suffix(sign).is_some_and(is_number);
    let in_day_field = matches!(field, Field::DayOfMonth | Field::DayOfWeek);
    if text.contains('?') {
        Some('?')
    } else if text.contains('#') && field != Field::DayOfWeek {
        Some('#')
    } else if (text == "LW" || ends_in('W')) && field != Field::DayOfMonth {
        Some('W')
    } else if (text == "L" || ends_in('L')) && !in_day_field {
        Some('L')
    } else {
        None
    }
}
