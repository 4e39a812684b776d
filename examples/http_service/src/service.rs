//! The routes and their handlers. A handler is annotated like any function; what the two flags plant is in
//! `list_notes` and `search_notes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde::Deserialize;
use tokio::time::{sleep, timeout};
use traceme::{Flow, counter, traced, traceme};

use crate::database::{Database, Note, sql};
use crate::failure::Failure;
use crate::write_behind::Counts;

/// The names of the handlers' tasks.
pub const HANDLERS: [&str; 4] = ["list_notes", "add_note", "search_notes", "compare_notes"];

/// How long `--slow-handler` has `list_notes` wait.
pub const SLOW: Duration = Duration::from_millis(50);
/// For how long `--blocking-call` has `search_notes` block its thread.
pub const BLOCKED: Duration = Duration::from_millis(30);
/// How long `compare_notes` waits for the mirror.
pub const PATIENCE: Duration = Duration::from_millis(10);

/// The header in which a request has its number.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Which mistakes are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planted {
    /// One handler waits too long.
    pub slow_handler: bool,
    /// One handler blocks the thread that polls it.
    pub blocking_call: bool,
}

#[derive(Clone)]
pub(crate) struct Service {
    database: Database,
    counts: Counts,
    in_flight: Arc<AtomicU64>,
    planted: Planted,
}

impl Service {
    pub(crate) fn new(database: Database, counts: Counts, planted: Planted) -> Self {
        Self { database, counts, in_flight: Arc::default(), planted }
    }
}

pub(crate) fn routes(service: Service) -> Router {
    Router::new()
        .route("/notes", get(list_notes).post(add_note))
        .route("/search", get(search_notes))
        .route("/compare", get(compare_notes))
        .layer(from_fn_with_state(service.clone(), handle))
        .with_state(service)
}

/// The number of a request: also that of its flow.
#[derive(Clone, Copy)]
pub(crate) struct RequestId(u64);

impl RequestId {
    pub(crate) fn of(request: &Request) -> Option<Self> {
        request.headers().get(REQUEST_ID)?.to_str().ok()?.parse().ok().map(Self)
    }

    fn flow(self) -> Flow {
        Flow::of("request", self.0)
    }
}

/// Around each handler. Its polls would be those of the handler once more.
async fn handle(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    let Some(id) = RequestId::of(&request) else {
        return (StatusCode::BAD_REQUEST, format!("the header {REQUEST_ID} is missing, or no number")).into_response();
    };
    request.extensions_mut().insert(id);
    let _in_flight = InFlight::enter(&service.in_flight);
    traced!(next.run(request), "handle", skip_polls, flow_in = id.flow(), meta(id = id.0)).await
}

/// Counts a request until it is dropped: also if it is cancelled.
struct InFlight(Arc<AtomicU64>);

impl InFlight {
    fn enter(in_flight: &Arc<AtomicU64>) -> Self {
        // Relaxed, here and below: a number to look at, which nothing depends on.
        counter!("requests in flight", in_flight.fetch_add(1, Ordering::Relaxed) + 1);
        Self(Arc::clone(in_flight))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        counter!("requests in flight", self.0.fetch_sub(1, Ordering::Relaxed) - 1);
    }
}

#[derive(Deserialize)]
struct Search {
    word: String,
}

#[traceme(err, meta(id = id.0.0))]
async fn list_notes(State(service): State<Service>, id: Extension<RequestId>) -> Result<Json<Vec<Note>>, Failure> {
    if service.planted.slow_handler {
        // It waits, and its thread does something else: a long wait in the summary, and short polls.
        sleep(SLOW).await;
    }
    let notes = service.database.run(id.flow(), |database| sql::newest(database, 20)).await?;
    service.counts.answered("list");
    Ok(Json(notes))
}

#[traceme(err, meta(id = id.0.0, bytes = note.text.len()))]
async fn add_note(
    State(service): State<Service>,
    id: Extension<RequestId>,
    note: Json<Note>,
) -> Result<(StatusCode, Json<i64>), Failure> {
    let row = service.database.run(id.flow(), move |database| sql::add(database, &note)).await?;
    service.counts.answered("add");
    Ok((StatusCode::CREATED, Json(row)))
}

#[traceme(err, meta(id = id.0.0))]
async fn search_notes(
    State(service): State<Service>,
    id: Extension<RequestId>,
    Query(search): Query<Search>,
) -> Result<Json<Vec<Note>>, Failure> {
    let notes = service.database.run(id.flow(), move |database| sql::search(database, &search.word)).await?;
    if service.planted.blocking_call {
        // Its thread can do nothing else: a long poll. As if the notes were sorted here, by an algorithm that takes long.
        std::thread::sleep(BLOCKED);
    }
    service.counts.answered("search");
    Ok(Json(notes))
}

#[traceme(err, meta(id = id.0.0))]
async fn compare_notes(State(service): State<Service>, id: Extension<RequestId>) -> Result<Json<bool>, Failure> {
    // Dropped when it takes too long: the trace has it as cancelled.
    let theirs = timeout(PATIENCE, ask_mirror(id.0)).await.map_err(|_| Failure::Patience(PATIENCE))?;
    let ours = service.database.run(id.flow(), sql::number).await?;
    service.counts.answered("compare");
    Ok(Json(ours == theirs))
}

/// Asks a mirror, which answers every second time.
#[traceme(level = 2, meta(id = id.0))]
async fn ask_mirror(id: RequestId) -> u64 {
    if id.0 % 8 > 3 {
        std::future::pending::<()>().await;
    }
    tokio::task::yield_now().await;
    0
}
