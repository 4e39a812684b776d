//! The load: some connections at a time, which are kept, with one request after the other on each.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use traceme::{Flow, traced, traceme};

use crate::Failed;
use crate::database::Note;
use crate::service::REQUEST_ID;

/// How many connections there are.
pub const CONNECTIONS: u64 = 8;
/// How many requests are sent on each: as many of each kind.
pub const REQUESTS: u64 = 32;

/// What came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many requests were sent.
    pub sent: u64,
    /// How many of them were answered as asked.
    pub answered: u64,
    /// How many of them the service gave up, as they took it too long.
    pub timed_out: u64,
}

impl Answers {
    fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.answered += other.answered;
        self.timed_out += other.timed_out;
    }
}

/// Sends all requests.
pub(crate) async fn load(address: SocketAddr) -> Result<Answers, Failed> {
    let clients: Vec<_> = (0..CONNECTIONS).map(|number| tokio::spawn(client(address, number))).collect();
    let mut answers = Answers::default();
    for client in clients {
        answers.add(client.await??);
    }
    Ok(answers)
}

#[traceme(err, meta(number))]
async fn client(address: SocketAddr, number: u64) -> Result<Answers, Failed> {
    let (mut sender, connection) = handshake(TokioIo::new(TcpStream::connect(address).await?)).await?;
    // What is spawned is wrapped where it is made.
    let connection = tokio::spawn(traced!(connection, "connection", level = 3, meta(number)));
    let mut answers = Answers::default();
    // Each begins with another one, so that they do different things at a time.
    for turn in number..number + REQUESTS {
        answers.add(send(&mut sender, number * REQUESTS + turn % REQUESTS).await?);
    }
    drop(sender);
    connection.await??;
    Ok(answers)
}

/// Sends one request: which one, its number says.
async fn send(sender: &mut SendRequest<Body>, id: u64) -> Result<Answers, Failed> {
    let (method, path, body) = match id % 4 {
        0 => (Method::GET, "/notes", Body::empty()),
        1 => (Method::POST, "/notes", note(id)?),
        2 => (Method::GET, "/search?word=time", Body::empty()),
        _ => (Method::GET, "/compare", Body::empty()),
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(REQUEST_ID, id)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(body)?;
    let exchange = exchange(sender, request);
    let status = traced!(exchange, "request", flow_out = Flow::of("request", id), meta(id, path)).await?;
    match status {
        StatusCode::OK | StatusCode::CREATED => Ok(Answers { sent: 1, answered: 1, timed_out: 0 }),
        StatusCode::GATEWAY_TIMEOUT => Ok(Answers { sent: 1, answered: 0, timed_out: 1 }),
        status => Err(format!("request {id}, {path}: {status}").into()),
    }
}

fn note(id: u64) -> serde_json::Result<Body> {
    let note = Note { title: format!("of request {id}"), text: "what came to mind".into() };
    Ok(serde_json::to_vec(&note)?.into())
}

async fn exchange(sender: &mut SendRequest<Body>, request: Request<Body>) -> Result<StatusCode, Failed> {
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = to_bytes(Body::new(response.into_body()), usize::MAX).await?;
    if status.is_success() {
        serde_json::from_slice::<serde_json::Value>(&body)?;
    }
    Ok(status)
}
