import { expect, it } from 'vitest';
import { settingsFor } from './settings.ts';

it('takes the defaults, then the quality, then what the profile says, for all qualities and for one', () => {
  const manifest = { name: 'p', stages: { invert: { samples: 40, draft: { steps: 3 } } } };
  const plain = { name: 'p', stages: {} };
  expect(settingsFor(plain, 'invert', 'draft').steps).toBeLessThan(
    settingsFor(plain, 'invert', 'standard').steps,
  );
  expect(settingsFor(manifest, 'invert', 'draft')).toMatchObject({ steps: 3, samples: 40 });
  expect(settingsFor(manifest, 'invert', 'standard')).toMatchObject({
    steps: settingsFor(plain, 'invert', 'standard').steps,
    samples: 40,
  });
});

it('says which setting of which profile is wrong', () => {
  const manifest = { name: 'p', stages: { render: { frontSize: 'large' } } };
  expect(() => settingsFor(manifest, 'render', 'draft')).toThrow(
    /render in the profile 'p'.*[\s\S]*frontSize/,
  );
});
