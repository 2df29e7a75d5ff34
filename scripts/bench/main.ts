import process from 'node:process';

/** What `npm run bench` measures: whole portraits, or one of the parts below. */
const PARTS = {
  portraits: () => import('./portraits.ts'),
  graph: () => import('./graph/main.ts'),
  cuda: () => import('./cuda/main.ts'),
} as const;

const [first = ''] = process.argv.slice(2);
const named = first in PARTS;
if (first !== '' && !named && !first.startsWith('-')) {
  console.error(`There is nothing to measure called '${first}'; there are ${Object.keys(PARTS).join(', ')}.`);
  process.exitCode = 2;
} else {
  if (named) process.argv.splice(2, 1);
  await PARTS[named ? (first as keyof typeof PARTS) : 'portraits']();
}
