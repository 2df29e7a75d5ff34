import { expect, test } from 'vitest';
import { random } from '../random.ts';
import { sampleAttributes } from './attributes.ts';
import { VALUES } from './free-attributes.ts';
import { HAIR_STYLES, type HairStyle } from './hairstyles.ts';
import { isDyed, type HairColour } from './palette.ts';

const people = Array.from({ length: 4000 }, (_, seed) => sampleAttributes(random(seed, 'attributes')));

test('nobody has what cannot be seen: jewels under cloth or hair, a hat over a crest', () => {
  for (const a of people) {
    const style: HairStyle = HAIR_STYLES[a.hair];
    if (a.earrings !== 'none') {
      expect(style.ears, a.hair).toBe(true);
      expect(['headscarf', 'turban', 'beanie', 'helmet']).not.toContain(a.headwear);
    }
    if (a.necklace !== 'none')
      expect(['turtleneck', 'striped sweater', 'hoodie', 'suit', 'shirt']).not.toContain(a.top);
    if (a.glasses === 'sunglasses') expect(a.eyeShadow).toBe('none');
    if (style.tall) expect(a.headwear).toBe('none');
    expect(a.hairVisible).toBe(a.headwear !== 'headscarf' && a.headwear !== 'turban');
  }
});

test('every value of every attribute is drawn, and none that is not listed', () => {
  for (const [name, values] of Object.entries(VALUES)) {
    const drawn = new Set(people.map((a) => a[name as keyof typeof VALUES]));
    drawn.delete(null);
    // Beards are not dyed.
    const wanted = values.filter((value) => name !== 'beardColour' || !isDyed(value as HairColour));
    expect([...drawn].toSorted(), name).toEqual(wanted.toSorted());
  }
});
