//! Pausing and stopping servers.

use axum::extract::State;

use super::{Answer, done, warn};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Posted;
use crate::visit::Visit;

const HERE: &str = "/servers";

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let server: i64 = fields.parse("server")?.ok_or_else(|| Failure::bad("server", ""))?;
    let name = fields.get("name").unwrap_or_default();
    let (there, text) = match fields.need("action")? {
        "pause" => (app.client.pause_server(server).await?, "done.paused"),
        "resume" => (app.client.resume_server(server).await?, "done.resumed"),
        "stop" => (app.client.stop_server(server).await?, "done.stopping"),
        other => return Err(Failure::bad("action", other)),
    };
    match there {
        true => done(&v, &fields, HERE, v.t1(text, name)),
        false => warn(&v, &fields, HERE, v.t1("done.gone", name)),
    }
}
