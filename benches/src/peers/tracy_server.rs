//! The least that Tracy's client takes for a server: it says hello, and throws away what comes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tracy_client::Client;

use crate::slices::Patience;

/// A connection, and how many bytes came over it.
#[derive(Debug)]
pub(super) struct Server {
    received: Arc<AtomicU64>,
}

impl Server {
    /// Starts the client, and connects to it.
    pub(super) fn connect() -> Self {
        let _client = Client::start();
        let mut stream = None;
        for _ in 0..200 {
            // The client listens at the first of these that is free.
            stream = (8086..8106).find_map(handshake).filter(|_| Client::is_connected());
            if stream.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let mut stream = stream.expect("Tracy's client listens, and speaks protocol 82");
        let received = Arc::new(AtomicU64::new(0));
        let counter = received.clone();
        let discard = move || {
            let mut buffer = vec![0; 1 << 18];
            while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
                // Relaxed: a number by itself.
                counter.fetch_add(bytes as u64, Ordering::Relaxed);
            }
        };
        thread::Builder::new().name("server".into()).spawn(discard).expect("a thread");
        Self { received }
    }

    /// How many bytes have come.
    pub(super) fn received(&self) -> u64 {
        // Relaxed: a number by itself.
        self.received.load(Ordering::Relaxed)
    }

    /// Waits until more than `before` has come, and then nothing for longer than the client's thread sleeps when it finds
    /// nothing to send. Gives up after seconds.
    pub(super) fn wait(&self, before: u64) -> u64 {
        let patience = Patience::of(Duration::from_secs(5));
        let mut last = before;
        loop {
            thread::sleep(Duration::from_millis(13));
            let now = self.received();
            if now == last && (now > before || patience.is_over()) {
                return now;
            }
            last = now;
        }
    }
}

/// A connection that was welcomed.
fn handshake(port: u16) -> Option<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let mut answer = [0];
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(b"TracyPrf\x52\0\0\0").ok()?;
    stream.read_exact(&mut answer).ok()?;
    stream.set_read_timeout(None).ok()?;
    (answer == [1]).then_some(stream)
}
