import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Env } from '../env.ts';
import { requestDigest, Takedowns } from './takedowns.ts';

const asked = { prompt: 'An old  man', negative_prompt: '', seed: 7, profile: 'mini' } as const;
const takedowns = new Takedowns((env as unknown as Env).ARTIFACTS);

it('case and spacing make no other request; other words, seeds and profiles do', async () => {
  const digest = await requestDigest(asked);
  expect(await requestDigest({ ...asked, prompt: ' an OLD man\n' })).toBe(digest);
  for (const other of [{ prompt: 'an old woman' }, { seed: 8 }, { negative_prompt: 'hat' }])
    expect(await requestDigest({ ...asked, ...other })).not.toBe(digest);
});

it('an equal request is refused while any portrait of it is taken down', async () => {
  expect(await takedowns.refuse(asked)).toBe(null);
  await takedowns.add('prt_a', asked, 'asked for by the person shown');
  await takedowns.add('prt_a', asked, 'asked for by the person shown');
  await takedowns.add('prt_b', { ...asked, prompt: 'an old man' }, 'the same again');
  expect(await takedowns.refuse(asked)).toMatchObject({ code: 'content_filtered' });
  expect(await takedowns.refuse({ ...asked, seed: 8 })).toBe(null);

  await takedowns.lift((await takedowns.get('prt_a'))!);
  expect(await takedowns.get('prt_a')).toBe(null);
  expect(await takedowns.refuse(asked)).toMatchObject({ code: 'content_filtered' });
  await takedowns.lift((await takedowns.get('prt_b'))!);
  expect(await takedowns.refuse(asked)).toBe(null);
});
