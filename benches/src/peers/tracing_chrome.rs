//! tracing-chrome: a layer of tracing whose thread writes JSON.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use tracing_chrome::{ChromeLayerBuilder, FlushGuard};
use tracing_subscriber::layer::SubscriberExt;

use super::peer::{About, Peer};
use super::tracing::SUBJECTS;

pub(super) const ABOUT: About = About {
    name: "tracing-chrome",
    packages: &["tracing-chrome"],
    is_timed: true,
    how: "With `include_args` for values, as it comes otherwise. A round ends with `start_new`, once its thread has \
          written all. Gives no records. Saved is what it writes anyway.",
    subjects: SUBJECTS,
    slice: 2_000,
    holds: false,
    reads: false,
    formats: &["json"],
    start: || Box::new(Chrome::start()),
};

/// Lines that were written in this round.
static LINES: AtomicU64 = AtomicU64::new(0);

/// A file, or nothing, which says when it is done with.
struct Out {
    file: Option<File>,
    done: Sender<()>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            return file.write(bytes);
        }
        let lines = bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum();
        // Relaxed: `done` orders it.
        LINES.fetch_add(lines, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        let _ = self.done.send(());
    }
}

struct Chrome {
    guard: FlushGuard,
    send_done: Sender<()>,
    done: Receiver<()>,
}

impl Chrome {
    fn start() -> Self {
        let (send_done, done) = channel();
        let out = Out { file: None, done: send_done.clone() };
        let (layer, guard) = ChromeLayerBuilder::new().writer(out).include_args(true).build();
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).expect("the first one");
        Self { guard, send_done, done }
    }

    /// Writes from now on to a file or nothing, and waits until all before is written.
    fn turn_to(&self, file: Option<File>) {
        self.guard.start_new(Some(Box::new(Out { file, done: self.send_done.clone() })));
        self.done.recv().expect("the thread that writes is there");
    }
}

impl Peer for Chrome {
    fn begin(&mut self) {
        // Relaxed: nothing is written now.
        LINES.store(0, Ordering::Relaxed);
    }

    fn end(&mut self, events: u64) {
        self.turn_to(None);
        // Relaxed: `done` orders it. An instant is a line, a span two.
        let lines = LINES.load(Ordering::Relaxed);
        assert!(lines >= events, "{lines} lines of {events} events");
    }

    fn save(&mut self, file: &Path, record: &mut dyn FnMut()) {
        self.turn_to(Some(File::create(file).expect("a file")));
        record();
        self.turn_to(None);
    }
}
