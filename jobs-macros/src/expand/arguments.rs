//! The serializable argument struct.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Attribute;
use syn::ext::IdentExt;

use super::Job;
use crate::item::{Parameter, Role, is_plain};

impl Job {
    pub(super) fn arguments(&self) -> TokenStream {
        let Self { args, private, function, .. } = self;
        let visibility = &function.visibility;
        let conditions = function.conditions();
        let fields = self.stored().map(|parameter| {
            let Parameter { ident, carried, role, .. } = parameter;
            let attributes = match role {
                Role::Stored(attributes) => attributes.as_slice(),
                Role::Injected | Role::FromParent(_) => &[],
            };
            let doc = format!("The argument `{}`.", parameter.name());
            let ty = &carried.ty;
            quote!(#[doc = #doc] #(#attributes)* #visibility #ident: #ty)
        });
        let doc = format!("The arguments of the job [`{0}`](fn@{0}).", function.signature.ident);
        let serde = quote!(#private::serde).to_string();
        let bound = self.serde_bound();
        let traits = self.traits();
        quote! {
            #(#conditions)*
            #[doc = #doc]
            #[derive(#private::serde::Serialize, #private::serde::Deserialize)]
            #[serde(crate = #serde #bound)]
            #visibility struct #args { #(#fields),* }
            #(#conditions)*
            const _: () = { #traits };
        }
    }

    /// Makes serde take the types of the arguments on trust.
    ///
    /// A bound under a `for<'a>` is not proven where it is written, but where it is used, which
    /// is the `impl Job`. Without it, each of serde's derives reports a type that cannot be
    /// stored, several times, and none of the reports knows of `#[inject]`.
    fn serde_bound(&self) -> Option<TokenStream> {
        let private = &self.private;
        let bounds: Vec<String> = self
            .stored()
            .filter(|parameter| !brings_its_own_serde(parameter))
            .map(|parameter| &parameter.carried.ty)
            .filter(|ty| !is_plain(ty))
            .map(|ty| quote!(for<'a> #ty: #private::check::Argument).to_string())
            // `$crate`, of a function that a macro wrote, means nothing inside a string.
            .filter(|bound| !bound.contains('$'))
            .collect();
        (!bounds.is_empty()).then(|| {
            let bound = bounds.join(", ");
            quote!(, bound = #bound)
        })
    }

    /// `Clone` and `Debug`, where the arguments have them: a derive would demand that they do.
    fn traits(&self) -> TokenStream {
        let args = &self.args;
        let name = args.to_string();
        let fields: Vec<_> = self.stored().map(|parameter| &parameter.ident).collect();
        let shown = self.stored().map(|Parameter { ident, redacted, .. }| {
            let name = ident.unraw().to_string();
            match redacted {
                true => quote!(#name, &::core::format_args!("•••")),
                false => quote!(#name, &self.#ident),
            }
        });
        let unproven: Vec<_> = self.doubtful_types().collect();
        quote! {
            #[automatically_derived]
            impl ::core::clone::Clone for #args
            where
                #(for<'a> #unproven: ::core::clone::Clone,)*
            {
                fn clone(&self) -> Self {
                    Self { #(#fields: ::core::clone::Clone::clone(&self.#fields)),* }
                }
            }

            #[automatically_derived]
            impl ::core::fmt::Debug for #args
            where
                #(for<'a> #unproven: ::core::fmt::Debug,)*
            {
                fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    formatter.debug_struct(#name)
                        #(.field(#shown))*
                        .finish()
                }
            }
        }
    }
}

/// Whether serde does not go through the traits of the parameter's type.
fn brings_its_own_serde(parameter: &Parameter) -> bool {
    let Role::Stored(attributes) = &parameter.role else { return false };
    attributes.iter().any(replaces_traits)
}

fn replaces_traits(attribute: &Attribute) -> bool {
    let tokens = attribute.meta.to_token_stream().to_string();
    ["with", "serialize_with", "deserialize_with", "skip", "bound"].iter().any(|word| {
        tokens.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == *word)
    })
}
