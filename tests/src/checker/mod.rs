//! Reads what happened in a run of the chaos tests, and says what should not have.
//!
//! Workers and the programs that enqueue note in a [`Record`] what they do, at the moment they do
//! it; the tables of the library say what came of it. Both together are a [`History`], and
//! [`check`] names all that breaks the promise:
//!
//! - nothing lost: every job whose enqueue returned has come to an end;
//! - no two runs of one job under live leases at a time, and none after its success;
//! - an effect, which is a success in the library's tables, once for each job that succeeded, and
//!   never from a run whose lease had been lost;
//! - no continuation before its parent's success;
//! - each occurrence of a recurring schedule once ([`check_occurrences`]).

mod effects;
mod history;
mod lost;
mod occurrences;
mod record;
mod runs;
#[cfg(test)]
mod tests;
mod violation;

pub use history::{Attempt, Fire, History, Run, Server, Stored};
pub use occurrences::check_occurrences;
pub use record::{Ending, Event, Line, Reader, Record, now};
pub use violation::Violation;

/// All that breaks the promise in this history.
#[must_use]
pub fn check(history: &History) -> Vec<Violation> {
    let mut found = lost::check(history);
    found.extend(runs::check(history));
    found.extend(effects::check(history));
    found
}
