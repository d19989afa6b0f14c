import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

// The demo is several parties on one machine: each page says above its title who speaks.
const style = `
:root {
  color-scheme: light dark;
  --paper: #f4f5f7; --sheet: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d8dce1; --accent: #3b4fa8; --good: #19653a; --bad: #a3231c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --sheet: #1b1e23; --ink: #e4e7eb; --quiet: #a3abb5; --line: #333941; --accent: #a9b8ff; --good: #86d3a2; --bad: #ff9a91;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.75rem 2rem 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .375rem; }
.speaker { margin: 0 0 .25rem; color: var(--quiet); font-size: .875rem; }
h1 { margin: 0 0 1rem; font-size: 1.625rem; line-height: 1.25; }
.lead { font-size: 1.125rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
a { color: var(--accent); }
table { border-collapse: collapse; width: 100%; margin: 1.75rem 0 0; table-layout: fixed; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th { width: 15rem; font-weight: 400; color: var(--quiet); }
td { font: .875rem/1.6 ui-monospace, monospace; }
main > :last-child { margin-bottom: 0; }
nav { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); }
button, input { font: inherit; padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--paper); color: var(--ink); }
button, input[type=submit] { cursor: pointer; }
button:hover, button:focus-visible, input:focus-visible { border-color: var(--accent); }
button + button { margin-left: .5rem; }
.people button { display: block; width: 100%; max-width: 26rem; margin: .5rem 0; text-align: left; }
.people span { color: var(--quiet); }
@media (max-width: 40rem) { th, td { display: block; width: auto; } td { border-top: 0; padding-top: 0; } main { padding: 1.25rem; } }
`;

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

export interface Page {
  readonly status?: number;
  /** Which of the demo's parties shows the page. */
  readonly speaker: string;
  readonly title: string;
  /** HTML; everything that came from outside has to be escaped in it already. */
  readonly body: string;
  /** Runs when the page is read; only the page that talks to a WebSocket needs one. */
  readonly script?: string;
}

/** Sends a page that may load nothing and run nothing but its own style and, where it has one, its own script. */
export function sendPage(response: ServerResponse, { status = 200, speaker, title, body, script }: Page): void {
  const html = pageHtml({ speaker, title, body, ...(script === undefined ? {} : { script }) });
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(script),
    'content-length': Buffer.byteLength(html),
  });
  response.end(html);
}

export function pageHtml({ speaker, title, body, script }: Page): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>
<main>
<p class="speaker">${escapeHtml(speaker)}</p>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${script === undefined ? '' : `<script>${script}</script>`}
</body>
</html>
`;
}

export function contentSecurityPolicy(script?: string): string {
  const scripts = script === undefined ? '' : `; script-src ${sourceOf(script)}; connect-src 'self'`;
  return `default-src 'none'; style-src ${sourceOf(style)}; base-uri 'none'; frame-ancestors 'none'${scripts}`;
}

/** A table of names and values; escapes both. */
export function definitionTable(caption: string, rows: readonly (readonly [name: string, value: string])[]): string {
  const lines = rows.map(([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`);
  return `<table>\n<caption>${escapeHtml(caption)}</caption>\n<tbody>\n${lines.join('\n')}\n</tbody>\n</table>`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
