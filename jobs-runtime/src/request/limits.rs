//! How large and of what form the parts of a request may be.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::error::Error;
use crate::job::{Job, Overrides, Throttle};
use crate::protect::Keys;

/// The largest arguments and outputs that a client and its runtime store.
///
/// ```
/// # use jobs_runtime::Limits;
/// let limits = Limits::default().args(8 * 1024 * 1024);
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    args: usize,
    output: usize,
    /// What encrypts, by the storage of the client.
    keys: Option<Keys>,
    /// Whether it is known on whose behalf jobs are stored.
    stamps: bool,
    stamp: Option<Stamp>,
}

/// Adds to what a job carries, while it is enqueued.
#[derive(Clone)]
struct Stamp(Arc<dyn Fn(&mut Meta) + Send + Sync>);

type Meta = serde_json::Map<String, serde_json::Value>;

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stamp")
    }
}

/// Of arguments and of outputs, unless set otherwise.
const DEFAULT_SIZE: usize = 1024 * 1024;
/// What the arguments may be set to at most.
const LARGEST_ARGS: usize = 64 * 1024 * 1024;
const LONGEST_QUEUE: usize = 50;
const LONGEST_KIND: usize = 200;
const LONGEST_BATCH: usize = 200;
const LONGEST_DESCRIPTION: usize = 2_000;
const LONGEST_KEY: usize = 200;
const NAMED_TWICE: &str = "is named twice by one job: a key names one throttle";
const LONGEST_TAG: usize = 50;
const MOST_TAGS: usize = 20;

impl Default for Limits {
    /// 1 MiB each.
    fn default() -> Self {
        Self { args: DEFAULT_SIZE, output: DEFAULT_SIZE, keys: None, stamps: true, stamp: None }
    }
}

impl Limits {
    /// The largest arguments of a job, in bytes of JSON; 64 MiB at most.
    #[must_use]
    pub fn args(mut self, bytes: usize) -> Self {
        self.args = bytes.min(LARGEST_ARGS);
        self
    }

    /// The largest output of a job, in bytes of JSON; 64 MiB at most.
    #[must_use]
    pub fn output(mut self, bytes: usize) -> Self {
        self.output = bytes.min(LARGEST_ARGS);
        self
    }

    pub(crate) fn with_keys(self, keys: Option<Keys>) -> Self {
        Self { keys, ..self }
    }

    pub(crate) fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    pub(crate) fn with_stamp(self, stamp: impl Fn(&mut Meta) + Send + Sync + 'static) -> Self {
        Self { stamp: Some(Stamp(Arc::new(stamp))), ..self }
    }

    /// The same for what is stored on nobody's behalf.
    pub(crate) fn without_stamp(&self) -> Self {
        Self { stamp: None, stamps: false, ..self.clone() }
    }

    /// Adds what is known where the request is made: its trace, and what the client stamps it
    /// with, before which goes what it carries itself.
    pub(crate) fn stamp(&self, overrides: &mut Overrides) {
        if !self.stamps {
            return;
        }
        overrides.note_trace();
        let Some(Stamp(stamp)) = &self.stamp else { return };
        let own = std::mem::take(&mut overrides.meta);
        stamp(&mut overrides.meta);
        overrides.meta.extend(own);
    }

    pub(crate) fn encode_args(&self, kind: &str, args: &impl Serialize) -> Result<String, Error> {
        let json = serde_json::to_string(args)
            .map_err(|error| Error::EncodeArgs { kind: kind.to_owned(), source: error.into() })?;
        self.check_args(kind, &json)?;
        Ok(json)
    }

    pub(crate) fn check_args(&self, kind: &str, json: &str) -> Result<(), Error> {
        match json.len() <= self.args {
            true => Ok(()),
            false => Err(Error::ArgsTooLarge {
                kind: kind.to_owned(),
                bytes: json.len(),
                limit: self.args,
            }),
        }
    }

    pub(crate) fn largest_output(&self) -> usize {
        self.output
    }
}

pub(crate) fn check_queue(queue: &str) -> Result<(), Error> {
    let fits = (1..=LONGEST_QUEUE).contains(&queue.len());
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    match fits && queue.bytes().all(allowed) {
        true => Ok(()),
        false => Err(Error::InvalidQueue { queue: queue.to_owned() }),
    }
}

pub(crate) fn check_kind(kind: &str) -> Result<(), Error> {
    let length = kind.chars().count();
    match (1..=LONGEST_KIND).contains(&length) && !kind.contains('\0') {
        true => Ok(()),
        false => Err(Error::InvalidKind { kind: kind.to_owned() }),
    }
}

pub(crate) fn check_batch(name: &str, description: Option<&str>) -> Result<(), Error> {
    let length = name.chars().count();
    if !(1..=LONGEST_BATCH).contains(&length) || name.contains('\0') {
        return Err(Error::InvalidBatch { name: name.to_owned() });
    }
    match description.map_or(0, |text| text.chars().count()) {
        0..=LONGEST_DESCRIPTION => Ok(()),
        characters => Err(Error::LongDescription { batch: name.to_owned(), characters }),
    }
}

pub(crate) fn check_unique_key(key: &str) -> Result<(), Error> {
    match is_key(key) {
        true => Ok(()),
        false => Err(Error::InvalidUniqueKey { key: key.to_owned() }),
    }
}

pub(crate) fn check_throttles(throttles: &[Throttle]) -> Result<(), Error> {
    for (number, throttle) in throttles.iter().enumerate() {
        let again = throttles.iter().take(number).any(|other| other.key == throttle.key);
        if let Some(problem) = throttle.problem().or(again.then_some(NAMED_TWICE)) {
            return Err(Error::InvalidThrottle { key: throttle.key.clone(), problem });
        }
    }
    Ok(())
}

/// What is set at run time may be zero.
pub(crate) fn check_limit(key: &str, limit: u32) -> Result<(), Error> {
    match Throttle::concurrency(key, limit.max(1)).problem() {
        None => Ok(()),
        Some(problem) => Err(Error::InvalidThrottle { key: key.to_owned(), problem }),
    }
}

fn check_fair_key(key: Option<&str>) -> Result<(), Error> {
    match key.filter(|key| !is_key(key)) {
        None => Ok(()),
        Some(key) => Err(Error::InvalidFairKey { key: key.to_owned() }),
    }
}

/// Whether this can be the key of a throttle, or a key to take turns by.
pub(crate) fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && !key.contains('\0')
}

pub(crate) fn check_tags(tags: &[String]) -> Result<(), Error> {
    if tags.len() > MOST_TAGS {
        return Err(Error::TooManyTags { count: tags.len() });
    }
    match tags.iter().find(|tag| tag.is_empty() || tag.chars().count() > LONGEST_TAG) {
        None => Ok(()),
        Some(tag) => Err(Error::InvalidTag { tag: tag.clone() }),
    }
}

impl Overrides {
    /// Adds what holds for every job of its kind. A throttle that the request names itself goes
    /// before one of the kind with the same key.
    pub(crate) fn add_kind<J: Job>(&mut self, job: &J) -> Result<(), Error> {
        self.redact.extend(J::REDACTED.iter().map(|name| Cow::Borrowed(*name)));
        let own = self.throttles.len();
        for throttle in job.throttles() {
            if self.throttles.iter().take(own).all(|named| named.key != throttle.key) {
                self.throttles.push(throttle);
            }
        }
        self.fair_by = self.fair_by.take().or_else(|| job.fair_by());
        check_throttles(&self.throttles)?;
        check_fair_key(self.fair_by.as_deref())
    }

    /// `None` where the request sets nothing differently.
    pub(crate) fn to_json(&self, kind: &str) -> Result<Option<String>, Error> {
        let json = serde_json::to_string(self)
            .map_err(|error| Error::EncodeArgs { kind: kind.to_owned(), source: error.into() })?;
        Ok((json != "{}").then_some(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_names_are_checked() {
        for good in ["a", "mail", "tenant-7_b", &"q".repeat(50)] {
            assert!(check_queue(good).is_ok(), "{good}");
        }
        for bad in ["", "Mail", "mail box", "größe", &"q".repeat(51), "a;drop"] {
            let error = check_queue(bad).expect_err(bad).to_string();
            assert!(error.contains(bad), "{error}");
        }
    }

    #[test]
    fn arguments_over_the_limit_are_refused_with_both_sizes() {
        let limits = Limits::default().args(10);
        let error = limits.encode_args("mail", &"x".repeat(20)).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "the arguments of `mail` are 22 bytes of JSON; the limit is 10 bytes"
        );
    }
}
