//! Running a transaction again that others were in the way of.
//!
//! Rows are locked in one order wherever that can be had, but not all can: rows found by an index
//! are locked as the database comes by them, and an application's own transaction locks as it
//! likes. The database then ends one of two transactions that wait for each other. Nothing of it
//! is left, so that it can be run again as a whole.

use std::time::Duration;

use crate::error::{Error, StorageError};

/// Runs of one transaction after the first. More would hide that two parts of a program always
/// meet crosswise.
const MOST: u32 = 5;

/// Before the first repetition; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(2);

/// How often a transaction has been run again.
#[derive(Debug, Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Whether a transaction that ended like this is to be run once more. If so, waits a little,
    /// at random, so that the two do not meet again.
    pub(super) async fn again<T, E: MayConflict>(&mut self, tried: &Result<T, E>) -> bool {
        let Err(error) = tried else { return false };
        if !error.is_conflict() || self.0 == MOST {
            return false;
        }
        let pause = PAUSE * 2u32.pow(self.0);
        self.0 += 1;
        tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.5))).await;
        true
    }
}

/// What a transaction may end with.
pub(super) trait MayConflict {
    fn is_conflict(&self) -> bool;
}

impl MayConflict for StorageError {
    fn is_conflict(&self) -> bool {
        self.is_conflict()
    }
}

impl MayConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Storage(error) if error.is_conflict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_conflict_is_not_tried_again() {
        let error = StorageError::Stale;
        let mut tries = Tries::default();
        assert!(!tries.again(&Err::<(), Error>(error.clone().into())).await);
        assert!(!tries.again(&Err::<(), _>(error)).await);
        assert!(!tries.again(&Ok::<_, Error>(())).await);
    }
}
