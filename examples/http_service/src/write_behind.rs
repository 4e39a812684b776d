//! A task in the background: what was answered is counted in the database, later, and several at a time.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use traceme::{Flow, traceme};

use crate::database::{Database, sql};
use crate::failure::Failure;

/// How many are written at once at most.
const BATCH: usize = 64;

/// Where requests are counted. The task ends when all of these are dropped.
#[derive(Clone)]
pub(crate) struct Counts(UnboundedSender<&'static str>);

impl Counts {
    pub(crate) fn answered(&self, what: &'static str) {
        // It fails if the task has: that is told when the program ends.
        let _ = self.0.send(what);
    }
}

pub(crate) fn start(database: Database) -> (Counts, JoinHandle<Result<(), Failure>>) {
    let (counts, answered) = unbounded_channel();
    (Counts(counts), tokio::spawn(write_behind(database, answered)))
}

/// From the call on it is a task of the trace, whose parent is the task that called; tokio polls it by itself.
#[traceme(err)]
async fn write_behind(database: Database, mut answered: UnboundedReceiver<&'static str>) -> Result<(), Failure> {
    let mut batch = 0;
    loop {
        let mut some = Vec::new();
        if answered.recv_many(&mut some, BATCH).await == 0 {
            return Ok(());
        }
        database.run(Flow::new(), move |database| sql::count(database, batch, &some)).await?;
        batch += 1;
    }
}
