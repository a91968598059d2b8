//! `unique(key = "{email}", within = "1h")`.

use std::time::Duration;

use syn::{Ident, LitStr};

use super::list::Value;
use super::value::{choice, one_of};
use super::{Argument, Arguments, Given, Scope, Template};
use crate::errors::Errors;

/// The arguments of `unique(…)`.
const UNIQUE: &[&str] = &["key", "within", "states", "on_conflict"];

const STATES: &[(&str, &str)] = &[
    ("enqueued", "Enqueued"),
    ("scheduled", "Scheduled"),
    ("awaiting", "Awaiting"),
    ("processing", "Processing"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("deleted", "Deleted"),
];

const CONFLICTS: &[(&str, &str)] = &[("skip", "Skip"), ("replace", "Replace"), ("error", "Error")];

/// The longest key that the runtime stores, in bytes.
const MAX_KEY: usize = 200;

pub(crate) struct Unique {
    pub(crate) key: Template,
    pub(crate) within: Option<Duration>,
    /// Names of variants of the runtime's states.
    pub(crate) states: Option<Vec<Ident>>,
    pub(crate) on_conflict: Option<Ident>,
}

impl Argument {
    /// With a mistake in one of its settings, the others are kept for the checks that follow.
    pub(crate) fn unique(&self, errors: &mut Errors) -> Option<Unique> {
        let Value::List(group) = &self.value else {
            errors.push(self.wrong("a list, as in `unique(key = \"{parameter}\")`"));
            return None;
        };
        let scope = Scope { of: "`unique`", names: Some(&[UNIQUE]) };
        let mut list = Arguments::parse(group.stream(), &scope, errors);
        let mut missing = true;
        let key = list.take("key", errors, |argument| {
            missing = false;
            key(&argument.text()?)
        });
        if missing {
            errors.at(&self.name, "`unique` needs its `key`: `unique(key = \"{parameter}\")`");
        }
        let within = list.take("within", errors, Argument::duration);
        let states = list.take("states", errors, states);
        let on_conflict = list.take("on_conflict", errors, |argument| argument.choice(CONFLICTS));
        Some(Unique {
            key: key?.value,
            within: value(within),
            states: value(states),
            on_conflict: value(on_conflict),
        })
    }
}

fn value<T>(given: Option<Given<T>>) -> Option<T> {
    given.map(|given| given.value)
}

fn key(literal: &LitStr) -> syn::Result<Template> {
    let template = Template::parse(literal)?;
    let length: usize = template.texts().map(str::len).sum();
    if template.parts.is_empty() || length > MAX_KEY {
        let message = format!("a key has 1 to {MAX_KEY} bytes");
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(template)
}

fn states(argument: &Argument) -> syn::Result<Vec<Ident>> {
    let words = argument.texts()?;
    if words.is_empty() {
        return Err(argument.wrong("at least one state: in none of them, a key would hold nothing"));
    }
    let variant = |word: &LitStr| {
        choice(word, STATES)
            .ok_or_else(|| syn::Error::new(word.span(), format!("a state is {}", one_of(STATES))))
    };
    Errors::all(words.iter().map(variant))
}
