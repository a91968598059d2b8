//! The arguments that say when a recurring job runs.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{Expr, Ident, LitStr};

use super::list::Value;
use super::{Argument, Arguments, Given, MAX_NAME, Scope};
use crate::errors::Errors;

const MISFIRES: &[(&str, &str)] = &[("once", "Once"), ("all", "All"), ("skip", "Skip")];
const OVERLAPS: &[(&str, &str)] = &[("allow", "Allow"), ("skip", "Skip"), ("queue", "Queue")];

/// One `#[recurring]`.
pub(crate) struct Recurrence {
    /// What to point at when something is missing.
    pub(crate) place: TokenStream,
    pub(crate) timing: Option<Timing>,
    pub(crate) tz: Option<Given<LitStr>>,
    pub(crate) id: Option<Given<LitStr>>,
    pub(crate) misfire: Option<Given<Ident>>,
    pub(crate) overlap: Option<Given<Ident>>,
    pub(crate) jitter: Option<Given<Duration>>,
    pub(crate) paused: Option<Given<bool>>,
    pub(crate) constants: Vec<Given<Expr>>,
}

/// When it runs.
pub(crate) enum Timing {
    Cron(LitStr),
    /// As the cron dialect writes it: `@every 90s`.
    Every(String),
}

impl Recurrence {
    pub(crate) fn read(mut list: Arguments, place: TokenStream, errors: &mut Errors) -> Self {
        let constants = list.extract(Argument::is_constants);
        Self {
            timing: timing(&mut list, &place, errors),
            tz: list.take("tz", errors, |argument| zone(argument.text()?)),
            id: list.take("id", errors, |argument| id(argument.text()?)),
            misfire: list.take("misfire", errors, |argument| argument.choice(MISFIRES)),
            overlap: list.take("overlap", errors, |argument| argument.choice(OVERLAPS)),
            jitter: list.take("jitter", errors, Argument::duration),
            paused: list.take("paused", errors, Argument::boolean),
            constants: constants
                .into_iter()
                .flat_map(|argument| read_constants(&argument, errors))
                .collect(),
            place,
        }
    }
}

fn timing(list: &mut Arguments, place: &TokenStream, errors: &mut Errors) -> Option<Timing> {
    // A value that does not read is an error already, and must not also count as missing.
    let mut missing = true;
    let cron = list.take("cron", errors, |argument| {
        missing = false;
        cron(argument.text()?)
    });
    let every = list.take("every", errors, |argument| {
        missing = false;
        every(argument)
    });
    match (cron, every) {
        (Some(_), Some(every)) => {
            errors.at(&every.name, "`every` and `cron` exclude each other: give one of them");
            None
        }
        (Some(cron), None) => Some(Timing::Cron(cron.value)),
        (None, Some(every)) => Some(Timing::Every(every.value)),
        (None, None) => {
            if missing {
                errors
                    .at(place, "`#[recurring]` needs `cron = \"0 9 * * *\"` or `every = \"15m\"`");
            }
            None
        }
    }
}

fn cron(literal: LitStr) -> syn::Result<LitStr> {
    match jobs_cron::Cron::parse(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(error) => Err(syn::Error::new(literal.span(), error)),
    }
}

fn every(argument: &Argument) -> syn::Result<String> {
    argument.duration()?;
    let literal = argument.text()?;
    let expression = format!("@every {}", literal.value());
    match jobs_cron::Cron::parse(&expression) {
        Ok(_) => Ok(expression),
        Err(error) => Err(syn::Error::new(literal.span(), error)),
    }
}

fn zone(literal: LitStr) -> syn::Result<LitStr> {
    match jobs_cron::parse_zone(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(error) => Err(syn::Error::new(literal.span(), error)),
    }
}

fn id(literal: LitStr) -> syn::Result<LitStr> {
    let id = literal.value();
    if id.is_empty() || id.len() > MAX_NAME {
        let message = format!("an id has 1 to {MAX_NAME} bytes");
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(literal)
}

/// `args(days = 30)`: any names here; whether the function has such parameters is checked later.
fn read_constants(argument: &Argument, errors: &mut Errors) -> Vec<Given<Expr>> {
    let Value::List(group) = &argument.value else { return Vec::new() };
    let scope = Scope { of: "`args`", names: None };
    let list = Arguments::parse(group.stream(), &scope, errors);
    let constant = |argument: Argument| match argument.value {
        Value::Expr(value) => Some(Given { name: argument.name, value }),
        Value::None | Value::List(_) => {
            errors.push(argument.wrong("a value, as in `args(days = 30)`"));
            None
        }
    };
    list.into_iter().filter_map(constant).collect()
}
