use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::CronError;
use crate::every::Every;
use crate::parse::Fields;
use crate::plan::Plan;

/// A cron expression that has been read and checked.
///
/// Two expressions are equal if their texts are: `0 0 * * 0` and `@weekly` are not, though they
/// fire at the same times. Cloning is cheap.
///
/// ```
/// use jobs_cron::Cron;
///
/// let cron: Cron = "0 9 * * MON-FRI".parse()?;
/// assert_eq!(cron.to_string(), "0 9 * * MON-FRI");
/// # Ok::<(), jobs_cron::CronError>(())
/// ```
#[derive(Clone)]
pub struct Cron {
    source: Arc<str>,
    timing: Arc<Timing>,
}

/// When an expression fires.
#[derive(Debug)]
pub(crate) enum Timing {
    Never,
    Calendar(Plan),
    Every(Every),
}

impl Cron {
    /// Reads an expression of the dialect that the [crate](crate) describes.
    ///
    /// # Errors
    ///
    /// [`CronError`], which names the field and the value and says what would be right.
    ///
    /// ```
    /// use jobs_cron::Cron;
    ///
    /// assert!(Cron::parse("*/15 9-17 LW * *").is_ok());
    /// assert_eq!(
    ///     Cron::parse("0 9 * * FRI#6").unwrap_err().to_string(),
    ///     "the day of week field holds `FRI#6`; the number after `#` is 1 to 5",
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Cron, CronError> {
        let timing = match strip_every(text) {
            Some(period) => Timing::Every(Every::parse(period)?),
            None => Timing::calendar(Plan::lower(Fields::parse(text)?)?),
        };
        Ok(Cron::new(text, timing))
    }

    /// The expression that fires at each multiple of a period since the Unix epoch.
    ///
    /// # Errors
    ///
    /// [`CronError`] unless the period is of whole seconds, from one second to a hundred years.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jobs_cron::Cron;
    ///
    /// let cron = Cron::every(Duration::from_secs(90))?;
    /// assert_eq!(cron.as_str(), "@every 1m 30s");
    /// # Ok::<(), jobs_cron::CronError>(())
    /// ```
    pub fn every(period: Duration) -> Result<Cron, CronError> {
        let value = humantime::format_duration(period).to_string();
        let every = Every::new(period, &value)?;
        Ok(Cron::new(&format!("@every {value}"), Timing::Every(every)))
    }

    fn new(source: &str, timing: Timing) -> Cron {
        Cron { source: source.into(), timing: Arc::new(timing) }
    }

    /// The text that was read, unchanged.
    ///
    /// ```
    /// assert_eq!(jobs_cron::Cron::parse("@daily")?.as_str(), "@daily");
    /// # Ok::<(), jobs_cron::CronError>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether no date ever matches, as on the 31st of February. This was found out when the
    /// expression was read, and costs nothing.
    ///
    /// ```
    /// use jobs_cron::Cron;
    ///
    /// assert!(Cron::parse("0 0 31 2 *")?.fires_never());
    /// assert!(!Cron::parse("0 0 29 2 *")?.fires_never());
    /// # Ok::<(), jobs_cron::CronError>(())
    /// ```
    pub fn fires_never(&self) -> bool {
        matches!(*self.timing, Timing::Never)
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.timing
    }
}

impl Timing {
    fn calendar(plan: Plan) -> Timing {
        if plan.is_empty() { Timing::Never } else { Timing::Calendar(plan) }
    }
}

/// What follows `@every`, if that is how the text begins.
fn strip_every(text: &str) -> Option<&str> {
    let text = text.trim();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (name, period) = text.split_at(end);
    name.eq_ignore_ascii_case("@every").then(|| period.trim())
}

impl PartialEq for Cron {
    fn eq(&self, other: &Cron) -> bool {
        self.source == other.source
    }
}

impl Eq for Cron {}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cron").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Cron, CronError> {
        Cron::parse(text)
    }
}
