//! The cookie of a visitor, and the token of forms that is bound to it.

use std::fmt::Write;

use axum::http::header::COOKIE;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};

use super::origin::is_secure;

const NAME: &str = "jobs_session";
const LENGTH: usize = 64;

/// What a visitor's browser and nobody else has: no script and no foreign page can read it.
///
/// The token is a digest of it, so that nothing has to be kept here: pages that were drawn before
/// this server was started anew, or by another one behind the same name, stay good.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    secret: String,
    is_new: bool,
    secure: bool,
}

impl Session {
    pub(crate) fn of(parts: &Parts, trust_proxy: bool) -> Self {
        let known = cookie(parts, NAME).filter(|secret| {
            secret.len() == LENGTH && secret.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let secure = is_secure(parts, trust_proxy);
        match known {
            Some(secret) => Self { secret: secret.to_owned(), is_new: false, secure },
            None => Self { secret: hex(&rand::random::<[u8; 32]>()), is_new: true, secure },
        }
    }

    /// What forms carry.
    pub(crate) fn token(&self) -> String {
        let digest = Sha256::new().chain_update("jobs-dashboard form ").chain_update(&self.secret);
        hex(&digest.finalize())
    }

    pub(crate) fn has_token(&self, token: &str) -> bool {
        let own = self.token();
        // All of it is compared, so that how long it takes tells nothing.
        let differing = own.bytes().zip(token.bytes()).fold(0, |sum, (one, two)| sum | (one ^ two));
        !self.is_new && own.len() == token.len() && differing == 0
    }

    /// What is to be set, if the visitor has no cookie yet.
    pub(crate) fn cookie(&self, base: &str) -> Option<String> {
        self.is_new.then(|| self.with_attributes(NAME, &self.secret, base))
    }

    /// A cookie for the dashboard alone.
    pub(crate) fn with_attributes(&self, name: &str, value: &str, base: &str) -> String {
        let path = if base.is_empty() { "/" } else { base };
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict{secure}")
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let lines = parts.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(other, value)| (other == name).then_some(value))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn session(cookies: &str) -> Session {
        let request = Request::builder().uri("/").header(COOKIE, cookies).body(());
        Session::of(&request.expect("a request").into_parts().0, false)
    }

    #[test]
    fn a_token_is_good_for_its_own_cookie_only() {
        let (ada, bob) = ("a".repeat(64), "b".repeat(64));
        let ada = session(&format!("x=1; {NAME}={ada}"));
        let bob = session(&format!("{NAME}={bob}"));
        assert!(ada.has_token(&ada.token()));
        assert!(!ada.has_token(&bob.token()));
        assert!(!ada.has_token(""));
        assert!(!ada.has_token(&ada.secret));
    }

    #[test]
    fn a_visitor_without_a_cookie_has_no_good_token() {
        for cookies in ["", "jobs_session=", "jobs_session=short"] {
            let fresh = session(cookies);
            assert!(!fresh.has_token(&fresh.token()), "{cookies}");
            let set = fresh.cookie("/jobs").expect("a cookie");
            assert!(set.contains("; Path=/jobs; HttpOnly; SameSite=Strict"), "{set}");
        }
        assert!(session(&format!("{NAME}={}", "a".repeat(64))).cookie("").is_none());
    }
}
