//! Spans that were measured elsewhere: recorded at once, when both their ends are known.

use std::ops::Range;

use crate::instrument::slowly;
use crate::instrument::timestamp::Timestamp;
use crate::instrument::value::{AnyValue, AnyValues, Name, Sealed};
use crate::record::args::{MAX_VALUES, Out, tag_word};
use crate::record::clock;
use crate::record::wire::MEASURED;

/// How many values there can be: their keys are in a list with the name.
const MOST: usize = MAX_VALUES - 1;

/// The key of what says how many values were too many, in place of the last one that has room.
const LEFT_OUT: &str = "args_left_out";

/// A key and its value.
type Arg<'a> = (&'a str, &'a dyn AnyValue);

/// Records a span of the callsite with this word.
#[cold]
#[inline(never)]
pub(crate) fn record(word: u64, name: &str, range: &Range<Timestamp>, given: &[Arg<'_>]) {
    let left_out = (given.len() + 1).saturating_sub(MOST);
    let mut args: [Arg<'_>; MOST] = [(LEFT_OUT, &left_out); MOST];
    let kept = if given.len() > MOST { MOST - 1 } else { given.len() };
    args[..kept].copy_from_slice(&given[..kept]);
    let args = &args[..given.len().min(MOST)];
    evaluate(args, [&None::<u64>; MOST], 0, &mut |values| {
        let now = clock::now();
        // What was measured has happened, though by another clock it may seem not to have ended yet.
        let start = range.start.ticks().min(now);
        let end = range.end.ticks().min(now).max(start);
        slowly::write(word, MEASURED, 0, &Measured { times: [start, end], name: Name(name), args, values });
    });
}

/// Has each value evaluated once: what they are recorded as may be borrowed from what does that.
fn evaluate(args: &[Arg<'_>], values: [&dyn Sealed; MOST], count: usize, then: &mut dyn FnMut(&[&dyn Sealed])) {
    let Some((&(_, first), rest)) = args.split_first() else { return then(&values[..count]) };
    first.encoded(&mut |value| {
        let mut values: [&dyn Sealed; MOST] = values;
        values[count] = value;
        evaluate(rest, values, count + 1, then);
    });
}

/// All words of the record but for its head.
struct Measured<'a> {
    times: [u64; 2],
    name: Name<&'a str>,
    args: &'a [Arg<'a>],
    values: &'a [&'a dyn Sealed],
}

impl Measured<'_> {
    /// The name and the keys.
    fn names(&self) -> impl Iterator<Item = &dyn Sealed> + Clone {
        let keys = self.args.iter().map(|(key, _)| key as &dyn Sealed);
        std::iter::once(&self.name as &dyn Sealed).chain(keys)
    }
}

impl AnyValues for Measured<'_> {
    fn total_words(&self) -> usize {
        let names: usize = self.names().map(Sealed::words).sum();
        let values: usize = self.values.iter().map(|value| value.words()).sum();
        self.times.len() + 1 + names + 1 + values
    }

    fn put_all(&self, out: &mut Out<'_>) {
        self.times.into_iter().for_each(|time| out.word(time));
        put_list(self.names(), out);
        put_list(self.values.iter().copied(), out);
    }
}

fn put_list<'v>(values: impl Iterator<Item = &'v dyn Sealed> + Clone, out: &mut Out<'_>) {
    let (mut count, mut types) = (0, 0);
    for value in values.clone() {
        types |= value.tag() << (count * 4);
        count += 1;
    }
    out.word(tag_word(count, types));
    values.for_each(|value| value.put(out));
}
