import { parseArgs } from 'node:util';
import { LocalService } from './local-service.ts';

const USAGE = `Usage: npm run dev -- [--port N] [--state DIR] [--profiles DIR]
Keeps the worker and a stage server running on this machine until Ctrl-C.`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const restarted = (part: string) => console.log(`The ${part} ended by itself: starting it again.`);

try {
  const { port, state, profiles } = readOptions();
  const service = await LocalService.start({ port, state, profiles }, stop.signal);
  console.log(`The API answers at ${service.api} (description: ${service.api}/openapi.json).`);
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  try {
    await Promise.race([stopped, service.supervise(restarted, stop.signal)]);
  } finally {
    await service.stop();
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '8787' },
        state: { type: 'string' },
        profiles: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`--port must be 1 to 65535.`);
    return { port, state: values.state, profiles: values.profiles };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
