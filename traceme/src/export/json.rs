//! JSON texts, numbers and metadata, as readers of traces understand them.
//!
//! Numbers stay numbers only where every reader takes them for what they are: whole ones up to 2^53, since readers
//! written in JavaScript have doubles. What is beyond, and what JSON has no number for (NaN), is written as a string.

use crate::trace::{Numbers, Text, Value};

/// Whole numbers up to here are exact in a double.
const LARGEST: u64 = 1 << 53;

/// The numbers from 0 to 99, in two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

fn pair(number: u64) -> [u8; 2] {
    PAIRS[(number % 100) as usize]
}

/// Writes a number in decimal.
#[inline]
pub(super) fn integer(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    while number >= 10 {
        start -= 2;
        digits[start..start + 2].copy_from_slice(&pair(number));
        number /= 100;
    }
    // An odd number of digits, or 0.
    if number > 0 || start == digits.len() {
        start -= 1;
        digits[start] = pair(number)[1];
    }
    out.extend_from_slice(&digits[start..]);
}

#[inline]
fn signed(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    integer(out, number.unsigned_abs());
}

/// Writes nanoseconds as microseconds with three decimals.
#[inline]
pub(super) fn microseconds(out: &mut Vec<u8>, ns: u64) {
    integer(out, ns / 1000);
    let [_, hundreds] = pair(ns % 1000 / 100);
    let [tens, ones] = pair(ns);
    out.extend_from_slice(&[b'.', hundreds, tens, ones]);
}

/// Writes a string in quotes.
#[inline]
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// Writes a string without quotes.
#[inline]
pub(super) fn escaped(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if out[start..].iter().any(|&byte| needs_escape(byte)) {
        out.truncate(start);
        escape(out, text);
    }
}

/// Writes a recorded string without quotes.
#[inline]
pub(super) fn escaped_text(out: &mut Vec<u8>, text: Text<'_>) {
    let start = out.len();
    text.append_to(out);
    let written = &out[start..];
    if written.iter().any(|&byte| needs_escape(byte)) || std::str::from_utf8(written).is_err() {
        out.truncate(start);
        escape(out, &text.to_str());
    }
    if text.is_cut() {
        out.extend_from_slice("…".as_bytes());
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Writes a string character by character. All that JSON doesn't force us to escape is left as it is: not every
/// reader undoes `\u`.
#[cold]
fn escape(out: &mut Vec<u8>, text: &str) {
    // Perfetto takes the two last characters of `..\\"` for a quote inside the string, and refuses the file.
    let (text, last) = text.strip_suffix('\\').map_or((text, ""), |text| (text, "\\u005c"));
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(br"\n"),
            b'\r' => out.extend_from_slice(br"\r"),
            b'\t' => out.extend_from_slice(br"\t"),
            8 => out.extend_from_slice(br"\b"),
            12 => out.extend_from_slice(br"\f"),
            byte if needs_escape(byte) => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(last.as_bytes());
}

/// Writes a key and its value. The unit of a duration, ns, is part of its key.
#[inline]
pub(super) fn member(out: &mut Vec<u8>, key: &str, value: Value<'_>) {
    out.push(b'"');
    escaped(out, key);
    out.extend_from_slice(if let Value::Duration(_) = value { b"_ns\":" } else { b"\":" });
    self::value(out, value);
}

#[inline]
pub(super) fn value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::U64(number) if number <= LARGEST => integer(out, number),
        Value::I64(number) if number.unsigned_abs() <= LARGEST => signed(out, number),
        Value::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Value::F64(number) => float(out, number),
        Value::Str(text) => {
            out.push(b'"');
            escaped_text(out, text);
            out.push(b'"');
        }
        Value::Duration(duration) => {
            self::value(out, Value::U64(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)));
        }
        Value::Numbers(numbers) => list(out, numbers),
        Value::U64(number) => string(out, &number.to_string()),
        Value::I64(number) => string(out, &number.to_string()),
        Value::U128(number) => string(out, &number.to_string()),
        Value::I128(number) => string(out, &number.to_string()),
        Value::Char(char) => string(out, char.encode_utf8(&mut [0; 4])),
        Value::Pointer(address) => string(out, &format!("{address:#x}")),
        _ => string(out, "none"),
    }
}

fn float(out: &mut Vec<u8>, number: f64) {
    let text = match number {
        _ if number.is_nan() => "\"NaN\"".into(),
        _ if number == f64::INFINITY => "\"Infinity\"".into(),
        _ if number == f64::NEG_INFINITY => "\"-Infinity\"".into(),
        // With a point or an exponent, as a sign that it is no integer.
        _ => format!("{number:?}"),
    };
    out.extend_from_slice(text.as_bytes());
}

fn list(out: &mut Vec<u8>, numbers: Numbers<'_>) {
    out.push(b'[');
    for (at, number) in numbers.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        value(out, number);
    }
    if numbers.is_cut() {
        out.extend_from_slice(",\"…\"".as_bytes());
    }
    out.push(b']');
}
