//! A dashboard for the jobs of `jobs-runtime`: an axum `Router` to nest anywhere.
//!
//! ```no_run
//! use std::net::SocketAddr;
//!
//! use axum::Router;
//! use jobs_runtime::{Client, Storage};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Storage::connect("sqlite://app.db").await?);
//! let app = Router::new().nest("/jobs", jobs_dashboard::router(client));
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(()) }
//! ```
//!
//! By `nest` it answers at `/jobs` and what is below that; by `nest_service` also at `/jobs/`.
//!
//! # Who may see it
//! Unless [`Dashboard::authorize`] says otherwise: whoever comes from this machine, directly, by
//! the name of this machine. Everybody else is refused.
//!
//! # What is done to many jobs
//! An action on all that match, or on a whole queue or batch, goes on in this process when the
//! visitor has left, some hundred jobs at a time; every page tells how far it has come. If the
//! process ends, what was done stays done, and the rest is left alone.
//!
//! # What it needs of the browser
//! Nothing but HTML: without JavaScript every page can be read and every action done. With it,
//! pages keep themselves up to date, and charts and graphs are drawn.

mod actions;
mod answers;
mod app;
mod assets;
mod bulk;
mod dashboard;
mod failure;
mod fields;
mod format;
mod json;
mod locale;
mod pages;
mod prefix;
mod router;
mod safety;
mod visit;

pub use dashboard::{Dashboard, router};
pub use safety::Access;
