//! The questions asked of each database.

use clap::ValueEnum;

/// A question. The names are those in the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Scenario {
    /// Insert one row and commit, on one connection
    Insert1,
    /// Insert one row and commit, on 16 connections
    Insert16,
    /// Insert 1,000 rows in one statement and commit
    Unnest1000,
    /// Claim 500 rows by an update, complete them by another
    ClaimUpdate,
    /// Claim 500 rows by an update, complete them by deleting them
    ClaimDelete,
}

impl Scenario {
    /// The name in the output and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Insert1 => "insert1",
            Self::Insert16 => "insert16",
            Self::Unnest1000 => "unnest1000",
            Self::ClaimUpdate => "claim_update",
            Self::ClaimDelete => "claim_delete",
        }
    }

    /// How many jobs pass through one run.
    pub(crate) fn jobs(self) -> usize {
        match self {
            Self::Insert1 => 10_000,
            Self::Insert16 => 40_000,
            Self::Unnest1000 => 300_000,
            Self::ClaimUpdate | Self::ClaimDelete => 100_000,
        }
    }

    /// The numbers of connections to try, of which the best counts.
    pub(crate) fn connections(self) -> &'static [usize] {
        match self {
            Self::Insert1 => &[1],
            Self::Insert16 => &[16],
            Self::Unnest1000 | Self::ClaimUpdate | Self::ClaimDelete => &[1, 2, 4],
        }
    }

    /// Whether the question makes sense on a database that lets one connection write at a time.
    pub(crate) fn suits_one_writer(self) -> bool {
        self != Self::Insert16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_and_the_output_use_the_same_names() {
        for scenario in Scenario::value_variants() {
            let value = scenario.to_possible_value();
            assert_eq!(value.as_ref().map(|value| value.get_name()), Some(scenario.name()));
        }
    }
}
