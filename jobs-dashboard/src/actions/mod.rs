//! What visitors do: a form, what the runtime makes of it, and a word about it on the next page.

pub(crate) mod batches;
pub(crate) mod jobs;
pub(crate) mod preferences;
pub(crate) mod queues;
pub(crate) mod recurring;
pub(crate) mod servers;
pub(crate) mod throttles;

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};

use crate::bulk::Tally;
use crate::failure::Failure;
use crate::fields::Fields;
use crate::format::Flash;
use crate::visit::{FLASH, Visit};

pub(crate) type Answer = Result<Response, Failure>;

/// Goes to the page that the form names, or to this one, and has it say what was done.
pub(crate) fn done(v: &Visit, fields: &Fields, otherwise: &str, text: String) -> Answer {
    answer(v, fields, otherwise, Flash { text, warns: false })
}

/// The same, where something was left undone.
pub(crate) fn warn(v: &Visit, fields: &Fields, otherwise: &str, text: String) -> Answer {
    answer(v, fields, otherwise, Flash { text, warns: true })
}

/// The same for many jobs; without a tally it goes on, which every page tells by itself.
pub(crate) fn report(
    v: &Visit,
    fields: &Fields,
    otherwise: &str,
    key: &str,
    tally: Option<Tally>,
) -> Answer {
    let Some(tally) = tally else { return Ok(go(v, fields, otherwise).into_response()) };
    let warns = tally.moved_on + tally.refused > 0;
    answer(v, fields, otherwise, Flash { text: tally.text(v, key), warns })
}

fn answer(v: &Visit, fields: &Fields, otherwise: &str, flash: Flash) -> Answer {
    let cookie = v.session.with_attributes(FLASH, &flash.encode(), &v.base);
    Ok((cookies([cookie]), go(v, fields, otherwise)).into_response())
}

fn go(v: &Visit, fields: &Fields, otherwise: &str) -> Redirect {
    let back = fields.get("back").filter(|back| is_own(back)).unwrap_or(otherwise);
    Redirect::to(&v.url(back))
}

/// Whether it is an address of the dashboard, and of nobody else.
fn is_own(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn cookies<const N: usize>(
    cookies: [String; N],
) -> axum::response::AppendHeaders<Vec<(HeaderName, HeaderValue)>> {
    let header = |cookie: String| Some((SET_COOKIE, HeaderValue::from_str(&cookie).ok()?));
    axum::response::AppendHeaders(cookies.into_iter().filter_map(header).collect())
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert!(is_own("/jobs?state=failed&text=%22"));
        for path in ["", "jobs", "//evil.example", "https://evil.example", "/\\evil", "/a\r\nb"] {
            assert!(!is_own(path), "{path}");
        }
    }
}
