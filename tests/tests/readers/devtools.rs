//! The engine of DevTools' Performance panel, which shows Chrome JSON.

use std::path::Path;

use serde_json::Value;

use crate::node;

/// What the panel would show of a trace.
#[derive(Debug)]
pub(crate) struct Panel {
    /// Of events, by name and phase.
    pub(crate) counts: Vec<(String, String, u64)>,
    pub(crate) threads: Vec<Thread>,
    /// The names of what each arrow connects.
    pub(crate) flows: Vec<Vec<String>>,
}

#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) process: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) tid: i64,
    pub(crate) entries: Vec<Entry>,
}

/// A span, or an instant without a duration.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// In microseconds, as is the duration.
    pub(crate) ts: f64,
    pub(crate) dur: Option<f64>,
    /// How many entries are around it, unless the panel leaves it out.
    pub(crate) depth: Option<u64>,
    pub(crate) args: Value,
}

/// Fails if the engine refuses the trace.
pub(crate) fn load(path: &Path) -> Result<Panel, String> {
    let panel = node::run("devtools.mjs", path, "")?;
    let count = |of: &Value| (text(&of["name"]), text(&of["ph"]), of["count"].as_u64().unwrap());
    Ok(Panel {
        counts: list(&panel["counts"], count),
        threads: list(&panel["threads"], thread),
        flows: list(&panel["flows"], |flow| list(flow, |entry| text(&entry["name"]))),
    })
}

fn thread(value: &Value) -> Thread {
    Thread {
        process: value["process"].as_str().map(String::from),
        name: value["name"].as_str().map(String::from),
        tid: value["tid"].as_i64().unwrap(),
        entries: list(&value["entries"], entry),
    }
}

fn entry(value: &Value) -> Entry {
    Entry {
        name: text(&value["name"]),
        ts: value["ts"].as_f64().unwrap(),
        dur: value["dur"].as_f64(),
        depth: value["depth"].as_u64(),
        args: value["args"].clone(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().into()
}

fn list<T>(value: &Value, item: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(item).collect()
}
