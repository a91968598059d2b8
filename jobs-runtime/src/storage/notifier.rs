//! Waking other processes: after the caller's commit, and coalesced.
//!
//! A NOTIFY inside the transaction of each enqueue would make all commits queue on one lock,
//! which cost nine tenths of their rate. So one is sent by itself, for all lines that have grown
//! meanwhile, and at most every few milliseconds. Nothing depends on its arrival.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Backend, Storage};
use crate::error::StorageError;

/// The least time between two notifications.
const PAUSE: Duration = Duration::from_millis(5);

pub(super) struct Notifier {
    enabled: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    queues: BTreeSet<String>,
    sending: bool,
}

impl Notifier {
    pub(super) fn new(enabled: bool) -> Self {
        Self { enabled, state: Mutex::default() }
    }

    #[cfg(feature = "postgres")]
    pub(super) fn is_enabled(&self) -> bool {
        self.enabled
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage {
    pub(super) fn notify_others(&self, queues: BTreeSet<String>) {
        let notifier = &self.0.notifier;
        if !notifier.enabled || !self.can_notify() {
            return;
        }
        let mut state = notifier.lock();
        state.queues.extend(queues);
        if !std::mem::replace(&mut state.sending, true) {
            tokio::spawn(send(self.clone()));
        }
    }

    fn can_notify(&self) -> bool {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => true,
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => false,
        }
    }

    async fn notify(&self, queues: &BTreeSet<String>) -> Result<(), StorageError> {
        match &self.0.backend {
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => {
                let _ = queues;
                Ok(())
            }
            #[cfg(feature = "mysql")]
            Backend::MySql(_) => {
                let _ = queues;
                Ok(())
            }
            #[cfg(feature = "postgres")]
            Backend::Postgres(backend) => {
                let queues: Vec<&str> = queues.iter().map(String::as_str).collect();
                backend.notify(&queues).await
            }
        }
    }
}

async fn send(storage: Storage) {
    loop {
        let queues = {
            let mut state = storage.0.notifier.lock();
            if state.queues.is_empty() {
                state.sending = false;
                return;
            }
            std::mem::take(&mut state.queues)
        };
        if let Err(error) = storage.notify(&queues).await {
            tracing::debug!(%error, "other processes were not woken; they look within a second");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
