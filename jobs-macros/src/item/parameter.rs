//! The parameters of the function: where each gets its value from.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, FnArg, Ident, LitStr, Pat, PatType, Signature, Token, Type, token};

use super::Carried;
use super::types::{is_named, last_segment, peeled};
use crate::args::nearest;
use crate::errors::Errors;

/// Types of parameters that are injected without being marked.
const CONTEXTUAL: &[&str] = &["JobContext", "CancellationToken"];

/// The attributes that a parameter may bear.
const MARKS: &[&str] = &["inject", "from_parent", "redact", "encrypt", "serde"];

/// Without the feature, values would have to be stored as they are.
pub(crate) const NOT_BUILT_IN: &str =
    "this needs encryption: turn on the feature `encryption` of jobs-runtime";

/// The attributes that rustc takes on any parameter.
const LINTS: &[&str] = &["allow", "expect", "warn", "deny", "forbid"];

pub(crate) struct Parameter {
    pub(crate) ident: Ident,
    /// Whether the function gives the name; if not, it is a stand-in that nobody wrote.
    pub(crate) named: bool,
    pub(crate) carried: Carried,
    pub(crate) role: Role,
    /// Not to be shown.
    pub(crate) redacted: bool,
    /// Encrypted where it is stored, and not to be shown either.
    pub(crate) encrypted: bool,
}

pub(crate) enum Role {
    /// An argument, with serde's attributes for its field.
    Stored(Vec<Attribute>),
    Injected,
    /// The output of the parent; kept with the mark that says so.
    FromParent(TokenStream),
}

impl Parameter {
    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The name under which it is stored.
    pub(crate) fn stored_name(&self) -> String {
        match &self.role {
            Role::Stored(serde) => serde.iter().find_map(renamed).unwrap_or_else(|| self.name()),
            Role::Injected | Role::FromParent(_) => self.name(),
        }
    }

    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.role, Role::Stored(_))
    }

    pub(crate) fn is_injected(&self) -> bool {
        matches!(self.role, Role::Injected)
    }

    pub(crate) fn is_from_parent(&self) -> bool {
        matches!(self.role, Role::FromParent(_))
    }
}

/// Reads the parameters and strips their attributes off the signature. `None` if one of them
/// cannot even be given a field.
pub(crate) fn parameters(signature: &mut Signature, errors: &mut Errors) -> Option<Vec<Parameter>> {
    let parameter = |(index, argument): (usize, &mut FnArg)| match argument {
        FnArg::Receiver(receiver) => {
            errors.at(receiver, "a job is a free function: it takes no `self`");
            None
        }
        FnArg::Typed(argument) => parameter(index, argument, errors),
    };
    // All are read before any missing one counts, so that every mistake is found.
    let all: Vec<_> = signature.inputs.iter_mut().enumerate().map(parameter).collect();
    all.into_iter().collect()
}

fn parameter(index: usize, argument: &mut PatType, errors: &mut Errors) -> Option<Parameter> {
    let marks = Marks::strip(&mut argument.attrs, errors);
    let encrypted = marks.encrypt.is_some();
    let redacted = encrypted || marks.redact.is_some();
    let role = role(marks, &argument.ty, errors);
    let written = ident(&argument.pat, &role, errors);
    let carried = Carried::of(&argument.ty, errors)?;
    let named = written.is_some();
    let ident = written.unwrap_or_else(|| format_ident!("argument{index}"));
    Some(Parameter { ident, named, carried, role, redacted, encrypted })
}

/// The attributes of one parameter that are not for rustc.
#[derive(Default)]
struct Marks {
    inject: Option<Attribute>,
    from_parent: Option<Attribute>,
    redact: Option<Attribute>,
    encrypt: Option<Attribute>,
    serde: Vec<Attribute>,
}

impl Marks {
    fn strip(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut marks = Self::default();
        for attribute in std::mem::take(attributes) {
            let Some(name) = attribute.path().segments.last().map(|last| last.ident.to_string())
            else {
                continue;
            };
            match name.as_str() {
                "inject" => once(&mut marks.inject, attribute, errors),
                "from_parent" => once(&mut marks.from_parent, attribute, errors),
                "redact" => once(&mut marks.redact, attribute, errors),
                "encrypt" => {
                    if !cfg!(feature = "encryption") {
                        errors.at(&attribute, NOT_BUILT_IN);
                    }
                    once(&mut marks.encrypt, attribute, errors);
                }
                "serde" => marks.serde.push(attribute),
                lint if LINTS.contains(&lint) => attributes.push(attribute),
                _ => errors.at(&attribute, refusal(&name)),
            }
        }
        marks
    }
}

fn once(mark: &mut Option<Attribute>, attribute: Attribute, errors: &mut Errors) {
    if attribute.meta.require_path_only().is_err() {
        errors.at(&attribute, "this attribute takes no arguments");
    }
    if mark.is_some() {
        errors.at(&attribute, "this attribute is already given: write it once");
    }
    *mark = Some(attribute);
}

fn refusal(name: &str) -> String {
    if matches!(name, "cfg" | "cfg_attr") {
        return format!(
            "`#[{name}]` on a parameter would change what is stored: put `#[cfg]` on two \
             functions instead"
        );
    }
    let suggestion = nearest(name, MARKS.iter().copied())
        .map(|nearest| format!("; did you mean `#[{nearest}]`?"))
        .unwrap_or_default();
    format!(
        "a parameter of a job has no attribute `#[{name}]`{suggestion}\nIts attributes are \
         `#[inject]`, `#[from_parent]`, `#[redact]`, `#[encrypt]` and `#[serde(…)]`"
    )
}

fn role(marks: Marks, ty: &Type, errors: &mut Errors) -> Role {
    if let (Some(_), Some(from_parent)) = (&marks.inject, &marks.from_parent) {
        errors.at(
            from_parent,
            "a parameter is either injected by the runtime or handed over by the parent: keep \
             one of the two",
        );
    }
    let injected = marks.inject.is_some()
        || (marks.from_parent.is_none() && comes_from_the_runtime(ty, errors));
    if injected || marks.from_parent.is_some() {
        for attribute in &marks.serde {
            errors.at(
                attribute,
                "serde's attributes are for arguments: this parameter is not stored",
            );
        }
    }
    if let Some(mark) = marks.encrypt.as_ref().or(marks.redact.as_ref()) {
        refuse_to_protect(mark, injected || marks.from_parent.is_some(), &marks.serde, errors);
    }
    match marks.from_parent {
        _ if injected => Role::Injected,
        Some(attribute) => Role::FromParent(attribute.into_token_stream()),
        None => Role::Stored(marks.serde),
    }
}

/// What is protected must be one field of what is stored.
fn refuse_to_protect(
    mark: &Attribute,
    is_no_argument: bool,
    serde: &[Attribute],
    errors: &mut Errors,
) {
    if is_no_argument {
        errors.at(mark, "this parameter is not stored with the job: there is nothing to protect");
    } else if serde.iter().any(|attribute| serde_word(attribute, "flatten")) {
        errors.at(
            mark,
            "a flattened argument is stored as many fields: remove `#[serde(flatten)]` to protect \
             it",
        );
    }
}

fn serde_word(attribute: &Attribute, word: &str) -> bool {
    let mut found = false;
    // What is wrong with serde's attributes, serde says.
    let _ = attribute.parse_nested_meta(|meta| {
        found |= meta.path.is_ident(word);
        skip_value(&meta)
    });
    found
}

/// The name that `#[serde(rename = "…")]` or `rename(serialize = "…")` gives.
fn renamed(attribute: &Attribute) -> Option<String> {
    let mut name = None;
    let _ = attribute.parse_nested_meta(|meta| {
        if !meta.path.is_ident("rename") {
            return skip_value(&meta);
        }
        if meta.input.peek(Token![=]) {
            name = Some(meta.value()?.parse::<LitStr>()?.value());
            return Ok(());
        }
        meta.parse_nested_meta(|meta| {
            let literal: LitStr = meta.value()?.parse()?;
            if meta.path.is_ident("serialize") {
                name = Some(literal.value());
            }
            Ok(())
        })
    });
    name
}

fn skip_value(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}

/// Whether the type alone says that the runtime gives the value. Of a `State`, it ought to say so
/// by a mark: the type could be another of that name.
fn comes_from_the_runtime(ty: &Type, errors: &mut Errors) -> bool {
    let ty = match peeled(ty) {
        Type::Reference(reference) => &reference.elem,
        other => other,
    };
    if is_named(ty, "State") && last_segment(ty).is_some_and(|state| !state.arguments.is_none()) {
        errors.at(ty, "`State` comes from the runtime: mark the parameter `#[inject]`");
        return true;
    }
    CONTEXTUAL.iter().any(|name| is_named(ty, name))
}

/// The parameter's name; `_` will do where no field is made of it.
fn ident(pat: &Pat, role: &Role, errors: &mut Errors) -> Option<Ident> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(pat.ident.clone()),
        Pat::Wild(_) if !matches!(role, Role::Stored(_)) => None,
        Pat::Wild(pat) => {
            errors.at(pat, "an argument is stored under its name: write a name, such as `_unused`");
            None
        }
        pat => {
            errors.at(
                pat,
                "a parameter of a job is a plain name, `name: T`: take the value apart inside \
                 the function",
            );
            None
        }
    }
}
