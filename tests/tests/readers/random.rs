//! Random traces, with all that is hard on readers.

use std::time::Duration;

use traceme::Trace;
use traceme::trace::{FlowEnd, TraceBuilder, TrackId, TrackKind, Value};

/// Strings that break readers.
const HOSTILE: [&str; 12] = [
    "plain",
    "with \"quotes\"",
    "back\\slash",
    "ends in a backslash\\",
    "\\",
    "new\nline\ttab\rreturn",
    "\u{1}\u{1f}\u{7f}",
    "é ü 漢字 \u{1f980}",
    "</script><b>&amp;",
    "a.b[c]",
    "{\"json\": [1, null]}",
    "\u{feff}\u{2028}\u{202e}",
];

/// Keys that stay apart in every reader.
const KEYS: [&str; 6] = ["n", "key with space", "quote\"d", "ключ", "a.b", "x"];

/// A generator of random numbers: xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `below`.
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % below
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).unwrap()]
    }

    fn value(&mut self) -> Value<'static> {
        match self.below(12) {
            0 => Value::U64(self.one(&[0, 1, 1 << 53, (1 << 53) + 1, i64::MAX as u64, u64::MAX])),
            1 => Value::I64(self.one(&[0, -1, -(1 << 53), -(1 << 53) - 1, i64::MIN, i64::MAX])),
            2 => Value::F64(self.one(&[0.0, -0.0, 1.5, 0.1, f64::MAX, -1e-300, 1e22, 1e23])),
            3 => Value::F64(self.one(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE])),
            4 => Value::Bool(self.below(2) == 0),
            5 => Value::Char(self.one(&['a', '"', '\\', 'é', '\u{1f980}'])),
            6 => Value::Pointer(self.one(&[0, 0xdead_beef, u64::MAX])),
            7 => Value::Duration(Duration::from_nanos(self.one(&[0, 1, 1_500_000_000]))),
            8 => Value::U128(self.one(&[u128::from(u64::MAX) + 1, u128::MAX])),
            9 => Value::I128(self.one(&[i128::MIN, i128::from(i64::MIN) - 1])),
            10 => Value::None,
            _ => Value::Str(self.one(&HOSTILE).into()),
        }
    }

    /// Up to three values with different keys.
    fn args(&mut self) -> Vec<(&'static str, Value<'static>)> {
        let first = self.below(KEYS.len() as u64);
        let keys = (first..KEYS.len() as u64).take(3).filter(|_| self.0 % 3 > 0).collect::<Vec<_>>();
        keys.into_iter().map(|at| (KEYS[usize::try_from(at).unwrap()], self.value())).collect()
    }
}

/// A trace of two devices, one of them busy with spans that overlap, with samples and flows.
pub(crate) fn trace(random: &mut Random) -> Trace {
    let mut builder = TraceBuilder::default();
    let gpu = builder.add_track("GPU \"0\"", TrackKind::Device { ordinal: 0 }, None).unwrap();
    let stream = builder.add_track("stream é", TrackKind::Device { ordinal: 0 }, Some(gpu)).unwrap();
    let nested = builder.add_track("nested", TrackKind::Device { ordinal: 1 }, None).unwrap();
    let flows = builder.add_track("flows", TrackKind::Device { ordinal: 2 }, None).unwrap();
    for _ in 0..60 {
        overlapping(random, &mut builder, stream);
    }
    nest(random, &mut builder, nested, 0, 100_000, 0);
    for at in 0..20 {
        instant(random, &mut builder, nested, at * 5000);
    }
    for flow in 1..40 {
        // Apart from each other: in JSON an arrow ends at whatever slice begins at its time.
        for (end, start) in [(FlowEnd::Out(flow), flow * 100), (FlowEnd::In(flow), 10_000 + (flow * 7919 % 40) * 100)] {
            builder.span(flows, random.one(&HOSTILE), start, Some(start + 50), &[]).unwrap().flow(end);
        }
    }
    let counter = builder.add_track("samples", TrackKind::Counter { unit: "%".into() }, None).unwrap();
    for ns in 0..30 {
        let value = random.one(&[
            Value::U64(3),
            Value::U64(1 << 62),
            Value::I64(-7),
            Value::F64(0.25),
            Value::F64(-1e300),
            Value::I64(i64::MIN),
        ]);
        builder.sample(counter, ns * 100, value).unwrap();
    }
    builder.build()
}

/// A span somewhere, which may be without length or without an end, and begin with others.
fn overlapping(random: &mut Random, builder: &mut TraceBuilder, track: TrackId) {
    let start = random.below(40) * 10;
    let end = (random.below(12) > 0).then(|| start + random.one(&[0, 0, 1, 10, 50, 300]));
    let args = random.args();
    builder.span(track, random.one(&HOSTILE), start, end, &args).unwrap();
    if random.below(4) == 0 {
        instant(random, builder, track, start);
    }
}

fn instant(random: &mut Random, builder: &mut TraceBuilder, track: TrackId, ns: u64) {
    let args = random.args();
    builder.instant(track, random.one(&HOSTILE), ns, &args).unwrap();
}

/// A span with spans inside, some of which share its times.
fn nest(random: &mut Random, builder: &mut TraceBuilder, track: TrackId, start: u64, end: u64, depth: u64) {
    let args = random.args();
    builder.span(track, random.one(&HOSTILE), start, Some(end), &args).unwrap();
    if depth == 6 {
        return;
    }
    let mut from = start;
    for _ in 0..random.below(4) {
        let first = from + random.below((end - from) / 2 + 1);
        let last = first + random.below(end - first + 1);
        nest(random, builder, track, first, last, depth + 1);
        from = last;
    }
}
