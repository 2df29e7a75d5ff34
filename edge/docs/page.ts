/** The page of /docs; what it shows is drawn by script.ts from /openapi.json. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Portrait3D API</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#ddd, #444); --soft: light-dark(#f5f5f5, #222); }
  body { font: 16px/1.5 system-ui; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .5rem .8rem; }
  summary { cursor: pointer; } summary b { display: inline-block; min-width: 4.5rem; }
  code, pre, textarea, input { font: 14px/1.4 ui-monospace, monospace; }
  pre, textarea { background: var(--soft); padding: .6rem; overflow: auto; max-height: 24rem; }
  textarea { width: 100%; min-height: 8rem; box-sizing: border-box; border: 1px solid var(--line); }
  label { display: block; margin: .4rem 0; } label span { display: inline-block; min-width: 11rem; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; border-top: 1px solid var(--line); padding: .2rem .4rem; vertical-align: top; }
  img { max-width: 100%; }
</style>
<h1>Portrait3D API</h1>
<p id="about"></p>
<label><span>API key</span> <input id="key" type="password" autocomplete="off" size="50" placeholder="none needed on your own machine"></label>
<main id="operations">Loading /openapi.json …</main>
<h2>Schemas</h2>
<section id="schemas"></section>
<script src="/docs/script.js"></script>
</html>`;
