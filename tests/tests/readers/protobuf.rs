//! Fields and messages of protobuf, for traces that tests write by hand.

/// A field whose value is an unsigned number, a flag, or an enumeration.
pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field whose value is a double or a fixed64, given as its bits.
pub(crate) fn fixed(field: u64, bits: u64) -> Vec<u8> {
    [varint(field << 3 | 1), bits.to_le_bytes().into()].concat()
}

/// A field whose value is a text or bytes.
pub(crate) fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [varint(field << 3 | 2), varint(u64::try_from(value.len()).unwrap()), value.into()].concat()
}

/// A field whose value is a message.
pub(crate) fn message<const N: usize>(field: u64, fields: [Vec<u8>; N]) -> Vec<u8> {
    bytes(field, fields.concat())
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut found = Vec::new();
    while value >= 128 {
        found.push(value.to_le_bytes()[0] | 128);
        value >>= 7;
    }
    found.push(value.to_le_bytes()[0]);
    found
}
