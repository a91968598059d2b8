//! A string with `{parameter}` in it, filled from the arguments of each job.

use proc_macro2::Span;
use syn::{Ident, LitStr, Member};

pub(crate) struct Template {
    pub(crate) literal: LitStr,
    pub(crate) parts: Vec<Part>,
}

pub(crate) enum Part {
    Text(String),
    Key(Key),
}

/// `{order.id}`: a parameter, and the fields to go down.
pub(crate) struct Key {
    pub(crate) parameter: String,
    pub(crate) fields: Vec<Member>,
}

impl Template {
    pub(crate) fn parse(literal: &LitStr) -> syn::Result<Self> {
        let wrong = |message: String| syn::Error::new(literal.span(), message);
        let source = literal.value();
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source.as_str();
        while let Some(brace) = rest.find(['{', '}']) {
            text.push_str(&rest[..brace]);
            let (found, behind) = rest[brace..].split_at(1);
            if let Some(behind) = behind.strip_prefix(found) {
                text.push_str(found);
                rest = behind;
                continue;
            }
            if found == "}" {
                return Err(wrong(
                    "`}` closes nothing: a brace in the text is written `}}`".into(),
                ));
            }
            let Some((key, behind)) = behind.split_once('}') else {
                return Err(wrong(
                    "`{` is not closed: write `{parameter}`, or `{{` for a brace in the text"
                        .into(),
                ));
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(Part::Key(Key::parse(key, literal.span()).map_err(wrong)?));
            rest = behind;
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { literal: literal.clone(), parts })
    }

    /// The whole text, if no parameter is in it.
    pub(crate) fn constant(&self) -> Option<String> {
        match self.parts.as_slice() {
            [] => Some(String::new()),
            [Part::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// The pieces that stand between the parameters.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Key(_) => None,
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Key(key) => Some(key),
        })
    }
}

impl Key {
    fn parse(source: &str, span: Span) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{{{source}}}` is not a parameter: write `{{parameter}}` or \
                 `{{parameter.field}}`, without a format"
            )
        };
        let mut names = source.split('.');
        let parameter = names.next().unwrap_or_default().to_owned();
        if syn::parse_str::<Ident>(&format!("r#{parameter}")).is_err() {
            return Err(wrong());
        }
        let field = |name: &str| {
            let mut member = syn::parse_str::<Member>(name).map_err(|_| wrong())?;
            match &mut member {
                Member::Named(name) => name.set_span(span),
                Member::Unnamed(index) => index.span = span,
            }
            Ok(member)
        };
        let fields = names.map(field).collect::<Result<_, String>>()?;
        Ok(Self { parameter, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(source: &str) -> Result<Template, String> {
        Template::parse(&LitStr::new(source, Span::call_site())).map_err(|error| error.to_string())
    }

    #[test]
    fn text_and_keys_are_told_apart() {
        let template = parse("a{{b}}-{user.id}-{n}").expect("a template");
        assert_eq!(template.texts().collect::<Vec<_>>(), ["a{b}-", "-"]);
        let keys: Vec<_> = template.keys().map(|key| (&*key.parameter, key.fields.len())).collect();
        assert_eq!(keys, [("user", 1), ("n", 0)]);
        assert_eq!(parse("plain").expect("a template").constant().as_deref(), Some("plain"));
    }

    #[test]
    fn braces_without_a_partner_or_a_name_are_refused() {
        for source in ["{", "}", "{}", "{a", "{a:?}", "{a b}", "{1}", "{a.}"] {
            assert!(parse(source).is_err(), "{source}");
        }
    }
}
