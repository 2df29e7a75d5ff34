import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import {
  CHECKPOINT_DIGEST_HEADER,
  SIGNATURE_HEADER,
  runSchema,
  verifyCallback,
  type Run,
} from '../../../shared/index.ts';

/** The edge's side of the run protocol, as far as a stage server sees it: artifacts in and out, and callbacks. */
export interface ArtifactHost {
  url: string;
  /** As text, by digest. */
  artifacts: Map<string, string>;
  callbacks: Run[];
  /** By run. */
  checkpoints: Map<string, { bytes: Buffer; digest: string }>;
  /** Answers every upload with this status instead of storing it, where set. */
  refuse: number | undefined;
  close(): void;
}

export async function startArtifactHost(secret: string): Promise<ArtifactHost> {
  const host: ArtifactHost = {
    url: '',
    artifacts: new Map(),
    callbacks: [],
    checkpoints: new Map(),
    refuse: undefined,
    close: () => {},
  };
  const app = new Hono();
  app.get('/artifacts/:sha256', (c) => {
    const text = host.artifacts.get(c.req.param('sha256'));
    return text === undefined ? c.notFound() : c.text(text);
  });
  app.put('/artifacts/:sha256', async (c) => {
    if (host.refuse) return c.text('refused', host.refuse as 403);
    const bytes = Buffer.from(await c.req.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== c.req.param('sha256'))
      return c.text('mismatch', 400);
    if (Number(c.req.header('content-length')) !== bytes.length) return c.text('length', 411);
    host.artifacts.set(c.req.param('sha256'), bytes.toString());
    return c.body(null, 201);
  });
  app.get('/checkpoints/:run', (c) => {
    const kept = host.checkpoints.get(c.req.param('run'));
    if (!kept) return c.notFound();
    return c.body(new Uint8Array(kept.bytes), 200, { [CHECKPOINT_DIGEST_HEADER]: kept.digest });
  });
  app.put('/checkpoints/:run', async (c) => {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    const digest = c.req.header(CHECKPOINT_DIGEST_HEADER) ?? '';
    if (createHash('sha256').update(bytes).digest('hex') !== digest) return c.text('mismatch', 400);
    host.checkpoints.set(c.req.param('run'), { bytes, digest });
    return c.body(null, 204);
  });
  app.post('/callback', async (c) => {
    const body = await c.req.text();
    if (!(await verifyCallback(secret, c.req.header(SIGNATURE_HEADER), body, Date.now())))
      return c.text('forged', 403);
    host.callbacks.push(runSchema().parse(JSON.parse(body)));
    return c.body(null, 204);
  });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const listening = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(listening));
  });
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  host.close = () => void server.close();
  return host;
}
