//! Who may come in, and what keeps a page from being turned against its visitor.

mod access;
mod headers;
mod origin;
mod session;

pub use access::Access;
pub(crate) use access::{Refusal, Rule};
pub(crate) use headers::protect;
pub(crate) use origin::is_same_origin;
pub(crate) use session::{Session, cookie};
