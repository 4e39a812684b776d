//! A worker: reads, parses and measures the files of one batch after the other.

use std::fs;
use std::path::Path;

use crossbeam_channel::Receiver;
use syn::visit::Visit;
use traceme::{append, instant, span, trace_scope, traceme};

use crate::findings::{Failure, Findings};
use crate::measure::{Measure, Measured};
use crate::progress::Progress;
use crate::walk::{Batch, File};

/// Larger files are worth a mark in the trace.
const HUGE: u64 = 256 << 10;

/// Surveys what the walker sends, until there is no more.
#[traceme(level = 1)]
pub(crate) fn work(root: &Path, batches: &Receiver<Batch>, progress: &Progress) -> Findings {
    let mut findings = Findings::default();
    while let Some(batch) = next(batches) {
        trace_scope!("batch", level = 2, flow_in = batch.flow, meta(files = batch.files.len()));
        for file in &batch.files {
            survey_file(root, file, &mut findings);
            progress.done(file.bytes);
        }
    }
    append!(files = findings.files);
    findings
}

/// Waits for a batch.
#[traceme(level = 3, name = "wait")]
fn next(batches: &Receiver<Batch>) -> Option<Batch> {
    batches.recv().ok()
}

fn survey_file(root: &Path, file: &File, findings: &mut Findings) {
    let path = file.path.display();
    let span = span!("file", level = 2, meta(path = %path, bytes = file.bytes));
    if file.bytes >= HUGE {
        instant!("huge file", level = 2, meta(path = %path, bytes = file.bytes));
    }
    match read_and_measure(root, file, findings) {
        Ok(measured) => {
            append!(span, functions = measured.functions.len(), ok = true);
            findings.add(file, measured);
        }
        Err(error) => {
            instant!("does not parse", level = 2, meta(path = %path, error = error.as_str()));
            append!(span, ok = false);
            findings.failures.push(Failure { path: path.to_string(), error });
        }
    }
}

fn read_and_measure(root: &Path, file: &File, findings: &mut Findings) -> Result<Measured, String> {
    let text = trace_scope!("read", level = 3, {
        let text = fs::read_to_string(root.join(&file.path)).map_err(|error| error.to_string())?;
        findings.read(&text);
        text
    });
    let parsed = trace_scope!("parse", level = 3, { syn::parse_file(&text) });
    let measured = match &parsed {
        Ok(parsed) => Ok(measure(parsed)),
        Err(error) => {
            let at = error.span().start();
            Err(format!("{}:{}: {error}", at.line, at.column + 1))
        }
    };
    // A trace showed that this takes longer than measuring.
    trace_scope!("discard", level = 3, { drop(parsed) });
    // Else this thread would keep the positions of all that it has parsed.
    proc_macro2::extra::invalidate_current_thread_spans();
    measured
}

#[traceme(level = 3)]
fn measure(file: &syn::File) -> Measured {
    let mut measure = Measure::default();
    measure.visit_file(file);
    measure.done
}
