//! A template, filled from the fields of the argument struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::Job;
use crate::args::{Key, Part, Template};
use crate::item::Kind;

impl Job {
    /// An expression over `self` that gives the `String`.
    pub(super) fn filled(&self, template: &Template) -> TokenStream {
        if let Some(text) = template.constant() {
            return quote!(::std::string::String::from(#text));
        }
        let mut format = String::new();
        let mut values = Vec::new();
        for part in &template.parts {
            match part {
                Part::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
                Part::Key(key) => {
                    format.push_str("{}");
                    values.push(self.value(template, key));
                }
            }
        }
        quote!(::std::format!(#format, #(#values),*))
    }

    /// Located at the template, to which a missing `Display` is to point.
    fn value(&self, template: &Template, key: &Key) -> TokenStream {
        let span = template.literal.span();
        let parameter = self.stored().find(|parameter| parameter.name() == key.parameter);
        let display = parameter
            .is_some_and(|parameter| parameter.carried.kind == Kind::Path && key.fields.is_empty())
            .then(|| quote_spanned!(span=> .display()));
        let ident = parameter.map(|parameter| {
            let mut ident = parameter.ident.clone();
            ident.set_span(span);
            ident
        });
        let fields = &key.fields;
        quote_spanned!(span=> self.#ident #(.#fields)* #display)
    }
}
