//! The forms of `backoff = …`.

use std::time::Duration;

use quote::ToTokens;
use syn::{Expr, ExprCall, Path};

use super::list::Value;
use super::value::{duration, peeled, string};
use super::{Argument, Arguments, Scope};
use crate::errors::Errors;

/// The arguments of `exponential(…)`.
const EXPONENTIAL: &[&str] = &["base", "cap", "jitter"];

/// The runtime waits no longer than this, whatever a job says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

const FORMS: &str = "a duration (`\"15s\"`), a list of them (`[\"1s\", \"5s\"]`), `fixed(\"5s\")`, \
    `exponential(base = \"1s\", cap = \"1h\", jitter = 0.2)`, or the path of a \
    `fn(u32) -> Duration`";

pub(crate) enum Backoff {
    Fixed(Duration),
    List(Vec<Duration>),
    Exponential { base: Duration, cap: Duration, jitter: f64 },
    Function(Path),
}

impl Argument {
    pub(crate) fn backoff(&self) -> syn::Result<Backoff> {
        let Value::Expr(expr) = &self.value else { return Err(self.wrong(FORMS)) };
        if let Some(literal) = string(expr) {
            return duration(&literal).map(Backoff::Fixed);
        }
        match peeled(expr) {
            Expr::Array(array) if !array.elems.is_empty() => {
                Errors::all(array.elems.iter().map(delay)).map(Backoff::List)
            }
            Expr::Path(path) if path.qself.is_none() => Ok(Backoff::Function(path.path.clone())),
            Expr::Call(call) => match called(call).as_deref() {
                Some("fixed") => fixed(call),
                Some("exponential") => exponential(call),
                _ => Err(self.wrong(FORMS)),
            },
            _ => Err(self.wrong(FORMS)),
        }
    }
}

fn called(call: &ExprCall) -> Option<String> {
    match peeled(&call.func) {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

fn fixed(call: &ExprCall) -> syn::Result<Backoff> {
    match call.args.first() {
        Some(argument) if call.args.len() == 1 => delay(argument).map(Backoff::Fixed),
        _ => Err(syn::Error::new_spanned(call, "`fixed` takes one duration: `fixed(\"5s\")`")),
    }
}

fn exponential(call: &ExprCall) -> syn::Result<Backoff> {
    let mut errors = Errors::default();
    let scope = Scope { of: "`exponential`", names: Some(&[EXPONENTIAL]) };
    let mut list = Arguments::parse(call.args.to_token_stream(), &scope, &mut errors);
    let base = list.take("base", &mut errors, Argument::duration);
    let cap = list.take("cap", &mut errors, Argument::duration);
    let jitter = list.take("jitter", &mut errors, Argument::share);
    errors.into_result()?;
    let Some(base) = base else {
        let message = "`exponential` needs its `base`: `exponential(base = \"1s\")`";
        return Err(syn::Error::new_spanned(call, message));
    };
    let longest = cap.as_ref().map_or(LONGEST, |cap| cap.value);
    if base.value > longest {
        let message = "`base` is longer than `cap`: every delay would be the `cap`";
        return Err(syn::Error::new_spanned(&base.name, message));
    }
    Ok(Backoff::Exponential {
        base: base.value,
        cap: longest,
        jitter: jitter.map_or(0.0, |jitter| jitter.value),
    })
}

fn delay(expr: &Expr) -> syn::Result<Duration> {
    match string(expr) {
        Some(literal) => duration(&literal),
        None => Err(syn::Error::new_spanned(expr, "expected a duration, as in `\"5s\"`")),
    }
}
