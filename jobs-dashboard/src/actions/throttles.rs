//! Setting limits at run time.

use axum::extract::State;

use super::{Answer, done, warn};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Posted;
use crate::visit::Visit;

const HERE: &str = "/throttles";

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let key = fields.need("key")?;
    match fields.need("action")? {
        "limit" => {
            let limit = fields.parse("limit")?.ok_or_else(|| Failure::bad("limit", ""))?;
            app.client.set_limit(key, limit).await?;
            done(&v, &fields, HERE, v.t2("done.limit", key, limit))
        }
        "reset" => match app.client.reset_limit(key).await? {
            true => done(&v, &fields, HERE, v.t1("done.reset", key)),
            false => warn(&v, &fields, HERE, v.t1("done.gone", key)),
        },
        other => Err(Failure::bad("action", other)),
    }
}
