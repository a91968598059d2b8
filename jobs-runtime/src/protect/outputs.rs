//! Encrypted outputs, of jobs and of their steps.
//!
//! An output is handed to children, alone or inside a tuple, a list or a `Result`; so an encrypted
//! one is marked by a name that no other output may contain, and found wherever it has got to.

use super::{Keys, Unopened, bound};
use crate::job::JobId;

const MARK: &str = "{\"$jobs:encrypted\":\"";
const OF: &str = "\",\"of\":\"";
const END: &str = "\"}";

/// What an output may not contain, unless it is encrypted.
const RESERVED: &str = "\"$jobs:encrypted\":";

/// What an output is of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'p> {
    Output,
    Step(&'p str),
}

impl Part<'_> {
    fn bound(self, job: JobId) -> Vec<u8> {
        match self {
            Self::Output => bound("output", job, &[]),
            Self::Step(name) => bound("step", job, &[name]),
        }
    }
}

/// The output as it is stored: encrypted if the kind says so.
pub(crate) fn seal_output(
    json: String,
    encrypts: bool,
    part: Part<'_>,
    job: JobId,
    keys: Option<&Keys>,
) -> Result<String, String> {
    if json.contains(RESERVED) {
        return Err("the output has a field `$jobs:encrypted`, which is reserved".to_owned());
    }
    if !encrypts {
        return Ok(json);
    }
    let no_keys = || "the output is to be encrypted, and the storage was given no keys".to_owned();
    let sealed = keys.ok_or_else(no_keys)?.seal(&json, &part.bound(job)).ok_or_else(no_keys)?;
    Ok(format!("{MARK}{sealed}{OF}{job}{END}"))
}

pub(crate) fn is_sealed(json: &str) -> bool {
    json.contains(RESERVED)
}

/// The same with each encrypted output in it decrypted.
pub(crate) fn open_outputs(
    json: String,
    part: Part<'_>,
    keys: Option<&Keys>,
) -> Result<String, Unopened> {
    if !is_sealed(&json) {
        return Ok(json);
    }
    let mut opened = String::with_capacity(json.len());
    let mut rest = json.as_str();
    while let Some((before, after)) = rest.split_once(MARK) {
        let (sealed, after) = after.split_once(OF).ok_or(Unopened::Malformed)?;
        let (job, after) = after.split_once(END).ok_or(Unopened::Malformed)?;
        let job: JobId = job.parse().map_err(|_| Unopened::Malformed)?;
        opened.push_str(before);
        opened.push_str(&super::open(keys, sealed, &part.bound(job))?);
        rest = after;
    }
    opened.push_str(rest);
    Ok(opened)
}
