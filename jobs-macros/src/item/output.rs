//! What the function gives back.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{ReturnType, Signature, Type, TypeImplTrait, TypeParamBound, parse_quote};

use super::types::{Unstorable, is_named, last_segment, peeled, type_arguments, unstorable};
use crate::errors::Errors;

const BORROWED: &str = "an output is stored, and borrows nothing: return an owned type";

pub(crate) enum Output {
    /// `()`
    Unit,
    Plain(Type),
    Result {
        ok: Type,
        /// Where the error's type is; the whole type in the one-argument forms, such as
        /// `anyhow::Result<T>`.
        error: Span,
    },
}

impl Output {
    pub(crate) fn of(signature: &Signature, errors: &mut Errors) -> Self {
        let ReturnType::Type(_, written) = &signature.output else { return Self::Unit };
        let ty = peeled(written);
        if is_future(ty) {
            errors.at(
                ty,
                "the future that this function returns would never run: make it an `async fn` \
                 that returns what the future gives",
            );
            return Self::Unit;
        }
        match unstorable(ty) {
            None => {}
            Some(Unstorable::ImplTrait(ty)) => {
                errors.at(ty, "`impl Trait` cannot be stored as an output: name the type");
                return Self::Unit;
            }
            Some(Unstorable::Reference(reference)) => {
                errors.at(reference, BORROWED);
                return Self::Unit;
            }
            Some(Unstorable::Lifetime(lifetime)) => {
                errors.at(lifetime, BORROWED);
                return Self::Unit;
            }
        }
        match ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => Self::Unit,
            Type::Never(never) => {
                errors.at(never, "a job ends: return `()`, or a `Result`");
                Self::Unit
            }
            Type::Reference(reference) => {
                errors.at(reference, BORROWED);
                Self::Unit
            }
            ty if is_named(ty, "Result") => Self::result(ty, errors),
            ty => Self::Plain(ty.clone()),
        }
    }

    fn result(whole: &Type, errors: &mut Errors) -> Self {
        let arguments = last_segment(whole).map(type_arguments).unwrap_or_default();
        match arguments.as_slice() {
            [ok, rest @ ..] => Self::Result {
                ok: (*ok).clone(),
                error: rest.first().map_or_else(|| whole.span(), |error| error.span()),
            },
            [] => {
                errors.at(
                    whole,
                    "the output of this `Result` is hidden by an alias: write `Result<T, E>`, \
                     or at least `Result<T>`",
                );
                Self::Unit
            }
        }
    }

    /// The type that is stored.
    pub(crate) fn stored(&self) -> Type {
        match self {
            Self::Unit => parse_quote!(()),
            Self::Plain(ty) | Self::Result { ok: ty, .. } => ty.clone(),
        }
    }
}

fn is_future(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(TypeImplTrait { bounds, .. }) => bounds.iter().any(is_future_bound),
        Type::TraitObject(object) => object.bounds.iter().any(is_future_bound),
        ty if is_named(ty, "BoxFuture") || is_named(ty, "LocalBoxFuture") => true,
        ty if is_named(ty, "Pin") || is_named(ty, "Box") => last_segment(ty)
            .map(type_arguments)
            .unwrap_or_default()
            .iter()
            .any(|inner| is_future(peeled(inner))),
        _ => false,
    }
}

fn is_future_bound(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == "Future")
        }
        _ => false,
    }
}
