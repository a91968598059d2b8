//! A list of arguments, `name = value, name(…)`, each kept with its own tokens.

use proc_macro2::{Group, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, Ident, Token};

use super::{RECURRING, nearest};
use crate::errors::Errors;

/// A value beside the name it was given under, so that later checks can point at either.
pub(crate) struct Given<T> {
    pub(crate) name: Ident,
    pub(crate) value: T,
}

/// Whose list it is, and the names it may hold.
pub(crate) struct Scope<'a> {
    /// As messages call it.
    pub(crate) of: &'a str,
    /// `None` where any name may stand.
    pub(crate) names: Option<&'a [&'a [&'static str]]>,
}

/// The arguments of one list that bear a known name, each name once.
#[derive(Default)]
pub(crate) struct Arguments(Vec<Argument>);

pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// `name`
    None,
    /// `name = value`
    Expr(Expr),
    /// `name(…)`
    List(Group),
}

impl Arguments {
    pub(crate) fn parse(tokens: TokenStream, scope: &Scope<'_>, errors: &mut Errors) -> Self {
        let mut list = Self::default();
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let ahead = input.fork();
                match ahead.parse::<Argument>() {
                    Ok(argument) => {
                        input.advance_to(&ahead);
                        list.admit(argument, scope, errors);
                        if !input.is_empty() && !input.peek(Token![,]) {
                            errors.push(input.error("expected a comma before the next argument"));
                        }
                    }
                    Err(error) => errors.push(error),
                }
                skip_past_comma(input)?;
            }
            Ok(())
        };
        let outcome = read.parse2(tokens);
        errors.ok(outcome);
        list
    }

    fn admit(&mut self, argument: Argument, scope: &Scope<'_>, errors: &mut Errors) {
        let name = argument.name.to_string();
        let known =
            scope.names.is_none_or(|names| names.iter().any(|names| names.contains(&&*name)));
        if known {
            self.add(argument, errors);
        } else {
            errors.at(&argument.name, scope.unknown(&name));
        }
    }

    /// Adds an argument, unless its name was given before.
    pub(crate) fn add(&mut self, argument: Argument, errors: &mut Errors) {
        if self.0.iter().any(|other| other.key() == argument.key()) {
            errors
                .at(&argument.name, format!("`{}` is already given: write it once", argument.name));
        } else {
            self.0.push(argument);
        }
    }

    /// Takes the argument out of the list and reads its value.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        errors: &mut Errors,
        read: impl FnOnce(&Argument) -> syn::Result<T>,
    ) -> Option<Given<T>> {
        self.take_with(name, errors, |argument, errors| errors.ok(read(argument)))
    }

    /// The same, for a reader that may find several mistakes and still give a value.
    pub(crate) fn take_with<T>(
        &mut self,
        name: &str,
        errors: &mut Errors,
        read: impl FnOnce(&Argument, &mut Errors) -> Option<T>,
    ) -> Option<Given<T>> {
        let index = self.0.iter().position(|argument| argument.name == name)?;
        let argument = self.0.remove(index);
        let value = read(&argument, errors)?;
        Some(Given { name: argument.name, value })
    }

    /// Takes out the arguments of which this holds.
    pub(crate) fn extract(&mut self, which: impl Fn(&Argument) -> bool) -> Self {
        let (taken, kept) = std::mem::take(&mut self.0).into_iter().partition(which);
        self.0 = kept;
        Self(taken)
    }
}

impl IntoIterator for Arguments {
    type Item = Argument;
    type IntoIter = std::vec::IntoIter<Argument>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Argument {
    /// `args = "Report"` and `args(days = 30)` are two arguments of one name.
    fn key(&self) -> (String, bool) {
        let is_list = self.name == "args" && matches!(self.value, Value::List(_));
        (self.name.to_string(), is_list)
    }

    /// Whether this is the list `args(…)`.
    pub(crate) fn is_constants(&self) -> bool {
        self.key() == ("args".to_owned(), true)
    }

    /// The error of a value that is not what the argument takes.
    pub(crate) fn wrong(&self, expected: &str) -> syn::Error {
        let message = format!("`{}` takes {expected}", self.name);
        match &self.value {
            Value::None => syn::Error::new_spanned(&self.name, message),
            Value::Expr(value) => syn::Error::new_spanned(value, message),
            Value::List(list) => syn::Error::new(list.span(), message),
        }
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an argument: `name = value` or `name(…)`"));
        }
        let name = input.call(Ident::parse_any)?;
        if input.peek(Token![=]) {
            let equals = input.parse::<Token![=]>()?;
            if input.is_empty() || input.peek(Token![,]) {
                let message = format!("`{name} =` lacks its value");
                return Err(syn::Error::new_spanned(equals, message));
            }
            return Ok(Self { name, value: Value::Expr(input.parse()?) });
        }
        if input.peek(syn::token::Paren) {
            return Ok(Self { name, value: Value::List(input.parse()?) });
        }
        Ok(Self { name, value: Value::None })
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        match &self.value {
            Value::None => {}
            Value::Expr(value) => value.to_tokens(tokens),
            Value::List(list) => list.to_tokens(tokens),
        }
    }
}

impl Scope<'_> {
    fn unknown(&self, name: &str) -> String {
        let known = self.names.unwrap_or_default().concat();
        if RECURRING.contains(&name) && known.contains(&"queue") {
            return format!("`{name}` is an argument of `#[recurring]`, not of {}", self.of);
        }
        let suggestion = nearest(name, known.iter().copied())
            .map(|nearest| format!("; did you mean `{nearest}`?"))
            .unwrap_or_default();
        let known = backticked(&known);
        format!("{} has no argument `{name}`{suggestion}\nIts arguments are {known}", self.of)
    }
}

/// The names once each, as a sentence lists them.
fn backticked(names: &[&str]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if !seen.contains(name) {
            seen.push(name);
        }
    }
    seen.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Goes on after the next comma, so that one bad argument hides none of those behind it.
fn skip_past_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
