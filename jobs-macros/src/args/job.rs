//! The arguments that say what a job is.

use std::time::Duration;

use syn::{Ident, LitStr, Path};

use super::{Argument, Arguments, Backoff, Concurrency, Given, Rate, Template, Unique};
use crate::errors::Errors;
use crate::item::NOT_BUILT_IN;

/// The longest name of a job, in bytes.
pub(crate) const MAX_NAME: usize = 200;

const MAX_QUEUE: usize = 50;
const MAX_TAG: usize = 50;
const MAX_TAGS: usize = 20;

const OUTCOMES: &[(&str, &str)] = &[("fail", "Fail"), ("delete", "Delete")];

#[derive(Default)]
pub(crate) struct JobArguments {
    pub(crate) name: Option<Given<LitStr>>,
    pub(crate) aliases: Option<Given<Vec<LitStr>>>,
    pub(crate) queue: Option<Given<Template>>,
    pub(crate) priority: Option<Given<i16>>,
    pub(crate) retries: Option<Given<u32>>,
    pub(crate) backoff: Option<Given<Backoff>>,
    pub(crate) retry_if: Option<Given<Path>>,
    pub(crate) on_exhausted: Option<Given<Ident>>,
    pub(crate) timeout: Option<Given<Duration>>,
    pub(crate) expires: Option<Given<Duration>>,
    pub(crate) keep: Option<Given<Duration>>,
    pub(crate) unique: Option<Given<Unique>>,
    pub(crate) concurrency: Option<Given<Concurrency>>,
    pub(crate) rate_limit: Option<Given<Rate>>,
    pub(crate) fair_by: Option<Given<Template>>,
    pub(crate) tags: Option<Given<Vec<Template>>>,
    /// The output.
    pub(crate) encrypt: Option<Given<Ident>>,
    /// The name of the argument struct.
    pub(crate) args: Option<Given<Ident>>,
    pub(crate) krate: Option<Given<Path>>,
}

impl JobArguments {
    pub(crate) fn read(mut list: Arguments, errors: &mut Errors) -> Self {
        Self {
            name: list.take("name", errors, |argument| name(argument.text()?)),
            aliases: list.take("aliases", errors, aliases),
            queue: list.take("queue", errors, |argument| queue(&argument.text()?)),
            priority: list.take("priority", errors, |argument| {
                argument.integer("a whole number from -32768 to 32767")
            }),
            retries: list.take("retries", errors, |argument| {
                argument.integer("a whole number from 0 up, as in `retries = 5`")
            }),
            backoff: list.take("backoff", errors, Argument::backoff),
            retry_if: list.take("retry_if", errors, |argument| {
                argument.path("the path of a `fn(&E) -> bool` over the function's error")
            }),
            on_exhausted: list.take("on_exhausted", errors, |argument| argument.choice(OUTCOMES)),
            timeout: list.take("timeout", errors, Argument::positive),
            expires: list.take("expires", errors, Argument::positive),
            keep: list.take("keep", errors, Argument::duration),
            unique: list.take_with("unique", errors, Argument::unique),
            concurrency: list.take_with("concurrency", errors, Argument::concurrency),
            rate_limit: list.take_with("rate_limit", errors, Argument::rate),
            fair_by: list.take("fair_by", errors, Argument::fair_key),
            tags: list.take("tags", errors, tags),
            encrypt: list.take("encrypt", errors, encrypt),
            args: list.take("args", errors, struct_name),
            krate: list.take("crate", errors, |argument| {
                argument.path("a path without quotes, as in `crate = my_jobs`")
            }),
        }
    }
}

fn name(literal: LitStr) -> syn::Result<LitStr> {
    let name = literal.value();
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        let message =
            format!("a job's name has 1 to {MAX_NAME} bytes, none of them a control character");
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(literal)
}

fn aliases(argument: &Argument) -> syn::Result<Vec<LitStr>> {
    Errors::all(argument.texts()?.into_iter().map(name))
}

fn queue(literal: &LitStr) -> syn::Result<Template> {
    let template = Template::parse(literal)?;
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    let length: usize = template.texts().map(str::len).sum();
    if template.parts.is_empty()
        || length > MAX_QUEUE
        || !template.texts().all(|text| text.chars().all(allowed))
    {
        let message = format!(
            "a queue's name has 1 to {MAX_QUEUE} characters from `a-z`, `0-9`, `_` and `-`, and \
             may hold `{{parameter}}`"
        );
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(template)
}

fn tags(argument: &Argument) -> syn::Result<Vec<Template>> {
    let literals = argument.texts()?;
    if literals.len() > MAX_TAGS {
        return Err(argument.wrong(&format!("at most {MAX_TAGS} tags")));
    }
    Errors::all(literals.iter().map(tag))
}

fn tag(literal: &LitStr) -> syn::Result<Template> {
    let template = Template::parse(literal)?;
    let length: usize = template.texts().map(|text| text.chars().count()).sum();
    if template.parts.is_empty() || length > MAX_TAG {
        let message = format!("a tag has 1 to {MAX_TAG} characters");
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(template)
}

fn encrypt(argument: &Argument) -> syn::Result<Ident> {
    let choice = argument.choice(&[("output", "Output")])?;
    match cfg!(feature = "encryption") {
        true => Ok(choice),
        false => Err(syn::Error::new(argument.name.span(), NOT_BUILT_IN)),
    }
}

fn struct_name(argument: &Argument) -> syn::Result<Ident> {
    let expected = "the name for the argument struct, as in `args = \"ReportArgs\"`";
    let literal = argument.text().map_err(|_| argument.wrong(expected))?;
    literal.parse::<Ident>().map_err(|_| argument.wrong(expected))
}
