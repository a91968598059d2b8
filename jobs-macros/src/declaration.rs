//! All the job attributes of one function, gathered by the first of them that expands.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Ident, Meta, Path};

use crate::args::{Arguments, JOB, JobArguments, RECURRING, Recurrence, Scope};
use crate::errors::Errors;
use crate::item::Function;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Job,
    Recurring,
}

/// The argument of an attribute that was gathered, and of which only the trace expands.
pub(crate) const GATHERED: &str = "__gathered";

/// What the attributes of a function declare.
pub(crate) struct Declaration {
    pub(crate) job: JobArguments,
    pub(crate) recurrences: Vec<Recurrence>,
    /// The paths of the attributes that were gathered.
    gathered: Vec<Path>,
}

struct Source {
    kind: Kind,
    arguments: TokenStream,
    place: TokenStream,
}

impl Declaration {
    /// Takes the attribute that expands and those of its kind that still stand on the function.
    pub(crate) fn gather(
        kind: Kind,
        arguments: TokenStream,
        function: &mut Function,
        errors: &mut Errors,
    ) -> Self {
        // The expanding attribute itself is no longer among the tokens; the call site is its span.
        let place = Ident::new(kind.name(), Span::call_site()).into_token_stream();
        let mut gathered = Vec::new();
        let mut sources = vec![Source { kind, arguments, place }];
        for attribute in std::mem::take(&mut function.attributes) {
            match Kind::of(&attribute) {
                Some(kind) => {
                    gathered.push(attribute.path().clone());
                    sources.push(Source::of(kind, attribute, errors));
                }
                None => function.attributes.push(attribute),
            }
        }

        let mut job = None;
        let mut recurrences = Vec::new();
        let mut shared = Arguments::default();
        for source in sources {
            let mut list = Arguments::parse(source.arguments, &source.kind.scope(), errors);
            match source.kind {
                Kind::Job if job.is_some() => {
                    errors.at(&source.place, "a function is one job: keep one `#[job]`");
                }
                Kind::Job => job = Some(list),
                Kind::Recurring => {
                    let of_job = list.extract(|argument| {
                        JOB.contains(&&*argument.name.to_string()) && !argument.is_constants()
                    });
                    if recurrences.is_empty() {
                        shared = of_job;
                    } else {
                        refuse(of_job, errors);
                    }
                    recurrences.push(Recurrence::read(list, source.place, errors));
                }
            }
        }

        let mut job = job.unwrap_or_default();
        for argument in shared {
            job.add(argument, errors);
        }
        Self { job: JobArguments::read(job, errors), recurrences, gathered }
    }

    /// The gathered attributes once more, each on nothing: without them the compiler would take
    /// their imports for unused, and an editor their names for unknown.
    pub(crate) fn traces(&self) -> TokenStream {
        let mark = Ident::new(GATHERED, Span::call_site());
        let paths = &self.gathered;
        quote!(#(#[#paths(#mark)] const _: () = ();)*)
    }
}

/// A job has one queue, one timeout and so on, however many schedules it has.
fn refuse(arguments: Arguments, errors: &mut Errors) {
    for argument in arguments {
        let message = format!(
            "`{}` holds for the job, not for one schedule: write it on `#[job]` or on the first \
             `#[recurring]`",
            argument.name
        );
        errors.at(&argument.name, message);
    }
}

impl Source {
    fn of(kind: Kind, attribute: Attribute, errors: &mut Errors) -> Self {
        let place = attribute.path().to_token_stream();
        let arguments = match attribute.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens,
            Meta::NameValue(value) => {
                errors.at(value, format!("write `#[{}(…)]`", kind.name()));
                TokenStream::new()
            }
        };
        Self { kind, arguments, place }
    }
}

impl Kind {
    fn of(attribute: &Attribute) -> Option<Self> {
        let last = &attribute.path().segments.last()?.ident;
        [Self::Job, Self::Recurring].into_iter().find(|kind| last == kind.name())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Recurring => "recurring",
        }
    }

    fn scope(self) -> Scope<'static> {
        match self {
            Self::Job => Scope { of: "`#[job]`", names: Some(&[JOB]) },
            Self::Recurring => Scope { of: "`#[recurring]`", names: Some(&[RECURRING, JOB]) },
        }
    }
}
