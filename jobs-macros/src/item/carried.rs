//! How a value comes to a parameter: the type under which it is held, and whether it is lent.

use syn::spanned::Spanned;
use syn::{Type, TypeReference, parse_quote, parse_quote_spanned};

use super::types::{Unstorable, is_named, peeled, unstorable};
use crate::errors::Errors;

pub(crate) struct Carried {
    /// The owned type.
    pub(crate) ty: Type,
    /// Whether the function takes a reference to it.
    pub(crate) lent: bool,
    pub(crate) kind: Kind,
}

/// What the helpers take for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Exactly the owned type.
    Exact,
    /// `impl Into<…>`, so that a literal or a slice will do.
    Into,
    /// The same, for a path, which has no `Display`.
    Path,
}

impl Carried {
    /// `None` for a type of which nothing can be held; the mistake is recorded.
    pub(crate) fn of(written: &Type, errors: &mut Errors) -> Option<Self> {
        match peeled(written) {
            Type::Reference(reference) => Self::lent(reference, errors),
            ty => Self::held(ty, errors).map(|kind| Self { ty: ty.clone(), lent: false, kind }),
        }
    }

    fn lent(reference: &TypeReference, errors: &mut Errors) -> Option<Self> {
        if let Some(mutability) = &reference.mutability {
            errors.at(
                mutability,
                "a job is lent its argument only to read: take it by value, `mut name: T`, to \
                 change it",
            );
        }
        // A named lifetime is refused where it is declared.
        if let Some(lifetime) = &reference.lifetime
            && lifetime.ident == "static"
        {
            errors.at(
                lifetime,
                "a job is lent its argument for one run: write `&` without a lifetime",
            );
        }
        let elem = peeled(&reference.elem);
        let span = elem.span();
        let (ty, kind) = match elem {
            Type::Slice(slice) => {
                Self::held(&slice.elem, errors)?;
                let elem = &slice.elem;
                (parse_quote_spanned!(span=> ::std::vec::Vec<#elem>), Kind::Into)
            }
            ty if is_named(ty, "str") => {
                (parse_quote_spanned!(span=> ::std::string::String), Kind::Into)
            }
            ty if is_named(ty, "Path") => {
                (parse_quote_spanned!(span=> ::std::path::PathBuf), Kind::Path)
            }
            ty => {
                let kind = Self::held(ty, errors)?;
                (parse_quote!(#ty), kind)
            }
        };
        Some(Self { ty, lent: true, kind })
    }

    fn held(ty: &Type, errors: &mut Errors) -> Option<Kind> {
        if let Type::TraitObject(object) = ty {
            errors.at(object, "a trait object cannot be stored: take a concrete type");
            return None;
        }
        match unstorable(ty) {
            None => {}
            Some(Unstorable::Reference(reference)) => {
                errors.at(
                    reference,
                    "a reference inside a type cannot be stored: take the owned form, such as \
                     `String` for `&str`",
                );
                return None;
            }
            Some(Unstorable::Lifetime(lifetime)) => {
                if lifetime.ident == "_" {
                    errors.at(
                        lifetime,
                        "a stored value borrows nothing: take an owned type, or write `'static`",
                    );
                }
                return None;
            }
            Some(Unstorable::ImplTrait(ty)) => {
                errors.at(ty, "`impl Trait` cannot be stored: name the type");
                return None;
            }
        }
        Some(match ty {
            ty if is_named(ty, "String") => Kind::Into,
            ty if is_named(ty, "PathBuf") => Kind::Path,
            _ => Kind::Exact,
        })
    }
}
