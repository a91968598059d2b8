//! The servers that run jobs.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use jobs_runtime::ServerRecord;

use super::{Page, page};
use crate::app::App;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "servers.html")]
struct Servers {
    v: Visit,
    servers: Vec<ServerRecord>,
    busy: HashMap<i64, u64>,
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let mut servers = app.client.servers().await?;
    // Those that are up first, and of each the newest.
    servers.sort_by_key(|server| (server.gone, std::cmp::Reverse(server.id)));
    page(&Servers { busy: app.client.busy().await?, servers, v })
}

impl Servers {
    fn busy(&self, server: &ServerRecord) -> u64 {
        self.busy.get(&server.id).copied().unwrap_or_default().min(u64::from(server.workers))
    }
}
