//! The integration tests: one program, so that it is linked once.

mod chaos;
mod conformance;
mod cost;
