//! What a record must be like, whatever list it is found by.

use super::{JobFilter, Span};
use crate::storage::monitor::JobRecord;

/// What the database compares with records. An empty list lets everything through.
#[derive(Debug, Clone)]
pub(crate) struct Sieve {
    pub(crate) kinds: Vec<String>,
    pub(crate) queues: Vec<String>,
    /// All of them, each once.
    pub(crate) tags: Vec<String>,
    pub(crate) created: Span,
    /// In lower case; one of them is to be in the arguments.
    pub(crate) needles: Vec<String>,
}

impl Sieve {
    pub(crate) fn of(filter: &JobFilter) -> Self {
        let mut tags = filter.tags.clone();
        tags.sort_unstable();
        tags.dedup();
        Self {
            kinds: filter.kinds.clone(),
            queues: filter.queues.clone(),
            tags,
            created: filter.created,
            needles: filter.text.as_deref().map(needles).unwrap_or_default(),
        }
    }

    /// Whether every record goes through.
    pub(crate) fn is_open(&self) -> bool {
        self.kinds.is_empty()
            && self.queues.is_empty()
            && self.tags.is_empty()
            && self.created.is_all()
            && self.needles.is_empty()
    }

    /// Whether the text is in the arguments as they are shown, which may hide what is stored.
    pub(crate) fn is_shown_by(&self, record: &JobRecord) -> bool {
        if self.needles.is_empty() {
            return true;
        }
        let args = record.args.to_ascii_lowercase();
        self.needles.iter().any(|needle| args.contains(needle.as_str()))
    }
}

/// The text as it was typed, and as it is written inside of JSON.
fn needles(text: &str) -> Vec<String> {
    let typed = text.to_ascii_lowercase();
    // A string always encodes.
    let quoted = serde_json::to_string(&typed).unwrap_or_default();
    let written = quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    match written == typed || written.is_empty() {
        true => vec![typed],
        false => vec![typed, written],
    }
}

#[cfg(test)]
mod tests {
    use super::needles;

    #[test]
    fn a_text_is_looked_for_as_typed_and_as_written_in_json() {
        assert_eq!(needles("Ada"), ["ada"]);
        assert_eq!(needles("say \"Hi\""), ["say \"hi\"", "say \\\"hi\\\""]);
        assert_eq!(needles("\"to\":\"Ä"), ["\"to\":\"Ä", "\\\"to\\\":\\\"Ä"]);
    }
}
