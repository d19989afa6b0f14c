import { createHash } from 'node:crypto';

// System fonts and two palettes. Every pair of text and background has a contrast of 4.5 or more in both (WCAG 2.2 AA).
const css = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --sheet: #fffefb; --ink: #1c2321; --quiet: #57605c; --line: #dcdad1;
  --accent: #0f5f57; --on-accent: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131716; --sheet: #1a1f1d; --ink: #e6e9e5; --quiet: #a2aca7; --line: #303835;
    --accent: #7fd1c3; --on-accent: #0b2723;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; padding: clamp(1.25rem, 6vh, 5rem) 1.25rem 2rem;
  background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
}
.page { max-width: 38rem; margin: 0 auto; }
header { display: flex; align-items: center; gap: .625rem; margin-bottom: 1.25rem; color: var(--quiet); font-size: .9375rem; }
header svg { width: 1.75rem; height: 1.75rem; flex: none; color: var(--accent); }
main {
  padding: clamp(1.5rem, 6vw, 2.75rem); background: var(--sheet);
  border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: .25rem;
}
h1 { margin: 0; font-size: clamp(1.5rem, 5vw, 1.875rem); line-height: 1.2; font-weight: 650; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1.0625rem; line-height: 1.35; font-weight: 650; }
p { margin: .875rem 0 0; text-wrap: pretty; }
h2 + p { margin-top: 0; }
ul, ol { margin: .5rem 0 0; padding-left: 1.25rem; }
li + li { margin-top: .5rem; }
li::marker { color: var(--quiet); }
h1, p, li, dd, summary, footer { overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .08em; }
a:hover { text-decoration-thickness: .14em; }
.status { margin: 0 0 .5rem; color: var(--quiet); font-size: .875rem; font-variant-numeric: tabular-nums; letter-spacing: .04em; }
.lead { font-size: 1.125rem; }
dl { margin: 1.5rem 0 0; }
dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .125rem 1rem; padding: .625rem 0; border-top: 1px solid var(--line); }
dl > div:last-child { border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); }
dd { margin: 0; }
details { margin-top: .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
summary { cursor: pointer; font-weight: 600; }
details p { margin-top: .375rem; }
.mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
.note { display: block; color: var(--quiet); font-size: .9375rem; }
button, .button {
  display: inline-block; margin-top: 1.75rem; padding: .625rem 1.25rem; border: 1px solid transparent; border-radius: .25rem;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; line-height: 1.4; text-decoration: none; cursor: pointer;
}
.ways { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }
.ways .button { margin-top: 0; }
.second { background: transparent; color: var(--accent); border-color: currentColor; }
.cards { padding: 0; list-style: none; }
.cards > li + li { margin-top: 1.5rem; }
.cards button { margin-top: .875rem; padding: .375rem 1rem; }
button:hover, .button:hover { text-decoration: underline; text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .125rem; }
footer { margin-top: 1.25rem; color: var(--quiet); font-size: .875rem; }
@media (max-width: 30rem) { dl > div { grid-template-columns: 1fr; } }
@media (forced-colors: active) { button, .button { border-color: ButtonText; } }
@media print { body { padding: 0; } main { border: 0; padding: 0; } }
`;

/** The one style sheet of all pages, and the source expression by which a Content-Security-Policy lets it, and nothing else, apply. */
export const stylesheet: { readonly css: string; readonly source: string } = {
  css,
  source: `'sha256-${createHash('sha256').update(css).digest('base64')}'`,
};
