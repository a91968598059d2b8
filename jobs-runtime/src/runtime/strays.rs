//! Leases that this server has without knowing: the answer to a claim may be lost with the
//! connection though its transaction was committed, and then nobody would run the jobs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether there may be such leases, and whether any lease is just being made.
#[derive(Debug, Default)]
pub(super) struct Strays {
    suspected: AtomicBool,
    /// Leases under way beside those of the fetcher.
    under_way: AtomicUsize,
}

impl Strays {
    /// `false` if none may begin now, since strays are to be told from it.
    pub(super) fn begin(&self) -> bool {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        // Looked at after that, as whoever looks for strays looks at the number after the flag.
        if self.are_suspected() {
            self.end();
            return false;
        }
        true
    }

    pub(super) fn end(&self) {
        self.under_way.fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn suspect(&self) {
        self.suspected.store(true, Ordering::SeqCst);
    }

    pub(super) fn are_suspected(&self) -> bool {
        self.suspected.load(Ordering::SeqCst)
    }

    /// Whether a lease that the server does not know is a stray, and not one that it will hear
    /// of at any moment.
    pub(super) fn can_be_told(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
    }

    pub(super) fn are_gone(&self) {
        self.suspected.store(false, Ordering::SeqCst);
    }
}
