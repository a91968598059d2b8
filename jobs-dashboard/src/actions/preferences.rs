//! How pages look to a visitor.

use axum::response::IntoResponse;

use super::{Answer, cookies, go};
use crate::fields::Posted;
use crate::locale::Locale;
use crate::visit::{LANGUAGE, THEME, Visit, theme};

pub(crate) async fn set(v: Visit, Posted(fields): Posted) -> Answer {
    let keep = |name: &str, value: &str| {
        let cookie = v.session.with_attributes(name, value, &v.base);
        format!("{cookie}; Max-Age=31536000")
    };
    let look = fields.get("theme").map_or(v.theme, theme);
    let language = fields.get("language").and_then(Locale::find).unwrap_or(v.locale);
    let kept = [keep(THEME, look), keep(LANGUAGE, language.code)];
    Ok((cookies(kept), go(&v, &fields, "/overview")).into_response())
}
