//! What all pages share.

use std::ops::Deref;
use std::sync::Arc;

use jobs_runtime::Client;

use crate::answers::Answers;
use crate::bulk::Bulks;
use crate::locale::Locale;
use crate::safety::Rule;

#[derive(Debug, Clone)]
pub(crate) struct App(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) title: String,
    pub(crate) rule: Rule,
    /// Whoever is admitted may only look.
    pub(crate) read_only: bool,
    pub(crate) trust_proxy: bool,
    /// The language where the visitor has chosen none.
    pub(crate) locale: Option<&'static Locale>,
    pub(crate) answers: Answers,
    /// What is being done to many jobs.
    pub(crate) bulks: Bulks,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
