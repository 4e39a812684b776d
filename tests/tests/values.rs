//! Every type of value from the annotation to the trace, and run-time names.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use common::{assert_sound, recorded, traced};
use traceme::trace::Value;
use traceme::{Trace, append, counter, instant, span};

/// The values of the only event of a trace, which lie in the trace.
fn values(trace: &Trace) -> Vec<Value<'_>> {
    assert_sound(trace);
    assert_eq!(trace.event_count(), 1);
    trace.instants().next().unwrap().args().map(|(_, value)| value).collect()
}

/// Checks what is recorded of values.
macro_rules! assert_values {
    ($($value:expr => $expected:expr),+ $(,)?) => {$(
        let trace = traced(1, || instant!("event", meta(value = $value)));
        assert_eq!(values(&trace), [$expected], "{}", stringify!($value));
    )+};
}

#[test]
fn integers() {
    assert_values! {
        u8::MAX => Value::U64(255),
        u16::MAX => Value::U64(65_535),
        u32::MAX => Value::U64(4_294_967_295),
        u64::MAX => Value::U64(u64::MAX),
        usize::MAX => Value::U64(u64::MAX),
        u64::MIN => Value::U64(0),
        i8::MIN => Value::I64(-128),
        i16::MIN => Value::I64(-32_768),
        i32::MIN => Value::I64(-2_147_483_648),
        i64::MIN => Value::I64(i64::MIN),
        i64::MAX => Value::I64(i64::MAX),
        isize::MIN => Value::I64(i64::MIN),
        u128::MAX => Value::U128(u128::MAX),
        (1_u128 << 64) + 7 => Value::U128((1 << 64) + 7),
        i128::MIN => Value::I128(i128::MIN),
        i128::MAX => Value::I128(i128::MAX),
        i128::from(-1_i8) => Value::I128(-1),
    }
}

#[test]
fn floats() {
    assert_values! {
        0.1_f64 + 0.2 => Value::F64(0.1 + 0.2),
        f64::MAX => Value::F64(f64::MAX),
        f64::MIN_POSITIVE / 2.0 => Value::F64(f64::MIN_POSITIVE / 2.0),
        f64::NEG_INFINITY => Value::F64(f64::NEG_INFINITY),
        0.1_f32 + 0.0 => Value::F64(f64::from(0.1_f32)),
        f32::MAX => Value::F64(f64::from(f32::MAX)),
    }
    let bits = |number: f64| {
        let trace = traced(1, || instant!("event", meta(number)));
        let [Value::F64(recorded)] = values(&trace)[..] else { panic!("{:?}", values(&trace)) };
        recorded.to_bits()
    };
    for number in [f64::NAN, -f64::NAN, f64::from_bits(0x7ff8_dead_beef_0001), -0.0] {
        assert_eq!(bits(number), number.to_bits(), "{number:?} keeps its bits");
    }
}

#[test]
fn what_has_one_word() {
    let (yes, no, zero) = (true, false, '\0');
    let value = 5_u32;
    let pointer = &raw const value;
    let address = pointer.addr() as u64;
    let null = std::ptr::null_mut::<u8>();
    assert_values! {
        yes => Value::Bool(true),
        no => Value::Bool(false),
        char::MAX => Value::Char(char::MAX),
        zero => Value::Char('\0'),
        Duration::ZERO => Value::Duration(Duration::ZERO),
        Duration::from_nanos(u64::MAX) => Value::Duration(Duration::from_nanos(u64::MAX)),
        Duration::MAX => Value::Duration(Duration::from_nanos(u64::MAX)),
        pointer => Value::Pointer(address),
        pointer.cast_mut() => Value::Pointer(address),
        null => Value::Pointer(0),
    }
}

#[test]
fn options() {
    let text = String::from("text");
    assert_values! {
        Some(5_u8) => Value::U64(5),
        None::<u8> => Value::None,
        None::<&str> => Value::None,
        Some(text.as_str()) => Value::Str("text".into()),
        Some(&text) => Value::Str("text".into()),
        Some(Some(-1)) => Value::I64(-1),
        Some(None::<i32>) => Value::None,
        None::<u128> => Value::None,
        Some(u128::MAX) => Value::U128(u128::MAX),
        Some(Duration::from_secs(1)) => Value::Duration(Duration::from_secs(1)),
        &Some(&'x') => Value::Char('x'),
    }
}

#[test]
fn strings_of_every_length() {
    let all = "aé\u{1F600}bcdefghijklmnopqrstuvwxyz0123456789".repeat(4);
    let boundaries = (0..=all.len()).filter(|&at| all.is_char_boundary(at));
    for text in boundaries.map(|at| &all[..at]) {
        let trace = traced(1, || instant!("event", meta(text, shown = %text)));
        let expected = Value::Str(text.into());
        assert_eq!(values(&trace), [expected, expected]);
    }
}

#[test]
fn types_that_own_or_share_a_string() {
    let text = "owned or shared";
    let expected = Value::Str(text.into());
    assert_values! {
        String::from(text) => expected,
        &mut String::from(text) => expected,
        Cow::Borrowed(text) => expected,
        Cow::<'static, str>::Owned(text.into()) => expected,
        Box::<str>::from(text) => expected,
        Rc::<str>::from(text) => expected,
        Arc::new(String::from(text)) => expected,
        &&text => expected,
        "with \0 zero".to_owned() => Value::Str("with \0 zero".into()),
    }
}

#[test]
fn strings_beyond_4094_bytes_are_cut_at_a_character_and_marked() {
    let kept = |text: &str| {
        let trace = traced(1, || instant!("event", meta(text)));
        let [Value::Str(recorded)] = values(&trace)[..] else { panic!("{:?}", values(&trace)) };
        let recorded_text = recorded.to_str().into_owned();
        assert!(text.starts_with(&recorded_text));
        assert_eq!(recorded.len(), recorded_text.len());
        (recorded_text.len(), recorded.is_cut())
    };
    assert_eq!(kept(&"x".repeat(4094)), (4094, false));
    assert_eq!(kept(&"x".repeat(4095)), (4094, true));
    assert_eq!(kept(&"x".repeat(1 << 20)), (4094, true));
    assert_eq!(kept(&format!("a{}", "é".repeat(4000))), (4093, true));
    assert_eq!(kept(&"\u{1F600}".repeat(1024)), (4092, true));
    assert_eq!(kept(&format!("abc{}", "\u{1F600}".repeat(1024))), (4091, true));
    let shown = recorded(|| instant!("event", meta(text = "x".repeat(5000))));
    assert_eq!(shown, format!("* event text=\"{}\"…", "x".repeat(4094)));
}

#[test]
fn slices_keep_sixteen_numbers_and_are_marked() {
    let numbers: Vec<u16> = (0..20).collect();
    let kept = |trace: &Trace| {
        let [Value::Numbers(numbers)] = values(trace)[..] else { panic!("{:?}", values(trace)) };
        (format!("{:?}", numbers.iter().collect::<Vec<_>>()), numbers.is_cut())
    };
    let expected = |from: std::ops::Range<u64>| format!("{:?}", from.map(Value::U64).collect::<Vec<_>>());
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = numbers[..16])))), (expected(0..16), false));
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = numbers)))), (expected(0..16), true));
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = &numbers[..0])))), (expected(0..0), false));
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = [1_u8, 2])))), (expected(1..3), false));
    let signed = format!("{:?}", [Value::I64(i64::MIN), Value::I64(-1)]);
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = [i64::MIN, -1])))), (signed, false));
    let floats = format!("{:?}", [Value::F64(0.5), Value::F64(f64::INFINITY)]);
    assert_eq!(kept(&traced(1, || instant!("e", meta(n = &[0.5_f32, f32::INFINITY][..])))), (floats, false));
    let shown = recorded(move || instant!("event", meta(few = [1, 2], many = [0_u8; 17])));
    assert_eq!(shown, format!("* event few=[1, 2] many=[{}]…", ["0"; 16].join(", ")));
}

/// A type of the user's.
struct Celsius(f64);

impl traceme::Value for Celsius {
    type Encoded<'a> = f64;

    fn value(&self) -> f64 {
        self.0
    }
}

/// One that is recorded as a part of itself, if it is there.
struct Person {
    name: Option<String>,
}

impl traceme::Value for Person {
    type Encoded<'a> = Option<&'a str>;

    fn value(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

#[test]
fn types_of_the_user() {
    let (known, unknown) = (Person { name: Some("Ada".into()) }, Person { name: None });
    assert_values! {
        Celsius(21.5) => Value::F64(21.5),
        &Some(Celsius(-3.0)) => Value::F64(-3.0),
        known => Value::Str("Ada".into()),
        Box::new(unknown) => Value::None,
    }
}

#[test]
fn literals_cost_nothing_and_keep_their_places() {
    let n = 7_u8;
    let trace = traced(1, || {
        instant!("event", meta(
            a = 5, n, b = -6, c = 1.5, d = true, shown = %n, e = 'x', f = "text", g = r#"raw "text""#, h = '\'', i = 0xff_u8,
            j = 18_446_744_073_709_551_615, k = -9_223_372_036_854_775_808_i64, l = "", m = false, o = "two\nlines",
        ));
    });
    let text = |text: &'static str| Value::Str(text.into());
    let expected = [
        ("a", Value::I64(5)),
        ("n", Value::U64(7)),
        ("b", Value::I64(-6)),
        ("c", Value::F64(1.5)),
        ("d", Value::Bool(true)),
        ("shown", text("7")),
        ("e", Value::Char('x')),
        ("f", text("text")),
        ("g", text("raw \"text\"")),
        ("h", Value::Char('\'')),
        ("i", Value::I64(255)),
        ("j", Value::U64(u64::MAX)),
        ("k", Value::I64(i64::MIN)),
        ("l", text("")),
        ("m", Value::Bool(false)),
        ("o", text("two\nlines")),
    ];
    assert!(trace.instants().next().unwrap().args().eq(expected), "{:?}", trace.instants().next());
    let alone = traced(1, || instant!("event", meta(a = 1, b = "two")));
    assert!(alone.instants().next().unwrap().args().eq([("a", Value::I64(1)), ("b", text("two"))]));
}

#[test]
fn fourteen_values_in_one_event() {
    let text = recorded(|| {
        let n = |n: u64| n;
        instant!("event", meta(
            a = n(1), b = "b", c = %n(3), d = n(4), e = [5_u8, 5], f = n(6), g = None::<u8>, h = u128::MAX, i = n(9),
            j = i64::from(-10_i8), k = 'k', l = ?"l", m = n(13), o = n(14), p = true, q = Duration::from_micros(15), r = n(16),
        ));
        let guard = span!(
            name = "thirteen and a name",
            meta(
                a = n(1),
                b = n(2),
                c = n(3),
                d = n(4),
                e = n(5),
                f = n(6),
                g = n(7),
                h = n(8),
                i = n(9),
                j = n(10),
                k = n(11),
                l = n(12),
                m = n(13),
            )
        );
        append!(guard, x = n(1), y = n(2));
        append!(guard, x = n(3));
    });
    let expected = "* event a=1 b=\"b\" c=\"3\" d=4 e=[5, 5] f=6 g=none h=340282366920938463463374607431768211455 i=9 \
        j=-10 k='k' l=\"\\\"l\\\"\" m=13 o=14 p=true q=15µs r=16\n\
        thirteen and a name a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=10 k=11 l=12 m=13 x=1 y=2 x=3";
    assert_eq!(text, expected);
}

#[test]
fn counters_of_every_number() {
    let trace = traced(1, || {
        counter!("unsigned", u64::MAX);
        counter!("signed", i64::MIN, unit = "K");
        counter!("float", -0.5_f32);
        counter!("unsigned", 3_u8);
    });
    assert_sound(&trace);
    let text = trace.text().to_string();
    let (_, counters) = text.split_once("counter float").map(|(_, rest)| ((), format!("counter float{rest}"))).unwrap();
    let counters = counters.lines().filter(|line| !line.starts_with("thread ")).collect::<Vec<_>>().join("\n");
    let expected = "counter float\n  = -0.5\ncounter signed [K]\n  = -9223372036854775808\n\
        counter unsigned\n  = 18446744073709551615\n  = 3";
    assert_eq!(counters, expected);
}

/// The largest event there is, where the most is open: 14 texts of 100 KiB inside 127 spans, at the end of a chunk, so that
/// it begins another one.
#[test]
fn no_event_is_too_large_to_be_recorded() {
    let text = "\u{e9}".repeat(50 << 10);
    let t = text.as_str();
    let trace = traced(1, || {
        let open: Vec<_> = (0..127).map(|_| span!("open")).collect();
        for _ in 0..4 {
            drop(span!(
                "large",
                meta(a = t, b = t, c = t, d = t, e = t, f = t, g = t, h = t, i = t, j = t, k = t, l = t, m = t, n = t)
            ));
        }
        open.into_iter().rev().for_each(drop);
    });
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    let large: Vec<_> = trace.spans().filter(|span| span.name() == "large".into()).collect();
    assert_eq!((trace.event_count(), large.len()), (131, 4));
    for span in large {
        assert_eq!((span.depth(), span.args().count()), (127, 14));
        for (_, value) in span.args() {
            let Value::Str(cut) = value else { panic!("{value:?}") };
            assert!(cut.is_cut() && cut.len() == 4_094 && text.starts_with(&*cut.to_str()));
        }
    }
}
