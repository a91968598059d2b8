use std::time::Duration;

/// Reads a duration such as `30s`, `5m` or `1h 30m`. Zero is a duration.
///
/// A month is 30.44 days and a year 365.25 days long.
///
/// # Errors
///
/// [`DurationError`] if the text is none, or is too large for a [`Duration`].
///
/// ```
/// use std::time::Duration;
/// use jobs_cron::parse_duration;
///
/// assert_eq!(parse_duration("1h 30m")?, Duration::from_secs(5_400));
/// assert_eq!(parse_duration("0s")?, Duration::ZERO);
/// assert_eq!(
///     parse_duration("5 minits").unwrap_err().to_string(),
///     "`5 minits` is not a duration; write for example `30s`, `5m` or `1h 30m`",
/// );
/// # Ok::<(), jobs_cron::DurationError>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    humantime::parse_duration(text).map_err(|_| DurationError { value: text.to_owned() })
}

/// A text is not a duration.
///
/// ```
/// use jobs_cron::parse_duration;
///
/// assert_eq!(parse_duration("soon").unwrap_err().value(), "soon");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a duration; write for example `30s`, `5m` or `1h 30m`")]
pub struct DurationError {
    value: String,
}

impl DurationError {
    /// The text as it was written.
    ///
    /// ```
    /// assert_eq!(jobs_cron::parse_duration("1 fortnight").unwrap_err().value(), "1 fortnight");
    /// ```
    pub fn value(&self) -> &str {
        &self.value
    }
}
