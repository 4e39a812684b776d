//! What a session does when something happens: that nothing is missed, that dumps hold what they are for, and that the
//! process waits for them, however it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod changes;
#[path = "../common/mod.rs"]
mod common;
mod dumps;
mod firing;
#[cfg(unix)]
mod process;
mod spans;

use std::time::Duration;

use traceme::__private::alert;
use traceme::session::{Action, Fired};
use traceme::span;

/// An action that sends what `of` makes of each firing to a channel.
fn sending<T: Send + 'static>(mut of: impl FnMut(&Fired<'_>) -> T + Send + 'static) -> (Action, Heard<T>) {
    let (send, heard) = std::sync::mpsc::channel();
    // Who has heard enough listens no more.
    let action = Action::call(move |fired| drop(send.send(of(fired))));
    (action, Heard(heard))
}

/// What an action sends.
struct Heard<T>(std::sync::mpsc::Receiver<T>);

impl<T> Heard<T> {
    /// The next one, which comes while the session runs.
    #[track_caller]
    fn next(&self) -> T {
        self.0.recv_timeout(Duration::from_secs(60)).expect("it fires within a minute")
    }

    /// All others, once the session has stopped.
    fn rest(self) -> Vec<T> {
        self.0.iter().collect()
    }
}

/// Waits until the session has looked at all that was fired by now, and at the clock: a first alert is heard in a look that
/// may have begun before, and is over when a second one is heard.
fn looked(heard: &Heard<()>) {
    for _ in 0..2 {
        drop(alert(span!("alert", level = 1), 0));
        heard.next();
    }
}
