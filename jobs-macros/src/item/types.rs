//! Questions about types as they are written.

use syn::visit::Visit;
use syn::{
    GenericArgument, Lifetime, Path, PathArguments, PathSegment, Type, TypeImplTrait, TypeReference,
};

/// Types that can be stored beyond doubt, so that no bound need be written for them.
const PRIMITIVES: &[&str] = &[
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "String", "PathBuf",
];

/// Types that can be stored if what they hold can.
const CONTAINERS: &[&str] = &["Vec", "Option", "Box", "HashMap", "BTreeMap", "HashSet", "BTreeSet"];

/// The type without parentheses and without the invisible group that a `macro_rules!` variable
/// puts around it.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        other => other,
    }
}

/// The segment by which a type is recognised, `State<T>` in `jobs_runtime::State<T>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peeled(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The types in the angle brackets.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

/// Whether the type is made of the standard library's serializable types only.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain),
        Type::Path(path) => {
            let Some(segment) = last_segment(ty) else { return false };
            let is_one_of = |names: &[&str]| names.iter().any(|name| segment.ident == name);
            let arguments = type_arguments(segment);
            if arguments.is_empty() {
                is_standard(&path.path) && segment.arguments.is_none() && is_one_of(PRIMITIVES)
            } else {
                is_standard(&path.path)
                    && is_one_of(CONTAINERS)
                    && arguments.iter().all(|ty| is_plain(ty))
            }
        }
        _ => false,
    }
}

/// Whether the path leads into the standard library, or is a bare name that most likely does.
fn is_standard(path: &Path) -> bool {
    let starts_at_std = path.leading_colon.is_some()
        && path.segments.first().is_some_and(|root| root.ident == "std");
    starts_at_std || path.segments.len() == 1
}

/// Something inside a type that no stored value can have.
pub(crate) enum Unstorable<'a> {
    Reference(&'a TypeReference),
    Lifetime(&'a Lifetime),
    ImplTrait(&'a TypeImplTrait),
}

/// The first reference, lifetime other than `'static`, or `impl Trait` in the type.
pub(crate) fn unstorable(ty: &Type) -> Option<Unstorable<'_>> {
    let mut search = Search(None);
    search.visit_type(ty);
    search.0
}

struct Search<'a>(Option<Unstorable<'a>>);

impl<'a> Visit<'a> for Search<'a> {
    fn visit_type_reference(&mut self, reference: &'a TypeReference) {
        match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => {
                syn::visit::visit_type_reference(self, reference);
            }
            _ => _ = self.0.get_or_insert(Unstorable::Reference(reference)),
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        if lifetime.ident != "static" {
            self.0.get_or_insert(Unstorable::Lifetime(lifetime));
        }
    }

    fn visit_type_impl_trait(&mut self, ty: &'a TypeImplTrait) {
        self.0.get_or_insert(Unstorable::ImplTrait(ty));
    }
}
