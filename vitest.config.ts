import { availableParallelism } from 'node:os';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Many files wait for processes they started, so two of them go well on two cores, where Vitest runs one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'node',
          include: ['{shared,edge,gpu-functions,scripts,test}/**/*.test.ts'],
          exclude: ['**/*.workers.test.ts', 'node_modules/**'],
          testTimeout: 60_000,
          // A worker and its storage start in seconds on a free machine.
          hookTimeout: 60_000,
          pool: 'forks',
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { SIGNING_SECRET: 'a-secret-that-only-these-tests-know' } },
          }),
        ],
        test: {
          name: 'workers',
          // CommonJS packages that workerd cannot load as they are.
          deps: { optimizer: { ssr: { enabled: true, include: ['obscenity'] } } },
          include: ['{edge,test}/**/*.workers.test.ts'],
          testTimeout: 30_000,
        },
      },
    ],
  },
});
