//! The servers that run jobs.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use jobs_runtime::ServerRecord;

use super::{Page, page};
use crate::app::App;
use crate::failure::Failure;
use crate::format::Given;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "servers.html")]
struct Servers {
    v: Visit,
    servers: Vec<ServerRecord>,
    busy: HashMap<i64, u64>,
}

/// The names of servers by their ids.
pub(crate) struct Names(HashMap<i64, String>);

impl Names {
    pub(crate) async fn of(app: &App) -> Result<Self, Failure> {
        let servers = app.servers().await?;
        Ok(Self(servers.into_iter().map(|server| (server.id, server.name)).collect()))
    }

    /// For a server that is forgotten, its id stands.
    pub(crate) fn name(&self, server: impl Given<i64>) -> String {
        let id = server.given();
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

pub(crate) async fn show(v: Visit, State(app): State<App>) -> Page {
    let mut servers = app.servers().await?;
    // Those that are up first, and of each the newest.
    servers.sort_by_key(|server| (server.gone, std::cmp::Reverse(server.id)));
    page(&Servers { busy: app.client.busy().await?, servers, v })
}

impl Servers {
    fn busy(&self, server: &ServerRecord) -> u64 {
        self.busy.get(&server.id).copied().unwrap_or_default().min(u64::from(server.workers))
    }
}
