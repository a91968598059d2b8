//! What people do to jobs, queues and servers.

use crate::job::JobId;
use crate::storage::tables::Tables;
use crate::storage::{Act, Acted, ActedAll, Effects, Placement, Result, Retention, Storage, ops};

impl Storage {
    pub(crate) async fn act(
        &self,
        job: JobId,
        seen: Option<Placement>,
        act: &Act,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<Acted> {
        within!(self, begin, |t, effects| ops::act(t, job, seen, act, retention, effects).await?)
    }

    /// The same to many jobs, in one transaction.
    pub(crate) async fn act_all(
        &self,
        seen: &[(JobId, Placement)],
        act: &Act,
        retention: &Retention,
        effects: &mut Effects,
    ) -> Result<ActedAll> {
        within!(self, begin, |t, effects| ops::act_all(t, seen, act, retention, effects).await?)
    }

    pub(crate) async fn set_queue_paused(&self, queue: &str, paused: bool) -> Result<()> {
        within!(self, begin, |t| {
            t.set_queue_paused(queue, paused).await?;
            if !paused {
                t.wake_throttles().await?;
            }
        })
    }

    pub(crate) async fn set_server_paused(&self, server: i64, paused: bool) -> Result<bool> {
        within!(self, begin, |t| t.set_server_paused(server, paused).await?)
    }

    pub(crate) async fn stop_server(&self, server: i64) -> Result<bool> {
        within!(self, begin, |t| t.stop_server(server).await?)
    }
}
