import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import type { Hono } from 'hono';

/** Version of the server's software, as the repository's package.json has it. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

const TOKEN_LENGTH = 16;

/** The bearer token that callers must send, from the environment. @throws Error that says how to set it. */
export function bearerToken(): string {
  const token = process.env['STAGE_SERVER_TOKEN'] ?? '';
  if (token.length >= TOKEN_LENGTH) return token;
  throw new Error(
    `STAGE_SERVER_TOKEN is missing or shorter than ${TOKEN_LENGTH} characters: set it to a random secret.`,
  );
}

/** Serves the run protocol; `port` 0 takes a free one. */
export async function serveRuns(
  app: Hono,
  host: string,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = await new Promise<ServerType>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, hostname: host, port }, () => resolve(starting));
    starting.once('error', reject);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
