import { loadProfile } from '../../gpu-functions/weights/index.ts';
import { weightsManifestSchema } from '../../gpu-functions/server/index.ts';
import { healthSchema, STAGE_VERSIONS, STAGES, type Health } from '../../shared/index.ts';

/** Something that deploying needs and that is not there. */
export interface Missing {
  what: string;
  /** What to do about it. */
  todo: string;
}

/** What a program answered; `status` is null where it could not be started. */
export interface ToolAnswer {
  status: number | null;
  stdout: string;
}

/** What checking looks with; nothing of it changes anything. */
export interface Eyes {
  wrangler(...args: string[]): Promise<ToolAnswer>;
  modal(...args: string[]): Promise<ToolAnswer>;
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

export interface Configuration {
  /** Name of the worker, and its bucket, in wrangler.toml. */
  worker: string;
  bucket: string;
  /** Whether the GPU functions are deployed to Modal too. */
  modal: boolean;
  env: Record<string, string | undefined>;
}

/** Secrets of the worker, with why it needs them. */
const SECRETS = {
  SIGNING_SECRET: 'signs artifact URLs and callbacks',
  STAGE_SERVER_TOKEN: 'the same as the stage server has',
};

/** Everything that is missing for a deployment, at once. Changes nothing. */
export async function missingOf(configuration: Configuration, eyes: Eyes): Promise<Missing[]> {
  const { modal } = configuration;
  const parts = await Promise.all([
    cloudflare(configuration, eyes),
    address(configuration),
    modal ? modalTools(configuration, eyes) : stageServer(configuration, eyes),
    weights(configuration, eyes),
  ]);
  return parts.flat();
}

async function cloudflare({ worker, bucket, env }: Configuration, { wrangler }: Eyes): Promise<Missing[]> {
  if ((await wrangler('whoami', '--json')).status !== 0) {
    const how = env['CLOUDFLARE_API_TOKEN'] ? 'a CLOUDFLARE_API_TOKEN that is valid' : '`npx wrangler login`';
    const rest = `the bucket ${bucket} and the secrets ${Object.keys(SECRETS).join(', ')} can be looked at only then`;
    return [{ what: 'Cloudflare does not know you', todo: `use ${how}; ${rest}` }];
  }
  const missing: Missing[] = [];
  if ((await wrangler('r2', 'bucket', 'info', bucket)).status !== 0)
    missing.push({ what: `the bucket ${bucket}`, todo: `\`npx wrangler r2 bucket create ${bucket}\`` });
  const listed = await wrangler('secret', 'list', '--name', worker, '--format', 'json');
  const names = listed.status === 0 ? secretNames(listed.stdout) : [];
  for (const [name, why] of Object.entries(SECRETS)) {
    if (!names.includes(name))
      missing.push({ what: `the secret ${name} (${why})`, todo: `\`npx wrangler secret put ${name}\`` });
  }
  return missing;
}

function secretNames(json: string): string[] {
  return (JSON.parse(json) as { name: string }[]).map(({ name }) => name);
}

async function address({ env }: Configuration): Promise<Missing[]> {
  const missing: Missing[] = [];
  const url = env['GPU_URL'] ?? '';
  if (!/^https:\/\/[^/]+/.test(url))
    missing.push({
      what: `GPU_URL${url && `, which is "${url}"`}`,
      todo: 'set it to the https address of the stage server or gateway, which the worker reaches from the internet',
    });
  if ((env['STAGE_SERVER_TOKEN'] ?? '').length < 16)
    missing.push({
      what: 'STAGE_SERVER_TOKEN of 16 characters or more',
      todo: 'set it here too, so that the address can be tried with it',
    });
  return missing;
}

/** A stage server, or gateway, that is ready, of this version, and takes the token. */
export async function stageServer({ env }: Configuration, { fetch }: Eyes): Promise<Missing[]> {
  const url = env['GPU_URL'];
  const token = env['STAGE_SERVER_TOKEN'];
  if (!url || !token) return [];
  let health: Health;
  let refused: boolean;
  try {
    health = healthSchema().parse(await (await fetch(new URL('/health', url).href)).json());
    const run = new URL(`/runs/${'0'.repeat(64)}`, url).href;
    refused = (await fetch(run, { headers: { authorization: `Bearer ${token}` } })).status === 401;
  } catch (error) {
    return [
      { what: `a stage server at ${url}`, todo: `it does not answer /health: ${(error as Error).message}` },
    ];
  }
  const { status, message, profile, digest, stages } = health;
  const missing: Missing[] = [];
  if (refused) missing.push({ what: `the token of ${url}`, todo: 'STAGE_SERVER_TOKEN is another one there' });
  if (status !== 'READY' && status !== 'BUSY')
    missing.push({ what: `a stage server that is ready: it says ${status}`, todo: message ?? 'see its log' });
  else {
    const others = STAGES.filter((stage) => stages[stage] !== STAGE_VERSIONS[stage]);
    if (others.length > 0)
      missing.push({ what: `this version of ${others.join(', ')} at ${url}`, todo: 'deploy its image anew' });
    const bundled = await loadProfile(profile).catch(() => undefined);
    if (bundled && bundled.digest !== digest)
      missing.push({
        what: `the weights of ${profile}: ${url} has others than this folder`,
        todo: 'deploy its image anew',
      });
  }
  return missing;
}

async function modalTools({ env }: Configuration, { modal }: Eyes): Promise<Missing[]> {
  const missing: Missing[] = [];
  for (const name of ['MODAL_TOKEN_ID', 'MODAL_TOKEN_SECRET']) {
    if (!env[name]) missing.push({ what: name, todo: 'take it from `modal token new`' });
  }
  if ((await modal('--version')).status !== 0) {
    missing.push({ what: "Modal's command line", todo: '`pip install modal` (1.2 or newer)' });
  } else if (missing.length === 0) {
    const listed = await modal('secret', 'list', '--json');
    if (listed.status !== 0) return [{ what: 'a token that Modal takes', todo: '`modal token new`' }];
    const wanted = {
      'portrait3d-stages': 'STAGE_SERVER_TOKEN=…',
      'portrait3d-gateway': 'STAGE_SERVER_TOKEN=… MODAL_TOKEN_ID=… MODAL_TOKEN_SECRET=…',
    };
    for (const [name, values] of Object.entries(wanted)) {
      if (!listed.stdout.includes(`"${name}"`))
        missing.push({
          what: `the secret ${name} on Modal`,
          todo: `\`modal secret create ${name} ${values}\``,
        });
    }
  }
  return missing;
}

async function weights({ env }: Configuration, { fetch }: Eyes): Promise<Missing[]> {
  const manifest = env['PORTRAIT_WEIGHTS'];
  const profile = env['PORTRAIT_PROFILE'];
  if (!manifest) {
    if (!profile || (await loadProfile(profile).catch(() => undefined))) return [];
    return [
      {
        what: `the weights of the profile ${profile}`,
        todo: 'set PORTRAIT_WEIGHTS to the address of their manifest (`npm run weights-manifest -- DIR`)',
      },
    ];
  }
  try {
    const answer = await fetch(manifest);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { files } = weightsManifestSchema.parse(await answer.json());
    const sizes = await Promise.all(
      files.map(async ({ path, size, url }) => {
        const { ok, headers } = await fetch(new URL(url ?? path, manifest).href, { method: 'HEAD' });
        return ok && Number(headers.get('content-length')) === size ? [] : [path];
      }),
    );
    const absent = sizes.flat();
    if (absent.length === 0) return [];
    return [{ what: `weights that ${manifest} names`, todo: `put there, whole: ${absent.join(', ')}` }];
  } catch (error) {
    const why = (error as Error).message;
    return [{ what: `the manifest PORTRAIT_WEIGHTS (${manifest})`, todo: `it cannot be used: ${why}` }];
  }
}
