//! Throttles as people see them.

use super::gate::Gate;
use super::open::passed;
use crate::job::ThrottleKind;
use crate::storage::tables::{Result, Tables};
use crate::storage::throttles::{Measure, ThrottleRecord};

/// All throttles, by key.
pub(crate) async fn throttles(t: &mut impl Tables) -> Result<Vec<ThrottleRecord>> {
    let listed = t.throttles().await?;
    let now = t.now().await?;
    let rows: Vec<_> = listed.iter().map(|(row, _)| row.clone()).collect();
    let passed = passed(t, &rows, now).await?;
    let record = |(row, waiting): (crate::storage::throttles::ThrottleRow, i64)| {
        let passed = passed.get(&row.id);
        let gate = Gate::new(row, passed, now);
        let declared = &gate.row.declared;
        let kind = match declared.measure {
            Measure::Concurrency => ThrottleKind::Concurrency,
            Measure::Fixed => ThrottleKind::Fixed,
            Measure::Sliding => ThrottleKind::Sliding,
            Measure::Bucket => ThrottleKind::Bucket,
            Measure::Turns => return None,
        };
        Some(ThrottleRecord {
            key: declared.key.clone(),
            kind,
            limit: u32::try_from(gate.row.limit()).unwrap_or(u32::MAX),
            declared: u32::try_from(declared.limit).unwrap_or(u32::MAX),
            per: declared.per,
            used: u64::try_from(gate.used()).unwrap_or(0),
            waiting: u64::try_from(waiting).unwrap_or(0),
        })
    };
    Ok(listed.into_iter().filter_map(record).collect())
}
