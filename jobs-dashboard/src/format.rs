//! What templates call: texts, addresses, numbers, times.

use std::fmt::Display;
use std::time::Duration;

use askama::Template;
use askama::filters::HtmlSafe;
use chrono::{DateTime, SecondsFormat, Utc};
use jobs_runtime::{BatchRecord, JobFailure, JobRecord, JobState, LastRun, RunEnd, RunRecord};

use crate::json;
use crate::locale::Locale;
use crate::safety::Access;
use crate::visit::Visit;

/// A value that a template hands over, which it does through one reference or several.
pub(crate) trait Given<T> {
    fn given(&self) -> T;
}

macro_rules! given {
    ($($type:ty),+) => {$(
        impl Given<$type> for $type {
            fn given(&self) -> $type {
                *self
            }
        }
    )+};
}

given!(DateTime<Utc>, Duration, usize, i64, u64, f64);

impl<T, G: Given<T>> Given<T> for &G {
    fn given(&self) -> T {
        (**self).given()
    }
}

/// What an action has done, shown by the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    pub(crate) text: String,
    /// Nothing was done, or not all of it.
    pub(crate) warns: bool,
}

impl Flash {
    /// In a form that a cookie can hold.
    pub(crate) fn encode(&self) -> String {
        let text: String = self.text.chars().take(400).collect();
        let sort = if self.warns { 'w' } else { 'd' };
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{sort}{hex}")
    }

    pub(crate) fn decode(cookie: &str) -> Option<Self> {
        let (sort, hex) = cookie.split_at_checked(1)?;
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(byte).collect();
        let text = String::from_utf8(bytes?).ok()?;
        Some(Self { text, warns: sort == "w" }).filter(|flash| !flash.text.is_empty())
    }
}

/// An instant: how long ago, with the instant itself.
#[derive(Template)]
#[template(
    source = r#"<time datetime="{{ iso }}" title="{{ exact }}" data-ago>{{ ago }}</time>"#,
    ext = "html"
)]
pub(crate) struct Moment {
    iso: String,
    exact: String,
    ago: String,
}

impl HtmlSafe for Moment {}

/// An instant to the second.
#[derive(Template)]
#[template(source = r#"<span class="exact muted">{{ text }}</span>"#, ext = "html")]
pub(crate) struct Exact {
    text: String,
}

impl HtmlSafe for Exact {}

/// The name of a state, in its colour.
#[derive(Template)]
#[template(source = r#"<span class="state state-{{ state }}">{{ name }}</span>"#, ext = "html")]
pub(crate) struct Badge<'b> {
    state: String,
    name: &'b str,
}

impl HtmlSafe for Badge<'_> {}

/// What stands in a cell that has nothing to say.
#[derive(Template)]
#[template(source = r#"<span class="none">–</span>"#, ext = "html")]
pub(crate) struct Nothing;

impl HtmlSafe for Nothing {}

impl Visit {
    pub(crate) fn t<'t>(&'t self, key: &'t str) -> &'t str {
        self.locale.text(key)
    }

    pub(crate) fn t1(&self, key: &str, value: impl Display) -> String {
        self.locale.fill(key, &[&value.to_string()])
    }

    pub(crate) fn t2(&self, key: &str, one: impl Display, two: impl Display) -> String {
        self.locale.fill(key, &[&one.to_string(), &two.to_string()])
    }

    pub(crate) fn count(&self, key: &str, count: impl Display) -> String {
        self.locale.count(key, count)
    }

    pub(crate) fn number(&self, number: impl Display) -> String {
        self.locale.number(number)
    }

    /// The address of a page of the dashboard.
    pub(crate) fn url(&self, path: impl AsRef<str>) -> String {
        format!("{}{}", self.base, path.as_ref())
    }

    /// The address of a file that is embedded, which changes with its content.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("{}{}", self.base, crate::assets::path(name))
    }

    pub(crate) fn can_act(&self) -> bool {
        self.access == Access::Full
    }

    pub(crate) fn token(&self) -> String {
        self.session.token()
    }

    pub(crate) fn locales(&self) -> &'static [Locale] {
        Locale::all()
    }

    pub(crate) fn is_at(&self, path: &str) -> bool {
        let here = self.here.split('?').next().unwrap_or_default();
        here == path || here.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    }

    pub(crate) fn time(&self, at: impl Given<DateTime<Utc>>) -> Moment {
        self.time_from(at.given(), Utc::now())
    }

    fn time_from(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> Moment {
        let past = now.signed_duration_since(at);
        let (key, span) = match past.to_std() {
            Ok(past) => ("time.ago", past),
            Err(_) => ("time.in", (-past).to_std().unwrap_or_default()),
        };
        Moment {
            iso: at.to_rfc3339_opts(SecondsFormat::Millis, true),
            exact: at.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string(),
            ago: match span.as_millis() {
                0..1_000 => self.t("time.now").to_owned(),
                _ => self.t1(key, self.coarse(span)),
            },
        }
    }

    /// A span in its largest unit.
    pub(crate) fn coarse(&self, span: impl Given<Duration>) -> String {
        let span = span.given();
        let seconds = span.as_secs();
        let (key, count) = match seconds {
            0..60 => ("unit.s", seconds),
            60..3_600 => ("unit.min", seconds / 60),
            3_600..172_800 => ("unit.h", seconds / 3_600),
            _ => ("unit.d", seconds / 86_400),
        };
        self.t1(key, self.number(count))
    }

    /// An expression that is nothing but a period, in words; the library that the pages have for
    /// others does not know it.
    pub(crate) fn every(&self, cron: &str) -> Option<String> {
        const UNITS: [(u64, &str); 4] = [
            (86_400, "every.day"),
            (3_600, "every.hour"),
            (60, "every.minute"),
            (1, "every.second"),
        ];
        let (name, period) = cron.trim().split_once(char::is_whitespace)?;
        if !name.eq_ignore_ascii_case("@every") {
            return None;
        }
        let seconds = jobs_cron::parse_duration(period.trim()).ok()?.as_secs();
        let fits = |(unit, _): &&(u64, &str)| seconds > 0 && seconds.is_multiple_of(*unit);
        let (unit, key) = UNITS.iter().find(fits)?;
        Some(self.count(key, seconds / unit))
    }

    /// A span as precisely as it matters.
    pub(crate) fn span(&self, span: impl Given<Duration>) -> String {
        let span = span.given();
        let micros = span.as_micros();
        match micros {
            0..10_000 => self.t1("unit.ms", format!("{:.2}", span.as_secs_f64() * 1e3)),
            10_000..1_000_000 => self.t1("unit.ms", format!("{:.0}", span.as_secs_f64() * 1e3)),
            1_000_000..60_000_000 => self.t1("unit.s", format!("{:.2}", span.as_secs_f64())),
            _ => {
                let seconds = span.as_secs();
                let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
                format!("{hours}:{minutes:02}:{:02}", seconds % 60)
            }
        }
    }

    pub(crate) fn none(&self) -> Nothing {
        Nothing
    }

    pub(crate) fn mebibytes(&self, bytes: impl Given<u64>) -> String {
        self.t1("unit.mib", self.number(bytes.given() >> 20))
    }

    /// A share of one processor, or of several.
    pub(crate) fn percent(&self, share: impl Given<f64>) -> String {
        self.t1("unit.percent", self.number(format!("{:.0}", share.given() * 100.0)))
    }

    pub(crate) fn state(&self, state: impl Display) -> Badge<'_> {
        self.badge(state)
    }

    pub(crate) fn badge(&self, state: impl Display) -> Badge<'_> {
        let state = state.to_string();
        let name = match state.as_str() {
            "enqueued" => self.t("state.enqueued"),
            "scheduled" => self.t("state.scheduled"),
            "retries" => self.t("state.retries"),
            "awaiting" => self.t("state.awaiting"),
            "processing" => self.t("state.processing"),
            "succeeded" => self.t("state.succeeded"),
            "failed" => self.t("state.failed"),
            "deleted" => self.t("state.deleted"),
            "skipped" => self.t("state.skipped"),
            "snoozed" => self.t("state.snoozed"),
            "stuck" => self.t("state.stuck"),
            "created" => self.t("job.created"),
            _ => self.t("state.open"),
        };
        Badge { state, name }
    }

    pub(crate) fn state_name(&self, state: impl Display) -> &str {
        self.badge(state).name
    }

    pub(crate) fn batch_state(&self, batch: &BatchRecord) -> Badge<'_> {
        match batch.is_stuck() {
            true => self.badge("stuck"),
            false => self.badge(batch.state),
        }
    }

    pub(crate) fn run_end(&self, run: &RunRecord) -> Badge<'_> {
        self.badge(match run.end {
            RunEnd::Succeeded => "succeeded",
            RunEnd::Snoozed => "snoozed",
            _ => "failed",
        })
    }

    pub(crate) fn theme_name(&self, theme: &str) -> &str {
        match theme {
            "light" => self.t("theme.light"),
            "dark" => self.t("theme.dark"),
            _ => self.t("theme.auto"),
        }
    }

    pub(crate) fn theme_sign(&self, theme: &str) -> &'static str {
        match theme {
            "light" => "☀",
            "dark" => "☾",
            _ => "◐",
        }
    }

    /// What would fill a list that has nothing in it.
    pub(crate) fn empty_list(&self, state: &str) -> &str {
        match state {
            "enqueued" => self.t("empty.enqueued"),
            "scheduled" => self.t("empty.scheduled"),
            "retries" => self.t("empty.retries"),
            "awaiting" => self.t("empty.awaiting"),
            "processing" => self.t("empty.processing"),
            "succeeded" => self.t("empty.succeeded"),
            "failed" => self.t("empty.failed"),
            "deleted" => self.t("empty.deleted"),
            _ => self.t("empty.jobs"),
        }
    }

    /// Of which time a list of jobs in this state tells.
    pub(crate) fn when_heading(&self, state: &Option<JobState>) -> &str {
        match state {
            Some(JobState::Scheduled) => self.t("job.due"),
            Some(JobState::Processing) => self.t("job.started"),
            Some(state) if state.is_settled() => self.t("job.finished"),
            Some(_) => self.t("job.created"),
            None => self.t("job.when"),
        }
    }

    pub(crate) fn when(&self, job: &JobRecord) -> Moment {
        self.time(job.due_at.or(job.finished_at).unwrap_or(job.created_at))
    }

    /// An instant as it is, for lists of instants to come.
    pub(crate) fn instant(&self, at: impl Given<DateTime<Utc>>) -> Moment {
        let at = at.given();
        Moment { ago: to_the_second(at), ..self.time(at) }
    }

    /// The instant beside how long ago it was, where there is room: nobody hovers on a telephone.
    pub(crate) fn exact(&self, at: impl Given<DateTime<Utc>>) -> Exact {
        Exact { text: to_the_second(at.given()) }
    }

    /// How long a job had waited when its last run began.
    pub(crate) fn latency(&self, run: &LastRun) -> String {
        self.span(run.latency())
    }

    pub(crate) fn clock(&self, at: impl Given<DateTime<Utc>>) -> Moment {
        let at = at.given();
        Moment { ago: at.format("%H:%M:%S%.3f").to_string(), ..self.time(at) }
    }

    /// The end of an id, by which those of one moment differ.
    pub(crate) fn short_id(&self, id: impl Display) -> String {
        let id = id.to_string();
        id.get(id.len().saturating_sub(12)..).unwrap_or(&id).to_owned()
    }

    pub(crate) fn encoded(&self, text: &str) -> String {
        encoded(text)
    }

    /// All that is known of a failure.
    pub(crate) fn failure_text(&self, failure: &JobFailure) -> String {
        let mut text = failure.message.clone();
        if let Some(name) = &failure.type_name {
            text = format!("{name}: {text}");
        }
        for source in &failure.sources {
            text.push_str("\n  ");
            text.push_str(source);
        }
        if let Some(backtrace) = &failure.backtrace {
            text.push_str("\n\n");
            text.push_str(backtrace);
        }
        text
    }

    /// JSON in several lines; as it is, if it is none or very long.
    pub(crate) fn pretty(&self, json: &str) -> String {
        json::pretty(json).unwrap_or_else(|| json.to_owned())
    }

    /// The beginning of a text, for a line of a list.
    pub(crate) fn short(&self, text: &str) -> String {
        cut(text, 120)
    }

    /// What is folded into a line of a list: a page of them is fetched every other second.
    pub(crate) fn failure_beginning(&self, failure: &JobFailure) -> String {
        cut(&self.failure_text(failure), 2_000)
    }
}

pub(crate) fn to_the_second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A value as a part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_cookie() {
        let flash = Flash { text: "„mail“ <b> ist; leer\n".to_owned(), warns: true };
        let cookie = flash.encode();
        assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(Flash::decode(&cookie), Some(flash));
        for broken in ["", "d", "dx", "d\u{e9}\u{e9}", "dff"] {
            assert_eq!(Flash::decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_query_holds_any_text() {
        assert_eq!(encoded("a b&c=ü/\0"), "a%20b%26c%3D%C3%BC%2F%00");
    }
}
