//! A session of the whole process, for programs that start it in one place and stop it in another.
//!
//! ```
//! use traceme::{Level, recorder};
//!
//! assert!(recorder::start(Level::INFO));
//! assert!(!recorder::start(Level::ALL), "one is running");
//! {
//!     traceme::trace_scope!("work");
//! }
//! let trace = recorder::stop();
//! assert_eq!(trace.spans().count(), 1);
//! assert!(recorder::stop().is_empty(), "none is running");
//! ```

use std::sync::Mutex;

use crate::level::Level;
use crate::session::Session;
use crate::sync::lock;
use crate::trace::Trace;

static SESSION: Mutex<Option<Session>> = Mutex::new(None);

/// Starts a session; `false` if one is running already (it is not touched), or none can be started.
pub fn start(level: Level) -> bool {
    match Session::start(level) {
        Ok(session) => {
            *lock(&SESSION) = Some(session);
            true
        }
        Err(_) => false,
    }
}

/// Stops the session that [`start`] started, and gives its trace: an empty one if there is none.
pub fn stop() -> Trace {
    let session = lock(&SESSION).take();
    session.map_or_else(Trace::default, Session::stop)
}

/// Whether a session records callsites of this level now, whoever started it.
pub fn active(level: Level) -> bool {
    crate::instrument::active(level)
}
