//! What the loops of one runtime share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::buffer::Buffer;
use super::completer::Ended;
use super::layers::Layers;
use super::pulse::Pulse;
use super::registry::Registry;
use super::running::Running;
use super::settings::Settings;
use super::solo::Solo;
use super::strays::Strays;
use crate::client::{Client, Inbox};
use crate::context::Shared;
use crate::error::StorageError;
use crate::storage::{Claimed, Effects, NewServer, Signs, Storage};

/// With so many outcomes unwritten nothing more is claimed.
const MOST_UNWRITTEN: usize = 8_000;

/// How many members of a lease are on this server, by the lease.
type Known = HashMap<i64, usize, foldhash::fast::RandomState>;

pub(crate) struct Server {
    pub(super) settings: Settings,
    pub(super) registry: Registry,
    pub(super) layers: Layers,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Arc<Inbox>,
    /// The queues that it takes jobs from.
    pub(super) queues: Vec<String>,
    /// The names of the kinds that it knows.
    pub(super) kinds: Vec<String>,
    /// Under which it is announced at present.
    id: AtomicI64,
    /// Paused by somebody, so that nothing is fetched.
    pub(super) paused: AtomicBool,
    /// Claimed and not started yet.
    pub(super) buffer: Arc<Buffer>,
    /// Started and not ended yet.
    pub(super) running: Running,
    /// Jobs that may have killed a process, to be started one at a time.
    pub(super) solo: Solo,
    /// How many jobs it has of each queue with a limit.
    held: HashMap<String, AtomicUsize>,
    /// Where workers hand in what has ended.
    pub(super) ended: mpsc::UnboundedSender<Ended>,
    /// The members of each lease that have not been handed in yet; none are left while its end is
    /// being written.
    leases: Mutex<Known>,
    /// Leases that it may have without knowing.
    pub(super) strays: Strays,
    /// Ends of runs are being written.
    pub(super) completing: AtomicBool,
    /// How many outcomes wait to be written.
    backlog: AtomicUsize,
    /// How many leased jobs have not been written yet.
    pub(super) unwritten: watch::Sender<usize>,
    /// What the last poll said.
    pub(super) next_due: watch::Sender<Option<Instant>>,
    pub(super) recurring_version: watch::Sender<i64>,
    /// The poll is not to wait.
    pub(super) poll_now: Notify,
    /// When heartbeats were accepted.
    pub(super) pulse: Pulse,
    /// Somebody has asked it to stop.
    pub(super) asked_to_stop: CancellationToken,
    /// Nothing more is fetched.
    pub(super) stopping: CancellationToken,
    /// All loops end.
    pub(super) stopped: CancellationToken,
}

/// What a server is made of that is not made anew.
pub(super) struct Parts {
    pub(super) settings: Settings,
    pub(super) registry: Registry,
    pub(super) layers: Layers,
    pub(super) shared: Arc<Shared>,
    pub(super) queues: Vec<String>,
    pub(super) id: i64,
    pub(super) ended: mpsc::UnboundedSender<Ended>,
}

impl Server {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { settings, registry, layers, shared, queues, id, ended } = parts;
        Self {
            buffer: Arc::new(Buffer::new(settings.workers)),
            solo: Solo::default(),
            held: settings.queue_limits.keys().map(|q| (q.clone(), AtomicUsize::new(0))).collect(),
            running: Running::default(),
            pulse: Pulse::new(&settings),
            inbox: shared.client.signals().join(),
            kinds: registry.names(),
            settings,
            registry,
            layers,
            shared,
            queues,
            id: AtomicI64::new(id),
            paused: AtomicBool::new(false),
            ended,
            leases: Mutex::default(),
            strays: Strays::default(),
            completing: AtomicBool::new(false),
            backlog: AtomicUsize::new(0),
            unwritten: watch::Sender::new(0),
            next_due: watch::Sender::new(None),
            recurring_version: watch::Sender::new(-1),
            poll_now: Notify::new(),
            asked_to_stop: CancellationToken::new(),
            stopping: CancellationToken::new(),
            stopped: CancellationToken::new(),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.shared.client
    }

    pub(super) fn storage(&self) -> &Storage {
        self.shared.client.storage()
    }

    pub(super) fn id(&self) -> i64 {
        self.id.load(Ordering::Acquire)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    pub(super) fn signs(&self) -> Signs<'_> {
        Signs { server: self.id(), queues: &self.queues, kinds: &self.kinds }
    }

    pub(super) fn announcement(
        settings: &Settings,
        registry: &Registry,
        queues: &[String],
    ) -> NewServer {
        NewServer {
            name: settings.name.clone(),
            queues: queues.to_vec(),
            workers: u32::try_from(settings.workers).unwrap_or(u32::MAX),
            kinds: registry.announced(),
        }
    }

    /// Announces itself again after it was declared dead: what it had is no longer its own.
    pub(super) async fn announce_again(&self) -> Result<(), StorageError> {
        let announcement = Self::announcement(&self.settings, &self.registry, &self.queues);
        let id = self.storage().announce(&announcement).await?;
        self.id.store(id, Ordering::Release);
        self.running.cancel_all();
        for claimed in self.buffer.clear().into_iter().chain(self.solo.clear()) {
            self.give_back(claimed);
        }
        tracing::warn!(
            server = id,
            "this server was declared dead, and has announced itself again; its jobs run elsewhere"
        );
        Ok(())
    }

    /// Has the workers run what was claimed.
    pub(super) fn accept(&self, claimed: Vec<Claimed>) {
        if claimed.is_empty() {
            return;
        }
        let mut leases = self.known_leases();
        for job in &claimed {
            *leases.entry(job.lease).or_default() += 1;
            self.hold_more(&job.queue);
        }
        drop(leases);
        self.unwritten.send_modify(|unwritten| *unwritten += claimed.len());
        self.buffer.push(claimed);
    }

    /// Knows a lease of one job, which is just being made.
    pub(super) fn know_lease(&self, lease: i64) {
        self.known_leases().insert(lease, 1);
    }

    fn known_leases(&self) -> MutexGuard<'_, Known> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts back what this server has without knowing, if there may be such.
    pub(super) async fn release_strays(&self) -> Result<(), StorageError> {
        if !self.strays.are_suspected() || !self.strays.can_be_told() {
            return Ok(());
        }
        let known = self.known_leases().keys().copied().collect();
        let mut effects = Effects::default();
        let released = self.storage().release_strays(self.id(), &known, &mut effects).await?;
        self.strays.are_gone();
        self.storage().tell(effects);
        if released > 0 {
            tracing::warn!(jobs = released, "put back jobs whose claim had not been answered");
        }
        Ok(())
    }

    /// Counts a claim that is under way as one job, so that nothing seems to be at rest between
    /// its commit and its answer.
    pub(super) fn begin_claim(&self) -> Claiming<'_> {
        self.unwritten.send_modify(|unwritten| *unwritten += 1);
        Claiming(self)
    }

    /// Takes one member each from these leases; gives the leases that are used up by that.
    pub(super) fn drain_leases(&self, members: impl Iterator<Item = i64>) -> Vec<i64> {
        let mut leases = self.known_leases();
        let mut drained = Vec::new();
        for lease in members {
            let Some(left) = leases.get_mut(&lease) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                drained.push(lease);
            }
        }
        drained
    }

    /// Forgets leases that are used up, once that has been written.
    pub(super) fn forget_leases(&self, drained: &[i64]) {
        let mut leases = self.known_leases();
        for lease in drained {
            leases.remove(lease);
        }
    }

    /// Notes how many outcomes wait to be written.
    pub(super) fn note_backlog(&self, outcomes: usize) {
        let before = self.backlog.swap(outcomes, Ordering::AcqRel);
        if before >= MOST_UNWRITTEN && outcomes < MOST_UNWRITTEN {
            self.buffer.hungry.notify_one();
        }
    }

    /// Whether jobs end faster than that can be written, so that more would only add to what a
    /// crash has repeated.
    pub(super) fn is_behind(&self) -> bool {
        self.backlog.load(Ordering::Acquire) >= MOST_UNWRITTEN
    }

    /// Notes that the ends of this many jobs have been written.
    pub(super) fn written(&self, count: usize) {
        self.unwritten.send_modify(|unwritten| *unwritten = unwritten.saturating_sub(count));
    }

    /// Hands in a job that goes back to the line, having never been started here.
    pub(super) fn give_back(&self, claimed: Claimed) {
        self.hold_less(&claimed.queue);
        self.hand_in(Ended::given_back(claimed));
    }

    /// Ends the trial of a job that may have killed a process, and lets the next one start.
    pub(super) fn end_trial(&self, trial: u64) {
        if let Some(next) = self.solo.end(trial) {
            self.buffer.push([next]);
        }
    }

    pub(super) fn hand_in(&self, ended: Ended) {
        // The completer listens until the server has stopped; what comes later is rescued.
        let _ = self.ended.send(ended);
    }

    /// How many jobs of a queue with a limit this server has.
    pub(super) fn held(&self, queue: &str) -> usize {
        self.held.get(queue).map_or(0, |held| held.load(Ordering::Acquire))
    }

    pub(super) fn hold_more(&self, queue: &str) {
        if let Some(held) = self.held.get(queue) {
            held.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(super) fn hold_less(&self, queue: &str) {
        if let Some(held) = self.held.get(queue) {
            held.fetch_sub(1, Ordering::AcqRel);
            self.buffer.hungry.notify_one();
        }
    }

    /// Whether there is nothing that this server could do now.
    pub(super) async fn is_drained(&self) -> Result<bool, StorageError> {
        if *self.unwritten.borrow() > 0 {
            return Ok(false);
        }
        let poll = self.storage().poll(&self.signs()).await?;
        let due = [poll.next_due, poll.next_call].into_iter().flatten().any(|due| due.is_zero());
        Ok(poll.ready.is_empty() && !due && *self.unwritten.borrow() == 0)
    }
}

/// A claim that is under way.
pub(super) struct Claiming<'s>(&'s Server);

impl Drop for Claiming<'_> {
    fn drop(&mut self) {
        self.0.written(1);
    }
}
