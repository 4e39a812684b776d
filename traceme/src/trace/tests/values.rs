//! Values come back as they were written.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, proptest};

use super::{Arg, encode};
use crate::record::args::{MAX_NUMBERS, MAX_TEXT, MAX_VALUES, Values};
use crate::record::value::{Value, Written, tag};
use crate::sync::AtomicU64;

fn words(args: &[Arg]) -> Vec<AtomicU64> {
    encode(args).into_iter().map(AtomicU64::new).collect()
}

/// What a value was written from.
fn written(value: Written<'_>) -> Arg {
    let bits = |number: i64| u64::from_ne_bytes(number.to_ne_bytes());
    let number = |value| match value {
        Value::U64(number) => (tag::U64, number),
        Value::I64(number) => (tag::I64, bits(number)),
        Value::F64(number) => (tag::F64, number.to_bits()),
        other => panic!("{other:?} is no number"),
    };
    let value = match value {
        Written::Value(value) => value,
        Written::FlowOut(id) => return Arg::Word(tag::FLOW_OUT, id),
        Written::FlowIn(id) => return Arg::Word(tag::FLOW_IN, id),
        Written::Task(id) => return Arg::Word(tag::TASK, id),
        Written::Name(text) => return Arg::Text(tag::NAME, text.to_string(), text.is_cut()),
    };
    match value {
        Value::None => Arg::None,
        Value::U64(_) | Value::I64(_) | Value::F64(_) => Arg::Word(number(value).0, number(value).1),
        Value::Bool(truth) => Arg::Word(tag::BOOL, u64::from(truth)),
        Value::Char(char) => Arg::Word(tag::CHAR, u64::from(u32::from(char))),
        Value::Pointer(address) => Arg::Word(tag::POINTER, address),
        Value::Duration(time) => Arg::Word(tag::DURATION, u64::try_from(time.as_nanos()).unwrap_or(0)),
        Value::Str(text) => Arg::Text(tag::STR, text.to_string(), text.is_cut()),
        Value::U128(number) => Arg::Wide(tag::U128, number),
        Value::I128(number) => Arg::Wide(tag::I128, u128::from_ne_bytes(number.to_ne_bytes())),
        Value::Numbers(numbers) => {
            let kind = numbers.iter().next().map_or(tag::U64, |first| number(first).0);
            Arg::Numbers(kind, numbers.iter().map(|value| number(value).1).collect(), numbers.is_cut())
        }
    }
}

fn extreme() -> impl Strategy<Value = u64> {
    let nan = f64::NAN.to_bits() | 0x1234;
    prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(1 << 63), Just(i64::MAX as u64), Just(nan)]
}

fn hostile_text() -> impl Strategy<Value = String> {
    let short = collection::vec(any::<char>(), 0..20).prop_map(|chars| chars.into_iter().collect());
    let hostile = ["", "\0", "a\"b,c=d#e\n\u{202e}", "\u{1F980}\u{1F980}", "'\\u{7f}"].map(String::from);
    prop_oneof![short, proptest::sample::select(hostile.to_vec()), Just("é".repeat(MAX_TEXT / 2))]
}

fn arg() -> impl Strategy<Value = Arg> {
    let number_kind = proptest::sample::select(vec![tag::U64, tag::I64, tag::F64]);
    let word_kind = [tag::U64, tag::I64, tag::F64, tag::POINTER, tag::DURATION, tag::FLOW_OUT, tag::FLOW_IN, tag::TASK];
    let word_kind = proptest::sample::select(word_kind.to_vec());
    let text_kind = proptest::sample::select(vec![tag::STR, tag::NAME]);
    let numbers = collection::vec(extreme(), 0..=MAX_NUMBERS);
    prop_oneof![
        Just(Arg::None),
        (word_kind, extreme()).prop_map(|(kind, word)| Arg::Word(kind, word)),
        any::<bool>().prop_map(|truth| Arg::Word(tag::BOOL, u64::from(truth))),
        any::<char>().prop_map(|char| Arg::Word(tag::CHAR, u64::from(u32::from(char)))),
        // Only a long string can be one that was cut.
        (text_kind, hostile_text(), any::<bool>()).prop_map(|(kind, text, cut)| {
            let cut = cut && text.len() > 6;
            Arg::Text(kind, text, cut)
        }),
        (any::<bool>(), any::<u128>()).prop_map(|(i, wide)| Arg::Wide(if i { tag::I128 } else { tag::U128 }, wide)),
        (number_kind, numbers, any::<bool>()).prop_map(|(kind, numbers, cut)| {
            let kind = if numbers.is_empty() { tag::U64 } else { kind };
            Arg::Numbers(kind, numbers, cut)
        }),
    ]
}

proptest! {
    #[test]
    fn all_types_come_back(args in collection::vec(arg(), 1..=MAX_VALUES)) {
        let words = words(&args);
        let (values, used) = Values::read(words[0].load(crate::sync::Ordering::Relaxed), &words[1..]).expect("sound");
        assert_eq!(used, words.len() - 1);
        let back: Vec<Arg> = values.map(written).collect();
        assert_eq!(format!("{back:?}"), format!("{args:?}"));
    }

    #[test]
    fn cut_values_are_none(args in collection::vec(arg(), 1..=MAX_VALUES), at in any::<proptest::sample::Index>()) {
        let words = words(&args);
        let tag = words[0].load(crate::sync::Ordering::Relaxed);
        if words.len() > 1 {
            let at = 1 + at.index(words.len() - 1);
            assert!(Values::read(tag, &words[1..at]).is_none());
        }
    }
}

#[test]
fn nonsense_is_no_value() {
    let cases = [
        ("a surrogate as a character", vec![super::tag_word(1, tag::CHAR), 0xd800]),
        ("a string that is too long", {
            let mut words = vec![0; 600];
            words[0] = super::tag_word(1, tag::STR);
            words[1] = MAX_TEXT as u64 + 1;
            words
        }),
        ("too many numbers", [vec![super::tag_word(1, tag::NUMBERS), 17 | tag::U64 << 8], vec![0; 17]].concat()),
        ("numbers of no type", vec![super::tag_word(1, tag::NUMBERS), 1 | tag::STR << 8, 0]),
        ("too many values", [vec![super::tag_word(15, 0)], vec![0; 15]].concat()),
    ];
    for (what, words) in cases {
        let words: Vec<AtomicU64> = words.into_iter().map(AtomicU64::new).collect();
        assert!(Values::read(words[0].load(crate::sync::Ordering::Relaxed), &words[1..]).is_none(), "{what}");
    }
}
