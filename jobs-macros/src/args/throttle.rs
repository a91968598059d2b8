//! `concurrency(key = "{tenant}", limit = 3)`, `rate_limit(key = "api", limit = 100, per = "1m")`.

use std::time::Duration;

use syn::{Ident, LitStr};

use super::list::Value;
use super::{Argument, Arguments, Given, Scope, Template};
use crate::errors::Errors;

/// The arguments of `concurrency(…)`.
const CONCURRENCY: &[&str] = &["key", "limit"];

/// The arguments of `rate_limit(…)`.
const RATE: &[&str] = &["key", "limit", "per", "window"];

/// Words for the ways to measure a rate, and the functions of the runtime that stand for them.
const WINDOWS: &[(&str, &str)] =
    &[("sliding", "sliding"), ("fixed", "fixed"), ("bucket", "bucket")];

/// The longest key that the runtime stores, in bytes.
const MAX_KEY: usize = 200;

/// The largest limit that the runtime stores.
const MAX_LIMIT: u32 = 1_000_000_000;

pub(crate) struct Concurrency {
    pub(crate) key: Template,
    pub(crate) limit: u32,
}

pub(crate) struct Rate {
    pub(crate) key: Template,
    pub(crate) limit: u32,
    pub(crate) per: Duration,
    /// The function of the runtime's throttle; sliding unless given.
    pub(crate) window: Option<Ident>,
}

impl Argument {
    pub(crate) fn concurrency(&self, errors: &mut Errors) -> Option<Concurrency> {
        const FORM: &str = "concurrency(key = \"{parameter}\", limit = 3)";
        let mut list = self.settings(CONCURRENCY, FORM, errors)?;
        let key = self.needed(&mut list, "key", FORM, errors, throttle_key);
        let limit = self.needed(&mut list, "limit", FORM, errors, limit);
        Some(Concurrency { key: key?, limit: limit? })
    }

    pub(crate) fn rate(&self, errors: &mut Errors) -> Option<Rate> {
        const FORM: &str = "rate_limit(key = \"{parameter}\", limit = 100, per = \"1m\")";
        let mut list = self.settings(RATE, FORM, errors)?;
        let key = self.needed(&mut list, "key", FORM, errors, throttle_key);
        let limit = self.needed(&mut list, "limit", FORM, errors, limit);
        let per = self.needed(&mut list, "per", FORM, errors, Argument::positive);
        let window = list.take("window", errors, |argument| argument.choice(WINDOWS));
        Some(Rate {
            key: key?,
            limit: limit?,
            per: per?,
            window: window.map(|window| window.value),
        })
    }

    /// The key by which jobs of one queue take turns.
    pub(crate) fn fair_key(&self) -> syn::Result<Template> {
        throttle_key(self)
    }

    fn settings(
        &self,
        names: &[&'static str],
        form: &str,
        errors: &mut Errors,
    ) -> Option<Arguments> {
        let Value::List(group) = &self.value else {
            errors.push(self.wrong(&format!("a list, as in `{form}`")));
            return None;
        };
        let of = format!("`{}`", self.name);
        let scope = Scope { of: &of, names: Some(&[names]) };
        Some(Arguments::parse(group.stream(), &scope, errors))
    }

    fn needed<T>(
        &self,
        list: &mut Arguments,
        name: &str,
        form: &str,
        errors: &mut Errors,
        read: impl FnOnce(&Argument) -> syn::Result<T>,
    ) -> Option<T> {
        let mut missing = true;
        let given: Option<Given<T>> = list.take(name, errors, |argument| {
            missing = false;
            read(argument)
        });
        if missing {
            errors.at(&self.name, format!("`{}` needs its `{name}`: `{form}`", self.name));
        }
        given.map(|given| given.value)
    }
}

fn throttle_key(argument: &Argument) -> syn::Result<Template> {
    key(&argument.text()?)
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

fn limit(argument: &Argument) -> syn::Result<u32> {
    let expected = format!("a whole number from 1 to {MAX_LIMIT}");
    let limit: u32 = argument.integer(&expected)?;
    match (1..=MAX_LIMIT).contains(&limit) {
        true => Ok(limit),
        false => Err(argument.wrong(&expected)),
    }
}
