//! Places in the line, and the other versions of rows that place a job.
//!
//! MySQL has no sequences, and a counter in a row would let all enqueues wait for each other until
//! they commit, an application's own transaction among them. An `AUTO_INCREMENT` waits for nobody:
//! it is given out outside of transactions, in the order in which it is asked for. So what is
//! committed before an enqueue begins stands before that in the line. A number for each place would
//! be an insert for each place; instead, one number stands for up to 65,536 places, which it is the
//! upper part of.

use super::tables::MySqlTables;
use super::values::damaged;
use crate::storage::tables::Result;

/// Bits of a place that number it among those of one statement.
const BITS: u32 = 16;

/// So many new places, in their order.
pub(super) async fn next(
    t: &mut MySqlTables<'_>,
    count: usize,
) -> Result<impl Iterator<Item = i64> + Send + use<>> {
    let mut blocks = Vec::with_capacity(1);
    for _ in 0..count.div_ceil(1 << BITS) {
        let number = t.next_number().await?;
        let block = i64::try_from(number).ok().and_then(|number| number.checked_mul(1 << BITS));
        blocks.push(block.ok_or_else(|| damaged("sequence of places", number))?);
    }
    Ok(blocks.into_iter().flat_map(|block| block..block + (1 << BITS)).take(count))
}
