//! Metadata as Perfetto's debug annotations.

use super::args;
use super::interned::Interned;
use super::proto::{bytes, fixed64, int, length, message, uint};
use crate::trace::{Meta, Numbers, Text, Value};

/// The field of `TrackEvent` that annotations are in.
const DEBUG_ANNOTATIONS: u32 = 4;

/// Fields of `DebugAnnotation`.
const NAME_IID: u32 = 1;
const BOOL: u32 = 2;
const UINT: u32 = 3;
const INT: u32 = 4;
const DOUBLE: u32 = 5;
const STRING: u32 = 6;
const POINTER: u32 = 7;
const ARRAY: u32 = 12;

/// Writes the metadata of an event, and what was appended, as annotations of a `TrackEvent`.
#[inline]
pub(super) fn annotations(out: &mut Vec<u8>, meta: &Meta<'_>, appended: &[Meta<'_>], interned: &mut Interned) {
    let id = meta.callsite_id();
    args::for_each(meta, appended, |at, key, value| {
        let key = match value {
            Value::Duration(_) => interned.key(None, at, &format!("{key}_ns")),
            _ => interned.key(id, at, key),
        };
        annotation(out, key, value);
    });
    args::for_each_task(meta, |key, task| {
        let key = interned.key(None, 0, key);
        annotation(out, key, Value::U64(task));
    });
    if meta.weight() > 1 {
        let key = interned.key(None, 0, super::WEIGHT);
        annotation(out, key, Value::U64(meta.weight()));
    }
}

/// Writes one annotation with the number of its key.
#[inline]
pub(super) fn annotation(out: &mut Vec<u8>, key: u64, value: Value<'_>) {
    message(out, DEBUG_ANNOTATIONS, |out| {
        uint(out, NAME_IID, key);
        put(out, value);
    });
}

#[inline]
fn put(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::U64(number) => uint(out, UINT, number),
        Value::I64(number) => int(out, INT, number),
        Value::F64(number) => fixed64(out, DOUBLE, number.to_bits()),
        Value::Bool(truth) => uint(out, BOOL, u64::from(truth)),
        Value::Str(text) => self::text(out, STRING, text),
        Value::Pointer(address) => uint(out, POINTER, address),
        Value::Duration(duration) => uint(out, UINT, u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
        Value::Char(char) => bytes(out, STRING, char.encode_utf8(&mut [0; 4]).as_bytes()),
        Value::Numbers(numbers) => list(out, numbers),
        Value::U128(number) => match u64::try_from(number) {
            Ok(number) => uint(out, UINT, number),
            Err(_) => bytes(out, STRING, number.to_string().as_bytes()),
        },
        Value::I128(number) => match i64::try_from(number) {
            Ok(number) => int(out, INT, number),
            Err(_) => bytes(out, STRING, number.to_string().as_bytes()),
        },
        _ => bytes(out, STRING, b"none"),
    }
}

fn list(out: &mut Vec<u8>, numbers: Numbers<'_>) {
    for number in numbers.iter() {
        message(out, ARRAY, |out| put(out, number));
    }
    if numbers.is_cut() {
        message(out, ARRAY, |out| bytes(out, STRING, "…".as_bytes()));
    }
}

/// Writes a recorded string.
#[inline]
pub(super) fn text(out: &mut Vec<u8>, field: u32, text: Text<'_>) {
    if text.is_cut() {
        return bytes(out, field, (text.to_str() + "…").as_bytes());
    }
    let before = out.len();
    length(out, field, text.len());
    let start = out.len();
    text.append_to(out);
    if std::str::from_utf8(&out[start..]).is_err() {
        out.truncate(before);
        bytes(out, field, text.to_str().as_bytes());
    }
}
