//! The `#[job]` and `#[recurring]` attributes of `jobs`, which `jobs-runtime` re-exports.
//!
//! An attribute goes through four stages, one module each: `args` reads what it says, `item`
//! reads the function under it, `check` compares the two, and `expand` writes the code.
//! `declaration` gathers the attributes of one function. No stage stops at a mistake: all of
//! them are collected in `Errors` and reported at once.
//!
//! With `JOBS_MACROS_PRINT` set in the environment, the expansions are printed while compiling.

mod args;
mod check;
mod declaration;
mod errors;
mod expand;
mod item;

use declaration::Kind;
use proc_macro::TokenStream;

/// Makes a function a durable background job.
///
/// ```
/// use jobs_runtime::prelude::*;
///
/// struct Mailer;
///
/// /// Sends the welcome mail; what it returns is stored, and handed to whoever waits for it.
/// #[job(queue = "mail", retries = 5, timeout = "30s", unique(key = "{email}", within = "1h"))]
/// async fn send_welcome(email: String, #[inject] mailer: State<Mailer>) -> anyhow::Result<u32> {
///     let _mailer: &Mailer = &mailer;
///     println!("welcome, {email}");
///     Ok(7)
/// }
///
/// #[job]
/// async fn file_receipt(#[from_parent] receipt: u32, folder: &str) -> String {
///     format!("{folder}/{receipt}.txt")
/// }
///
/// async fn sign_up() -> anyhow::Result<()> {
///     let mail = send_welcome::enqueue("ada@example.com").await?; // no `mailer`: that is injected
///     file_receipt::continue_with(&mail, "2026/11").await?; // takes what `send_welcome` returns
///     send_welcome::schedule_in(Duration::from_secs(3600), "bob@example.com").await?;
///     send_welcome::job("eve@example.com").priority(5).queue("slow").enqueue().await?;
///     Ok(())
/// }
/// ```
///
/// The function stays as it is. Beside it come a struct of its arguments, named in PascalCase
/// (`send_welcome`: `SendWelcome`), which implements the runtime's `Job`, and a type of the
/// function's own name, with the helpers `job`, `enqueue`, `schedule_in`, `schedule_at` and
/// `continue_with`.
///
/// An `async fn` runs on the runtime's workers, a plain `fn` on the pool for blocking work. It
/// returns `()`, a type that serde can store, or a `Result` of either with any error that
/// converts into `JobError`. The name `Result` must be written out: an alias that hides one is an
/// error.
///
/// # Arguments
///
/// | Argument | Meaning |
/// |---|---|
/// | `name = "mail.welcome"` | the name under which the job is stored, instead of the function's |
/// | `aliases = ["welcome"]` | former names, under which stored jobs are still found |
/// | `queue = "mail"`, `"tenant-{tenant}"` | the queue, which may depend on parameters |
/// | `priority = 5` | larger runs first inside a queue; from -32768 to 32767, 0 unless set |
/// | `retries = 5` | retries after the first attempt; 10 unless set |
/// | `backoff = "15s"` | the same delay before each retry, also as `fixed("15s")` |
/// | `backoff = ["1s", "5s"]` | one delay for each retry; the last one repeats |
/// | `backoff = exponential(base = "1s", cap = "1h", jitter = 0.2)` | doubling delays |
/// | `backoff = path` | a `fn(u32) -> Duration` over the number of the retry |
/// | `retry_if = path` | a `fn(&E) -> bool` over the error; `false` fails the job for good |
/// | `on_exhausted = "fail"`, `"delete"` | what becomes of the job when no retry is left |
/// | `timeout = "30s"` | how long one attempt may run |
/// | `expires = "1h"` | not started so long after its enqueue, the job is deleted |
/// | `keep = "7d"` | how long the finished job is kept; one day unless set |
/// | `unique(key = "{email}", within = "1h", states = […], on_conflict = "skip")` | one job for each key; `on_conflict` may also be `"replace"` or `"error"` |
/// | `concurrency(key = "tenant-{tenant}", limit = 3)` | at most so many at once for each key, on all servers together |
/// | `rate_limit(key = "api", limit = 100, per = "1m", window = "sliding")` | at most so many starts for each key in any such time; `window` may also be `"fixed"` or `"bucket"` |
/// | `fair_by = "{tenant}"` | jobs of one queue take turns by this key |
/// | `tags = ["mail", "user:{id}"]` | tags, which may hold parameters |
/// | `encrypt = "output"` | what it and its steps return is encrypted in the storage (feature `encryption`) |
/// | `args = "Welcome"` | the name of the argument struct |
/// | `crate = path` | where the runtime is, if not at `::jobs_runtime` |
///
/// In a template, `{order.id}` goes down to a field, and `{{` is a brace. A duration is a number and
/// a unit, or several: `"90s"`, `"250ms"`, `"1h 30m"`, `"7d"`.
///
/// # Parameters
///
/// A parameter is stored with the job, unless it is marked:
///
/// - `#[inject]` asks the runtime for it: `State<T>`, `Client`, or anything that implements
///   `FromContext`. `JobContext` and `CancellationToken` need no mark.
/// - `#[from_parent]` takes the output of the parent, or a tuple of the outputs of several. Such a
///   job has no helpers but `job` and `continue_with`.
/// - `#[redact]` stores the value, and shows it as `•••` wherever jobs are shown.
/// - `#[encrypt]` does so too, and encrypts it in the storage by the keys of
///   `StorageOptions::keys` (feature `encryption`).
/// - serde's attributes, such as `#[serde(default)]`, go to the field of the argument struct.
///
/// `&str`, `&[T]`, `&Path` and `&T` are stored as their owned forms and lent to the function. For
/// strings, slices and paths the helpers take `impl Into<…>`.
#[proc_macro_attribute]
pub fn job(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::Job, arguments.into(), item.into()).into()
}

/// Makes a function a job that runs on a schedule; may stand several times on one function.
///
/// ```
/// use jobs_runtime::prelude::*;
///
/// #[recurring(cron = "0 9 * * MON-FRI", tz = "Europe/Istanbul", overlap = "skip")]
/// async fn morning_report() {}
///
/// #[recurring(every = "15m", args(days = 1))]
/// #[recurring(cron = "@monthly", id = "monthly", args(days = 30))]
/// #[job(queue = "reports", retries = 3)]
/// async fn report(days: u32) {
///     println!("the last {days} days");
/// }
/// ```
///
/// The schedules of a program are stored when its runtime starts. An edit by hand, on the dashboard
/// or by `RecurringJob`, holds until the declaration in the code changes. Jobs of a schedule hold no
/// unique key, even where their kind is unique: `overlap` says how many there may be.
///
/// It implies [`macro@job`] and takes all of its arguments, the first `#[recurring]` of a function
/// only. Beside it, `#[job(…)]` may hold them instead.
///
/// # Arguments
///
/// | Argument | Meaning |
/// |---|---|
/// | `cron = "0 9 * * MON-FRI"` | when it runs: five fields, six with seconds, or `@daily` |
/// | `every = "15m"` | the same, as a period counted from the epoch |
/// | `tz = "Europe/Istanbul"` | the time zone of `cron`; UTC by default |
/// | `id = "nightly"` | what tells the schedules of a job apart; the first one's is the job's name |
/// | `misfire = "once"`, `"all"`, `"skip"` | what to do about runs missed while no server was up: one now (the default), each of them, none |
/// | `overlap = "allow"`, `"skip"`, `"queue"` | what to do while the last run is not over: start it all the same (the default), leave it out, start it after that |
/// | `jitter = "30s"` | delays each start at random, by up to this |
/// | `paused = true` | whether it waits to be resumed |
/// | `args(days = 30)` | the values of the parameters that are stored, each of them |
#[proc_macro_attribute]
pub fn recurring(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Kind::Recurring, arguments.into(), item.into()).into()
}
