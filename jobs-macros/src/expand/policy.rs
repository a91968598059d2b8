//! What holds for every job of the kind, and what is made of the arguments of each.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Job, duration};
use crate::args::{Backoff, Rate, Unique};

impl Job {
    pub(super) fn policy(&self) -> Option<TokenStream> {
        let private = &self.private;
        let job = &self.declaration.job;
        let settings: Vec<TokenStream> = [
            job.retries.as_ref().map(|retries| {
                let retries = retries.value;
                quote!(.retries(#retries))
            }),
            job.backoff.as_ref().map(|backoff| {
                let backoff = self.backoff(&backoff.value);
                quote!(.backoff(#backoff))
            }),
            job.on_exhausted.as_ref().map(|outcome| {
                let outcome = &outcome.value;
                quote!(.on_exhausted(#private::OnExhausted::#outcome))
            }),
            job.timeout.as_ref().map(|timeout| {
                let timeout = duration(private, timeout.value);
                quote!(.timeout(#timeout))
            }),
            job.expires.as_ref().map(|expires| {
                let expires = duration(private, expires.value);
                quote!(.expires(#expires))
            }),
            job.keep.as_ref().map(|keep| {
                let keep = duration(private, keep.value);
                quote!(.keep(#keep))
            }),
            job.priority.as_ref().map(|priority| {
                let priority = priority.value;
                quote!(.priority(#priority))
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!settings.is_empty()).then(|| {
            quote! {
                fn policy() -> #private::Policy {
                    <#private::Policy as ::core::default::Default>::default() #(#settings)*
                }
            }
        })
    }

    fn backoff(&self, backoff: &Backoff) -> TokenStream {
        let private = &self.private;
        match backoff {
            Backoff::Fixed(delay) => {
                let delay = duration(private, *delay);
                quote!(#private::Backoff::Fixed(#delay))
            }
            Backoff::List(delays) => {
                let delays = delays.iter().map(|delay| duration(private, *delay));
                quote!(#private::Backoff::List(#private::Cow::Borrowed(const { &[#(#delays),*] })))
            }
            Backoff::Exponential { base, cap, jitter } => {
                let base = duration(private, *base);
                let cap = duration(private, *cap);
                quote!(#private::Backoff::Exponential { base: #base, cap: #cap, jitter: #jitter })
            }
            Backoff::Function(path) => quote!(#private::Backoff::Function(#path)),
        }
    }

    /// The constant, or the method if the queue depends on the arguments.
    pub(super) fn queue(&self) -> Option<TokenStream> {
        let private = &self.private;
        let template = &self.declaration.job.queue.as_ref()?.value;
        Some(match template.constant() {
            Some(name) => quote!(const QUEUE: &'static str = #name;),
            None => {
                let name = self.filled(template);
                quote! {
                    fn queue(&self) -> #private::Cow<'static, str> {
                        #private::Cow::Owned(#name)
                    }
                }
            }
        })
    }

    pub(super) fn unique(&self) -> Option<TokenStream> {
        let private = &self.private;
        let Unique { key, within, states, on_conflict } =
            &self.declaration.job.unique.as_ref()?.value;
        let key = self.filled(key);
        let within = within.map(|within| {
            let within = duration(private, within);
            quote!(.within(#within))
        });
        let states =
            states.as_ref().map(|states| quote!(.states(&[#(#private::JobState::#states),*])));
        let on_conflict =
            on_conflict.as_ref().map(|action| quote!(.on_conflict(#private::OnConflict::#action)));
        Some(quote! {
            fn unique(&self) -> ::core::option::Option<#private::Unique> {
                ::core::option::Option::Some(
                    #private::Unique::key(#key) #within #states #on_conflict
                )
            }
        })
    }

    pub(super) fn throttles(&self) -> Option<TokenStream> {
        let private = &self.private;
        let job = &self.declaration.job;
        let concurrency = job.concurrency.as_ref().map(|throttle| {
            let key = self.filled(&throttle.value.key);
            let limit = throttle.value.limit;
            quote!(#private::Throttle::concurrency(#key, #limit))
        });
        let rate = job.rate_limit.as_ref().map(|throttle| {
            let Rate { key, limit, per, window } = &throttle.value;
            let key = self.filled(key);
            let per = duration(private, *per);
            let window = match window {
                Some(window) => quote!(#window),
                None => quote!(sliding),
            };
            quote!(#private::Throttle::#window(#key, #limit, #per))
        });
        let throttles: Vec<TokenStream> = concurrency.into_iter().chain(rate).collect();
        (!throttles.is_empty()).then(|| {
            quote! {
                fn throttles(&self) -> ::std::vec::Vec<#private::Throttle> {
                    ::std::vec![#(#throttles),*]
                }
            }
        })
    }

    pub(super) fn fair_by(&self) -> Option<TokenStream> {
        let key = self.filled(&self.declaration.job.fair_by.as_ref()?.value);
        Some(quote! {
            fn fair_by(&self) -> ::core::option::Option<::std::string::String> {
                ::core::option::Option::Some(#key)
            }
        })
    }

    pub(super) fn tags(&self) -> Option<TokenStream> {
        let templates = &self.declaration.job.tags.as_ref()?.value;
        let tags = templates.iter().map(|template| self.filled(template));
        Some(quote! {
            fn tags(&self) -> ::std::vec::Vec<::std::string::String> {
                ::std::vec![#(#tags),*]
            }
        })
    }
}
