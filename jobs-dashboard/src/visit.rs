//! One request: who asks, from where, and how it is to be answered.

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::failure::Failure;
use crate::format::Flash;
use crate::locale::Locale;
use crate::safety::{Access, Refusal, Session, cookie, is_same_origin, protect};
use crate::{pages, prefix};

pub(crate) const THEME: &str = "jobs_theme";
pub(crate) const LANGUAGE: &str = "jobs_language";
pub(crate) const FLASH: &str = "jobs_flash";
/// Set by the script that refreshes parts of a page.
const REFRESH: &str = "x-jobs-refresh";

/// What a page has to know of the request. Its methods for templates are in `format`.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) app: App,
    pub(crate) access: Access,
    /// The path under which the dashboard is mounted.
    pub(crate) base: String,
    /// The path and query below `base`.
    pub(crate) here: String,
    pub(crate) locale: &'static Locale,
    pub(crate) theme: &'static str,
    pub(crate) session: Session,
    /// A script asks for the parts of a page that may have changed.
    pub(crate) is_refresh: bool,
    /// What the action before this page has done.
    pub(crate) flash: Option<Flash>,
}

impl Visit {
    fn of(app: &App, access: Access, parts: &Parts) -> Self {
        let original = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path(),
            None => parts.uri.path(),
        };
        let forwarded = app.trust_proxy.then(|| prefix::forwarded(&parts.headers)).flatten();
        let is_refresh = parts.headers.contains_key(REFRESH);
        Self {
            app: app.clone(),
            access,
            base: prefix::prefix(original, parts.uri.path(), forwarded),
            here: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            locale: Locale::choose(
                cookie(parts, LANGUAGE),
                app.locale,
                parts.headers.get("accept-language").and_then(|wish| wish.to_str().ok()),
            ),
            theme: theme(cookie(parts, THEME).unwrap_or_default()),
            session: Session::of(parts, app.trust_proxy),
            is_refresh,
            flash: cookie(parts, FLASH).filter(|_| !is_refresh).and_then(Flash::decode),
        }
    }
}

pub(crate) fn theme(wish: &str) -> &'static str {
    match wish {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or(Failure::Missing)
    }
}

/// Lets the visitor in or not, and dresses the answer.
pub(crate) async fn receive(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let access = match app.rule.admit(&parts, app.trust_proxy).await {
        Ok(_) if app.read_only => Access::ReadOnly,
        Ok(access) => access,
        Err(refusal) => return refuse(refusal),
    };
    let visit = Visit::of(&app, access, &parts);
    let checked = check(&visit, &parts);
    let may_change = parts.method == Method::POST && checked.is_ok();
    parts.extensions.insert(visit.clone());
    let response = match checked {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    };
    if may_change {
        app.forget_answers().await;
    }
    dress(&visit, response)
}

/// What can be said of a request that changes something without reading its form, which is
/// checked where it is read.
fn check(visit: &Visit, parts: &Parts) -> Result<(), Failure> {
    if parts.method == Method::GET || parts.method == Method::HEAD {
        return Ok(());
    }
    if !is_same_origin(parts, visit.app.trust_proxy) {
        return Err(Failure::Forged);
    }
    // How pages look is the visitor's own affair.
    match visit.access == Access::Full || parts.uri.path() == "/preferences" {
        true => Ok(()),
        false => Err(Failure::ReadOnly),
    }
}

fn refuse(refusal: Refusal) -> Response {
    let mut response = (StatusCode::FORBIDDEN, refusal.to_string()).into_response();
    protect(response.headers_mut());
    response
}

fn dress(visit: &Visit, mut response: Response) -> Response {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = pages::failed(visit.clone(), &failure);
    }
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut cookies = Vec::new();
    cookies.extend(visit.session.cookie(&visit.base));
    if is_page && visit.flash.is_some() {
        let gone = visit.session.with_attributes(FLASH, "", &visit.base);
        cookies.push(format!("{gone}; Max-Age=0"));
    }
    let headers = response.headers_mut();
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, value);
        }
    }
    protect(headers);
    response
}
