//! The page of the docs: all of it, so that no figure is written by hand.

use super::figures::{Faster, Figures, Row, Saved, faster, floor, unknown};
use super::table::{cell, markdown, number};

/// What the page says of a peer beside its figures.
#[derive(Clone, Debug)]
pub struct Note {
    /// What it is called.
    pub name: &'static str,
    /// Its packages with their versions.
    pub versions: String,
    /// How it is used.
    pub how: &'static str,
}

const BEGIN: &str = "\
# traceme beside others

`ci/peers.sh --write` measures all of this anew, and writes this page and its plot. No figure here is written by hand.

";

const HOW: &str = "
`–`: the peer has nothing that compares. `~`: the machine was too busy three times; don't trust it.

## How to read it

- **ns** are those of the thread that records; in parentheses, of two bare reads of the clock (`rdtsc` or its like) that
  alternated with it, in the same process. Less can't record when something began and ended. An instant needs one read.
- **with values**: two integers and 4 bytes of text. **8 deep**: of eight spans inside each other, one.
- **off**: compiled in, while nothing records, with the loop around it.
- **2 threads**: how much more two of them record than one, at the same time.
- **bytes**: by which resident memory grows, a span, until somebody takes the events. Who streams keeps none.
- **collect**: from the end of a million spans until each was looked at as a record, in processor time of all threads; what
  other threads took while the million was recorded is in it.
- **save**: a million spans to a file, from the first span to the whole file: spans a second of processor time of all
  threads, recording included; and bytes a span in the file.

Slices of the peer and of the floor take turns; the figure is that of their 10th percentiles, of the slices before and after
which the core was not shared. What a peer keeps is taken out between slices, and not timed; its own threads are through
before the next one. Each kind of figure has a process of its own, which is asked up to three times if its floor was not
steady. Each round checks that what was recorded came out: as an exact number of events where the peer lets one count,
else as bytes.

";

/// The whole page.
pub fn page(all: &[Figures], machine: &str, notes: &[Note]) -> String {
    let plot = "![ns a span, by peer](peers.svg)\n\n";
    let floor = floor(all).map_or_else(String::new, |ns| format!("\nTwo bare reads of its clock take {ns:.1} ns."));
    let notes: String = notes.iter().map(note).collect();
    let (table, slower) = (markdown(all), slower(all));
    format!("{BEGIN}**Machine**: {machine}.{floor}\n\n{plot}{table}{HOW}## What each does\n\n{notes}\n{slower}")
}

fn note(note: &Note) -> String {
    let versions = if note.versions.is_empty() { String::new() } else { format!(" ({})", note.versions) };
    format!("- **{}**{versions}: {}\n", note.name, note.how)
}

/// Where others are better, in sentences that the figures write.
fn slower(all: &[Figures]) -> String {
    let of = |is_timed: bool| {
        let these = faster(all).into_iter().filter(|faster| faster.is_timed == is_timed);
        these.map(|faster| sentence(&faster)).collect::<String>()
    };
    let unknown = unknown(all);
    let timed = match of(true) {
        none if none.is_empty() && unknown.is_empty() => {
            "- No peer that takes times is faster in any row of ns by more than 2 %, counted in reads of the clock.\n"
                .into()
        }
        some => some,
    };
    let unknown: String = unknown.into_iter().map(not_known).collect();
    format!("## Where traceme is slower, or needs more\n\n{timed}{unknown}{}{}", of(false), more(all))
}

/// A figure that isn't steady proves nothing.
fn not_known((row, name): (Row, &str)) -> String {
    format!("- {}: {name} may be faster: one of both figures isn't steady.\n", row.what())
}

fn sentence(Faster { row, name, is_timed, ns: (ours, theirs) }: &Faster) -> String {
    let why = if *is_timed { "" } else { "; it takes no times" };
    let what = row.what();
    format!("- {what}: {name} takes {} ns, traceme {}{why}.\n", number(*theirs), number(*ours))
}

/// The same of what is not in ns, where both are steady. How many bytes a file has doesn't depend on the machine.
fn more(all: &[Figures]) -> String {
    let Some((ours, peers)) = all.split_first() else { return String::new() };
    let mut lines = String::new();
    for row in [Row::Threads, Row::Bytes, Row::BytesWithValues] {
        for peer in peers {
            let (Some(our), Some(their)) = (ours.rows.get(&row), peer.rows.get(&row)) else { continue };
            if !our.is_steady || !their.is_steady {
                continue;
            }
            let is_better =
                if row == Row::Threads { their.value > our.value * 1.02 } else { their.value < our.value * 0.98 };
            if is_better {
                let what = if row == Row::BytesWithValues { "bytes with values" } else { row.title() };
                lines += &format!("- {what}: {} {}, traceme {}.\n", peer.name, cell(peer, row), cell(ours, row));
            }
        }
    }
    let best = ours.saved.iter().filter(|saved| saved.is_steady).map(|saved| saved.rate).reduce(f64::max);
    let least = ours.saved.iter().map(|saved| saved.bytes).fold(f64::INFINITY, f64::min);
    for (name, Saved { rate, bytes, format, is_steady }) in
        peers.iter().flat_map(|peer| peer.saved.iter().map(|saved| (peer.name, saved)))
    {
        if let Some(best) = best.filter(|best| *is_steady && *rate > best * 1.02) {
            lines += &format!("- save: {name} {rate:.1} M spans/s to .{format}, traceme at best {best:.1}.\n");
        }
        if *bytes < least * 0.98 {
            lines += &format!("- bytes a span in a file: {name} {bytes:.0} (.{format}), traceme at best {least:.0}.\n");
        }
    }
    lines
}
