//! What was measured of each peer, and how it compares.

use std::collections::BTreeMap;

/// Something that is measured of each peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// A span while nothing is recorded, ns.
    Off,
    /// A span without metadata, ns.
    Span,
    /// A span with two integers and a string of 4 bytes, ns.
    Values,
    /// A point in time, ns.
    Instant,
    /// A span among spans 8 deep, ns.
    Deep,
    /// How much more two threads record than one.
    Threads,
    /// Bytes of memory that a span takes.
    Bytes,
    /// The same with two integers and a string of 4 bytes.
    BytesWithValues,
    /// From the stop to records in memory, all of which were looked at: ns of processor time a span.
    Collect,
}

/// All rows, in the order of the table.
pub const ROWS: [Row; 9] = [
    Row::Off,
    Row::Span,
    Row::Values,
    Row::Instant,
    Row::Deep,
    Row::Threads,
    Row::Bytes,
    Row::BytesWithValues,
    Row::Collect,
];

impl Row {
    /// A word for it, between processes and in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Span => "span",
            Self::Values => "values",
            Self::Instant => "instant",
            Self::Deep => "deep",
            Self::Threads => "threads",
            Self::Bytes => "bytes",
            Self::BytesWithValues => "bytes_with_values",
            Self::Collect => "collect",
        }
    }

    /// What stands above it in a table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Off => "off, ns",
            Self::Span => "span, ns",
            Self::Values => "span with values, ns",
            Self::Instant => "instant, ns",
            Self::Deep => "span, 8 deep, ns",
            Self::Threads => "2 threads",
            Self::Bytes => "bytes",
            Self::BytesWithValues => "with values",
            Self::Collect => "collect, ns",
        }
    }

    /// Whether less is better, in ns.
    pub fn is_ns(self) -> bool {
        !matches!(self, Self::Threads | Self::Bytes | Self::BytesWithValues)
    }
}

/// A figure, in the row's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The figure itself.
    pub value: f64,
    /// Of what two reads of the clock took beside it; 0 where this says nothing.
    pub of_floor: f64,
    /// Whether the machine was quiet enough.
    pub is_steady: bool,
}

/// A million spans from the first one to a file that is whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The extension of the file's name.
    pub format: String,
    /// Millions of spans a second of processor time.
    pub rate: f64,
    /// Bytes a span.
    pub bytes: f64,
    /// Whether the machine was quiet enough.
    pub is_steady: bool,
}

/// All figures of a peer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// What the peer is called.
    pub name: &'static str,
    /// Whether its events have times.
    pub is_timed: bool,
    /// What was measured; what the peer doesn't do is missing.
    pub rows: BTreeMap<Row, Figure>,
    /// The files that it writes.
    pub saved: Vec<Saved>,
}

impl Figures {
    /// Reads what a process printed, a figure a line, over what was known before; a steady figure stays.
    ///
    /// # Panics
    ///
    /// If a line is none of [`line()`] and [`saved_line`].
    pub fn read(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split(' ');
            let key = words.next().unwrap_or_default();
            let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
            let [value, second, steady] = numbers[..] else { panic!("not a figure: {line}") };
            let is_steady = steady > 0.0;
            if let Some(row) = ROWS.into_iter().find(|row| row.key() == key) {
                let figure = Figure { value, of_floor: second, is_steady };
                let known = self.rows.entry(row).or_insert(figure);
                if !known.is_steady {
                    *known = figure;
                }
            } else if let Some(format) = key.strip_prefix("saved.") {
                self.saved.retain(|saved| saved.format != format);
                self.saved.push(Saved { format: format.into(), rate: value, bytes: second, is_steady });
            } else {
                panic!("not a figure: {line}");
            }
        }
    }

    /// Our figure and theirs, if theirs, in a row of ns, is less by more than the least difference that means something.
    /// Where both have a floor, so many of it count: processes differ in how fast the clock is read.
    fn beaten(&self, row: Row, theirs: &Self) -> Option<(f64, f64)> {
        let (ours, theirs) = (self.rows.get(&row)?, theirs.rows.get(&row)?);
        let ratio = if ours.of_floor > 0.0 { theirs.of_floor / ours.of_floor } else { theirs.value / ours.value };
        let is_beaten = row.is_ns() && ratio < 0.98 && theirs.value < ours.value - 0.1;
        is_beaten.then_some((ours.value, theirs.value))
    }
}

/// A figure as a process prints it.
pub fn line(row: Row, figure: Figure) -> String {
    format!("{} {} {} {}\n", row.key(), figure.value, figure.of_floor, u8::from(figure.is_steady))
}

/// The same of a file.
pub fn saved_line(saved: &Saved) -> String {
    format!("saved.{} {} {} {}\n", saved.format, saved.rate, saved.bytes, u8::from(saved.is_steady))
}

/// A row in which a peer is faster than traceme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faster {
    /// The row.
    pub row: Row,
    /// Who is.
    pub name: &'static str,
    /// Whether its events have times.
    pub is_timed: bool,
    /// Our figure, and theirs.
    pub ns: (f64, f64),
}

/// Where peers are faster than the first of them, which is traceme.
pub fn faster(all: &[Figures]) -> Vec<Faster> {
    let Some((ours, peers)) = all.split_first() else { return Vec::new() };
    let of_row = |row: Row| {
        peers.iter().filter_map(move |peer| {
            let ns = ours.beaten(row, peer)?;
            Some(Faster { row, name: peer.name, is_timed: peer.is_timed, ns })
        })
    };
    ROWS.into_iter().flat_map(of_row).collect()
}

/// What two reads of the clock took beside the first peer's spans, in ns.
pub fn floor(all: &[Figures]) -> Option<f64> {
    let span = all.first()?.rows.get(&Row::Span)?;
    Some(span.value / span.of_floor)
}
