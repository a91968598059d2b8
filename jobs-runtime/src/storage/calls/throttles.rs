//! Throttles and turns.

use std::time::Duration;

use crate::storage::tables::Tables;
use crate::storage::{Effects, Result, Storage, ThrottleRecord, ops};

impl Storage {
    /// Calls jobs back into their lines for which throttles have room, or whose keys have their
    /// turn; gives how many throttles or keys were looked at.
    pub(crate) async fn call_due(
        &self,
        turns: bool,
        limit: u32,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| ops::call_due(t, turns, limit, effects).await?)
    }

    /// In how long the next throttle is to be looked at; zero if its time has come, perhaps while
    /// somebody else has it in hand.
    pub(crate) async fn next_call(&self) -> Result<Option<Duration>> {
        within!(self, read, |t| t.next_call().await?)
    }

    pub(crate) async fn set_limit(
        &self,
        key: &str,
        limit: Option<i64>,
        effects: &mut Effects,
    ) -> Result<bool> {
        within!(self, begin, |t, effects| ops::set_limit(t, key, limit, effects).await?)
    }

    pub(crate) async fn throttles(&self) -> Result<Vec<ThrottleRecord>> {
        within!(self, read, |t| ops::throttles(t).await?)
    }
}
