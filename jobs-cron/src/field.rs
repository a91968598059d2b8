use std::fmt;

/// A field of a cron expression, in the order in which six fields are written.
///
/// ```
/// use jobs_cron::{Cron, Field};
///
/// let error = Cron::parse("0 24 * * *").unwrap_err();
/// assert_eq!(error.field(), Some(Field::Hour));
/// assert_eq!(Field::DayOfWeek.to_string(), "day of week");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// 0 to 59; only in expressions of six fields.
    Second,
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31, `L`, `L-3`, `LW`, `15W`.
    DayOfMonth,
    /// 1 to 12, or `JAN` to `DEC`.
    Month,
    /// 0 to 7, or `SUN` to `SAT`; `FRI#2`, `5L`.
    DayOfWeek,
}

impl Field {
    pub(crate) fn first(self) -> u32 {
        match self {
            Field::Second | Field::Minute | Field::Hour | Field::DayOfWeek => 0,
            Field::DayOfMonth | Field::Month => 1,
        }
    }

    /// The largest number that may be written; Sunday is both 0 and 7.
    pub(crate) fn last(self) -> u32 {
        match self {
            Field::Second | Field::Minute => 59,
            Field::Hour => 23,
            Field::DayOfMonth => 31,
            Field::Month => 12,
            Field::DayOfWeek => 7,
        }
    }

    /// How many different values there are, after which a range wraps.
    pub(crate) fn size(self) -> u32 {
        match self {
            Field::DayOfWeek => 7,
            _ => self.last() - self.first() + 1,
        }
    }

    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Field::Month => &[
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ],
            Field::DayOfWeek => &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
            _ => &[],
        }
    }

    pub(crate) fn bounds(self) -> &'static str {
        match self {
            Field::Second => "seconds are 0 to 59",
            Field::Minute => "minutes are 0 to 59",
            Field::Hour => "hours are 0 to 23",
            Field::DayOfMonth => "days of the month are 1 to 31",
            Field::Month => "months are 1 to 12 or JAN to DEC",
            Field::DayOfWeek => "days of the week are 0 to 7 (0 and 7 are Sunday) or SUN to SAT",
        }
    }

    pub(crate) fn forms(self) -> &'static str {
        match self {
            Field::Second | Field::Minute => {
                "`*`, `5`, `10-20`, `*/5`, `10-50/5` or a list such as `0,30`"
            }
            Field::Hour => "`*`, `5`, `9-17`, `*/2`, `22-2` or a list such as `9,12`",
            Field::DayOfMonth => {
                "`*`, `5`, `1-15`, `*/2`, `L`, `L-3`, `LW`, `15W` or a list such as `1,15`"
            }
            Field::Month => "`*`, `5`, `JUN`, `JUN-AUG`, `*/3` or a list such as `1,7`",
            Field::DayOfWeek => {
                "`*`, `5`, `FRI`, `MON-FRI`, `FRI#2` (the second Friday), `5L` or `FRIL` \
                 (the last Friday) or a list such as `MON,WED`"
            }
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Second => "second",
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::DayOfMonth => "day of month",
            Field::Month => "month",
            Field::DayOfWeek => "day of week",
        })
    }
}
