//! What goes wrong in the service, and what it answers then.

use std::fmt;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Why a request is not answered as asked, or a count not written.
#[derive(Debug)]
pub(crate) enum Failure {
    Database(rusqlite::Error),
    /// What ran on the pool has panicked.
    Pool(tokio::task::JoinError),
    /// The mirror, for so long.
    Patience(Duration),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the database: {error}"),
            Self::Pool(error) => write!(f, "a thread for what blocks: {error}"),
            Self::Patience(limit) => write!(f, "the mirror has not answered within {limit:?}"),
        }
    }
}

impl std::error::Error for Failure {}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Patience(_) => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.to_string()).into_response()
    }
}
