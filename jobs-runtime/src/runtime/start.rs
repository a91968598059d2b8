//! Bringing a runtime up.

use std::sync::{Arc, Weak};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::builder::RuntimeBuilder;
use super::completer::Completer;
use super::fetcher::Fetcher;
use super::journal::Journal;
use super::registry::Registry;
use super::server::{Parts, Server};
use super::settings::Queues;
use super::shutdown::{Aborting, Tasks};
use super::worker::Worker;
use super::{Runtime, caller, heartbeat, janitor, panics, poller, recurring, rescuer, scheduler};
use crate::client::{Client, Host};
use crate::context::Shared;
use crate::error::Error;

pub(super) async fn start(builder: RuntimeBuilder) -> Result<Runtime, Error> {
    let RuntimeBuilder { storage, settings, states, limits, retention, layers, by_hand, without } =
        builder;
    settings.check()?;
    let registry = Registry::gather(&by_hand, &without, &states)?;
    let queues = match settings.queues {
        Queues::OfKinds => registry.queues(),
        _ => settings.queues.names(),
    };
    if cfg!(panic = "abort") {
        tracing::warn!(
            "this program is built with panic = \"abort\": a job that panics ends the process"
        );
    }
    if storage.keys().is_none()
        && let Some(kind) = registry.encrypting()
    {
        return Err(Error::NoKeys { kind: kind.to_owned() });
    }
    panics::note_places();
    let client = Client::with(storage, limits, retention);
    client.install_first();
    #[cfg(feature = "metrics")]
    crate::telemetry::describe();
    recurring::declare(&client, &registry).await?;
    let announcement = Server::announcement(&settings, &registry, &queues);
    let id = client.storage().announce(&announcement).await?;
    tracing::info!(
        server = id,
        place = client.storage().place(),
        kinds = ?registry.names(),
        ?queues,
        workers = settings.workers,
        "runs jobs"
    );
    let (ended, hand_ins) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared { client, states, journal: Journal::default() });
    let server =
        Arc::new(Server::new(Parts { settings, registry, layers, shared, queues, id, ended }));
    let host: Weak<dyn Host> = Arc::downgrade(&(Arc::clone(&server) as Arc<dyn Host>));
    // An inbox has one server.
    let _ = server.inbox.host.set(host);
    let tasks = spawn(&server, hand_ins);
    Ok(Runtime { server, tasks })
}

fn spawn(
    server: &Arc<Server>,
    hand_ins: mpsc::UnboundedReceiver<super::completer::Ended>,
) -> Tasks {
    let mut others = JoinSet::new();
    for _ in 0..server.settings.workers {
        others.spawn(Worker::new(Arc::clone(server)).run());
    }
    others.spawn(Completer::new(Arc::clone(server), hand_ins).run());
    let writes = Arc::clone(server);
    others.spawn(async move { writes.shared.journal.run(writes.storage()).await });
    others.spawn(poller::run(Arc::clone(server)));
    others.spawn(scheduler::run(Arc::clone(server)));
    others.spawn(caller::run(Arc::clone(server)));
    others.spawn(recurring::run(Arc::clone(server)));
    others.spawn(heartbeat::run(Arc::clone(server)));
    others.spawn(rescuer::run(Arc::clone(server)));
    others.spawn(janitor::run(Arc::clone(server)));
    #[cfg(feature = "postgres")]
    others.spawn(super::listener::run(Arc::clone(server)));
    let fetcher = Aborting(tokio::spawn(Fetcher::new(Arc::clone(server)).run()));
    Tasks { fetcher, others }
}
