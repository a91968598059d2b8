//! JSON as it is stored: keys keep their order, and numbers their digits, when it is laid out for
//! people, packed again, or taken apart.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// What is longer is shown as it is.
const LONGEST: usize = 100_000;
/// What is nested deeper as well: each line is indented by its depth.
const DEEPEST: usize = 60;

/// In several lines; `None` if it is no JSON, or not to be laid out.
pub(crate) fn pretty(json: &str) -> Option<String> {
    if json.len() > LONGEST {
        return None;
    }
    let json = compact(json)?;
    let mut pretty = String::with_capacity(json.len() * 2);
    let mut quotes = Quotes::default();
    let mut depth: usize = 0;
    // The bracket or comma just before.
    let mut before = ' ';
    for sign in json.chars() {
        let is_text = quotes.hold(sign);
        let closes = !is_text && matches!(sign, '}' | ']');
        depth = depth.saturating_sub(usize::from(closes));
        let opened = matches!(before, '{' | '[');
        if closes != opened || before == ',' {
            pretty.push('\n');
            pretty.extend(std::iter::repeat_n("  ", depth));
        }
        pretty.push(sign);
        before = if is_text { ' ' } else { sign };
        match before {
            '{' | '[' if depth == DEEPEST => return None,
            '{' | '[' => depth += 1,
            ':' => pretty.push(' '),
            _ => {}
        }
    }
    Some(pretty)
}

/// Without white space between the values; `None` if it is no JSON.
pub(crate) fn compact(json: &str) -> Option<String> {
    serde_json::from_str::<&RawValue>(json).ok()?;
    let mut quotes = Quotes::default();
    let is_kept = |sign: &char| quotes.hold(*sign) || !sign.is_ascii_whitespace();
    Some(json.chars().filter(is_kept).collect())
}

/// The fields of an object; `None` if it is none.
pub(crate) fn fields(json: &str) -> Option<Vec<(String, Box<RawValue>)>> {
    serde_json::from_str::<Fields>(json).ok().map(|fields| fields.0)
}

/// Tells the text of strings from the signs between them.
#[derive(Default)]
struct Quotes {
    inside: bool,
    escaped: bool,
}

impl Quotes {
    /// Whether the next sign belongs to a string, its quotes among them.
    fn hold(&mut self, sign: char) -> bool {
        let was_inside = self.inside;
        let was_escaped = std::mem::take(&mut self.escaped);
        match sign {
            '"' if !was_escaped => self.inside = !self.inside,
            '\\' => self.escaped = self.inside && !was_escaped,
            _ => {}
        }
        was_inside || self.inside
    }
}

struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str =
        r#"{"order":7,"amount":12.50,"to":["a, \"b\": {","\\"],"none":{},"no":[]}"#;

    #[test]
    fn keys_keep_their_order_and_numbers_their_digits() {
        let lines = "{\n  \"order\": 7,\n  \"amount\": 12.50,\n  \"to\": [\n    \"a, \\\"b\\\": {\",\n    \
                     \"\\\\\"\n  ],\n  \"none\": {},\n  \"no\": []\n}";
        assert_eq!(pretty(STORED).as_deref(), Some(lines));
        assert_eq!(pretty("\"a b\"").as_deref(), Some("\"a b\""));
    }

    #[test]
    fn what_was_laid_out_is_packed_as_it_was() {
        let lines = pretty(STORED).expect("JSON").replace('\n', "\r\n");
        assert_eq!(compact(&lines).as_deref(), Some(STORED));
    }

    #[test]
    fn what_is_no_json_or_too_much_of_it_is_left_alone() {
        assert_eq!(compact("{to: 1}"), None);
        assert_eq!(pretty("{"), None);
        assert_eq!(pretty(&"[".repeat(LONGEST)), None);
        assert_eq!(pretty(&format!("{}{}", "[".repeat(61), "]".repeat(61))), None);
        assert_eq!(pretty(&format!("\"{}\"", "x".repeat(LONGEST))), None);
    }

    #[test]
    fn fields_come_in_their_order() {
        let names = |json| Some(fields(json)?.into_iter().map(|(name, _)| name).collect());
        assert_eq!(names(r#"{"b":1,"a":[2]}"#), Some(vec!["b".to_owned(), "a".to_owned()]));
        assert_eq!(names("[1]"), None);
    }
}
