import { parseArgs } from 'node:util';
import { bearerToken, fetchWeights, jsonLog, stopOnSignals } from '../server/index.ts';
import { startGateway } from './gateway.ts';

const USAGE = `Usage: npm run gateway -- [options]
  --host ADDRESS      address to listen on (127.0.0.1)
  --port N            port, 0 for a free one (8790)
  --state DIR         folder for what is known of calls (.state/gateway)
  --profile NAME|DIR  model profile that the functions load (mini)
  --weights MANIFEST  URL or path of a manifest of weights, fetched first into the folder PORTRAIT_PROFILES
  --app NAME          name of the app on Modal (portrait3d)
The environment variable STAGE_SERVER_TOKEN (16 characters or more) holds the bearer token that callers must send;
MODAL_TOKEN_ID and MODAL_TOKEN_SECRET are the token of Modal.`;

const GRACE_MS = 8_000;

try {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8790' },
      state: { type: 'string', default: '.state/gateway' },
      profile: { type: 'string', default: 'mini' },
      weights: { type: 'string' },
      app: { type: 'string', default: 'portrait3d' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port must be 0 to 65535.');
  for (const name of ['MODAL_TOKEN_ID', 'MODAL_TOKEN_SECRET']) {
    if (!process.env[name]) throw new Error(`${name} is not set: take it from \`modal token new\`.`);
  }
  const { weights, ...options } = values;
  const folder = process.env['PORTRAIT_PROFILES'];
  if (weights !== undefined && !folder)
    throw new Error('--weights needs PORTRAIT_PROFILES, the folder they go to.');
  const prepare = weights ? () => fetchWeights(weights, folder!, jsonLog) : undefined;
  const gateway = await startGateway({
    ...options,
    ...(prepare && { prepare }),
    port,
    token: bearerToken(),
    log: jsonLog,
  });
  stopOnSignals(gateway, GRACE_MS, jsonLog);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
