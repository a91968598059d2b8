//! The implementation of the runtime's `Job`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned;

use super::{Job, hygienic, located};
use crate::item::{Output, Parameter, is_plain};

impl Job {
    pub(super) fn implementation(&self) -> TokenStream {
        let Self { private, .. } = self;
        let args = self.proven_args();
        let constants = self.constants();
        let policy = self.policy();
        let queue = self.queue();
        let unique = self.unique();
        let throttles = self.throttles();
        let fair_by = self.fair_by();
        let tags = self.tags();
        let run = self.run();
        let check = self.state_check();
        let output_check = self.output_check();
        quote! {
            #[automatically_derived]
            impl #private::Job for #args {
                #constants
                #policy
                #queue
                #unique
                #throttles
                #fair_by
                #tags
                #run
                #check
            }
            #output_check
        }
    }

    /// As much of the implementation as lets the callers of a faulty function compile.
    pub(super) fn stub(&self) -> TokenStream {
        let Self { private, args, .. } = self;
        let output = self.output.stored();
        let input = self.input();
        let name = &self.name;
        quote! {
            #[automatically_derived]
            impl #private::Job for #args {
                type Output = #output;
                type Input = #input;
                const NAME: &'static str = #name;
                async fn run(
                    self,
                    _: #private::JobContext,
                    _: #input,
                ) -> ::core::result::Result<#output, #private::JobError> {
                    ::core::unreachable!()
                }
            }
        }
    }

    /// The struct's name where it must prove that the arguments can be stored: located at the
    /// type that is in doubt, if there is one only, and else at the function's name.
    fn proven_args(&self) -> Ident {
        let mut doubtful = self.doubtful_types();
        let span = match (doubtful.next(), doubtful.next()) {
            (Some(ty), None) => ty.span(),
            _ => self.function.signature.ident.span(),
        };
        let mut args = self.args.clone();
        args.set_span(span.resolved_at(self.args.span()));
        args
    }

    fn constants(&self) -> TokenStream {
        let name = &self.name;
        let output = self.output.stored();
        let input = self.input();
        let aliases = self.declaration.job.aliases.as_ref().map(|aliases| {
            let aliases = &aliases.value;
            quote!(const ALIASES: &'static [&'static str] = &[#(#aliases),*];)
        });
        let redacted: Vec<String> = self.redacted().map(Parameter::stored_name).collect();
        let encrypted: Vec<String> = self
            .redacted()
            .filter(|parameter| parameter.encrypted)
            .map(Parameter::stored_name)
            .collect();
        let encrypted = (!encrypted.is_empty())
            .then(|| quote!(const ENCRYPTED: &'static [&'static str] = &[#(#encrypted),*];));
        let encrypts_output = self.declaration.job.encrypt.is_some().then(|| {
            quote!(
                const ENCRYPT_OUTPUT: bool = true;
            )
        });
        let redacted = (!redacted.is_empty())
            .then(|| quote!(const REDACTED: &'static [&'static str] = &[#(#redacted),*];));
        quote! {
            type Output = #output;
            type Input = #input;
            const NAME: &'static str = #name;
            #aliases
            #redacted
            #encrypted
            #encrypts_output
        }
    }

    fn run(&self) -> TokenStream {
        let Self { private, function, .. } = self;
        let [ctx, input] = ["ctx", "input"].map(hygienic);
        // Not `Self::Input` and `Self::Output`: each would prove once more that the arguments can
        // be stored, and say so again if they cannot.
        let input_type = self.input();
        let output_type = self.output.stored();
        let locals: Vec<Ident> = (0..self.parameters.len())
            .map(|index| format_ident!("argument{index}", span = Span::mixed_site()))
            .collect();
        let pairs = || self.parameters.iter().zip(&locals);

        let injections = pairs().filter(|(parameter, _)| parameter.is_injected()).map(
            |(Parameter { carried, .. }, local)| {
                let ty = &carried.ty;
                let from_context = located(quote!(#private::FromContext), ty.span());
                quote!(let #local = <#ty as #from_context>::from_context(&#ctx)?;)
            },
        );
        let hand_over = pairs()
            .find(|(parameter, _)| parameter.is_from_parent())
            .map(|(_, local)| quote!(let #local = #input;));
        let fields = pairs()
            .filter(|(parameter, _)| parameter.is_stored())
            .map(|(Parameter { ident, .. }, local)| quote!(#ident: #local));
        let given = pairs().map(
            |(Parameter { carried, .. }, local)| {
                if carried.lent { quote!(&#local) } else { quote!(#local) }
            },
        );

        let ident = &function.signature.ident;
        let call = quote!(#ident(#(#given),*));
        let outcome = if function.signature.asyncness.is_some() {
            self.outcome(&quote!(#call.await))
        } else {
            let run = quote!(#private::run_blocking(move || #call).await);
            match &self.output {
                // The pool's `Result` is the job's.
                Output::Unit | Output::Plain(_) => run,
                Output::Result { .. } => self.outcome(&quote!(#run?)),
            }
        };
        // A future that is not `Send` is the function's fault.
        quote_spanned! {ident.span().resolved_at(Span::mixed_site())=>
            async fn run(
                self,
                #ctx: #private::JobContext,
                #input: #input_type,
            ) -> ::core::result::Result<#output_type, #private::JobError> {
                #(#injections)*
                #hand_over
                let Self { #(#fields),* } = self;
                #outcome
            }
        }
    }

    /// The job's result, made of what the function returns.
    fn outcome(&self, output: &TokenStream) -> TokenStream {
        let private = &self.private;
        match &self.output {
            Output::Unit => quote! {
                #output;
                ::core::result::Result::Ok(())
            },
            Output::Plain(_) => quote!(::core::result::Result::Ok(#output)),
            Output::Result { error: span, .. } => {
                let failure = located(quote!(#private::check::failure), *span);
                // Blamed for an error that does not convert, and so located at its type.
                let error = Ident::new("error", span.resolved_at(Span::mixed_site()));
                let value = hygienic("value");
                let failure = match &self.declaration.job.retry_if {
                    None => quote!(#failure(#error)),
                    Some(retry_if) => {
                        let retry_if = &retry_if.value;
                        let span = retry_if.span().resolved_at(Span::mixed_site());
                        let judged = Ident::new("error", span);
                        let retries = quote_spanned!(span=> #retry_if(&#judged));
                        quote! {
                            if #retries {
                                #failure(#error)
                            } else {
                                #private::JobError::from(#error).into_fatal()
                            }
                        }
                    }
                };
                quote! {
                    match #output {
                        ::core::result::Result::Ok(#value) => ::core::result::Result::Ok(#value),
                        ::core::result::Result::Err(#error) => {
                            ::core::result::Result::Err(#failure)
                        }
                    }
                }
            }
        }
    }

    fn state_check(&self) -> Option<TokenStream> {
        let private = &self.private;
        let states = hygienic("states");
        let checks: Vec<TokenStream> = self
            .injected()
            .map(|parameter| {
                let ty = &parameter.carried.ty;
                let from_context = located(quote!(#private::FromContext), ty.span());
                quote!(<#ty as #from_context>::check(#states)?;)
            })
            .collect();
        (!checks.is_empty()).then(|| {
            quote! {
                fn check(
                    #states: &#private::States,
                ) -> ::core::result::Result<(), #private::MissingState> {
                    #(#checks)*
                    ::core::result::Result::Ok(())
                }
            }
        })
    }

    /// A macro cannot see that a type is an alias of a `Result`; rustc can. Such a job would
    /// succeed with `{"Err": …}` as its output.
    fn output_check(&self) -> Option<TokenStream> {
        let Output::Plain(ty) = &self.output else { return None };
        if is_plain(ty) {
            return None;
        }
        let private = &self.private;
        let message = format!(
            "`{}` is an alias of `Result`, and `{}` would succeed even with an error: write the \
             return type as `Result<T, E>`",
            display(ty),
            self.function.name(),
        );
        let assertion = quote_spanned! {ty.span()=>
            ::core::assert!(!<#private::check::Returned<#ty>>::IS_RESULT, #message)
        };
        Some(quote! {
            const _: () = {
                #[allow(unused_imports)]
                use #private::check::Plain as _;
                #assertion
            };
        })
    }
}

/// A type as it is read, without the blanks that tokens are printed with.
fn display(ty: &impl ToTokens) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}
