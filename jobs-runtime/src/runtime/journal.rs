//! Writes log lines and progress of running jobs in batches: while one write is under way the next
//! batch gathers, so that there is no timer.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::outage::Outage;
use crate::error::{Error, StorageError};
use crate::job::JobId;
use crate::storage::{LogRow, MOST_LOG_LINES, Report, Storage};

/// The most lines that wait to be written. Whoever logs more waits, so that a job that logs in a
/// loop fills the log and not the memory.
const MOST_WAITING: usize = 1_000;

/// How many lines are kept of a job; not known at first.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Arc<AtomicI64>);

impl Default for Kept {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(-1)))
    }
}

impl Kept {
    fn count(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Acquire)).filter(|kept| *kept >= 0)
    }

    fn is_full(&self) -> bool {
        self.count().is_some_and(|kept| kept >= MOST_LOG_LINES)
    }
}

struct Line {
    job: JobId,
    run: i32,
    text: String,
    logged: Instant,
    kept: Kept,
    _room: OwnedSemaphorePermit,
}

pub(crate) struct Journal {
    room: Arc<Semaphore>,
    gathering: Mutex<Gathering>,
    something: Notify,
    /// The last batch that has been written.
    written: watch::Sender<u64>,
    /// Why the present batch could not be written so far.
    trouble: watch::Sender<Option<StorageError>>,
}

/// How far each job has come, and of how many.
type Progress = BTreeMap<JobId, (i64, i64)>;

struct Gathering {
    /// Counted from 1.
    batch: u64,
    lines: Vec<Line>,
    /// The newest of each job.
    progress: Progress,
}

impl Default for Journal {
    fn default() -> Self {
        let gathering = Gathering { batch: 1, lines: Vec::new(), progress: Progress::new() };
        Self {
            room: Arc::new(Semaphore::new(MOST_WAITING)),
            gathering: Mutex::new(gathering),
            something: Notify::new(),
            written: watch::Sender::new(0),
            trouble: watch::Sender::new(None),
        }
    }
}

impl Journal {
    /// Takes a line, as soon as there is room for it; gives the batch that it is in.
    pub(crate) async fn log(
        &self,
        job: JobId,
        run: i32,
        text: String,
        kept: &Kept,
    ) -> Result<Option<u64>, Error> {
        if kept.is_full() {
            return Ok(None);
        }
        let logged = Instant::now();
        let room = match Arc::clone(&self.room).try_acquire_owned() {
            Ok(room) => room,
            Err(_) => self.wait_for_room().await?,
        };
        let line = Line { job, run, text, logged, kept: kept.clone(), _room: room };
        let mut gathering = self.lock();
        gathering.lines.push(line);
        self.something.notify_one();
        Ok(Some(gathering.batch))
    }

    async fn wait_for_room(&self) -> Result<OwnedSemaphorePermit, Error> {
        let mut trouble = self.trouble.subscribe();
        tokio::select! {
            biased;
            Ok(room) = Arc::clone(&self.room).acquire_owned() => Ok(room),
            Ok(trouble) = trouble.wait_for(Option::is_some) => {
                Err(trouble.clone().map_or(Error::NoClient, Error::Storage))
            }
        }
    }

    /// Takes how far a job has come, in the place of what it said before; gives the batch.
    pub(crate) fn progress(&self, job: JobId, done: i64, total: i64) -> u64 {
        let mut gathering = self.lock();
        gathering.progress.insert(job, (done, total));
        self.something.notify_one();
        gathering.batch
    }

    /// Waits until a batch has been written.
    pub(crate) async fn until_written(&self, batch: u64) {
        // The sender is held by `self`.
        let _ = self.written.subscribe().wait_for(|written| *written >= batch).await;
    }

    /// Writes until it is dropped.
    pub(super) async fn run(&self, storage: &Storage) {
        loop {
            self.something.notified().await;
            while let Some(next) = self.next_batch() {
                self.write(storage, &next.lines, next.progress).await;
                self.written.send_replace(next.batch);
            }
        }
    }

    fn next_batch(&self) -> Option<Gathering> {
        let mut gathering = self.lock();
        if gathering.lines.is_empty() && gathering.progress.is_empty() {
            return None;
        }
        let batch = gathering.batch + 1;
        let empty = Gathering { batch, lines: Vec::new(), progress: Progress::new() };
        Some(std::mem::replace(&mut *gathering, empty))
    }

    async fn write(&self, storage: &Storage, lines: &[Line], progress: Progress) {
        let progress = progress.into_iter().map(|(job, (done, total))| (job, done, total));
        let now = Instant::now();
        let rows = lines.iter().map(|line| line.row(now)).collect();
        let kept = lines.iter().filter_map(|line| Some((line.job, line.kept.count()?)));
        let kept: HashMap<JobId, i64> = kept.collect();
        let mut report = Report { lines: rows, progress: progress.collect(), kept, again: false };
        let mut outage = Outage::new("log lines are kept until they can be written");
        while let Err(error) = storage.report(&mut report).await {
            if error.is_refusal() {
                tracing::error!(%error, lines = lines.len(), "log lines cannot be stored");
                break;
            }
            self.trouble.send_replace(Some(error.clone()));
            outage.wait(&error).await;
            report.again = true;
            let now = Instant::now();
            report.lines.iter_mut().zip(lines).for_each(|(row, line)| row.age = line.age(now));
        }
        outage.over();
        self.trouble.send_replace(None);
        for line in lines {
            if let Some(kept) = report.kept.get(&line.job) {
                line.kept.0.store(*kept, Ordering::Release);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.logged)
    }

    fn row(&self, now: Instant) -> LogRow {
        LogRow { job: self.job, run: self.run, age: self.age(now), text: self.text.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fill(journal: &Journal, job: JobId, kept: &Kept) {
        for line in 0..MOST_WAITING {
            let batch = journal.log(job, 0, line.to_string(), kept).await;
            assert_eq!(batch.expect("a line that is taken"), Some(1));
        }
    }

    #[tokio::test]
    async fn whoever_logs_faster_than_can_be_written_waits_for_room() {
        let storage = Storage::connect("sqlite::memory:").await.expect("a storage");
        let (journal, job, kept) = (Journal::default(), JobId::new(), Kept::default());
        fill(&journal, job, &kept).await;
        let mut waits = Box::pin(journal.log(job, 0, "waits".to_owned(), &kept));
        assert!(polled(&mut waits).is_none(), "taken without room");
        let batch = tokio::select! {
            () = journal.run(&storage) => None,
            batch = waits => batch.expect("room for the line"),
        };
        assert_eq!(batch, Some(2));
        assert_eq!(
            storage.log_lines(job, 0, u32::MAX).await.expect("an answer").len(),
            MOST_WAITING
        );
        assert_eq!(kept.count(), Some(MOST_WAITING as i64));
    }

    #[tokio::test]
    async fn without_room_an_outage_is_an_error_and_not_a_wait() {
        let storage = Storage::connect("sqlite::memory:").await.expect("a storage");
        let (journal, job, kept) = (Journal::default(), JobId::new(), Kept::default());
        storage.close().await;
        fill(&journal, job, &kept).await;
        let refused = tokio::select! {
            () = journal.run(&storage) => None,
            refused = journal.log(job, 0, "one more".to_owned(), &kept) => refused.err(),
        };
        assert!(matches!(refused, Some(Error::Storage(_))), "{refused:?}");
    }

    fn polled<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
