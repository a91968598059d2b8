//! Encrypted arguments: the value of each is replaced by a text that only the keys can read.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::fields::Fields;
use super::{Keys, Unopened, bound};
use crate::error::Error;
use crate::job::JobId;

/// Whose arguments they are. A value that was encrypted for one cannot be read as another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Job(JobId),
    /// A recurring schedule, under a name of its own: its jobs have no ids yet.
    Schedule(JobId),
}

impl Owner {
    fn bound(self, kind: &str, field: &str) -> Vec<u8> {
        match self {
            Self::Job(job) => bound("job", job, &[kind, field]),
            Self::Schedule(name) => bound("schedule", name, &[kind, field]),
        }
    }
}

/// Encrypts these arguments of a job.
pub(crate) fn seal_args(
    args: String,
    names: &[&str],
    owner: Owner,
    kind: &str,
    keys: Option<&Keys>,
) -> Result<String, Error> {
    if names.is_empty() {
        return Ok(args);
    }
    let keys = keys.ok_or_else(|| Error::NoKeys { kind: kind.to_owned() })?;
    let encode = |source: serde_json::Error| Error::EncodeArgs {
        kind: kind.to_owned(),
        source: source.into(),
    };
    let mut fields: Fields = serde_json::from_str(&args).map_err(encode)?;
    for (name, value) in fields.0.iter_mut().filter(|(name, _)| names.contains(&&**name)) {
        let sealed = keys.seal(value.get(), &owner.bound(kind, name));
        let sealed = sealed.ok_or_else(|| Error::NoKeys { kind: kind.to_owned() })?;
        *value = RawValue::from_string(format!("\"{sealed}\"")).map_err(encode)?;
    }
    serde_json::to_string(&fields).map_err(encode)
}

/// Decrypts the arguments with these names; says what is wrong with the first that does not open.
pub(crate) fn open_args(
    args: String,
    names: &[Cow<'static, str>],
    owner: Owner,
    kind: &str,
    keys: Option<&Keys>,
) -> Result<String, String> {
    if names.is_empty() {
        return Ok(args);
    }
    let problem = |name: &str, unopened: Unopened| format!("the argument `{name}` {unopened}");
    let unreadable = |_| "the stored arguments are not an object".to_owned();
    let mut fields: Fields = serde_json::from_str(&args).map_err(unreadable)?;
    for (name, value) in &mut fields.0 {
        if !names.iter().any(|sealed| *sealed == *name) {
            continue;
        }
        let sealed: &str =
            serde_json::from_str(value.get()).map_err(|_| problem(name, Unopened::Malformed))?;
        let opened = super::open(keys, sealed, &owner.bound(kind, name))
            .map_err(|unopened| problem(name, unopened))?;
        *value = RawValue::from_string(opened).map_err(|_| problem(name, Unopened::Malformed))?;
    }
    serde_json::to_string(&fields).map_err(unreadable)
}
