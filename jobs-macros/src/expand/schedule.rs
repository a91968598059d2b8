//! What the runtime finds at start-up: the kind, and its schedules.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::{Job, duration};
use crate::args::{Recurrence, Timing};
use crate::item::Kind;

impl Job {
    pub(super) fn registrations(&self) -> TokenStream {
        let Self { private, args, .. } = self;
        let schedules = self.declaration.recurrences.iter().map(|schedule| self.schedule(schedule));
        quote! {
            #private::inventory::submit! {
                #private::Registration::of::<#args>(::core::file!(), ::core::line!())
            }
            #(#schedules)*
        }
    }

    fn schedule(&self, recurrence: &Recurrence) -> TokenStream {
        let Self { private, args, name, .. } = self;
        let id = match &recurrence.id {
            Some(id) => id.value.value(),
            None => name.clone(),
        };
        let cron = match &recurrence.timing {
            Some(Timing::Cron(literal)) => literal.to_token_stream(),
            Some(Timing::Every(expression)) => expression.to_token_stream(),
            None => return TokenStream::new(),
        };
        let tz = recurrence.tz.as_ref().map_or_else(|| "UTC".to_owned(), |tz| tz.value.value());
        let misfire = recurrence.misfire.as_ref().map(|misfire| {
            let misfire = &misfire.value;
            quote!(.misfire(#private::Misfire::#misfire))
        });
        let overlap = recurrence.overlap.as_ref().map(|overlap| {
            let overlap = &overlap.value;
            quote!(.overlap(#private::Overlap::#overlap))
        });
        let jitter = recurrence.jitter.as_ref().map(|jitter| {
            let jitter = duration(private, jitter.value);
            quote!(.jitter(#jitter))
        });
        let paused = recurrence.paused.as_ref().map(|paused| {
            let paused = paused.value;
            quote!(.paused(#paused))
        });
        let fields = self.constants_of(recurrence);
        quote! {
            #private::inventory::submit! {
                #private::RecurringRegistration::new(
                    #id,
                    <#args as #private::Job>::NAME,
                    #cron,
                    #tz,
                    || #private::serde_json::to_string(&#args { #(#fields),* }),
                    ::core::file!(),
                    ::core::line!(),
                ) #misfire #overlap #jitter #paused
            }
        }
    }

    /// The fields of the argument struct, as `args(…)` gives them.
    fn constants_of(&self, recurrence: &Recurrence) -> Vec<TokenStream> {
        self.stored()
            .filter_map(|parameter| {
                let is_its = |name: &syn::Ident| name.unraw() == parameter.name();
                let given = recurrence.constants.iter().find(|given| is_its(&given.name))?;
                let (ident, value) = (&parameter.ident, &given.value);
                Some(match parameter.carried.kind {
                    Kind::Exact => quote!(#ident: #value),
                    Kind::Into | Kind::Path => {
                        quote!(#ident: ::core::convert::Into::into(#value))
                    }
                })
            })
            .collect()
    }
}
