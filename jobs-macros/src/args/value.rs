//! Readers of single values; each error says what the argument takes.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use proc_macro2::Span;
use syn::{Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, Path, UnOp};

use super::Argument;
use super::list::Value;
use crate::errors::Errors;

impl Argument {
    pub(crate) fn text(&self) -> syn::Result<LitStr> {
        let form = || format!("a string, as in `{} = \"…\"`", self.name);
        self.literal_text().ok_or_else(|| self.wrong(&form()))
    }

    fn literal_text(&self) -> Option<LitStr> {
        match &self.value {
            Value::Expr(expr) => string(expr),
            Value::None | Value::List(_) => None,
        }
    }

    pub(crate) fn texts(&self) -> syn::Result<Vec<LitStr>> {
        let wrong = || self.wrong("a list of strings, as in `[\"one\", \"two\"]`");
        let Value::Expr(expr) = &self.value else { return Err(wrong()) };
        let Expr::Array(array) = peeled(expr) else { return Err(wrong()) };
        let element = |element: &Expr| {
            string(element).ok_or_else(|| syn::Error::new_spanned(element, "expected a string"))
        };
        Errors::all(array.elems.iter().map(element))
    }

    pub(crate) fn integer<N: FromStr<Err: Display>>(&self, expected: &str) -> syn::Result<N> {
        let wrong = || self.wrong(expected);
        let Value::Expr(expr) = &self.value else { return Err(wrong()) };
        let (sign, operand) = match peeled(expr) {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", peeled(expr)),
            other => ("", other),
        };
        let Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) = operand else {
            return Err(wrong());
        };
        if !literal.suffix().is_empty() {
            return Err(wrong());
        }
        format!("{sign}{}", literal.base10_digits()).parse().map_err(|_| wrong())
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&self) -> syn::Result<f64> {
        let wrong = || self.wrong("a number from 0 to 1, as in `0.2`");
        let Value::Expr(expr) = &self.value else { return Err(wrong()) };
        let number = match peeled(expr) {
            Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => literal.base10_parse(),
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => literal.base10_parse(),
            _ => return Err(wrong()),
        };
        number.ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
    }

    pub(crate) fn boolean(&self) -> syn::Result<bool> {
        match &self.value {
            Value::None => Ok(true),
            Value::Expr(Expr::Lit(ExprLit { lit: Lit::Bool(literal), .. })) => Ok(literal.value),
            Value::Expr(_) | Value::List(_) => Err(self.wrong("`true` or `false`")),
        }
    }

    pub(crate) fn duration(&self) -> syn::Result<Duration> {
        let Some(literal) = self.literal_text() else {
            return Err(self.wrong("a duration in a string, as in `\"30s\"` or `\"1h 30m\"`"));
        };
        duration(&literal)
    }

    pub(crate) fn positive(&self) -> syn::Result<Duration> {
        let duration = self.duration()?;
        if duration.is_zero() {
            return Err(self.wrong("a duration longer than zero"));
        }
        Ok(duration)
    }

    pub(crate) fn path(&self, expected: &str) -> syn::Result<Path> {
        match &self.value {
            Value::Expr(expr) => match peeled(expr) {
                Expr::Path(path) if path.qself.is_none() => Ok(path.path.clone()),
                _ => Err(self.wrong(expected)),
            },
            Value::None | Value::List(_) => Err(self.wrong(expected)),
        }
    }

    /// The variant that one of these words stands for.
    pub(crate) fn choice(&self, choices: &[(&str, &str)]) -> syn::Result<Ident> {
        let wrong = || self.wrong(&one_of(choices));
        choice(&self.literal_text().ok_or_else(wrong)?, choices).ok_or_else(wrong)
    }
}

pub(crate) fn choice(word: &LitStr, choices: &[(&str, &str)]) -> Option<Ident> {
    let word = word.value();
    let (_, variant) = choices.iter().find(|(name, _)| *name == word)?;
    Some(Ident::new(variant, Span::call_site()))
}

pub(crate) fn one_of(choices: &[(&str, &str)]) -> String {
    let words: Vec<String> = choices.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
    format!("one of {}", words.join(", "))
}

pub(crate) fn duration(literal: &LitStr) -> syn::Result<Duration> {
    jobs_cron::parse_duration(&literal.value())
        .map_err(|error| syn::Error::new(literal.span(), error))
}

pub(crate) fn string(expr: &Expr) -> Option<LitStr> {
    match peeled(expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Some(literal.clone()),
        _ => None,
    }
}

/// The expression without the invisible group that a `macro_rules!` variable puts around it.
pub(crate) fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => peeled(&group.expr),
        other => other,
    }
}
