//! Locking gates, and writing what has become of them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::gate::Gate;
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Declared, Measure, Passed, ThrottleRow};

/// Gates that this transaction has locked, by scope and key.
#[derive(Debug, Default)]
pub(super) struct Gates {
    by_key: BTreeMap<(String, String), Gate>,
    pub(super) now: DateTime<Utc>,
}

impl Gates {
    /// Locks these gates in their order, and makes those that are not stored yet. What the code
    /// declares now holds from now on.
    pub(super) async fn open(t: &mut impl Tables, wanted: Vec<Declared>) -> Result<Self> {
        let wanted: BTreeMap<(String, String), Declared> = wanted
            .into_iter()
            .map(|declared| ((declared.scope.clone(), declared.key.clone()), declared))
            .collect();
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let list: Vec<Declared> = wanted.values().cloned().collect();
        let mut rows = t.lock_throttles(&list).await?;
        for row in &mut rows {
            let key = (row.declared.scope.clone(), row.declared.key.clone());
            if let Some(declared) = wanted.get(&key) {
                row.declared = declared.clone();
            }
        }
        Self::of(t, rows).await
    }

    /// Of rows that are locked.
    pub(super) async fn of(t: &mut impl Tables, rows: Vec<ThrottleRow>) -> Result<Self> {
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let now = match rows.iter().any(|row| row.declared.measure.is_rate()) {
            // Asked for under the locks, so that what others have let through is before it.
            true => t.now().await?,
            false => rows.iter().map(|row| row.read_at).max().unwrap_or_default(),
        };
        let passed = passed(t, &rows, now).await?;
        let gate = |row: ThrottleRow| {
            let key = (row.declared.scope.clone(), row.declared.key.clone());
            let passed = passed.get(&row.id);
            (key, Gate::new(row, passed, now))
        };
        Ok(Self { by_key: rows.into_iter().map(gate).collect(), now })
    }

    pub(super) fn get(&mut self, declared: &Declared) -> Option<&mut Gate> {
        self.by_key.get_mut(&(declared.scope.clone(), declared.key.clone()))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Gate> {
        self.by_key.values_mut()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Writes the rows back, and what sliding limits have let through.
    pub(super) async fn close(self, t: &mut impl Tables) -> Result<()> {
        let admitted = self
            .by_key
            .values()
            .filter(|gate| gate.admitted > 0 && gate.row.declared.measure == Measure::Sliding);
        let admitted: Vec<(i64, i64)> = admitted.map(|gate| (gate.row.id, gate.admitted)).collect();
        if !admitted.is_empty() {
            t.insert_admissions(&admitted, self.now).await?;
        }
        let rows: Vec<ThrottleRow> = self.by_key.into_values().map(|gate| gate.row).collect();
        match rows.is_empty() {
            true => Ok(()),
            false => t.save_throttles(&rows).await,
        }
    }
}

/// What the sliding ones among these have let through.
pub(super) async fn passed(
    t: &mut impl Tables,
    rows: &[ThrottleRow],
    now: DateTime<Utc>,
) -> Result<HashMap<i64, Passed>> {
    let sliding = rows.iter().filter(|row| row.declared.measure == Measure::Sliding);
    let since: Vec<(i64, DateTime<Utc>)> =
        sliding.map(|row| (row.id, now - row.declared.per)).collect();
    if since.is_empty() {
        return Ok(HashMap::new());
    }
    let passed = t.passed(&since).await?;
    Ok(passed.into_iter().map(|passed| (passed.throttle, passed)).collect())
}
