//! The row: about 200 bytes, as the product's.

use uuid::Uuid;

/// What is the same for all rows.
pub(crate) const KIND: &str = "billing::send_invoice";
pub(crate) const QUEUE: &str = "default";
pub(crate) const PRIORITY: i16 = 0;

/// How many rows one commit inserts in bulk.
pub(crate) const INSERT_BATCH: usize = 1_000;

/// How many rows one claim takes.
pub(crate) const CLAIM_BATCH: usize = 500;

/// Rows to insert, column by column. They are made before the clock starts.
#[derive(Debug)]
pub(crate) struct Jobs {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) args: Vec<String>,
}

impl Jobs {
    /// Makes `n` rows with ascending ids and arguments of about 90 bytes.
    pub(crate) fn new(n: usize) -> Self {
        let ids: Vec<Uuid> = (0..n).map(|_| Uuid::now_v7()).collect();
        let args = ids.iter().enumerate().map(|(number, id)| args(number, id)).collect();
        Self { ids, args }
    }

    /// `n` rows in batches of `size`.
    pub(crate) fn batches(n: usize, size: usize) -> Vec<Self> {
        (0..n).step_by(size).map(|done| Self::new(size.min(n - done))).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

fn args(number: usize, id: &Uuid) -> String {
    format!(r#"{{"invoice":{number:09},"customer":"{id}","language":"en"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_width_that_the_figures_are_stated_for() {
        let jobs = Jobs::new(3);
        assert!(jobs.args.iter().all(|args| (85..=95).contains(&args.len())), "{jobs:?}");
        assert!(jobs.ids.is_sorted());
    }

    #[test]
    fn batches_add_up() {
        let sizes: Vec<usize> = Jobs::batches(2_500, 1_000).iter().map(Jobs::len).collect();
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }
}
