import { PAGE_SCRIPT } from './page-script.js';

const STYLE = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5b6470; --line: #d5dae0; --back: #ffffff; --card: #f6f8fa; --accent: #0b57d0; --bad: #b3261e; --good: #146c2e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ed; --quiet: #a3adb8; --line: #3a424c; --back: #14171a; --card: #1d2126; --accent: #8ab4f8; --bad: #f2b8b5; --good: #81c995; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .25rem 0 1rem; color: var(--quiet); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; margin-bottom: .5rem; }
.state { font-weight: 600; color: var(--bad); }
.state.READY { color: var(--good); }
label { display: block; font-weight: 600; margin: .5rem 0 .25rem; }
label span { font-weight: 400; color: var(--quiet); }
textarea { width: 100%; min-height: 2.75rem; padding: .5rem; border: 1px solid var(--line); border-radius: .25rem; background: var(--back); color: var(--text); font: inherit; resize: vertical; }
button { margin: .75rem .5rem 0 0; padding: .4rem 1rem; border: 1px solid var(--accent); border-radius: .25rem; background: var(--back); color: var(--accent); font: inherit; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
pre { margin: .75rem 0 0; max-height: 22rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.45 ui-monospace, monospace; }
pre:empty { display: none; }
pre.error { color: var(--bad); }
summary { cursor: pointer; color: var(--accent); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .25rem 1rem; margin: .75rem 0 0; }
dt { color: var(--quiet); font-size: .8125rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
`;

/** One file: nothing is fetched from elsewhere, and nothing of it stands in a model's way. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Models served here</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>Models served here</h1>
<p>A server for development and tests. Others speak to it with the KServe v2 protocol, as this page does.</p>
<main id="models" aria-busy="true"></main>
<noscript>This page needs JavaScript. The models are listed by POST /v2/repository/index.</noscript>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
