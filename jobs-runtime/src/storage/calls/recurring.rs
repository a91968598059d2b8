//! Schedules.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::job::JobId;
use crate::storage::tables::Tables;
use crate::storage::{Effects, FireRow, Fired, RecurringRow, Result, Retention, Storage, ops};

impl Storage {
    pub(crate) async fn recurring(&self) -> Result<Vec<RecurringRow>> {
        within!(self, read, |t| t.recurring().await?)
    }

    /// Changes one schedule under its lock: `edit` gets what is stored, if anything is, and the
    /// database's clock, and gives what is to be stored, if anything changes.
    pub(crate) async fn edit_recurring(
        &self,
        id: &str,
        edit: impl Fn(Option<RecurringRow>, DateTime<Utc>) -> Option<RecurringRow> + Send + Sync,
    ) -> Result<bool> {
        within!(self, begin, |t| {
            let now = t.now().await?;
            let stored = t.lock_recurring(id, true).await?;
            match edit(stored, now) {
                Some(row) => {
                    t.put_recurring(&row).await?;
                    true
                }
                None => false,
            }
        })
    }

    pub(crate) async fn delete_recurring(&self, id: &str) -> Result<bool> {
        within!(self, begin, |t| t.delete_recurring(id).await?)
    }

    pub(crate) async fn fire(
        &self,
        id: &str,
        silence: Duration,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Fired> {
        within!(self, begin, |t, effects| ops::fire(t, id, silence, retention, effects).await?)
    }

    pub(crate) async fn trigger(
        &self,
        id: &str,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Option<JobId>> {
        within!(self, begin, |t, effects| ops::trigger(t, id, retention, effects).await?)
    }

    pub(crate) async fn fires(&self, recurring: &[String], limit: u32) -> Result<Vec<FireRow>> {
        within!(self, read, |t| t.fires(recurring, limit).await?)
    }
}
