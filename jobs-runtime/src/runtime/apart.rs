//! A running job that ends in a transaction of its own function is given a lease of its own first.

use super::completer::Ended;
use super::server::Server;
use crate::context::{Lessor, SetApart};
use crate::storage::Member;

impl Lessor for Server {
    fn server(&self) -> i64 {
        self.id()
    }

    fn set_apart(&self, lease: i64, member: Member, holds_slot: bool) -> SetApart<'_> {
        Box::pin(async move {
            let mut moving = Moving { server: self, lease, member, known: None, unsure: true };
            self.running.set_moving(lease, member.job, true);
            let known = |own| {
                self.know_lease(own);
                let given_up = moving.known.replace(own);
                self.forget_leases(given_up.as_slice());
            };
            let own = self.storage().set_apart(self.id(), lease, member, holds_slot, known).await?;
            moving.unsure = false;
            let Some(own) = own else { return Ok(None) };
            moving.known = None;
            self.running.moved(member.job, lease, own);
            // The job is one more member of all leases, until it has left the former one.
            self.unwritten.send_modify(|unwritten| *unwritten += 1);
            self.hand_in(Ended::moved(lease, member));
            Ok(Some(own))
        })
    }
}

/// A move that is under way. If its answer is lost, or nobody waits for it any more, it may have
/// been committed.
struct Moving<'s> {
    server: &'s Server,
    lease: i64,
    member: Member,
    /// The lease that it is to have.
    known: Option<i64>,
    unsure: bool,
}

impl Drop for Moving<'_> {
    fn drop(&mut self) {
        self.server.running.set_moving(self.lease, self.member.job, false);
        if let Some(own) = self.known {
            self.server.forget_leases(&[own]);
        }
        if self.unsure {
            self.server.strays.suspect();
            self.server.buffer.hungry.notify_one();
        }
    }
}
