//! The code that is generated.

mod arguments;
mod helpers;
mod job;
mod policy;
mod schedule;
mod template;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::{GenericParam, Ident, Path, Signature, Type, parse_quote};

use crate::args::JobArguments;
use crate::check;
use crate::declaration::{Declaration, GATHERED, Kind};
use crate::errors::Errors;
use crate::item::{self, Function, Output, Parameter, is_plain};

/// All that the parts of an expansion draw on.
struct Job {
    declaration: Declaration,
    function: Function,
    parameters: Vec<Parameter>,
    output: Output,
    name: String,
    /// The argument struct.
    args: Ident,
    /// The runtime's module for generated code.
    private: TokenStream,
}

/// The code for the function under one attribute.
pub(crate) fn attribute(kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    if arguments.to_string() == GATHERED {
        return TokenStream::new();
    }
    let expansion = expand(kind, arguments, item);
    if std::env::var_os("JOBS_MACROS_PRINT").is_some() {
        eprintln!("{expansion}");
    }
    expansion
}

fn expand(kind: Kind, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function: Function = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let message = format!("`#[{}]` goes on a free function", kind.name());
            let error = syn::Error::new(Span::call_site(), message).into_compile_error();
            return quote!(#error #item);
        }
    };
    let mut errors = Errors::default();
    let declaration = Declaration::gather(kind, arguments, &mut function, &mut errors);
    check::signature(&function.signature, &mut errors);
    let parameters = item::parameters(&mut function.signature, &mut errors);
    let output = Output::of(&function.signature, &mut errors);
    if let Some(parameters) = &parameters {
        check::declaration(&declaration, &function, parameters, &output, &mut errors);
    }

    // With a mistake in it, all that can be made of the function is still emitted, so that its
    // callers are not in error too; what would run it is not, since it may not fit.
    let gathered = declaration.traces();
    let job = parameters
        .and_then(|parameters| Job::new(declaration, function.clone(), parameters, output));
    let generated = match job {
        Some(job) if errors.is_empty() => job.expand(),
        Some(job) if is_concrete(&function.signature) => job.expand_stub(),
        _ => TokenStream::new(),
    };
    let errors = errors.into_compile_errors();
    quote!(#errors #function #gathered #generated)
}

impl Job {
    fn new(
        declaration: Declaration,
        function: Function,
        parameters: Vec<Parameter>,
        output: Output,
    ) -> Option<Self> {
        let args = struct_ident(&declaration.job, &function)?;
        if args == function.signature.ident {
            return None;
        }
        let krate: Path = match &declaration.job.krate {
            Some(given) => given.value.clone(),
            None => parse_quote!(::jobs_runtime),
        };
        Some(Self {
            name: check::job_name(&declaration, &function),
            private: quote!(#krate::__private),
            args,
            declaration,
            function,
            parameters,
            output,
        })
    }

    fn expand(&self) -> TokenStream {
        let arguments = self.arguments();
        let helpers = self.helpers();
        let implementation = self.implementation();
        let registrations = self.registrations();
        let conditions = self.function.conditions();
        quote! {
            #arguments
            #helpers
            #(#conditions)*
            // The function may be deprecated, and a warning belongs to its callers only.
            #[allow(deprecated, unused_variables)]
            const _: () = {
                #implementation
                #registrations
            };
        }
    }

    fn expand_stub(&self) -> TokenStream {
        let arguments = self.arguments();
        let helpers = self.helpers();
        let implementation = self.stub();
        let conditions = self.function.conditions();
        quote! {
            #arguments
            #helpers
            #(#conditions)*
            #implementation
        }
    }

    fn stored(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.is_stored())
    }

    fn redacted(&self) -> impl Iterator<Item = &Parameter> {
        self.stored().filter(|parameter| parameter.redacted)
    }

    /// The types of the arguments that rustc may find not to have what an argument needs.
    fn doubtful_types(&self) -> impl Iterator<Item = &Type> {
        self.stored().map(|parameter| &parameter.carried.ty).filter(|ty| !is_plain(ty))
    }

    fn injected(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|parameter| parameter.is_injected())
    }

    fn handed_over(&self) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.is_from_parent())
    }

    /// What hands the input over: the parent's output, or nothing.
    fn input(&self) -> TokenStream {
        let private = &self.private;
        match self.handed_over() {
            Some(parameter) => {
                let ty = &parameter.carried.ty;
                quote!(#ty)
            }
            None => quote!(#private::NoInput),
        }
    }
}

/// Whether the types of the parameters mean something outside the function: of the lifetimes,
/// none is left in what is stored.
fn is_concrete(signature: &Signature) -> bool {
    signature.generics.params.iter().all(|param| matches!(param, GenericParam::Lifetime(_)))
}

/// The name of the argument struct: what `args` says, or the function's in PascalCase. `None` if
/// that is no name.
pub(crate) fn struct_ident(job: &JobArguments, function: &Function) -> Option<Ident> {
    if let Some(args) = &job.args {
        return Some(args.value.clone());
    }
    let pascal: String = function.name().split('_').map(capitalized).collect();
    let mut ident = syn::parse_str::<Ident>(&pascal).ok()?;
    ident.set_span(function.signature.ident.span());
    Some(ident)
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A name of generated code that no parameter of the user's can clash with.
fn hygienic(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// A `Duration` in a constant.
fn duration(private: &TokenStream, duration: std::time::Duration) -> TokenStream {
    let seconds = duration.as_secs();
    let nanos = duration.subsec_nanos();
    quote!(#private::Duration::new(#seconds, #nanos))
}

/// The path, located at a token of the user's so that an unmet bound points there.
fn located(path: TokenStream, span: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        // What `$crate` stands for is in its span.
        if token.to_string() != "$crate" {
            token.set_span(span);
        }
        token
    };
    path.into_iter().map(locate).collect()
}
