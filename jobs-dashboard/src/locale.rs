//! The languages of the pages: a file of texts each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// The files of `locales/`. The first is the language of whoever has no other wish.
const FILES: [(&str, &str); 2] =
    [("en", include_str!("../locales/en.json")), ("tr", include_str!("../locales/tr.json"))];

static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    let locale = |(code, json)| Locale {
        code,
        // That the files decode and hold the same keys is tested.
        texts: serde_json::from_str(json).unwrap_or_default(),
    };
    FILES.into_iter().map(locale).collect()
});

/// A language.
#[derive(Debug)]
pub(crate) struct Locale {
    pub(crate) code: &'static str,
    texts: HashMap<String, String>,
}

impl Locale {
    pub(crate) fn all() -> &'static [Self] {
        &LOCALES
    }

    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        Self::all().iter().find(|locale| locale.code.eq_ignore_ascii_case(code))
    }

    /// The visitor's choice, or the setting of the dashboard, or what the browser asks for.
    pub(crate) fn choose(
        chosen: Option<&str>,
        setting: Option<&'static Self>,
        wish: Option<&str>,
    ) -> &'static Self {
        chosen
            .and_then(Self::find)
            .or(setting)
            .or_else(|| wish.and_then(Self::first_of))
            .unwrap_or(&Self::all()[0])
    }

    /// The best known one of an `Accept-Language` header.
    fn first_of(wish: &str) -> Option<&'static Self> {
        let mut wishes: Vec<(f32, &'static Self)> = wish
            .split(',')
            .filter_map(|part| {
                let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
                let language = tag.trim().split('-').next()?;
                Some((weight.trim().parse().ok()?, Self::find(language)?))
            })
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        wishes.sort_by(|(one, _), (two, _)| two.total_cmp(one));
        wishes.first().map(|(_, locale)| *locale)
    }

    /// The name of the language in itself.
    pub(crate) fn name(&self) -> &str {
        self.text("language.name")
    }

    #[cfg(test)]
    fn has(&self, key: &str) -> bool {
        self.texts.contains_key(key)
    }

    /// The text of this key; the key itself if there is none, which is seen at once.
    pub(crate) fn text<'t>(&'t self, key: &'t str) -> &'t str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The text with `{0}`, `{1}` filled in.
    pub(crate) fn fill(&self, key: &str, values: &[&str]) -> String {
        let mut rest = self.text(key);
        let mut filled = String::with_capacity(rest.len());
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let value = behind.split_once('}').and_then(|(index, behind)| {
                let value = values.get(index.parse::<usize>().ok()?)?;
                Some((*value, behind))
            });
            match value {
                Some((value, behind)) => {
                    filled.push_str(&apart(value));
                    rest = behind;
                }
                None => {
                    filled.push('{');
                    rest = behind;
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    /// The text for so many: `key.one` or `key.other`.
    pub(crate) fn count(&self, key: &str, count: impl Display) -> String {
        let count = count.to_string();
        let form = if count == "1" { "one" } else { "other" };
        self.fill(&format!("{key}.{form}"), &[&self.number(count)])
    }

    pub(crate) fn number(&self, number: impl Display) -> String {
        let digits = number.to_string();
        let separator = self.text("number.group");
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push_str(separator);
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// A value that may turn the direction of text, so that it does not turn what stands around it.
fn apart(value: &str) -> Cow<'_, str> {
    const ISOLATE: char = '\u{2068}';
    const END: char = '\u{2069}';
    // Right-to-left letters, and the signs that set a direction.
    let turns = |sign: char| {
        matches!(sign, '\u{590}'..='\u{8ff}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    };
    match value.contains(turns) {
        true => Cow::Owned(format!("{ISOLATE}{}{END}", value.replace(END, ""))),
        false => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn keys(locale: &Locale) -> BTreeSet<&str> {
        locale.texts.keys().map(String::as_str).collect()
    }

    #[test]
    fn all_languages_have_the_same_texts_with_the_same_gaps() {
        let first = &Locale::all()[0];
        assert!(!first.texts.is_empty());
        for other in &Locale::all()[1..] {
            let (ours, theirs) = (keys(first), keys(other));
            let differing: Vec<_> = ours.symmetric_difference(&theirs).collect();
            assert!(differing.is_empty(), "{}: {differing:?}", other.code);
            for (key, text) in &first.texts {
                let gaps = |text: &str| text.matches('{').count();
                assert_eq!(gaps(text), gaps(other.text(key)), "{}: {key}", other.code);
            }
        }
    }

    /// Each `t("…")` and the like of templates and code, except those that are put together.
    #[test]
    fn every_text_that_is_asked_for_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut missing = BTreeSet::new();
        let mut folders = vec![root.join("templates"), root.join("src/pages")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).expect("a text");
                for (call, suffix) in
                    [(".t(\"", ""), (".t1(\"", ""), (".t2(\"", ""), (".count(\"", ".one")]
                {
                    for rest in text.split(call).skip(1) {
                        let key = rest.split('"').next().unwrap_or_default().to_owned() + suffix;
                        if !Locale::all()[0].has(&key) {
                            missing.insert(key);
                        }
                    }
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_visitor_chooses_before_the_setting_and_the_browser() {
        let turkish = Locale::find("tr");
        let code = |chosen, setting, wish| Locale::choose(chosen, setting, wish).code;
        assert_eq!(code(Some("en"), turkish, Some("tr")), "en");
        assert_eq!(code(Some("xx"), turkish, Some("en")), "tr");
        assert_eq!(code(None, None, Some("de, tr-TR;q=0.8, en;q=0.5")), "tr");
        assert_eq!(code(None, None, Some("tr;q=0, fr")), "en");
        assert_eq!(code(None, None, None), "en");
    }

    #[test]
    fn values_are_filled_in_once() {
        let locale = &Locale::all()[0];
        assert_eq!(locale.fill("{1} of {0}{", &["{1}", "2"]), "2 of {1}{");
        assert_eq!(locale.fill("“{0}”.", &["a\u{202e}\u{2069}b"]), "“\u{2068}a\u{202e}b\u{2069}”.");
        assert_eq!(locale.number(1_234_567), "1,234,567");
        assert_eq!(locale.number(12), "12");
    }
}
