//! Says that this server lives, and which of its jobs it has been running for longer.

use std::sync::Arc;

use super::meter::Meter;
use super::outage::Outage;
use super::server::Server;
use crate::error::StorageError;

pub(super) async fn run(server: Arc<Server>) {
    // Or the silence after an outage could last until another server takes it for death.
    let mut outage =
        Outage::new("no heartbeat is sent").pausing_at_most(server.settings.heartbeat_every);
    let mut meter = Meter::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(server.settings.heartbeat_every) => {}
            () = server.stopped.cancelled() => return,
        }
        while let Err(error) = beat(&server, &mut meter).await {
            outage.wait(&error).await;
            if server.stopped.is_cancelled() {
                return;
            }
        }
        outage.over();
    }
}

async fn beat(server: &Server, meter: &mut Meter) -> Result<(), StorageError> {
    // What was started before this beat is known to run once the beat is written, so that the
    // one on trial has outlived it.
    let on_trial = server.solo.on_trial();
    let started = server.running.unnoted();
    let silence = server.settings.dead_after;
    let beat = server.storage().heartbeat(server.id(), &started, silence, meter.read()).await?;
    server.pulse.beat();
    if !beat.alive {
        return server.announce_again().await;
    }
    server.running.mark_noted(&started);
    if let Some(trial) = on_trial {
        server.end_trial(trial);
    }
    if beat.stopping && !server.asked_to_stop.is_cancelled() {
        tracing::info!(server = server.id(), "asked to stop: no new jobs");
        server.stopping.cancel();
        server.asked_to_stop.cancel();
    }
    let paused = std::sync::atomic::AtomicBool::swap(
        &server.paused,
        beat.paused,
        std::sync::atomic::Ordering::AcqRel,
    );
    if paused && !beat.paused {
        server.inbox.everything.notify_one();
    }
    Ok(())
}
