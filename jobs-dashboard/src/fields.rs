//! What a form or a query string holds.

use std::str::FromStr;

use axum::Form;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;

use crate::failure::Failure;
use crate::visit::Visit;

/// Names and values, in their order; a name may come more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    /// The first value of this name that is more than white space.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| value.trim()).find(|value| !value.is_empty())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// `None` if the field is empty; a failure if its value is not such a thing.
    pub(crate) fn parse<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Failure> {
        let parse = |value: &str| value.parse().map_err(|_| Failure::bad(name, value));
        self.get(name).map(parse).transpose()
    }

    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::bad(name, ""))
    }
}

/// The fields of a query string.
pub(crate) struct Asked(pub(crate) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(fields) =
            query.map_err(|_| Failure::bad("?", parts.uri.query().unwrap_or("")))?;
        Ok(Self(Fields(fields)))
    }
}

/// The fields of a form that this dashboard has sent to this visitor.
pub(crate) struct Posted(pub(crate) Fields);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let session = request.extensions().get::<Visit>().map(|visit| visit.session.clone());
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(fields) =
            form.map_err(|rejection| Failure::bad("form", &rejection.to_string()))?;
        let fields = Fields(fields);
        let token = fields.get("csrf").unwrap_or_default();
        match session.is_some_and(|session| session.has_token(token)) {
            true => Ok(Self(fields)),
            false => Err(Failure::Forged),
        }
    }
}
