//! Mistakes that no single argument or parameter shows, one function each.

use syn::{GenericParam, Ident, Safety, Signature};

use crate::args::{Key, Recurrence, Template, Timing};
use crate::declaration::Declaration;
use crate::errors::Errors;
use crate::expand::struct_ident;
use crate::item::{Function, Output, Parameter, Role};

/// What a function must be before it can be a job at all.
pub(crate) fn signature(signature: &Signature, errors: &mut Errors) {
    generics(signature, errors);
    if let Some(constness) = &signature.constness {
        errors.at(constness, "a job has effects, and a `const fn` has none: remove `const`");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.at(
            token,
            "nobody could uphold the conditions of an `unsafe fn` at a distance: make it safe",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a job is an ordinary Rust function: remove `extern`");
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, "a job takes a fixed number of parameters");
    }
}

/// A stored job is one concrete type under one name.
fn generics(signature: &Signature, errors: &mut Errors) {
    for parameter in &signature.generics.params {
        let message = match parameter {
            GenericParam::Lifetime(_) => {
                "a job is lent its arguments for one run: elide the lifetime"
            }
            GenericParam::Type(_) | GenericParam::Const(_) => {
                "a job is stored under one name with concrete types: it cannot be generic"
            }
        };
        errors.at(parameter, message);
    }
    if let Some(clause) = &signature.generics.where_clause
        && signature.generics.params.is_empty()
    {
        errors.at(clause, "a job has no generics, and so nothing to bound: remove the `where`");
    }
}

/// Everything that compares the attributes with the function.
pub(crate) fn declaration(
    declaration: &Declaration,
    function: &Function,
    parameters: &[Parameter],
    output: &Output,
    errors: &mut Errors,
) {
    template_keys(declaration, parameters, errors);
    throttle_keys_differ(declaration, errors);
    one_from_parent(parameters, errors);
    retry_if_needs_an_error(declaration, function, output, errors);
    struct_name_is_free(declaration, function, errors);
    aliases_differ(declaration, function, errors);
    schedule_ids_differ(declaration, function, errors);
    for recurrence in &declaration.recurrences {
        every_has_no_zone(recurrence, errors);
        constants_fill_arguments(recurrence, parameters, errors);
    }
    recurring_has_no_parent(declaration, parameters, errors);
}

/// A key is filled from a stored argument: nothing else is known when the job is enqueued.
fn template_keys(declaration: &Declaration, parameters: &[Parameter], errors: &mut Errors) {
    let job = &declaration.job;
    let queue = job.queue.iter().map(|queue| &queue.value);
    let unique = job.unique.iter().map(|unique| &unique.value.key);
    let concurrency = job.concurrency.iter().map(|throttle| &throttle.value.key);
    let rate = job.rate_limit.iter().map(|throttle| &throttle.value.key);
    let fair = job.fair_by.iter().map(|fair| &fair.value);
    let tags = job.tags.iter().flat_map(|tags| &tags.value);
    let throttles = concurrency.chain(rate).chain(fair);
    for template in queue.chain(unique).chain(throttles).chain(tags) {
        for key in template.keys() {
            template_key(template, key, parameters, errors);
        }
    }
}

fn template_key(template: &Template, key: &Key, parameters: &[Parameter], errors: &mut Errors) {
    let problem = match parameters.iter().find(|parameter| parameter.name() == key.parameter) {
        Some(parameter) if parameter.redacted => {
            let message = format!(
                "`{}` is not to be shown, and what is made of it here would be: use another \
                 argument, or remove the mark",
                key.parameter
            );
            errors.at(&template.literal, message);
            return;
        }
        Some(parameter) if parameter.is_stored() => return,
        Some(_) => "is not stored with the job",
        None => "is not a parameter of this function",
    };
    let stored: Vec<_> = parameters
        .iter()
        .filter(|parameter| parameter.is_stored() && parameter.named)
        .map(|parameter| format!("`{}`", parameter.name()))
        .collect();
    let choice = match stored.as_slice() {
        [] => "it stores none".to_owned(),
        names => format!("it stores {}", names.join(", ")),
    };
    errors.at(&template.literal, format!("`{}` {problem}: {choice}", key.parameter));
}

/// A key names one throttle, which measures one thing.
fn throttle_keys_differ(declaration: &Declaration, errors: &mut Errors) {
    let job = &declaration.job;
    if let (Some(concurrency), Some(rate)) = (&job.concurrency, &job.rate_limit)
        && concurrency.value.key.literal.value() == rate.value.key.literal.value()
    {
        let message = "`concurrency` has this key, and a key names one throttle: give another one";
        errors.at(&rate.value.key.literal, message);
    }
}

/// Several parents hand over one tuple, so that their order is written down.
fn one_from_parent(parameters: &[Parameter], errors: &mut Errors) {
    let marks = parameters.iter().filter_map(|parameter| match &parameter.role {
        Role::FromParent(attribute) => Some(attribute),
        Role::Stored(_) | Role::Injected => None,
    });
    for second in marks.skip(1) {
        errors.at(
            second,
            "one parameter takes what the parents hand over: a tuple, `(A, B)`, for several \
             parents",
        );
    }
}

fn retry_if_needs_an_error(
    declaration: &Declaration,
    function: &Function,
    output: &Output,
    errors: &mut Errors,
) {
    if let (Some(retry_if), Output::Unit | Output::Plain(_)) = (&declaration.job.retry_if, output) {
        let message = format!(
            "`retry_if` decides over an error, and `{}` returns none: return a `Result`",
            function.name()
        );
        errors.at(&retry_if.name, message);
    }
}

/// The struct lives in the type namespace, where the helpers already have the function's name.
fn struct_name_is_free(declaration: &Declaration, function: &Function, errors: &mut Errors) {
    let Some(ident) = struct_ident(&declaration.job, function) else {
        errors.at(
            &function.signature.ident,
            "no name for the argument struct can be made of this one: give it, as in `args = \
             \"ReportArgs\"`",
        );
        return;
    };
    if ident == function.signature.ident {
        errors.at(
            declaration.job.args.as_ref().map_or(&function.signature.ident, |args| &args.value),
            "the argument struct cannot bear the function's own name: give another, as in `args \
             = \"ReportArgs\"`",
        );
    }
}

/// A stored name must lead to one kind.
fn aliases_differ(declaration: &Declaration, function: &Function, errors: &mut Errors) {
    let Some(aliases) = &declaration.job.aliases else { return };
    let mut seen = vec![job_name(declaration, function)];
    for alias in &aliases.value {
        if seen.contains(&alias.value()) {
            errors.at(alias, "this name already leads to the job: remove the alias");
        }
        seen.push(alias.value());
    }
}

/// Occurrences are told apart by the id of their schedule.
fn schedule_ids_differ(declaration: &Declaration, function: &Function, errors: &mut Errors) {
    let mut seen: Vec<String> = Vec::new();
    for recurrence in &declaration.recurrences {
        match &recurrence.id {
            None if seen.is_empty() => seen.push(job_name(declaration, function)),
            None => errors.at(
                &recurrence.place,
                "a second schedule of a job needs an id of its own: `id = \"nightly\"`",
            ),
            Some(id) => {
                if seen.contains(&id.value.value()) {
                    errors.at(
                        &id.value,
                        "another schedule of this job has this id: give a different one",
                    );
                }
                seen.push(id.value.value());
            }
        }
    }
}

/// `@every` counts from the epoch, in which no zone has a part.
fn every_has_no_zone(recurrence: &Recurrence, errors: &mut Errors) {
    if let (Some(Timing::Every(_)), Some(tz)) = (&recurrence.timing, &recurrence.tz) {
        errors
            .at(&tz.name, "`every` counts from the epoch, in no zone: remove `tz`, or use `cron`");
    }
}

/// Nobody is there to supply the arguments when a schedule fires.
fn constants_fill_arguments(
    recurrence: &Recurrence,
    parameters: &[Parameter],
    errors: &mut Errors,
) {
    let stored: Vec<_> = parameters.iter().filter(|parameter| parameter.is_stored()).collect();
    for constant in &recurrence.constants {
        let name = unraw(&constant.name);
        if stored.iter().any(|parameter| parameter.encrypted && parameter.name() == name) {
            errors.at(
                &constant.name,
                format!(
                    "`{name}` is encrypted, and a constant in the source is no secret: let \
                     the job fetch it, or make the schedule at run time"
                ),
            );
        }
        if !stored.iter().any(|parameter| parameter.name() == name) {
            errors.at(&constant.name, format!("`{name}` is not an argument of this function"));
        }
    }
    let given = |parameter: &&&Parameter| {
        recurrence.constants.iter().any(|constant| unraw(&constant.name) == parameter.name())
    };
    for missing in stored.iter().filter(|parameter| parameter.named && !given(parameter)) {
        let name = missing.name();
        errors.at(
            &missing.ident,
            format!("`#[recurring]` must say what `{name}` is: `args({name} = …)`"),
        );
    }
}

fn recurring_has_no_parent(
    declaration: &Declaration,
    parameters: &[Parameter],
    errors: &mut Errors,
) {
    if declaration.recurrences.is_empty() {
        return;
    }
    for parameter in parameters {
        if let Role::FromParent(attribute) = &parameter.role {
            errors.at(
                attribute,
                "a recurring job is started by the clock, and no parent hands anything over to it",
            );
        }
    }
}

/// The name under which the job is stored.
pub(crate) fn job_name(declaration: &Declaration, function: &Function) -> String {
    let given = declaration.job.name.as_ref();
    given.map_or_else(|| function.name(), |name| name.value.value())
}

fn unraw(ident: &Ident) -> String {
    syn::ext::IdentExt::unraw(ident).to_string()
}
