//! Throttles: limits that hold across all servers, and turns between keys (ADR 0012).
//!
//! A job is let through when it is claimed, and not before: one that waits in a busy or paused
//! queue takes up nobody's room. A job without room waits in a line of its throttle, from which it
//! is called back into the line of its queue, to the place that it had.

mod admit;
mod call;
mod claim;
mod gate;
mod list;
mod open;
mod turns;
mod wishes;

pub(crate) use call::{call_due, set_limit};
pub(super) use call::{release, release_leases};
pub(crate) use claim::{Claims, claim};
pub(crate) use list::throttles;
pub(super) use turns::{split_known, split_new};
pub(crate) use wishes::{is_gated, may_hold_slot};
