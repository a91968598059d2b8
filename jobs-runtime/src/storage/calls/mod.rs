//! What the rest of the library asks of a storage. Each call is one transaction, but for those that
//! join the caller's own.

mod actions;
mod batches;
mod jobs;
mod lists;
mod recurring;
mod runs;
mod servers;
mod store;
mod throttles;
