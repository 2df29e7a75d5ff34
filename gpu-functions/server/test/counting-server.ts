import { startStageServer } from '../index.ts';
import { jsonLog } from '../log.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

/** The stage server of main.ts over the counting worker, `counting-server.ts STATE [PORT]`, by default on a free port. */
const server = await startStageServer({
  host: '127.0.0.1',
  port: Number(process.argv[3] ?? 0),
  state: process.argv[2]!,
  token: process.env['STAGE_SERVER_TOKEN']!,
  capacity: 1,
  checkpointEveryMs: 0,
  profile: 'mini',
  provider: 'cpu',
  worker: new URL('./counting-worker.ts', import.meta.url),
  log: jsonLog,
});
stopOnSignals(server, 3_000, jsonLog);
