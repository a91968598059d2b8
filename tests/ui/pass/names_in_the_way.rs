//! Names that generated code might have used for itself.
#![allow(dead_code, non_camel_case_types)]

use jobs_runtime::{job, recurring};

struct Result;
struct Option;
struct String;
struct Vec;
struct Ok;
struct Into;
struct Duration;
struct Job;
struct Clone;
struct Debug;
mod core {}
mod std {}
mod serde {}
mod inventory {}

#[job(queue = "q-{delay}", unique(key = "{ctx}"), tags = ["{error}"], backoff = "1s", timeout = "1s")]
async fn clash(
    delay: u8,
    instant: u8,
    parent: u8,
    ctx: u8,
    input: u8,
    states: u8,
    error: u8,
    argument0: u8,
    formatter: u8,
    text: &str,
) -> ::std::result::Result<(), ::std::string::String> {
    let _ = (delay, instant, parent, ctx, input, states, error, argument0, formatter, text);
    ::std::result::Result::Ok(())
}

#[recurring(every = "1h", args(tick = 1))]
fn tick(tick: u8) {
    let _ = tick;
}

fn main() {
    let _ = clash::schedule_in(::std::time::Duration::ZERO, 1, 2, 3, 4, 5, 6, 7, 8, 9, "text");
}
