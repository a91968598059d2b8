//! Where a page ends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::job::State;

/// Where a page ends, to go on from there: a text without a meaning to anybody else.
///
/// ```
/// # use jobs_runtime::Cursor;
/// let cursor: Cursor = "failed:1764340713000000:17:0:".parse()?;
/// assert_eq!(cursor.to_string(), "failed:1764340713000000:17:0:");
/// # Ok::<(), jobs_runtime::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) section: Section,
    pub(crate) key: Key,
    /// Of the queue, or of the tag.
    pub(crate) name: String,
}

/// One of the lists that a search goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    State(State),
    Retries,
    Tagged,
}

/// A place in a list, by keys that the database has assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    /// The time in microseconds, or the rank, or what else comes first in the key.
    pub(crate) at: i64,
    pub(crate) seq: i64,
    /// The place among jobs that share one row.
    pub(crate) nth: i64,
}

impl Key {
    /// Before everything in a list that ascends.
    pub(crate) const FIRST: Self = Self { at: i64::MIN, seq: i64::MIN, nth: i64::MIN };
    /// Before everything in a list that descends.
    pub(crate) const LAST: Self = Self { at: i64::MAX, seq: i64::MAX, nth: i64::MAX };
}

impl Cursor {
    pub(crate) fn is_of_a_tag(&self) -> bool {
        self.section == Section::Tagged
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = match self.section {
            Section::State(state) => state.as_str(),
            Section::Retries => "retries",
            Section::Tagged => "tagged",
        };
        let Key { at, seq, nth } = self.key;
        write!(f, "{section}:{at}:{seq}:{nth}:{}", self.name)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| Error::InvalidCursor { cursor: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let mut parts = text.splitn(5, ':');
    let section = match parts.next()? {
        "retries" => Section::Retries,
        "tagged" => Section::Tagged,
        name => Section::State(State::from_name(name)?),
    };
    let mut number = || parts.next()?.parse().ok();
    let key = Key { at: number()?, seq: number()?, nth: number()? };
    Some(Cursor { section, key, name: parts.next()?.to_owned() })
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_text() -> Result<(), Error> {
        let key = Key { at: -7, seq: i64::MAX, nth: 0 };
        for (section, name) in [
            (Section::State(State::Enqueued), "mail"),
            (Section::Retries, ""),
            (Section::Tagged, "a:b ' % \u{202e}"),
            (Section::State(State::Succeeded), ""),
        ] {
            let cursor = Cursor { section, key, name: name.to_owned() };
            assert_eq!(cursor.to_string().parse::<Cursor>()?, cursor);
        }
        for bad in ["", "failed", "lost:1:2:3:", "failed:1:2:x:", "failed:1:2:3"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
        Ok(())
    }
}
