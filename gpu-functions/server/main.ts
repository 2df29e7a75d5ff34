import { parseArgs } from 'node:util';
import type { Collector } from '../../shared/index.ts';
import { fetchWeights } from './fetch-weights.ts';
import { jsonLog } from './log.ts';
import { bearerToken } from './serve-runs.ts';
import { collectorOf } from './span-exporter.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { startStageServer } from './stage-server.ts';

const USAGE = `Usage: npm run stage-server -- [options]
  --host ADDRESS      address to listen on (127.0.0.1)
  --port N            port, 0 for a free one (8790)
  --state DIR         folder for runs and checkpoints (.state/stage-server)
  --profile NAME|DIR  model profile (mini)
  --weights MANIFEST  URL or path of a manifest of weights, fetched first into the folder PORTRAIT_PROFILES
  --provider NAME     cpu or cuda (cpu)
  --capacity N        runs at a time (1)
  --threads N         threads of each run
  --session-mib N     memory that one graph may take; a larger one fails before it runs
  --warm              open what portraits begin with at once, not when the first is asked for
  --checkpoint-ms N   time between two checkpoints of a long loop (5000)
  --grace-s N         time for checkpoints after SIGTERM, before whoever sent it kills (8)
The environment variable STAGE_SERVER_TOKEN (16 characters or more) holds the bearer token that callers must send;
OTLP_ENDPOINT, where it is set, the address of an OTLP/HTTP collector that traces go to, and OTLP_TOKEN its bearer token.`;

class UsageError extends Error {}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(): Promise<void> {
  const { graceMs, ...options } = readOptions();
  let token: string;
  let collector: Collector | undefined;
  try {
    token = bearerToken();
    collector = collectorOf(process.env);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const server = await startStageServer({
    ...options,
    token,
    collector,
    worker: new URL('./stage-worker.ts', import.meta.url),
    log: jsonLog,
  });
  stopOnSignals(server, graceMs, jsonLog);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8790' },
        state: { type: 'string', default: '.state/stage-server' },
        profile: { type: 'string', default: 'mini' },
        weights: { type: 'string' },
        provider: { type: 'string', default: 'cpu' },
        capacity: { type: 'string', default: '1' },
        threads: { type: 'string' },
        'session-mib': { type: 'string' },
        warm: { type: 'boolean', default: false },
        'checkpoint-ms': { type: 'string', default: '5000' },
        'grace-s': { type: 'string', default: '8' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { host, state, profile, provider, weights } = values;
  const folder = process.env['PORTRAIT_PROFILES'];
  if (weights !== undefined && !folder)
    throw new UsageError('--weights needs PORTRAIT_PROFILES, the folder they go to.');
  if (provider !== 'cpu' && provider !== 'cuda') throw new UsageError(`--provider must be cpu or cuda.`);
  return {
    host,
    state,
    profile,
    provider,
    warm: values.warm,
    ...(weights && { prepare: () => fetchWeights(weights, folder!, jsonLog) }),
    port: whole('--port', values.port, 0, 65535),
    checkpointEveryMs: whole('--checkpoint-ms', values['checkpoint-ms'], 0, 3_600_000),
    graceMs: 1000 * whole('--grace-s', values['grace-s'], 1, 3600),
    capacity: whole('--capacity', values.capacity, 1, 64),
    ...(values.threads !== undefined && { threads: whole('--threads', values.threads, 1, 256) }),
    ...(values['session-mib'] !== undefined && {
      sessionMib: whole('--session-mib', values['session-mib'], 1, 2 ** 21),
    }),
  };
}

function whole(option: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new UsageError(`${option} must be a whole number from ${from} to ${to}, not '${text}'.`);
  }
  return value;
}
