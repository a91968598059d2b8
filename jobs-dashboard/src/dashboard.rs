//! How a dashboard is set up.

use std::sync::Arc;

use axum::Router;
use axum::http::request::Parts;
use jobs_runtime::Client;

use crate::answers::Answers;
use crate::app::{App, Inner};
use crate::bulk::Bulks;
use crate::locale::Locale;
use crate::safety::{Access, Rule};

/// A dashboard with the default settings, to be nested in a router with any state.
pub fn router<S>(client: Client) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Dashboard::new(client).router()
}

/// A dashboard before it is mounted.
///
/// ```no_run
/// use jobs_dashboard::{Access, Dashboard};
/// # fn example(client: jobs_runtime::Client) -> axum::Router {
/// Dashboard::new(client)
///     .title("Shop")
///     .authorize(|request| async move {
///         match request.headers.get("x-role").map(|role| role.as_bytes()) {
///             Some(b"admin") => Access::Full,
///             Some(b"support") => Access::ReadOnly,
///             _ => Access::None,
///         }
///     })
///     .router()
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a dashboard is mounted by `.router()`"]
pub struct Dashboard {
    inner: Inner,
}

impl Dashboard {
    /// A dashboard for the storage of this client.
    pub fn new(client: Client) -> Self {
        Self {
            inner: Inner {
                client,
                title: "Jobs".to_owned(),
                rule: Rule::default(),
                read_only: false,
                trust_proxy: false,
                locale: None,
                answers: Answers::default(),
                bulks: Bulks::default(),
            },
        }
    }

    /// What stands at the top of each page; `Jobs` unless set.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.inner.title = title.into();
        self
    }

    /// Decides for each request who may see the dashboard and who may act, in the place of the
    /// rule that only visitors from this machine may. The request is as the application got it,
    /// with the extensions that the layers around the dashboard have set.
    pub fn authorize<F, Fut>(mut self, decide: F) -> Self
    where
        F: Fn(Parts) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Access> + Send + 'static,
    {
        self.inner.rule = Rule::asking(decide);
        self
    }

    /// Lets everybody who is admitted look, and nobody act.
    pub fn read_only(mut self) -> Self {
        self.inner.read_only = true;
        self
    }

    /// Believes `X-Forwarded-For`, `-Host`, `-Proto` and `-Prefix`, as far as the proxy next to
    /// this server has set them. Only for servers that cannot be reached but through a proxy that
    /// sets these headers itself: a visitor could otherwise choose what they say.
    pub fn trust_proxy(mut self, trust: bool) -> Self {
        self.inner.trust_proxy = trust;
        self
    }

    /// Shows all pages in this language (`en`, `tr`) unless the visitor chooses another one;
    /// otherwise the browser's wish counts. A language that is not known is left out of account.
    pub fn language(mut self, code: &str) -> Self {
        self.inner.locale = Locale::find(code);
        self
    }

    /// The router, to be nested under any prefix in a router with any state: it has its own.
    ///
    /// Serve the application by `into_make_service_with_connect_info::<SocketAddr>()`: unless
    /// [`authorize`](Self::authorize) decides, the address of the visitor does.
    pub fn router<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        crate::router::router(App(Arc::new(self.inner)))
    }
}
