//! What servers tell and ask of each other, and what one does for all.

use std::collections::HashSet;
use std::time::Duration;

use crate::job::JobId;
use crate::storage::tables::Tables;
use crate::storage::{
    Beat, Effects, KindRow, NewServer, Poll, Result, Retention, ServerRow, Signs, Storage, Sweep,
    Vitals, ops,
};

impl Storage {
    pub(crate) async fn announce(&self, server: &NewServer) -> Result<i64> {
        within!(self, begin, |t| t.announce(server).await?)
    }

    pub(crate) async fn heartbeat(
        &self,
        server: i64,
        started: &[(i64, Vec<JobId>)],
        silence: Duration,
        vitals: Vitals,
    ) -> Result<Beat> {
        if started.is_empty() {
            return within!(self, alone, |t| t.heartbeat(server, silence, vitals).await?);
        }
        within!(self, begin, |t| {
            t.note_started(started).await?;
            t.heartbeat(server, silence, vitals).await?
        })
    }

    pub(crate) async fn depart(&self, server: i64) -> Result<()> {
        within!(self, begin, |t| t.depart(server).await?)
    }

    /// As [`ops::rescue`], if that may be done once the transaction has begun.
    pub(crate) async fn rescue(
        &self,
        silence: Duration,
        may: impl Fn() -> bool,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| match may() {
            true => ops::rescue(t, silence, retention, effects).await?,
            false => 0,
        })
    }

    /// Puts back what a server has without knowing; gives how many jobs that were.
    pub(crate) async fn release_strays(
        &self,
        server: i64,
        known: &HashSet<i64>,
        effects: &mut Effects,
    ) -> Result<usize> {
        within!(self, begin, |t, effects| ops::release_strays(t, server, known, effects).await?)
    }

    pub(crate) async fn park_unknown(
        &self,
        unseen: Duration,
        limit: u32,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Vec<JobId>> {
        // The search goes through all lines, and as a rule finds nothing: so first without the
        // lock that all other writers would wait for on SQLite.
        let unknown: Result<Vec<_>> = within!(self, read, |t| t.unknown_jobs(unseen, 1).await?);
        if unknown?.is_empty() {
            return Ok(Vec::new());
        }
        within!(self, begin, |t, effects| ops::park_unknown(t, unseen, limit, retention, effects)
            .await?)
    }

    pub(crate) async fn poll(&self, signs: &Signs<'_>) -> Result<Poll> {
        within!(self, read, |t| t.poll(signs).await?)
    }

    pub(crate) async fn sweep(
        &self,
        limit: u32,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Sweep> {
        within!(self, begin, |t, effects| ops::sweep(t, limit, retention, effects).await?)
    }

    pub(crate) async fn forget(&self, age: Duration) -> Result<()> {
        within!(self, begin, |t| t.forget(age).await?)
    }

    pub(crate) async fn servers(&self) -> Result<Vec<ServerRow>> {
        within!(self, read, |t| t.servers().await?)
    }

    pub(crate) async fn kinds(&self) -> Result<Vec<KindRow>> {
        within!(self, read, |t| t.kinds().await?)
    }

    pub(crate) async fn count_ends(&self) -> Result<()> {
        within!(self, begin, |t| ops::count_ends(t).await?)
    }
}
