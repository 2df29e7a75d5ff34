import { Routes } from '../api/route.ts';
import { PROBLEMS } from '../../shared/index.ts';
import { DOCS_PAGE } from './page.ts';
import { DOCS_SCRIPT } from './script.ts';

/** Nothing is loaded from anywhere else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src 'self' blob:";

/** `/docs`, the API to read and try, to which `/` leads, and `/llms.txt`, the same for language models. */
export function docsRoutes(): Routes {
  const routes = new Routes();
  // Where somebody lands who opens the host in a browser, or comes back from a payment.
  routes.get('/', (c) => c.redirect('/docs'));
  routes.get('/docs', (c) => c.html(DOCS_PAGE, 200, { 'content-security-policy': POLICY }));
  routes.get('/docs/script.js', (c) =>
    c.body(DOCS_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  routes.get('/llms.txt', (c) => c.text(llmsText(new URL(c.req.url).origin)));
  return routes;
}

/** The API in a page of plain text (llmstxt.org). */
function llmsText(origin: string): string {
  const codes = Object.entries(PROBLEMS).map(
    ([code, [status, , action]]) => `- ${code} (${status}): ${action}`,
  );
  return `# Portrait3D

> Text in, a 360° 3D portrait out. One HTTP API: create a portrait from a prompt, wait or follow events, download files.

Send \`Authorization: Bearer <API key>\`. Keys that begin with \`p3d_test_\` make canned portraits for free.

## Make a portrait

    curl ${origin}/v1/portraits -H "authorization: Bearer $KEY" -H 'content-type: application/json' \\
      -H 'idempotency-key: <unique>' -H 'prefer: wait=60' -d '{"prompt": "a young woman with red hair", "quality": "draft"}'

201: finished. 202: follow \`Location\` with GET and \`Prefer: wait=60\` until \`status\` is succeeded, failed, cancelled or filtered;
respect \`Retry-After\`. Each entry of \`files\` has a \`url\` (a path on this host) to GET with the same key.

## Routes

- POST /v1/portraits: members prompt (required), negative_prompt, seed, quality (draft, standard, high), candidates, outputs
- GET /v1/portraits?limit&cursor&status&quality&created_after&created_before
- GET /v1/portraits/{id}; POST /v1/portraits/{id}/cancel; DELETE /v1/portraits/{id}
- GET /v1/portraits/{id}/events: server-sent events; Last-Event-ID resumes
- GET /v1/portraits/{id}/files/{name}; GET /v1/portraits/{id}/files/view?yaw=30&pitch=10
- GET /v1/portraits/{id}/provenance: a signed manifest of the files
- POST /v1/portraits/quote: what it costs
- GET /v1/account, GET /v1/ledger, GET /v1/usage: credits, and where they went; POST /v1/topups: a page to buy more
- GET, POST /v1/keys; PATCH, DELETE /v1/keys/{id}; POST /v1/keys/{id}/rotate
- GET, POST /v1/webhooks; GET, PATCH, DELETE /v1/webhooks/{id}; POST /v1/webhooks/{id}/rotate, /ping;
  GET /v1/webhooks/{id}/deliveries; POST /v1/webhooks/{id}/deliveries/{delivery}/replay
- GET /status, GET /health

## Machine-readable

- [OpenAPI 3.1](${origin}/openapi.json)
- [The same to read and try](${origin}/docs)

## Errors: application/problem+json; switch on \`code\`, do what \`action\` says

${codes.join('\n')}
`;
}
