//! The wire format of protobuf messages: <https://protobuf.dev/programming-guides/encoding/>.

/// A field's type on the wire.
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;

#[inline(always)]
pub(super) fn varint(out: &mut Vec<u8>, number: u64) {
    match u8::try_from(number) {
        Ok(number) if number < 0x80 => out.push(number),
        _ => long_varint(out, number),
    }
}

#[inline(never)]
fn long_varint(out: &mut Vec<u8>, mut number: u64) {
    let mut bytes = [0; 10];
    let mut length = 0;
    while number >= 0x80 {
        bytes[length] = number.to_le_bytes()[0] | 0x80;
        number >>= 7;
        length += 1;
    }
    bytes[length] = number.to_le_bytes()[0];
    out.extend_from_slice(&bytes[..=length]);
}

#[inline(always)]
fn tag(out: &mut Vec<u8>, field: u32, kind: u32) {
    varint(out, u64::from(field << 3 | kind));
}

/// An unsigned integer, an enum or a truth value.
#[inline(always)]
pub(super) fn uint(out: &mut Vec<u8>, field: u32, number: u64) {
    match (u8::try_from(field << 3 | VARINT), u8::try_from(number)) {
        // Most are this short: two bytes at once.
        (Ok(head), Ok(number)) if head < 0x80 && number < 0x80 => out.extend_from_slice(&[head, number]),
        _ => {
            tag(out, field, VARINT);
            varint(out, number);
        }
    }
}

/// A signed integer.
#[inline(always)]
pub(super) fn int(out: &mut Vec<u8>, field: u32, number: i64) {
    uint(out, field, u64::from_ne_bytes(number.to_ne_bytes()));
}

#[inline]
pub(super) fn fixed64(out: &mut Vec<u8>, field: u32, bits: u64) {
    tag(out, field, FIXED64);
    out.extend_from_slice(&bits.to_le_bytes());
}

/// The head of a string or a message of so many bytes.
#[inline]
pub(super) fn length(out: &mut Vec<u8>, field: u32, length: usize) {
    tag(out, field, BYTES);
    varint(out, length as u64);
}

/// A string or a message that is written already.
#[inline]
pub(super) fn bytes(out: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    length(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// A message that `fill` writes.
#[inline(always)]
pub(super) fn message(out: &mut Vec<u8>, field: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    tag(out, field, BYTES);
    // Most messages are so short that their length fits the byte that is left for it here.
    out.push(0);
    let start = out.len();
    fill(out);
    let length = out.len() - start;
    match u8::try_from(length) {
        Ok(length) if length < 0x80 => out[start - 1] = length,
        _ => make_room(out, start, length),
    }
}

/// Writes a length that takes more than the byte before `start`.
#[cold]
fn make_room(out: &mut Vec<u8>, start: usize, length: usize) {
    let mut varint = Vec::new();
    self::varint(&mut varint, length as u64);
    out.splice(start - 1..start, varint);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn fields_are_as_the_specification_shows_them() {
        let mut out = Vec::new();
        uint(&mut out, 1, 150);
        bytes(&mut out, 2, b"testing");
        int(&mut out, 1, -1);
        fixed64(&mut out, 47, 1);
        let expected = [
            &[0x08, 0x96, 0x01][..],
            b"\x12\x07testing",
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            &[0xf9, 0x02, 1, 0, 0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(out, expected.concat());
    }

    #[test]
    fn messages_have_any_length() {
        for size in [0, 1, 127, 128, 200, 16_383, 16_384, 100_000] {
            let content = vec![7; size];
            let mut out = b"before".to_vec();
            message(&mut out, 5, |out| out.extend_from_slice(&content));
            out.extend_from_slice(b"after");
            let mut expected = b"before".to_vec();
            bytes(&mut expected, 5, &content);
            expected.extend_from_slice(b"after");
            assert_eq!(out, expected, "{size}");
        }
    }
}
