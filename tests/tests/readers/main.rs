//! Traces in files, loaded into the programs that people read them with. `ci/readers.sh` installs those, and runs this.
//!
//! `exports` compares what readers show of our exports with the traces; `across` says what is shown of some. `chrome` and `perfetto` pin what the readers make of small files that are written here by hand: what an exporter
//! may rely on, and must avoid.
#![allow(clippy::unwrap_used, reason = "tests")]

mod across;
mod chrome;
mod devtools;
mod example;
mod expected;
mod exports;
mod node;
mod packets;
mod perfetto;
#[path = "../common/polling.rs"]
mod polling;
mod processor;
mod protobuf;
mod random;
mod shown;
mod tasks;
