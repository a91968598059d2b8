//! The cron dialect of `jobs`: one parser for the macros, at compile time, and for the runtime.
//!
//! A [`Cron`] is an expression that has been read and checked. A [`Schedule`] is one in a time
//! zone, and tells when it fires.
//!
//! ```
//! use jobs_cron::Schedule;
//!
//! let schedule = Schedule::parse("0 9 * * MON-FRI", "Europe/Istanbul")?;
//! let after = "2026-01-02T12:00:00Z".parse()?;
//! let fires: Vec<String> = schedule
//!     .upcoming(after)
//!     .take(2)
//!     .map(|time| time.with_timezone(&schedule.zone()).to_rfc3339())
//!     .collect();
//! assert_eq!(fires, ["2026-01-05T09:00:00+03:00", "2026-01-06T09:00:00+03:00"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Expressions
//!
//! Five fields as in crontab, or six with the seconds in front:
//!
//! | field | values | besides `*`, lists, ranges and steps |
//! |---|---|---|
//! | second (only in six fields) | 0–59 | |
//! | minute | 0–59 | |
//! | hour | 0–23 | |
//! | day of month | 1–31 | `L`, `L-3`, `LW`, `15W`, `?` |
//! | month | 1–12, `JAN`–`DEC` | |
//! | day of week | 0–7, `SUN`–`SAT`; 0 and 7 are Sunday in both forms | `FRI#2`, `5L` or `FRIL`, `?` |
//!
//! | written | meaning |
//! |---|---|
//! | `1,15,30-40` | a list of values and ranges; names may stand for numbers everywhere, in either case |
//! | `*/5`, `10-50/5` | each fifth value of all, or of the range, counted from its start |
//! | `5/15` | each fifteenth value from 5 to the end of the field (in the day of week, to 7) |
//! | `FRI-MON`, `22-2` | a range that goes on over the end of the field |
//! | `L`, `L-3` | the last day of the month, and three days before it |
//! | `LW` | the last day of the month from Monday to Friday |
//! | `15W` | the day from Monday to Friday nearest to the 15th, in the same month; a month without that day is left out |
//! | `FRI#2` | the second Friday of the month |
//! | `5L`, `FRIL` | the last Friday of the month |
//! | `?` | in a day field, the same as `*` |
//! | `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually` | as in crontab |
//! | `@every 90s` | each multiple of a period since the Unix epoch, whatever the zone; see [`parse_duration`] |
//!
//! A step is at most as large as its field: `*/90` in the minutes would mean "at minute 0", and
//! is refused; `@every 90m` says what was meant.
//!
//! ## Day of month and day of week
//!
//! If both are restricted, a day matches if **either** does: `0 0 13 * FRI` fires on each 13th
//! and on each Friday. A field is unrestricted if it begins with `*` or `?`. This is crontab's
//! own rule, so that `*/2` counts as unrestricted: `0 0 */2 * MON` fires on Mondays with an odd
//! date, where **both** match, while `0 0 1-31/2 * MON` fires on each odd date and on each Monday.
//!
//! # Clocks that change
//!
//! Expressions are read off the wall clock of the zone.
//!
//! - A time that a change swallows fires at the first instant after the gap: with clocks going
//!   from 02:00 to 03:00, `30 2 * * *` fires at 03:00 on that day. It fires once if several
//!   times are swallowed, and if 03:00 is a time of the expression as well.
//! - Where clocks go back, a fixed time fires once, the first time that it is shown. An interval
//!   fires in both hours. An expression is an interval if its seconds, minutes or hours hold a
//!   `*`, a range or a step.
//!
//! # Guarantees
//!
//! - Whether an expression can be read, and when it fires, depends on nothing but its text, the
//!   zone and the zone database that this crate is built with.
//! - [`Schedule::next_after`] is strictly later, [`Schedule::previous_before`] strictly earlier,
//!   and they walk the same occurrences.
//! - An expression that can never fire, such as one for 31 February, can be read; it says so
//!   ([`Cron::fires_never`]).
//! - Nothing in here panics, whatever the text or the instant.

mod days;
mod duration;
mod error;
mod every;
mod expression;
mod field;
mod item;
mod occurrence;
mod parse;
mod plan;
mod schedule;
mod values;
mod wall;
mod zone;

pub use chrono_tz::Tz;
pub use duration::{DurationError, parse_duration};
pub use error::{CronError, ScheduleError};
pub use expression::Cron;
pub use field::Field;
pub use schedule::Schedule;
pub use zone::{ZoneError, parse_zone};
