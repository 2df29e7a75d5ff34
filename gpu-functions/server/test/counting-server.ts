import { startStageServer } from '../index.ts';
import { jsonLog } from '../log.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

/** The stage server of main.ts over the counting worker, on a free port: `counting-server.ts STATE`. */
const server = await startStageServer({
  host: '127.0.0.1',
  port: 0,
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
