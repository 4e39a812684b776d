// As much of protobuf as the remote procedure calls of the trace processor need.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A field whose value is a number. */
export function number(field, value) {
    return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/** A field whose value is bytes, a text, or a message given as its fields. */
export function bytes(field, ...parts) {
    const encoded = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
    const length = encoded.reduce((sum, part) => sum + part.length, 0);
    return Buffer.concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]), ...encoded]);
}

function varint(value) {
    const found = [];
    for (; value >= 128; value = Math.floor(value / 128)) {
        found.push((value % 128) + 128);
    }
    return [...found, value];
}

/** The fields of a message: for each number the values in their order, numbers or bytes. */
export function decode(message) {
    const fields = new Map();
    const reader = new Reader(message);
    while (!reader.isAtEnd()) {
        const tag = reader.unsigned();
        const field = Math.floor(tag / 8);
        const values = fields.get(field) ?? [];
        values.push(reader.value(tag % 8));
        fields.set(field, values);
    }
    return fields;
}

export function text(value) {
    return decoder.decode(value);
}

/** The values of a packed field of int64: numbers, or BigInts where a number would not be exact. */
export function integers(packed) {
    const found = [];
    for (const reader = new Reader(packed); !reader.isAtEnd(); ) {
        found.push(reader.integer());
    }
    return found;
}

/** The values of a packed field of double. */
export function doubles(packed) {
    const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
    return Array.from({ length: packed.length / 8 }, (_, at) => view.getFloat64(at * 8, true));
}

class Reader {
    constructor(source) {
        this.source = source;
        this.at = 0;
    }

    isAtEnd() {
        return this.at >= this.source.length;
    }

    /** A varint of at most 49 bits. */
    unsigned() {
        return Number(this.integer());
    }

    integer() {
        let value = 0;
        for (let at = 0; at < 7; at++) {
            const byte = this.byte();
            value += (byte & 127) * 2 ** (7 * at);
            if (byte < 128) {
                return value;
            }
        }
        return this.large(BigInt(value));
    }

    /** What follows the first 49 bits. */
    large(value) {
        for (let shift = 49n; ; shift += 7n) {
            const byte = this.byte();
            value |= BigInt(byte & 127) << shift;
            if (byte < 128) {
                return BigInt.asIntN(64, value);
            }
        }
    }

    byte() {
        if (this.isAtEnd()) {
            throw new Error('a message of the trace processor ends too early');
        }
        return this.source[this.at++];
    }

    value(wireType) {
        switch (wireType) {
            case 0:
                return this.integer();
            case 1:
                return this.take(8);
            case 2:
                return this.take(this.unsigned());
            case 5:
                return this.take(4);
            default:
                throw new Error(`a message of the trace processor has a field of wire type ${wireType}`);
        }
    }

    take(length) {
        const from = this.at;
        this.at += length;
        return this.source.subarray(from, this.at);
    }
}
