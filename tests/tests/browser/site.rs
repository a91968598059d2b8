//! A dashboard that is served on this machine.

use std::net::SocketAddr;

use axum::Router;
use jobs_dashboard::Dashboard;
use jobs_tests::Bench;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server of a dashboard; it ends with this.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    prefix: &'static str,
    task: JoinHandle<()>,
}

impl Site {
    /// The dashboard with the default settings, at the root.
    pub(crate) async fn open(bench: &Bench) -> Self {
        Self::serve(dashboard(bench), "").await
    }

    /// A dashboard under this prefix, which is empty or begins with a slash.
    pub(crate) async fn serve(dashboard: Dashboard, prefix: &'static str) -> Self {
        let app = match prefix {
            "" => dashboard.router(),
            _ => Router::new().nest(prefix, dashboard.router()),
        };
        Self::serve_app(app, prefix, "127.0.0.1:0").await
    }

    /// Any application with a dashboard in it.
    pub(crate) async fn serve_app(app: Router, prefix: &'static str, address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            axum::serve(listener, service).await.unwrap();
        });
        Self { address, prefix, task }
    }

    /// An application that is not told where visitors come from.
    pub(crate) async fn serve_without_addresses(app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Self { address, prefix: "", task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a page, from the dashboard's own path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{}{path}", self.address.port(), self.prefix)
    }

    /// Stops the server, with all connections.
    pub(crate) async fn stop(mut self) -> SocketAddr {
        self.task.abort();
        let _ = (&mut self.task).await;
        self.address
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The dashboard of a test's storage.
pub(crate) fn dashboard(bench: &Bench) -> Dashboard {
    Dashboard::new(bench.client().clone())
}
