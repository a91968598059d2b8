//! The pages: a query, what it gives as a view, a template.

pub(crate) mod batch;
pub(crate) mod batches;
pub(crate) mod filter;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod kinds;
pub(crate) mod overview;
pub(crate) mod queues;
pub(crate) mod recurring;
pub(crate) mod schedule;
pub(crate) mod servers;
pub(crate) mod throttles;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::failure::Failure;
use crate::visit::Visit;

/// The bar at the top of each page.
pub(crate) const NAVIGATION: [(&str, &str); 8] = [
    ("/overview", "nav.overview"),
    ("/jobs", "nav.jobs"),
    ("/queues", "nav.queues"),
    ("/batches", "nav.batches"),
    ("/recurring", "nav.recurring"),
    ("/throttles", "nav.throttles"),
    ("/servers", "nav.servers"),
    ("/kinds", "nav.kinds"),
];

pub(crate) type Page = Result<Html<String>, Failure>;

pub(crate) fn page(template: &impl Template) -> Page {
    Ok(Html(template.render()?))
}

/// No such address.
pub(crate) async fn unknown() -> Failure {
    Failure::Missing
}

#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    v: Visit,
    heading: String,
    text: String,
}

/// The page that says why there is no other one.
pub(crate) fn failed(v: Visit, failure: &Failure) -> Response {
    let (heading, text) = match failure {
        Failure::Missing => ("failed.missing", v.t("failed.missing.text").to_owned()),
        Failure::Bad { field, value } => ("failed.bad", v.t2("failed.bad.text", field, value)),
        Failure::ReadOnly => ("failed.read_only", v.t("failed.read_only.text").to_owned()),
        Failure::Forged => ("failed.forged", v.t("failed.forged.text").to_owned()),
        Failure::Refused(why) => ("failed.refused", why.clone()),
        Failure::Storage => ("failed.storage", v.t("failed.storage.text").to_owned()),
    };
    let heading = v.t(heading).to_owned();
    let status: StatusCode = failure.status();
    match page(&Failed { v, heading, text }) {
        Ok(page) => (status, page).into_response(),
        Err(_) => status.into_response(),
    }
}
