//! What is told of a trace that the environment asked for when it is saved.

use std::path::Path;

use crate::record::loss::Cause;
use crate::session::unmatched;
use crate::trace::Trace;

/// Where it is and what was lost, unless there is no file but the summary, which says so; which directives had no effect.
pub(super) fn lines(trace: &Trace, file: Option<&Path>, directives: &str) -> Vec<String> {
    let saved = file.map(|file| wrote(trace, file)).into_iter();
    let saved = saved.chain(losses(trace).filter(|_| file.is_some()));
    saved.chain(unmatched::lines(directives)).collect()
}

fn wrote(trace: &Trace, file: &Path) -> String {
    let events = trace.event_count();
    let plural = if events == 1 { "" } else { "s" };
    format!("wrote {} ({} event{plural})", file.display(), grouped(events))
}

fn losses(trace: &Trace) -> Option<String> {
    let losses = trace.losses();
    let lost = losses.total();
    // That a ring gives up what is oldest is what it was asked for.
    if lost == losses.by_cause(Cause::Overwritten) {
        return None;
    }
    let causes = Cause::ALL.iter().filter(|cause| **cause != Cause::Sampled);
    let causes = causes.map(|&cause| (cause, losses.by_cause(cause))).filter(|&(_, count)| count > 0);
    let causes: Vec<String> = causes.map(|(cause, count)| format!("{cause}: {}", grouped(count))).collect();
    let (lost, all) = (grouped(lost), grouped(trace.event_count() + lost));
    Some(format!("{lost} of {all} events were lost ({}); the trace says which", causes.join(", ")))
}

/// `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() + 2) % 3 + 1;
    let (mut text, mut rest) = (digits[..first].to_string(), &digits[first..]);
    while !rest.is_empty() {
        text = text + "," + &rest[..3];
        rest = &rest[3..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (number, text) in [
            (0, "0"),
            (12, "12"),
            (999, "999"),
            (1000, "1,000"),
            (12_345, "12,345"),
            (123_456, "123,456"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
