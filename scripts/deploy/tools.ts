import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ToolAnswer } from './configuration.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WRANGLER = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));
const QUIET = { CI: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };
const ANSWER_WITHIN_MS = 60_000;

/** Asks a program something, without a terminal: it cannot ask back. */
export function ask(program: string, args: readonly string[]): Promise<ToolAnswer> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...process.env, ...QUIET }, timeout: ANSWER_WITHIN_MS };
    execFile(program, args, options, (error, stdout) => {
      const status = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ status, stdout });
    });
  });
}

/** Lets a program work, with its words on this terminal. @throws Error where it fails. */
export function work(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...QUIET }, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${program} ${args.slice(0, 2).join(' ')} failed: see what it says above.`));
    });
  });
}

/** Program and arguments of the installed wrangler. */
export const wrangler = (...args: string[]): [string, string[]] => [process.execPath, [WRANGLER, ...args]];
