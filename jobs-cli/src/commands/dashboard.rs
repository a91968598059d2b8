//! `jobs dashboard`

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use clap::Args;
use jobs_dashboard::Access;
use jobs_runtime::Client;
use serde_json::json;
use tokio::net::TcpListener;

use crate::exit::{Exit, Usage};
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  jobs dashboard
  jobs dashboard --port 0 --read-only
  jobs dashboard --address 0.0.0.0 --anyone --read-only

It answers only to visitors from this machine. Others are let in by --anyone, all of them: put a proxy
in front that asks who they are. A program that uses jobs can mount the same pages, and decide who may
see them: see the crate jobs-dashboard.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dashboard {
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,

    /// The port to listen on; 0 takes one that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// Show everything, and change nothing
    #[arg(long)]
    read_only: bool,

    /// Let in whoever reaches it, from wherever
    #[arg(long)]
    anyone: bool,

    /// What stands at the top of each page
    #[arg(long, default_value = "Jobs")]
    title: String,
}

impl Dashboard {
    /// # Errors
    /// If others could reach it, and nobody has said that they may come in.
    pub(super) fn check(&self) -> Result<()> {
        if self.address.is_loopback() || self.anyone {
            return Ok(());
        }
        Err(Usage::new(format!(
            "on {} other machines could reach the dashboard, and would be refused: give --anyone \
             to let all of them in, or listen on 127.0.0.1",
            self.address
        ))
        .into())
    }

    /// Serves until the program is told to end.
    pub(super) async fn run(self, client: &Client, output: &mut Output) -> Result<Exit> {
        let address = SocketAddr::new(self.address, self.port);
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let url = format!("http://{}/", listener.local_addr()?);
        let service =
            self.pages(client).router().into_make_service_with_connect_info::<SocketAddr>();
        output.answer(&json!({ "url": url }), |people| {
            people.line(format_args!("the dashboard is at {url}; Ctrl-C ends it"))
        })?;
        axum::serve(listener, service).with_graceful_shutdown(told_to_end()).await?;
        Ok(Exit::Done)
    }

    fn pages(self, client: &Client) -> jobs_dashboard::Dashboard {
        let pages = jobs_dashboard::Dashboard::new(client.clone()).title(self.title);
        let pages = match self.anyone {
            true => pages.authorize(|_| async { Access::Full }),
            false => pages,
        };
        match self.read_only {
            true => pages.read_only(),
            false => pages,
        }
    }
}

/// Returns on Ctrl-C and on SIGTERM.
async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without handlers, the program ends as programs do.
    if interrupted.await.is_err() {
        std::future::pending().await
    }
}
