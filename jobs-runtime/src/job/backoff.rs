//! How long to wait before a retry.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest delay before a retry.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The delay before each retry; at most 24 hours, whatever the parameters say.
///
/// ```
/// # use jobs_runtime::Backoff;
/// # use std::time::Duration;
/// let backoff = Backoff::Exponential {
///     base: Duration::from_secs(1),
///     cap: Duration::from_secs(60),
///     jitter: 0.0,
/// };
/// assert_eq!(backoff.delay(1), Duration::from_secs(1));
/// assert_eq!(backoff.delay(4), Duration::from_secs(8));
/// assert_eq!(backoff.delay(40), Duration::from_secs(60));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Backoff {
    /// Before retry n: (n−1)⁴ + 15 + random(0..=29)·n seconds. The default.
    #[default]
    Polynomial,
    /// The same delay before each retry.
    Fixed(Duration),
    /// One delay for each retry; the last one holds for all further ones.
    List(Cow<'static, [Duration]>),
    /// `base` doubled with each retry up to `cap`, then spread by up to ± `jitter` (0 to 1) of
    /// itself.
    Exponential {
        /// The delay before the first retry.
        base: Duration,
        /// The longest delay.
        cap: Duration,
        /// The share of the delay by which it varies at random, 0 to 1.
        jitter: f64,
    },
    /// A function from the number of the retry, 1 and up, to the delay before it.
    Function(fn(u32) -> Duration),
}

impl Backoff {
    /// The delay before retry `retry`, counted from 1.
    #[must_use]
    pub fn delay(&self, retry: u32) -> Duration {
        let retry = retry.max(1);
        let delay = match self {
            Self::Polynomial => polynomial(retry),
            Self::Fixed(delay) => *delay,
            Self::List(delays) => {
                let index = (retry as usize - 1).min(delays.len().saturating_sub(1));
                delays.get(index).copied().unwrap_or_default()
            }
            Self::Exponential { base, cap, jitter } => exponential(retry, *base, *cap, *jitter),
            Self::Function(delay) => delay(retry),
        };
        delay.min(LONGEST)
    }
}

fn polynomial(retry: u32) -> Duration {
    let n = u64::from(retry);
    let seconds = (n - 1)
        .saturating_pow(4)
        .saturating_add(15)
        .saturating_add(rand::random_range(0..=29u64).saturating_mul(n));
    Duration::from_secs(seconds)
}

fn exponential(retry: u32, base: Duration, cap: Duration, jitter: f64) -> Duration {
    let doubled = base.saturating_mul(2u32.saturating_pow(retry - 1)).min(cap).min(LONGEST);
    let spread = 1.0 + jitter.clamp(0.0, 1.0) * rand::random_range(-1.0..=1.0);
    doubled.mul_f64(spread)
}

/// A backoff as a single job stores it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredBackoff {
    Polynomial,
    Fixed(Duration),
    List(Vec<Duration>),
    Exponential { base: Duration, cap: Duration, jitter: f64 },
}

impl StoredBackoff {
    /// `None` for a function, which cannot be stored.
    pub(crate) fn of(backoff: Backoff) -> Option<Self> {
        Some(match backoff {
            Backoff::Polynomial => Self::Polynomial,
            Backoff::Fixed(delay) => Self::Fixed(delay),
            Backoff::List(delays) => Self::List(delays.into_owned()),
            Backoff::Exponential { base, cap, jitter } => Self::Exponential { base, cap, jitter },
            Backoff::Function(_) => return None,
        })
    }
}

impl From<StoredBackoff> for Backoff {
    fn from(stored: StoredBackoff) -> Self {
        match stored {
            StoredBackoff::Polynomial => Self::Polynomial,
            StoredBackoff::Fixed(delay) => Self::Fixed(delay),
            StoredBackoff::List(delays) => Self::List(Cow::Owned(delays)),
            StoredBackoff::Exponential { base, cap, jitter } => {
                Self::Exponential { base, cap, jitter }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_backoff_follows_the_formula_and_saturates() {
        for n in 1..=10u64 {
            let seconds = Backoff::Polynomial.delay(n as u32).as_secs();
            let floor = (n - 1).pow(4) + 15;
            assert!((floor..=floor + 29 * n).contains(&seconds), "retry {n}: {seconds} s");
        }
        assert_eq!(Backoff::Polynomial.delay(u32::MAX), LONGEST);
    }

    #[test]
    fn a_list_repeats_its_last_delay() {
        let list = Backoff::List(vec![Duration::from_secs(1), Duration::from_secs(5)].into());
        assert_eq!(list.delay(1).as_secs(), 1);
        assert_eq!(list.delay(9).as_secs(), 5);
        assert_eq!(Backoff::List(Vec::new().into()).delay(1), Duration::ZERO);
    }

    #[test]
    fn exponential_jitter_stays_within_its_share() {
        let backoff = Backoff::Exponential {
            base: Duration::from_secs(10),
            cap: Duration::from_secs(1000),
            jitter: 0.5,
        };
        for _ in 0..100 {
            let seconds = backoff.delay(2).as_secs_f64();
            assert!((10.0..=30.0).contains(&seconds), "{seconds}");
        }
    }
}
