import { ModalClient } from 'modal';
import { STAGE_VERSIONS, type Health } from '../../shared/index.ts';
import { serveRuns, stageServerApp, VERSION, type Loaded, type Log } from '../server/index.ts';
import { loadProfile } from '../weights/index.ts';
import { CallStore } from './call-store.ts';
import { ModalCalls } from './modal-calls.ts';
import { ModalRuns } from './modal-runs.ts';

/** How long until Modal is looked at again, where it could not be used. */
const CHECK_AGAIN_MS = 15_000;

export interface GatewayOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Folder for what is known of calls. */
  state: string;
  /** Bearer token of those who may use it. */
  token: string;
  /** Profile's name or folder: the one that the functions load. */
  profile: string;
  /** Name of the app on Modal. */
  app: string;
  /** What has to be there before the profile is read: its weights, where they are fetched. */
  prepare?: () => Promise<void>;
  log: Log;
  /** Milliseconds until Modal is looked at again, where it could not be used. */
  checkAgainMs?: number;
}

export interface Gateway {
  url: string;
  close(): Promise<void>;
}

/**
 * The run protocol over functions on Modal, for a worker that cannot speak gRPC itself. The token of Modal is taken from
 * MODAL_TOKEN_ID and MODAL_TOKEN_SECRET.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host, port, state, token, profile, app: appName, log } = options;
  const modal = new ModalClient();
  const calls = new ModalCalls(modal, appName);
  const runs = new ModalRuns(calls, new CallStore(state, log), log);

  let loaded: Loaded | undefined;
  let condition: Pick<Health, 'status' | 'message'> = { status: 'STARTING', message: 'Modal is looked at.' };
  let again: NodeJS.Timeout | undefined;
  const look = async () => {
    try {
      if (!loaded) {
        await options.prepare?.();
        const { manifest, digest } = await loadProfile(profile);
        loaded = { profile: manifest.name, provider: 'cuda', digest, stages: STAGE_VERSIONS };
      }
      await calls.check();
      condition = { status: 'READY' };
    } catch (error) {
      const { message } = error as Error;
      log('error', 'setup_failed', { message });
      condition = { status: 'SETUP_FAILED', message };
      again = setTimeout(() => void look(), options.checkAgainMs ?? CHECK_AGAIN_MS);
    }
  };

  const health = (): Health => ({
    profile: loaded?.profile ?? profile,
    provider: 'cuda',
    digest: loaded?.digest ?? '',
    stages: loaded?.stages ?? {},
    version: VERSION,
    ...condition,
  });
  const app = stageServerApp({ token, runs, health, loaded: () => loaded });
  const served = await serveRuns(app, host, port);
  log('info', 'listening', { url: served.url, pid: process.pid, app: appName });
  const looked = look();

  return {
    url: served.url,
    async close() {
      condition = { status: 'DRAINING', message: 'The gateway shuts down.' };
      await looked;
      clearTimeout(again);
      await served.close();
      modal.close();
    },
  };
}
