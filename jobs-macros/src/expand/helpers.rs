//! The type beside the function, with the helpers that enqueue.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Job, hygienic};
use crate::item::Kind;

impl Job {
    pub(super) fn helpers(&self) -> TokenStream {
        let function = &self.function;
        let visibility = &function.visibility;
        let ident = &function.signature.ident;
        let conditions = function.conditions();
        let doc = format!("Enqueues the job [`{ident}`](fn@{ident}).");
        let helpers =
            if self.handed_over().is_some() { self.child_helpers() } else { self.free_helpers() };
        let lints = quote! {
            #[allow(
                dead_code,
                non_camel_case_types,
                clippy::empty_enums,
                clippy::too_many_arguments
            )]
        };
        quote! {
            #(#conditions)*
            #lints
            #[doc = #doc]
            #visibility enum #ident {}
            #(#conditions)*
            #lints
            impl #ident { #helpers }
        }
    }

    fn free_helpers(&self) -> TokenStream {
        let Self { private, args, function, .. } = self;
        let visibility = &function.visibility;
        let parameters = self.helper_parameters();
        let value = self.helper_value();
        let [delay, instant, parent] = ["delay", "instant", "parent"].map(hygienic);
        let continuation = self.continue_with_head(&parent);
        quote! {
            /// A request of the job, to be enqueued or put in a batch.
            #visibility fn job(#(#parameters),*) -> #private::JobRequest<#args> {
                #private::JobRequest::new(#value)
            }

            /// Enqueues the job, to run as soon as a worker is free.
            #visibility fn enqueue(#(#parameters),*) -> #private::Enqueue<#args> {
                #private::Enqueue::new(#private::JobRequest::new(#value))
            }

            /// Enqueues the job, to run when `delay` has passed.
            #visibility fn schedule_in(
                #delay: #private::Duration,
                #(#parameters),*
            ) -> #private::Enqueue<#args> {
                #private::Enqueue::new(#private::JobRequest::new(#value).delay(#delay))
            }

            /// Enqueues the job, to run at `instant`.
            #visibility fn schedule_at(
                #instant: #private::DateTime<#private::Utc>,
                #(#parameters),*
            ) -> #private::Enqueue<#args> {
                #private::Enqueue::new(#private::JobRequest::new(#value).at(#instant))
            }

            /// Enqueues the job, to run when `parent` has succeeded.
            #continuation {
                #private::Enqueue::new(#private::JobRequest::new(#value).after(#parent))
            }
        }
    }

    fn child_helpers(&self) -> TokenStream {
        let Self { private, args, function, .. } = self;
        let visibility = &function.visibility;
        let parameters = self.helper_parameters();
        let value = self.helper_value();
        let parent = hygienic("parent");
        let continuation = self.continue_with_head(&parent);
        quote! {
            /// A request of the job, which still needs the parent that hands over to it.
            #visibility fn job(#(#parameters),*) -> #private::Needs<#args> {
                #private::Needs::new(#value)
            }

            /// Enqueues the job, to run with what `parent` hands over.
            #continuation {
                #private::Enqueue::new(#private::Needs::new(#value).after(#parent))
            }
        }
    }

    fn continue_with_head(&self, parent: &syn::Ident) -> TokenStream {
        let Self { private, args, function, .. } = self;
        let visibility = &function.visibility;
        let parameters = self.helper_parameters();
        let input = self.input();
        quote! {
            #visibility fn continue_with(
                #parent: impl #private::HandsOver<#input>,
                #(#parameters),*
            ) -> #private::Enqueue<#args>
        }
    }

    fn helper_parameters(&self) -> Vec<TokenStream> {
        self.stored()
            .map(|parameter| {
                let (ident, ty) = (&parameter.ident, &parameter.carried.ty);
                match parameter.carried.kind {
                    Kind::Exact => quote!(#ident: #ty),
                    Kind::Into | Kind::Path => quote!(#ident: impl ::core::convert::Into<#ty>),
                }
            })
            .collect()
    }

    fn helper_value(&self) -> TokenStream {
        let args = &self.args;
        let fields = self.stored().map(|parameter| {
            let ident = &parameter.ident;
            match parameter.carried.kind {
                Kind::Exact => quote!(#ident),
                Kind::Into | Kind::Path => quote!(#ident: ::core::convert::Into::into(#ident)),
            }
        });
        quote!(#args { #(#fields),* })
    }
}
