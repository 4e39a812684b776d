//! An HTTP service with a database, and the load for it, in one process: an async program, traced from end to end.
//!
//! | | |
//! |---|---|
//! | `main` | the command line, and all that is printed |
//! | `options` | what the command line says |
//! | [`service`] | the routes and their handlers; where the two mistakes are planted |
//! | `database` | `SQLite`, on tokio's threads for what blocks |
//! | `failure` | what goes wrong, and what is answered then |
//! | `write_behind` | a task in the background: counts requests, writes the counts |
//! | [`client`] | the load: connections that are kept, several at a time |
//! | [`findings`] | which rows of the summary show the mistakes |
//!
//! One flow goes with each request: from the client's task to the service's, and on to the thread that runs its SQL.

pub mod client;
mod database;
mod failure;
pub mod findings;
pub mod service;
mod write_behind;

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use traceme::{Session, Trace, traceme};

use client::Answers;
use database::Database;
use service::{Planted, Service};

/// The threads that poll tasks.
const WORKERS: usize = 4;

/// Whatever went wrong.
pub type Failed = Box<dyn Error + Send + Sync>;

/// The threads for what blocks: more would wait for the database's lock.
const BLOCKING: usize = 4;

/// What a run gives.
#[derive(Debug)]
pub struct Run {
    /// What the client got.
    pub answers: Answers,
    /// How many requests the service has counted in its database: those that it answered as asked.
    pub counted: u64,
    /// All that was recorded.
    pub trace: Trace,
}

/// Starts the service and the load, and records them.
///
/// # Errors
///
/// If another session runs, or the service or the load fails.
pub fn run(planted: Planted) -> Result<Run, Failed> {
    let session = Session::start(3)?;
    let runtime = runtime()?;
    let result = runtime.block_on(serve_and_load(planted));
    // No thread of it is left when this returns.
    drop(runtime);
    let trace = session.stop();
    let (answers, counted) = result?;
    Ok(Run { answers, counted, trace })
}

fn runtime() -> std::io::Result<Runtime> {
    let started = AtomicUsize::new(0);
    // The names of threads are those of their tracks. Which of them become workers, tokio decides later.
    // Relaxed: a number only has to be given once.
    let name = move || format!("tokio-{}", started.fetch_add(1, Ordering::Relaxed));
    Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING)
        .thread_name_fn(name)
        .enable_all()
        .build()
}

#[traceme]
async fn serve_and_load(planted: Planted) -> Result<(Answers, u64), Failed> {
    let database = Database::in_memory()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (counts, writing) = write_behind::start(database.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let routes = service::routes(Service::new(database.clone(), counts, planted));
    // When nobody holds `stop` any more, no connection is accepted, and those that are open are served to their end.
    let server = axum::serve(listener, routes).with_graceful_shutdown(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());

    let answers = client::load(address).await;
    drop(stop);
    server.await??;
    writing.await??;
    Ok((answers?, database.counted().await?))
}
