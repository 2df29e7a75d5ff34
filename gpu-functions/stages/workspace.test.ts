import { expect, it } from 'vitest';
import { Workspace } from './workspace.ts';

it('gives the same tensor for a name and shape, in memory that threads share', () => {
  const workspace = new Workspace();
  const first = workspace.tensor('lane 0', [2, 3]);
  expect(first.data).toHaveLength(6);
  expect(first.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(workspace.tensor('lane 0', [2, 3])).toBe(first);
  expect(workspace.tensor('lane 1', [2, 3]).data.buffer).not.toBe(first.data.buffer);
  expect(workspace.tensor('lane 0', [4]).shape).toEqual([4]);
});
