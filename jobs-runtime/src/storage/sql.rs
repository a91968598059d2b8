//! Statements, rendered once for a schema or prefix.
//!
//! This is the one place that vouches for the text of SQL: it is made of constants of this crate
//! and a prefix that has been validated; every value is bound.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlStr};

/// The longest schema name or table prefix.
const LONGEST_NAME: usize = 40;

/// What the placeholders of a statement stand for.
#[derive(Debug, Clone)]
pub(crate) struct Render {
    prefix: String,
    now: String,
    share: &'static str,
}

impl Render {
    /// `prefix` stands for `{p}`, and was made from a validated name; `now` stands for `{now}`,
    /// the dialect's expression for the present instant.
    pub(crate) fn new(prefix: String, now: String) -> Self {
        Self { prefix, now, share: "" }
    }

    /// `share` stands for `{share}`: what a read ends with that is to see, and to keep, what is
    /// committed, however old the view of the transaction is.
    #[cfg(feature = "mysql")]
    pub(crate) fn sharing(&self, share: &'static str) -> Self {
        Self { share, ..self.clone() }
    }

    pub(crate) fn sql(&self, text: &str) -> SqlStr {
        let text = text.replace("{p}", &self.prefix).replace("{now}", &self.now);
        let text = text.replace("{share}", self.share);
        sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(Arc::<str>::from(text)))
    }
}

/// Whether a schema or a prefix may have this name: a lower-case letter, then lower-case
/// letters, digits and underscores, 40 characters at most.
pub(crate) fn is_valid_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase();
    let rest = |byte: u8| letter(byte) || byte.is_ascii_digit() || byte == b'_';
    name.len() <= LONGEST_NAME && name.bytes().next().is_some_and(letter) && name.bytes().all(rest)
}

/// Declares a struct of statements, one field each, that renders them all and can list them.
macro_rules! statements {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $field:ident = $text:expr;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(super) struct $name {
            $($(#[doc = $doc])* pub(super) $field: sqlx::SqlStr,)+
        }

        impl $name {
            pub(super) fn render(render: &$crate::storage::sql::Render) -> Self {
                Self { $($field: render.sql($text),)+ }
            }

            /// All statements by name, so that a test can prepare each.
            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<(&'static str, sqlx::SqlStr)> {
                vec![$((stringify!($field), self.$field.clone()),)+]
            }
        }
    };
}

pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::is_valid_name;

    #[test]
    fn names_that_could_escape_are_refused() {
        for good in ["jobs", "my_app_jobs2", "a"] {
            assert!(is_valid_name(good), "{good}");
        }
        for bad in ["", "2jobs", "Jobs", "jobs;drop", "jo\"bs", "jobs.x", &"a".repeat(41), "größe"]
        {
            assert!(!is_valid_name(bad), "{bad}");
        }
    }
}
