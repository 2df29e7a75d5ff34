import { expect, it } from 'vitest';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { workerOptions } from './edge-platform.ts';

/** How modules are found, which a bundle needs not, and bindings of no name. */
const OTHERS = ['rootPath', 'modulesRules', 'email'];

const isEmpty = (value: unknown) =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);

it('reads all of wrangler.toml that wrangler does', () => {
  const { name, ...own } = workerOptions();
  const { workerOptions: wranglers } = unstable_getMiniflareWorkerOptions('./wrangler.toml');
  const others = Object.entries(wranglers).filter(([key, value]) => !OTHERS.includes(key) && !isEmpty(value));
  expect(own).toEqual(Object.fromEntries(others));
  expect(name).toBe('portrait3d');
});
