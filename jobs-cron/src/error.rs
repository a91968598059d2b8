use crate::{DurationError, Field, ZoneError};

/// Why a text is not a cron expression of this dialect.
///
/// The message names the field and the value, and says what would be right.
///
/// ```
/// use jobs_cron::{Cron, CronError, Field};
///
/// let error = Cron::parse("61 * * * *").unwrap_err();
/// assert_eq!(error.to_string(), "the minute field holds `61`; minutes are 0 to 59");
/// assert_eq!(error.field(), Some(Field::Minute));
/// assert!(matches!(error, CronError::OutOfRange { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CronError {
    /// There is nothing but white space.
    #[error("the cron expression is empty; write five fields, such as `0 9 * * MON-FRI`")]
    Empty,

    /// There are neither five nor six fields.
    #[error(
        "the cron expression has {count} {}; write five (minute, hour, day of month, month, \
         day of week), or six with the seconds in front",
        if *count == 1 { "field" } else { "fields" }
    )]
    FieldCount {
        /// How many fields there are.
        count: usize,
    },

    /// A text that begins with `@` is none of the macros.
    #[error(
        "`{name}` is not a macro of this dialect; the macros are {}",
        crate::parse::macro_list()
    )]
    UnknownMacro {
        /// The text as it was written.
        name: String,
    },

    /// A number lies outside its field.
    #[error("the {field} field holds `{value}`; {}", field.bounds())]
    OutOfRange {
        /// The field.
        field: Field,
        /// The number as it was written.
        value: String,
    },

    /// A field holds something that the dialect has no meaning for.
    #[error("the {field} field holds `{value}`, which cannot be read; write {}; {}", field.forms(), field.bounds())]
    NotUnderstood {
        /// The field.
        field: Field,
        /// The item of the field as it was written.
        value: String,
    },

    /// A comma has nothing on one of its sides.
    #[error(
        "the {field} field holds `{value}`, where a comma has nothing beside it; write a list such as `1,2`"
    )]
    EmptyItem {
        /// The field.
        field: Field,
        /// The whole field as it was written.
        value: String,
    },

    /// A step is zero, or larger than the field.
    #[error(
        "the {field} field holds `{value}`; steps in this field are 1 to {}, and periods that no \
         field can hold are written like `@every 90m`",
        field.size()
    )]
    Step {
        /// The field.
        field: Field,
        /// The item of the field as it was written.
        value: String,
    },

    /// `L`, `W`, `#` or `?` stands where it has no meaning.
    #[error("the {field} field holds `{value}`; {}", home_of(*sign))]
    Misplaced {
        /// The field.
        field: Field,
        /// The item of the field as it was written.
        value: String,
        /// `L`, `W`, `#` or `?`.
        sign: char,
    },

    /// The number after `#` is not 1 to 5.
    #[error("the day of week field holds `{value}`; the number after `#` is 1 to 5")]
    NthWeekday {
        /// The item of the field as it was written.
        value: String,
    },

    /// The number after `L-` is not 1 to 30.
    #[error("the day of month field holds `{value}`; the number after `L-` is 1 to 30")]
    BeforeLast {
        /// The item of the field as it was written.
        value: String,
    },

    /// `@every` is not followed by a duration.
    #[error("the period of `@every` cannot be read: {0}")]
    Period(#[source] DurationError),

    /// The period of `@every` is less than one second.
    #[error("`@every {value}` is too often; the shortest period is `1s`")]
    PeriodTooShort {
        /// The period as it was written.
        value: String,
    },

    /// The period of `@every` has a fraction of a second.
    #[error("`@every {value}` has a fraction of a second; write whole seconds, such as `90s`")]
    PeriodNotWhole {
        /// The period as it was written.
        value: String,
    },

    /// The period of `@every` is longer than a hundred years.
    #[error("`@every {value}` is too seldom; the longest period is `100years`")]
    PeriodTooLong {
        /// The period as it was written.
        value: String,
    },

    /// The expression was read, but the engine below does not take it. This is a fault of the
    /// crate and not of the expression.
    #[error("the cron expression cannot be evaluated as `{lowered}`: {reason}; please report this")]
    NotLowered {
        /// What was given to the engine.
        lowered: String,
        /// What the engine said.
        reason: String,
    },
}

impl CronError {
    /// The field that is wrong, unless the expression is wrong as a whole.
    ///
    /// ```
    /// use jobs_cron::{Cron, Field};
    ///
    /// let field = |text| Cron::parse(text).unwrap_err().field();
    /// assert_eq!(field("0 0 * FOO *"), Some(Field::Month));
    /// assert_eq!(field("0 0 * *"), None);
    /// ```
    pub fn field(&self) -> Option<Field> {
        match self {
            CronError::OutOfRange { field, .. }
            | CronError::NotUnderstood { field, .. }
            | CronError::EmptyItem { field, .. }
            | CronError::Step { field, .. }
            | CronError::Misplaced { field, .. } => Some(*field),
            CronError::NthWeekday { .. } => Some(Field::DayOfWeek),
            CronError::BeforeLast { .. } => Some(Field::DayOfMonth),
            CronError::Empty
            | CronError::FieldCount { .. }
            | CronError::UnknownMacro { .. }
            | CronError::Period(_)
            | CronError::PeriodTooShort { .. }
            | CronError::PeriodNotWhole { .. }
            | CronError::PeriodTooLong { .. }
            | CronError::NotLowered { .. } => None,
        }
    }
}

fn home_of(sign: char) -> &'static str {
    match sign {
        '?' => "`?` is for the day of month and the day of week, and stands alone there",
        '#' => "`#` is for the day of week, as in `FRI#2`",
        'W' => "`W` is for the day of month, as in `15W` or `LW`",
        _ => "`L` is for the day of month, as in `L`, and for the day of week, as in `5L`",
    }
}

/// Why an expression and a zone do not make a [`Schedule`](crate::Schedule).
///
/// ```
/// use jobs_cron::{Schedule, ScheduleError};
///
/// assert!(matches!(Schedule::parse("0 9 * *", "UTC"), Err(ScheduleError::Cron(_))));
/// assert!(matches!(Schedule::parse("0 9 * * *", "Mars"), Err(ScheduleError::Zone(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The expression is wrong.
    #[error(transparent)]
    Cron(#[from] CronError),
    /// The zone is wrong.
    #[error(transparent)]
    Zone(#[from] ZoneError),
}
