//! The trace that a job was stored in goes on when it runs, in whatever process that is.

use std::collections::HashMap;

use opentelemetry::global;
use opentelemetry::trace::TraceContextExt;
use serde::{Deserialize, Serialize};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::job::Overrides;

/// What the propagator of the process writes into a message: with that of W3C `traceparent` and
/// `tracestate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Trace(HashMap<String, String>);

impl Trace {
    /// Of the present span; empty outside of a trace.
    pub(crate) fn current() -> Self {
        let mut context = Span::current().context();
        if !context.span().span_context().is_valid() {
            context = opentelemetry::Context::current();
        }
        let mut carrier = HashMap::new();
        if context.span().span_context().is_valid() {
            global::get_text_map_propagator(|propagator| {
                propagator.inject_context(&context, &mut carrier);
            });
        }
        Self(carrier)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes the span a child of the one that the job was stored in.
    pub(super) fn continue_in(span: &Span, options: Option<&str>) {
        // Most jobs have no options, and none is decoded for a span that nobody collects.
        if span.is_disabled() || !options.is_some_and(|json| json.contains("\"trace\"")) {
            return;
        }
        let Self(carrier) = Overrides::of(options).trace;
        if carrier.is_empty() {
            return;
        }
        let context = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
        // It fails where no layer collects traces.
        let _ = span.set_parent(context);
    }
}
