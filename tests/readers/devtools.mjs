// Loads a Chrome JSON into the engine of DevTools' Performance panel, and says what the panel would show.
//
// Usage: node devtools.mjs FILE
//
// FILE may be compressed with gzip. Prints JSON:
//   counts   [{name, ph, count}] of all events, in the order in which they are met
//   threads  [{pid, tid, process, name, entries: [{name, ph, ts, dur, depth, args}]}], ts and dur in microseconds;
//            depth is null where the engine leaves an entry out of its tree
//   flows    [[{pid, tid, name, ts}]]: the entries that each arrow connects
// If the engine refuses the file its message goes to stderr, and the exit code is 1.

const engine = new URL('../../target/readers/node_modules/@paulirish/trace_engine/', import.meta.url);

function counts(events) {
    const found = new Map();
    for (const { name, ph } of events) {
        const key = `${ph} ${name}`;
        const entry = found.get(key) ?? { name, ph, count: 0 };
        entry.count += 1;
        found.set(key, entry);
    }
    return [...found.values()];
}

function threads({ Meta, Renderer }) {
    return [...Renderer.processes].flatMap(([pid, { threads }]) =>
        [...threads].map(([tid, { name, entries }]) => ({
            pid,
            tid,
            process: Meta.processNames.get(pid)?.args.name ?? null,
            name,
            entries: entries.map((entry) => ({
                name: entry.name,
                ph: entry.ph,
                ts: entry.ts,
                dur: entry.dur ?? null,
                depth: Renderer.entryToNode.get(entry)?.depth ?? null,
                args: entry.args ?? null,
            })),
        })),
    );
}

function flows({ Flows }) {
    return Flows.flows.map((flow) => flow.map(({ pid, tid, name, ts }) => ({ pid, tid, name, ts })));
}

try {
    const { analyzeTrace } = await import(new URL('analyze-trace.mjs', engine));
    const { traceEvents, data } = (await analyzeTrace(process.argv[2])).parsedTrace;
    const shown = { counts: counts(traceEvents), threads: threads(data), flows: flows(data) };
    process.stdout.write(`${JSON.stringify(shown)}\n`);
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
