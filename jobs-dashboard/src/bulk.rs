//! What is done to many jobs: it goes on by itself, also when the visitor has left.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jobs_runtime::{ActedAll, ActingOnAll, Error};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::visit::Visit;

/// How long the answer to a form waits for the end.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long pages tell of one that has ended.
const TOLD: Duration = Duration::from_secs(60);

/// To how many jobs it was done, and to how many not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) done: u64,
    pub(crate) moved_on: u64,
    pub(crate) refused: u64,
}

impl From<ActedAll> for Tally {
    fn from(all: ActedAll) -> Self {
        let ActedAll { done, moved_on, refused, .. } = all;
        Self { done: done as u64, moved_on: moved_on as u64, refused: refused as u64 }
    }
}

impl Tally {
    /// What was done, by the text that says to how many jobs.
    pub(crate) fn text(&self, v: &Visit, key: &str) -> String {
        let mut text = v.count(key, self.done);
        for (key, count) in [("done.moved_on", self.moved_on), ("done.refused", self.refused)] {
            if count > 0 {
                text.push(' ');
                text.push_str(&v.count(key, count));
            }
        }
        text
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    tally: Tally,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    at: Instant,
    failed: bool,
}

impl End {
    fn of<T>(result: &Result<T, Error>) -> Option<Self> {
        if let Err(error) = result {
            tracing::warn!(%error, "an action of the dashboard on many jobs has stopped");
        }
        Some(Self { at: Instant::now(), failed: result.is_err() })
    }
}

/// One action on many jobs.
#[derive(Debug, Clone)]
pub(crate) struct Bulk {
    key: &'static str,
    progress: watch::Receiver<Progress>,
}

impl Bulk {
    fn now(&self) -> Progress {
        *self.progress.borrow()
    }

    pub(crate) fn failed(&self) -> bool {
        self.now().end.is_some_and(|end| end.failed)
    }

    pub(crate) fn text(&self, v: &Visit) -> String {
        let Progress { tally, end } = self.now();
        let text = tally.text(v, self.key);
        match end {
            None => format!("{text} {}", v.t("bulk.goes_on")),
            Some(End { failed: true, .. }) => format!("{text} {}", v.t("bulk.failed")),
            Some(_) => text,
        }
    }

    /// Whether there is still something to tell of it.
    fn is_fresh(&self) -> bool {
        match self.now().end {
            Some(end) => end.at.elapsed() < TOLD,
            // Without an end and without a sender, its task is gone.
            None => self.progress.has_changed().is_ok(),
        }
    }
}

/// The actions that go on, and those that have ended lately.
#[derive(Debug, Default)]
pub(crate) struct Bulks(Mutex<Vec<Bulk>>);

impl Bulks {
    /// Acts on all that match; gives what was done, or `None` if it goes on after a while.
    pub(crate) async fn act(
        &self,
        key: &'static str,
        mut acting: ActingOnAll,
    ) -> Result<Option<Tally>, Failure> {
        let (told, progress) = watch::channel(Progress::default());
        tokio::spawn(async move {
            let mut tally = Tally::default();
            let result = loop {
                match acting.next().await {
                    Ok(Some(so_far)) => tally = so_far.into(),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
                told.send_replace(Progress { tally, end: None });
            };
            told.send_replace(Progress { tally, end: End::of(&result) });
        });
        self.wait(Bulk { key, progress }).await
    }

    /// The same for what gives its number at the end.
    pub(crate) async fn count(
        &self,
        key: &'static str,
        acting: impl Future<Output = Result<u64, Error>> + Send + 'static,
    ) -> Result<Option<Tally>, Failure> {
        let (told, progress) = watch::channel(Progress::default());
        tokio::spawn(async move {
            let result = acting.await;
            let done = *result.as_ref().unwrap_or(&0);
            let tally = Tally { done, ..Tally::default() };
            told.send_replace(Progress { tally, end: End::of(&result) });
        });
        self.wait(Bulk { key, progress }).await
    }

    async fn wait(&self, bulk: Bulk) -> Result<Option<Tally>, Failure> {
        self.list().push(bulk.clone());
        let mut progress = bulk.progress.clone();
        // What it came to is looked at below.
        let _ = timeout(PATIENCE, progress.wait_for(|progress| progress.end.is_some())).await;
        let Progress { tally, end } = bulk.now();
        let Some(end) = end else { return Ok(None) };
        self.list().retain(|other| !other.progress.same_channel(&bulk.progress));
        if end.failed { Err(Failure::Storage) } else { Ok(Some(tally)) }
    }

    /// What pages tell of.
    pub(crate) fn current(&self) -> Vec<Bulk> {
        let mut list = self.list();
        list.retain(Bulk::is_fresh);
        list.clone()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Bulk>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_long_goes_on_and_is_told() {
        let bulks = Bulks::default();
        let (go_on, wait) = tokio::sync::oneshot::channel::<()>();
        let acting = async move {
            wait.await.ok();
            Ok(7)
        };
        let answered = bulks.count("done.deleted", acting).await;
        assert!(matches!(answered, Ok(None)), "{answered:?}");
        let [bulk] = bulks.current().try_into().expect("one that goes on");
        go_on.send(()).ok();
        bulk.progress.clone().wait_for(|progress| progress.end.is_some()).await.ok();
        assert_eq!(bulks.current().len(), 1);
        assert_eq!(bulks.current()[0].now().tally.done, 7);
    }

    #[tokio::test]
    async fn what_ends_at_once_is_told_once() {
        let bulks = Bulks::default();
        let answered = bulks.count("done.deleted", async { Ok(3) }).await;
        assert!(matches!(answered, Ok(Some(Tally { done: 3, .. }))), "{answered:?}");
        assert!(bulks.current().is_empty());
        let failed = bulks.count("done.deleted", async { Err(Error::NoClient) }).await;
        assert!(failed.is_err());
    }
}
