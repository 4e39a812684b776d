// Runs the program whose file is named: it needs nothing of whoever runs it.
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const line = instance.exports.run();
if (line !== 0) {
    console.error(`tests/wasm/src/lib.rs:${line} is not so`);
    process.exit(1);
}
