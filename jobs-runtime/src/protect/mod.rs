//! Arguments that are not for every eye.
//!
//! Which ones these are travels with each job, in its settings: so whoever shows it hides them, even
//! a program that does not know the kind, and before any server has announced it.

mod fields;

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::job::Overrides;
use fields::Fields;

/// What is shown in the place of a value.
const DOTS: &str = "\"•••\"";

/// The arguments of a job as they may be shown, by what its settings say.
pub(crate) fn shown(args: String, options: Option<&str>) -> String {
    let Some(options) = options else { return args };
    match serde_json::from_str::<Overrides>(options) {
        Ok(overrides) if overrides.redact.is_empty() => args,
        Ok(overrides) => without(&args, &overrides.redact),
        // Nobody knows what is to be hidden.
        Err(_) => DOTS.to_owned(),
    }
}

fn without(args: &str, names: &[Cow<'static, str>]) -> String {
    let hidden = || {
        let mut fields: Fields = serde_json::from_str(args)?;
        for (name, value) in &mut fields.0 {
            if names.iter().any(|hidden| *hidden == *name) {
                *value = RawValue::from_string(DOTS.to_owned())?;
            }
        }
        serde_json::to_string(&fields)
    };
    hidden().unwrap_or_else(|_| DOTS.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_redacted_is_hidden_and_the_rest_stays_as_it_is() {
        let args = r#"{"user":7,"token":{"a":[1,2]},"note":"\u00fc","pin":12}"#.to_owned();
        let options = r#"{"redact":["token","pin","missing"]}"#;
        assert_eq!(
            shown(args.clone(), Some(options)),
            r#"{"user":7,"token":"•••","note":"\u00fc","pin":"•••"}"#
        );
        assert_eq!(shown(args.clone(), None), args);
        assert_eq!(shown(args.clone(), Some(r#"{"retries":1}"#)), args);
    }

    #[test]
    fn what_cannot_be_read_is_hidden_altogether() {
        assert_eq!(shown("{\"pin\":12".to_owned(), Some(r#"{"redact":["pin"]}"#)), DOTS);
        assert_eq!(shown("[1]".to_owned(), Some(r#"{"redact":["pin"]}"#)), DOTS);
        assert_eq!(shown("{\"pin\":12}".to_owned(), Some("{")), DOTS);
    }
}
