//! Arguments that are not for every eye.
//!
//! Which ones these are travels with each job, in its settings: so whoever shows it hides them, even
//! a program that does not know the kind, and before any server has announced it.

mod args;
mod fields;
#[cfg(feature = "encryption")]
mod keys;
#[cfg(not(feature = "encryption"))]
#[path = "no_keys.rs"]
mod keys;
mod outputs;

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use crate::error::Error;
use crate::job::{JobId, Overrides};
pub(crate) use args::{Owner, open_args, seal_args};
use fields::Fields;
#[cfg(feature = "encryption")]
pub use keys::Keys;
#[cfg(not(feature = "encryption"))]
pub(crate) use keys::Keys;
pub(crate) use outputs::{Part, is_sealed, open_outputs, seal_output};

/// What is shown in the place of a value.
const DOTS: &str = "\"•••\"";

/// The arguments of a job as they may be shown, by what its settings say.
pub(crate) fn shown(args: String, options: Option<&str>) -> String {
    let Some(options) = options else { return args };
    match serde_json::from_str::<Overrides>(options) {
        Ok(overrides) => match [overrides.redact, overrides.encrypt].concat().as_slice() {
            [] => args,
            names => without(&args, names),
        },
        // Nobody knows what is to be hidden.
        Err(_) => DOTS.to_owned(),
    }
}

/// An output, or what parents have handed over, as it may be shown.
pub(crate) fn shown_output(json: String) -> String {
    match is_sealed(&json) {
        true => DOTS.to_owned(),
        false => json,
    }
}

/// Why an encrypted value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unopened {
    NoKey(String),
    #[cfg(feature = "encryption")]
    Refused(String),
    Malformed,
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey(id) => write!(
                f,
                "is encrypted with the key `{id}`, which this process does not have: give it to \
                 `StorageOptions::keys`"
            ),
            #[cfg(feature = "encryption")]
            Self::Refused(id) => write!(
                f,
                "does not decrypt with the key `{id}`: the key is another one of that id, or the \
                 value was changed, or belongs to something else"
            ),
            Self::Malformed => f.write_str("should be encrypted, and is not"),
        }
    }
}

fn open(keys: Option<&Keys>, sealed: &str, bound: &[u8]) -> Result<String, Unopened> {
    match keys {
        Some(keys) => keys.open(sealed, bound),
        None => {
            let id = sealed.split_once('.').map_or(sealed, |(id, _)| id);
            Err(Unopened::NoKey(id.to_owned()))
        }
    }
}

/// What an encrypted value is bound to. Lengths stand before the parts, so that no two lists of
/// them are alike.
fn bound(of: &str, id: JobId, parts: &[&str]) -> Vec<u8> {
    let mut bound = Vec::new();
    for part in [of.as_bytes(), id.as_uuid().as_bytes()]
        .into_iter()
        .chain(parts.iter().map(|part| part.as_bytes()))
    {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

/// New arguments instead of stored ones, which may belong to another: what is shown instead of a
/// hidden value stands for that. What was encrypted is again.
pub(crate) fn replace_args(
    args: &str,
    stored: String,
    options: &Overrides,
    [from, to]: [Owner; 2],
    kind: &str,
    keys: Option<&Keys>,
) -> Result<String, Error> {
    let no_keys = |_| Error::NoKeys { kind: kind.to_owned() };
    let stored = open_args(stored, &options.encrypt, from, kind, keys).map_err(no_keys)?;
    let hidden = [options.redact.as_slice(), &options.encrypt].concat();
    let args = restored(args, &stored, &hidden)
        .map_err(|error| Error::InvalidArgs { kind: kind.to_owned(), source: error.into() })?;
    let encrypted: Vec<&str> = options.encrypt.iter().map(|name| &**name).collect();
    seal_args(args, &encrypted, to, kind, keys)
}

/// New arguments, in which what is shown instead of a value stands for the stored one.
fn restored(args: &str, stored: &str, names: &[Cow<'static, str>]) -> serde_json::Result<String> {
    if names.is_empty() {
        return serde_json::from_str::<&RawValue>(args).map(|args| args.get().to_owned());
    }
    let mut fields: Fields = serde_json::from_str(args)?;
    let stored: Fields = serde_json::from_str(stored)?;
    for (name, value) in &mut fields.0 {
        let hidden = value.get() == DOTS && names.iter().any(|hidden| *hidden == *name);
        if let Some((_, stored)) = stored.0.iter().find(|(other, _)| hidden && other == name) {
            *value = stored.clone();
        }
    }
    serde_json::to_string(&fields)
}

fn without(args: &str, names: &[Cow<'static, str>]) -> String {
    let hidden = || {
        let mut fields: Fields = serde_json::from_str(args)?;
        for (name, value) in &mut fields.0 {
            if names.iter().any(|hidden| *hidden == *name) {
                *value = RawValue::from_string(DOTS.to_owned())?;
            }
        }
        serde_json::to_string(&fields)
    };
    hidden().unwrap_or_else(|_| DOTS.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_instead_of_a_value_stands_for_it() {
        let restored = |args, stored| restored(args, stored, &["pin".into()]).ok();
        let stored = r#"{"pin":12,"user":7}"#;
        assert_eq!(
            restored(r#"{"user":8,"pin":"•••"}"#, stored).as_deref(),
            Some(r#"{"user":8,"pin":12}"#)
        );
        assert_eq!(restored(r#"{"pin":3}"#, stored).as_deref(), Some(r#"{"pin":3}"#));
        assert_eq!(restored(r#"{"user":"•••"}"#, stored).as_deref(), Some(r#"{"user":"•••"}"#));
        assert_eq!(restored("{", stored), None);
    }

    #[test]
    fn what_is_redacted_is_hidden_and_the_rest_stays_as_it_is() {
        let args = r#"{"user":7,"token":{"a":[1,2]},"note":"\u00fc","pin":12}"#.to_owned();
        let options = r#"{"redact":["token","pin","missing"]}"#;
        assert_eq!(
            shown(args.clone(), Some(options)),
            r#"{"user":7,"token":"•••","note":"\u00fc","pin":"•••"}"#
        );
        assert_eq!(shown(args.clone(), None), args);
        assert_eq!(shown(args.clone(), Some(r#"{"retries":1}"#)), args);
    }

    #[test]
    fn what_cannot_be_read_is_hidden_altogether() {
        assert_eq!(shown("{\"pin\":12".to_owned(), Some(r#"{"redact":["pin"]}"#)), DOTS);
        assert_eq!(shown("[1]".to_owned(), Some(r#"{"redact":["pin"]}"#)), DOTS);
        assert_eq!(shown("{\"pin\":12}".to_owned(), Some("{")), DOTS);
    }
}
