//! Requests that cannot be answered as they were meant.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jobs_runtime::Error;

/// Why there is no such page, or why an action was not done. The page that says so is made where
/// the visitor is known.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// Nothing is there.
    Missing,
    /// A field holds what it cannot.
    Bad { field: String, value: String },
    /// Who asks may see, but not act.
    ReadOnly,
    /// The form is not one that this dashboard has sent to this visitor.
    Forged,
    /// The runtime says no: what was asked for is wrong.
    Refused(String),
    /// The storage does not answer, for a reason that is for the log of the server.
    Storage,
}

impl Failure {
    pub(crate) fn bad(field: &str, value: &str) -> Self {
        let value: String = value.chars().take(100).collect();
        Self::Bad { field: field.to_owned(), value }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Bad { .. } | Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ReadOnly | Self::Forged => StatusCode::FORBIDDEN,
            Self::Storage => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Storage(error) => {
                tracing::warn!(%error, "the dashboard cannot read or change jobs");
                Self::Storage
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page of the dashboard cannot be drawn");
        Self::Storage
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
