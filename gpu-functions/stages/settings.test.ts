import { expect, it } from 'vitest';
import { settingsFor } from './settings.ts';

it('takes the defaults, then the quality, then what the profile says, for all qualities and for one', () => {
  const manifest = { name: 'p', stages: { invert: { samples: 40, draft: { fitSteps: 3 } } } };
  const plain = { name: 'p', stages: {} };
  expect(settingsFor(plain, 'invert', 'draft').fitSteps).toBeLessThan(
    settingsFor(plain, 'invert', 'standard').fitSteps,
  );
  expect(settingsFor(manifest, 'invert', 'draft')).toMatchObject({ fitSteps: 3, samples: 40 });
  expect(settingsFor(manifest, 'invert', 'standard')).toMatchObject({
    fitSteps: settingsFor(plain, 'invert', 'standard').fitSteps,
    samples: 40,
  });
});

it('says which setting of which profile is wrong', () => {
  const manifest = { name: 'p', stages: { render: { frontSize: 'large' } } };
  expect(() => settingsFor(manifest, 'render', 'draft')).toThrow(
    /render in the profile 'p'.*[\s\S]*frontSize/,
  );
});
