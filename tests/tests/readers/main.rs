//! Traces in files, loaded into the programs that people read them with. `ci/readers.sh` installs those, and runs this.
//!
//! `chrome` and `perfetto` pin what the readers make of small files that are written here by hand: what an exporter
//! may rely on, and must avoid.
#![allow(clippy::unwrap_used, reason = "tests")]

mod chrome;
mod devtools;
mod node;
mod packets;
mod perfetto;
mod processor;
mod protobuf;
