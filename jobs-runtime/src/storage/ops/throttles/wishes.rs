//! What the options of a job say about throttles. Most jobs have no options, and of others most
//! name no throttle: a look at the text tells.

use std::time::Duration;

use serde::Deserialize;

use super::gate::TURN;
use crate::job::Throttle;
use crate::storage::throttles::{Declared, Measure};

#[derive(Debug, Default, Deserialize)]
struct Stored {
    #[serde(default)]
    throttles: Vec<Throttle>,
    #[serde(default)]
    fair_by: Option<String>,
}

/// The gates of one job.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) throttles: Vec<Declared>,
    pub(super) turns: Option<Declared>,
}

impl Wishes {
    /// What these options of a job of this queue say. Options that do not decode fail the job when
    /// it is started, and hold up nobody.
    pub(super) fn of(options: Option<&str>, queue: &str) -> Option<Self> {
        let options = options.filter(|options| is_gated(options))?;
        let stored: Stored = serde_json::from_str(options).ok()?;
        let throttles = stored.throttles.into_iter().map(declared).collect();
        let turns = stored.fair_by.map(|key| turns_of(queue, key));
        Some(Self { throttles, turns })
    }

    /// The gate of the turns alone.
    pub(super) fn turns(options: Option<&str>, queue: &str) -> Option<Declared> {
        let options = options.filter(|options| is_fair(options))?;
        Self::of(Some(options), queue)?.turns
    }
}

fn declared(throttle: Throttle) -> Declared {
    Declared {
        scope: String::new(),
        key: throttle.key,
        measure: throttle.kind.into(),
        limit: i64::from(throttle.limit),
        per: throttle.per,
    }
}

fn turns_of(queue: &str, key: String) -> Declared {
    let scope = queue.to_owned();
    Declared { scope, key, measure: Measure::Turns, limit: TURN, per: Duration::ZERO }
}

/// Whether options may name a throttle, or a key to take turns by.
pub(crate) fn is_gated(options: &str) -> bool {
    options.contains("\"throttles\":") || is_fair(options)
}

fn is_fair(options: &str) -> bool {
    options.contains("\"fair_by\":")
}

/// Whether a run under these options may hold a slot.
pub(crate) fn may_hold_slot(options: Option<&str>) -> bool {
    options.is_some_and(|options| options.contains("\"kind\":\"concurrency\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Overrides;

    #[test]
    fn what_is_stored_is_found_by_a_look_at_the_text() {
        let mut overrides = Overrides { retries: Some(3), ..Overrides::default() };
        let json = |overrides: &Overrides| serde_json::to_string(overrides).expect("JSON");
        assert!(!is_gated(&json(&overrides)));
        overrides.fair_by = Some("7".to_owned());
        let text = json(&overrides);
        assert!(is_gated(&text) && !may_hold_slot(Some(&text)));
        overrides.throttles = vec![Throttle::concurrency("k", 3)];
        let text = json(&overrides);
        assert!(may_hold_slot(Some(&text)));
        let wishes = Wishes::of(Some(&text), "q").expect("wishes");
        assert_eq!(wishes.throttles[0].limit, 3);
        assert_eq!(wishes.turns.expect("turns").scope, "q");
    }
}
