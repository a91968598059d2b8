use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::expression::Timing;
use crate::occurrence::Clock;
use crate::{Cron, ScheduleError, parse_zone};

/// A cron expression in a time zone: what is needed to tell when it fires.
///
/// Occurrences are whole seconds. They are looked for in the years 1970 to 2100; `@every` has no
/// such bounds.
///
/// ```
/// use jobs_cron::Schedule;
///
/// let schedule = Schedule::parse("0 9 * * MON-FRI", "Europe/Istanbul")?;
/// let friday = "2026-01-02T06:00:00Z".parse()?;
/// let next = schedule.next_after(friday).unwrap();
/// assert_eq!(next.to_rfc3339(), "2026-01-05T06:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    cron: Cron,
    zone: Tz,
}

impl Schedule {
    /// Puts an expression into a zone.
    ///
    /// ```
    /// use jobs_cron::{Cron, Schedule, Tz};
    ///
    /// let schedule = Schedule::new(Cron::parse("@daily")?, Tz::UTC);
    /// # Ok::<(), jobs_cron::CronError>(())
    /// ```
    pub fn new(cron: Cron, zone: Tz) -> Schedule {
        Schedule { cron, zone }
    }

    /// Reads an expression and the name of a zone.
    ///
    /// # Errors
    ///
    /// [`ScheduleError`] for the first of the two that is wrong.
    ///
    /// ```
    /// use jobs_cron::Schedule;
    ///
    /// assert!(Schedule::parse("0 9 * * *", "Europe/Istanbul").is_ok());
    /// assert_eq!(
    ///     Schedule::parse("0 9 * * *", "Europe/Istambul").unwrap_err().to_string(),
    ///     "`Europe/Istambul` is not an IANA time zone; did you mean `Europe/Istanbul`?",
    /// );
    /// ```
    pub fn parse(cron: &str, tz: &str) -> Result<Schedule, ScheduleError> {
        Ok(Schedule::new(Cron::parse(cron)?, parse_zone(tz)?))
    }

    /// The expression.
    ///
    /// ```
    /// let schedule = jobs_cron::Schedule::parse("@daily", "UTC")?;
    /// assert_eq!(schedule.cron().as_str(), "@daily");
    /// # Ok::<(), jobs_cron::ScheduleError>(())
    /// ```
    pub fn cron(&self) -> &Cron {
        &self.cron
    }

    /// The zone.
    ///
    /// ```
    /// let schedule = jobs_cron::Schedule::parse("@daily", "UTC")?;
    /// assert_eq!(schedule.zone(), jobs_cron::Tz::UTC);
    /// # Ok::<(), jobs_cron::ScheduleError>(())
    /// ```
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first occurrence strictly later than `after`, or `None` if the expression never fires
    /// or fires no more before the year 2101.
    ///
    /// ```
    /// use jobs_cron::Schedule;
    ///
    /// // Clocks in Berlin go from 02:00 to 03:00.
    /// let schedule = Schedule::parse("30 2 * * *", "Europe/Berlin")?;
    /// let next = schedule.next_after("2026-03-28T12:00:00Z".parse()?);
    /// assert_eq!(next, Some("2026-03-29T01:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.cron.timing() {
            Timing::Never => None,
            Timing::Every(every) => every.next_after(floor(after)),
            Timing::Calendar(plan) => Clock::new(plan, self.zone).next_after(floor(after)),
        }
    }

    /// The last occurrence strictly earlier than `before`, or `None` if there is none since 1970.
    ///
    /// ```
    /// use jobs_cron::Schedule;
    ///
    /// let schedule = Schedule::parse("0 0 L * *", "UTC")?;
    /// let previous = schedule.previous_before("2028-03-01T00:00:00Z".parse()?);
    /// assert_eq!(previous, Some("2028-02-29T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn previous_before(&self, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.cron.timing() {
            Timing::Never => None,
            Timing::Every(every) => every.previous_before(ceil(before)),
            Timing::Calendar(plan) => Clock::new(plan, self.zone).previous_before(ceil(before)),
        }
    }

    /// All occurrences strictly later than `after`, in order.
    ///
    /// ```
    /// use jobs_cron::Schedule;
    ///
    /// let schedule = Schedule::parse("@every 6h", "UTC")?;
    /// let hours: Vec<_> = schedule
    ///     .upcoming("2026-01-01T00:00:00Z".parse()?)
    ///     .take(3)
    ///     .map(|time| time.format("%H:%M").to_string())
    ///     .collect();
    /// assert_eq!(hours, ["06:00", "12:00", "18:00"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn upcoming(&self, after: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        std::iter::successors(self.next_after(after), |last| self.next_after(*last))
    }
}

/// The second that has begun. Occurrences are whole seconds, so that those later than the
/// instant are those later than this.
fn floor(instant: DateTime<Utc>) -> i64 {
    instant.timestamp()
}

/// The second that has not begun yet, or begins at the instant.
fn ceil(instant: DateTime<Utc>) -> i64 {
    instant.timestamp() + i64::from(instant.timestamp_subsec_nanos() > 0)
}
