//! JSON texts, numbers and metadata, as readers of traces understand them.
//!
//! Numbers stay numbers only where every reader takes them for what they are: whole ones up to 2^53, since readers
//! written in JavaScript have doubles. What is beyond, and what JSON has no number for (NaN), is written as a string.

use crate::trace::{Numbers, Text, Value};

/// Whole numbers up to here are exact in a double.
const LARGEST: u64 = 1 << 53;

/// Writes a number in decimal.
#[inline]
pub(super) fn integer(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes nanoseconds as microseconds with three decimals.
#[inline]
pub(super) fn microseconds(out: &mut Vec<u8>, ns: u64) {
    integer(out, ns / 1000);
    let rest = ns % 1000;
    let digit = |number: u64| b'0' + u8::try_from(number % 10).unwrap_or(0);
    out.extend_from_slice(&[b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
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
        Value::I64(number) if number.unsigned_abs() <= LARGEST => integer(out, number),
        Value::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Value::F64(number) => float(out, number),
        Value::Str(text) | Value::Name(text) => {
            out.push(b'"');
            escaped_text(out, text);
            out.push(b'"');
        }
        Value::Duration(duration) => {
            self::value(out, Value::U64(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)));
        }
        Value::Numbers(numbers) => list(out, numbers),
        Value::U64(number) => quoted(out, number),
        Value::I64(number) => quoted(out, number),
        Value::U128(number) => quoted(out, number),
        Value::I128(number) => quoted(out, number),
        Value::Char(char) => string(out, char.encode_utf8(&mut [0; 4])),
        Value::Pointer(address) => string(out, &format!("{address:#x}")),
        _ => string(out, "none"),
    }
}

fn quoted(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.push(b'"');
    integer(out, number);
    out.push(b'"');
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
