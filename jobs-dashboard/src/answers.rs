//! What many pages ask for: open tabs share one answer, for as long as it is fresh.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jobs_runtime::{
    Counts, Error, KindRecord, QueueRecord, ServerRecord, StoredKind, Summary, Throughput,
};
use tokio::sync::Mutex;

use crate::app::App;
use crate::failure::Failure;
use crate::pages::kinds::{self, Kind};

/// How long an answer is fresh.
const FRESH: Duration = Duration::from_secs(1);
/// One that took long is fresh for so many times as long, so that no number of tabs keeps a
/// database busy for more than a twentieth of the time, but no longer than this.
const WORTH: u32 = 20;
const STALE: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub(crate) struct Answers {
    counts: Shared<Counts>,
    queues: Shared<Vec<QueueRecord>>,
    summary: Shared<Summary>,
    servers: Shared<Vec<ServerRecord>>,
    announced: Shared<Vec<KindRecord>>,
    kinds: Shared<Arc<Vec<Kind>>>,
    stored_kinds: Shared<Vec<StoredKind>>,
    last_minute: Shared<Vec<Throughput>>,
    last_day: Shared<Vec<Throughput>>,
    last_week: Shared<Vec<Throughput>>,
}

impl App {
    pub(crate) async fn counts(&self) -> Result<Counts, Error> {
        self.answers.counts.get(self.client.counts()).await
    }

    pub(crate) async fn queues(&self) -> Result<Vec<QueueRecord>, Error> {
        self.answers.queues.get(self.client.queues()).await
    }

    pub(crate) async fn summary(&self) -> Result<Summary, Error> {
        self.answers.summary.get(self.client.summary()).await
    }

    pub(crate) async fn servers(&self) -> Result<Vec<ServerRecord>, Error> {
        self.answers.servers.get(self.client.servers()).await
    }

    pub(crate) async fn announced(&self) -> Result<Vec<KindRecord>, Error> {
        self.answers.announced.get(self.client.kinds()).await
    }

    pub(crate) async fn kinds(&self) -> Result<Arc<Vec<Kind>>, Failure> {
        let kinds = async { kinds::kinds(self).await.map(Arc::new) };
        self.answers.kinds.get(kinds).await
    }

    pub(crate) async fn stored_kinds(&self) -> Result<Vec<StoredKind>, Error> {
        self.answers.stored_kinds.get(self.client.stored_kinds()).await
    }

    pub(crate) async fn last_minute(&self, span: Duration) -> Result<Vec<Throughput>, Error> {
        let asked = self.client.throughput(Duration::from_secs(60), span);
        self.answers.last_minute.get(asked).await
    }

    pub(crate) async fn past(&self, age: Duration, week: bool) -> Result<Vec<Throughput>, Error> {
        let shared = if week { &self.answers.last_week } else { &self.answers.last_day };
        shared.get(self.client.past_throughput(age)).await
    }

    /// Has everything asked for anew, since somebody has changed something.
    pub(crate) async fn forget_answers(&self) {
        let answers = &self.answers;
        answers.counts.forget().await;
        answers.queues.forget().await;
        answers.summary.forget().await;
        answers.servers.forget().await;
        answers.kinds.forget().await;
        answers.stored_kinds.forget().await;
    }
}

/// The latest answer to one question.
#[derive(Debug)]
struct Shared<T>(Mutex<Option<Answer<T>>>);

#[derive(Debug)]
struct Answer<T> {
    value: T,
    until: Instant,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Shared<T> {
    /// The latest answer if it is fresh, or else the one that `ask` gives. Whoever wants to know
    /// meanwhile waits for the same.
    async fn get<E>(&self, ask: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut latest = self.0.lock().await;
        if let Some(answer) = latest.as_ref().filter(|answer| Instant::now() < answer.until) {
            return Ok(answer.value.clone());
        }
        let asked = Instant::now();
        let value = ask.await?;
        let fresh = (asked.elapsed() * WORTH).clamp(FRESH, STALE);
        *latest = Some(Answer { value: value.clone(), until: Instant::now() + fresh });
        Ok(value)
    }

    async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn several_who_ask_at_once_share_one_answer() {
        let shared = Shared::default();
        let asked = AtomicU32::new(0);
        let ask = || async {
            tokio::task::yield_now().await;
            Ok::<u32, ()>(asked.fetch_add(1, Ordering::Relaxed))
        };
        let (one, two) = tokio::join!(shared.get(ask()), shared.get(ask()));
        assert_eq!((one, two), (Ok(0), Ok(0)));
        shared.forget().await;
        assert_eq!(shared.get(ask()).await, Ok(1));
    }

    #[tokio::test]
    async fn a_failure_is_no_answer() {
        let shared = Shared::default();
        assert_eq!(shared.get(async { Err::<u32, ()>(()) }).await, Err(()));
        assert_eq!(shared.get(async { Ok::<u32, ()>(1) }).await, Ok(1));
    }
}
