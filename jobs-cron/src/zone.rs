use std::fmt;

use chrono_tz::{TZ_VARIANTS, Tz};

/// How many near names an error offers.
const MAX_SUGGESTIONS: usize = 3;

/// Reads the name of an IANA time zone, such as `Europe/Istanbul` or `UTC`.
///
/// # Errors
///
/// [`ZoneError`] if there is no zone of exactly that name; names are case-sensitive, so that a
/// stored name means the same to every other program that reads it.
///
/// ```
/// use jobs_cron::{Tz, parse_zone};
///
/// assert_eq!(parse_zone("Europe/Istanbul")?, Tz::Europe__Istanbul);
/// assert_eq!(
///     parse_zone("europe/istanbul").unwrap_err().to_string(),
///     "`europe/istanbul` is not an IANA time zone; did you mean `Europe/Istanbul`?",
/// );
/// # Ok::<(), jobs_cron::ZoneError>(())
/// ```
pub fn parse_zone(name: &str) -> Result<Tz, ZoneError> {
    name.parse().map_err(|_| ZoneError { name: name.to_owned(), suggestions: near(name) })
}

/// A text is not the name of a time zone.
///
/// ```
/// use jobs_cron::parse_zone;
///
/// let error = parse_zone("Berlin").unwrap_err();
/// assert_eq!(error.name(), "Berlin");
/// assert_eq!(error.suggestions(), ["Europe/Berlin"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneError {
    name: String,
    suggestions: Vec<&'static str>,
}

impl ZoneError {
    /// The text as it was written.
    ///
    /// ```
    /// assert_eq!(jobs_cron::parse_zone("Mars").unwrap_err().name(), "Mars");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of zones that are near the text, the nearest first; often none.
    ///
    /// ```
    /// let error = jobs_cron::parse_zone("America/New York").unwrap_err();
    /// assert_eq!(error.suggestions(), ["America/New_York"]);
    /// ```
    pub fn suggestions(&self) -> &[&'static str] {
        &self.suggestions
    }
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an IANA time zone; ", self.name)?;
        let Some((last, rest)) = self.suggestions.split_last() else {
            return f.write_str("write a name such as `Europe/Istanbul` or `UTC`");
        };
        f.write_str("did you mean ")?;
        for (index, name) in rest.iter().enumerate() {
            write!(f, "{}`{name}`", if index == 0 { "" } else { ", " })?;
        }
        let or = if rest.is_empty() { "" } else { " or " };
        write!(f, "{or}`{last}`?")
    }
}

impl std::error::Error for ZoneError {}

fn near(name: &str) -> Vec<&'static str> {
    let wanted = name.trim().to_ascii_lowercase();
    let mut found: Vec<(usize, &'static str)> = TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter_map(|zone| Some((distance(&wanted, &zone.to_ascii_lowercase())?, zone)))
        .collect();
    found.sort_unstable();
    let Some(&(nearest, _)) = found.first() else {
        return Vec::new();
    };
    found
        .into_iter()
        .take_while(|(far, _)| *far == nearest)
        .map(|(_, zone)| zone)
        .take(MAX_SUGGESTIONS)
        .collect()
}

/// How far a zone is from what was written, or `None` if it is too far to be meant. Leaving out
/// the continent is a slip of its own, which a count of letters would not forgive.
fn distance(wanted: &str, zone: &str) -> Option<usize> {
    let city = zone.rsplit('/').next().unwrap_or(zone);
    if wanted == zone {
        return Some(0);
    }
    if wanted.replace(' ', "_") == city {
        return Some(1);
    }
    // One slip for each five letters: `UTC` has no neighbours, long names have two or three.
    let allowed = wanted.chars().count() / 5;
    if allowed == 0 || wanted.len().abs_diff(zone.len()) > allowed {
        return None;
    }
    Some(edits(wanted, zone)).filter(|&edits| edits <= allowed)
}

/// Letters to insert, remove or replace to turn one text into the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
