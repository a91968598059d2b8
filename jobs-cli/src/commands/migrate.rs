//! `jobs migrate`

use anyhow::Result;
use jobs_runtime::Client;
use serde_json::json;

use crate::exit::Exit;
use crate::output::Output;

/// Connecting has done it.
pub(super) fn run(client: &Client, output: &mut Output) -> Result<Exit> {
    let place = client.storage().place();
    output.answer(&json!({ "migrated": place }), |people| {
        people.line(format_args!("the tables in {place} are up to date"))
    })?;
    Ok(Exit::Done)
}
