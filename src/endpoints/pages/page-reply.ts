import type { HeaderList } from '../../http/header-list.ts';
import type { Reply } from '../../http/reply.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { stylesheet } from './stylesheet.ts';

export interface Page {
  readonly status: number;
  readonly title: string;
  /** What stands in the main landmark, beginning with the `h1`. */
  readonly main: Html;
  /** The request's id, which the log line carries too. */
  readonly reference: string;
  readonly extraHeaders?: HeaderList;
  /** Set on a page with a form: origins other than https ones that its answer may lead to. */
  readonly formOrigins?: readonly string[];
}

/** A whole HTML answer: no script, one style sheet named by its hash, framed by nobody, kept by no cache. */
export function pageReply(page: Page): Reply {
  return {
    status: page.status,
    headers: [
      'Content-Type',
      'text/html; charset=utf-8',
      'Content-Security-Policy',
      contentSecurityPolicy(page.formOrigins),
      'X-Content-Type-Options',
      'nosniff',
      'Referrer-Policy',
      // With `no-referrer` a form of our own would be sent with `Origin: null` (Fetch, "append a request Origin header").
      page.formOrigins === undefined ? 'no-referrer' : 'same-origin',
      'Cache-Control',
      'no-store',
      ...(page.extraHeaders ?? []),
    ],
    body: writeDocument(page),
  };
}

/**
 * `form-action` counts for every redirect that follows the form as well, and signing out leads over the authenticate host to
 * the provider and wherever that goes: so a page with a form lets it go to any https origin.
 */
function contentSecurityPolicy(formOrigins: readonly string[] | undefined): string {
  const targets = formOrigins === undefined ? [] : ['https:', ...formOrigins];
  return [
    "default-src 'none'",
    `style-src ${stylesheet.source}`,
    `form-action ${["'self'", ...targets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

function writeDocument({ title, main, reference }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <div class="page">
          <header>${mark}<span>Postern</span></header>
          <main>${main}</main>
          <footer>Reference: <span class="mono">${reference}</span></footer>
        </div>
      </body>
    </html> `.toString();
}

const styleElement = writeStyleElement();

/** The sheet is ours; escaped, or with a space of the formatter's around it, it would no longer fit its hash: so this is no literal. */
function writeStyleElement(): Html {
  if (/[<&]/.test(stylesheet.css)) throw new Error('Cannot put the style sheet into a page: it holds "<" or "&"');
  const element = [`<style>${stylesheet.css}</style>`];
  return html(Object.assign(element, { raw: element }));
}

// A small door in a wall.
const mark = html`<svg
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linecap="round"
  stroke-linejoin="round"
  aria-hidden="true"
  focusable="false"
>
  <path d="M2.5 21h19" />
  <path d="M6.5 21V10a5.5 5.5 0 0 1 11 0v11" />
  <path d="M13.75 13.5v1.5" />
</svg>`;
