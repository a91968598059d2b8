//! Values as text for people.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

/// The same text with nothing in it that a terminal obeys: what is in a job may come from anybody.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match is_dangerous(character) {
            true => plain.extend(character.escape_default()),
            false => plain.push(character),
        }
    }
    plain.into()
}

/// Control characters, and those that turn the direction of the text after them.
fn is_dangerous(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || turns
}

/// The beginning of a text.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

pub(crate) fn optional_instant(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), instant)
}

/// A duration with two places, or in milliseconds.
pub(crate) fn took(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.2} s", duration.as_secs_f64()),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// JSON that is stored, as JSON inside the answer; a text of anything else.
pub(crate) fn json(text: &str) -> Box<RawValue> {
    let read = RawValue::from_string(text.to_owned());
    read.or_else(|_| serde_json::value::to_raw_value(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(plain("grüße, dünya"), "grüße, dünya");
        assert_eq!(plain("a\x1b[2Jb\nc"), r"a\u{1b}[2Jb\nc");
        assert_eq!(plain("exe.\u{202e}txt"), r"exe.\u{202e}txt");
        assert_eq!(plain("\u{9b}2J"), r"\u{9b}2J");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(short("grüße", 5), "grüße");
        assert_eq!(short("grüßen", 5), "grüß…");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(took(Duration::from_millis(12)), "12 ms");
        assert_eq!(took(Duration::from_millis(1_240)), "1.24 s");
        assert_eq!(took(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(took(Duration::from_secs(7_384)), "2 h 3 min");
    }

    #[test]
    fn what_is_not_json_becomes_a_text() {
        assert_eq!(json("{\"a\":1}").get(), "{\"a\":1}");
        assert_eq!(json("{a").get(), "\"{a\"");
    }
}
