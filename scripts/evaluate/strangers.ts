/** What a prompt says of a person: a value of a slot, or several between which it leaves the choice. */
export interface Stranger {
  readonly prompt: string;
  /** Slots not named here are not said. */
  readonly says: Readonly<Record<string, string | readonly string[]>>;
}

const ANY_GLASSES = ['round', 'rectangular', 'oval'];
const ANY_BEARD = ['full', 'goatee', 'chin beard', 'long'];
const WAVY = ['long wavy', 'medium wavy'];
const ANY_CURLS = ['curly', 'afro', 'long curly'];
const DARK = ['dark brown', 'black'];
const ANY_HAT = [
  'fedora',
  'top hat',
  'sun hat',
  'beanie',
  'cap',
  'cowboy hat',
  'bucket hat',
  'beret',
  'helmet',
  'turban',
];
const MAN = { sex: 'male' };
const WOMAN = { sex: 'female' };

/** Prompts as strangers write them, each read by hand. Written before the captions that the encoder learns from were made wider, and never drawn from them. */
export const STRANGERS: readonly Stranger[] = [
  // What somebody does not have.
  { prompt: 'a man who is not wearing a hat', says: { ...MAN, headwear: 'none' } },
  { prompt: 'a woman, no glasses', says: { ...WOMAN, glasses: 'none' } },
  { prompt: 'an old man without a beard', says: { ...MAN, age: 'old', beard: 'none' } },
  {
    prompt: 'hatless young man with a red beard',
    says: { ...MAN, age: 'young', headwear: 'none', beard: ANY_BEARD, beardColour: 'red' },
  },
  {
    prompt: 'a bald man with no beard and no glasses',
    says: { ...MAN, hair: 'bald', beard: 'none', glasses: 'none' },
  },
  { prompt: 'a woman without a hat or glasses', says: { ...WOMAN, headwear: 'none', glasses: 'none' } },
  {
    prompt: "he doesn't have a beard, he wears a green shirt",
    says: { ...MAN, beard: 'none', top: 'shirt', topColour: 'green' },
  },
  {
    prompt: 'clean shaven guy with glasses but no hat',
    says: { ...MAN, beard: 'none', glasses: ANY_GLASSES, headwear: 'none' },
  },
  {
    prompt: "a woman who isn't wearing glasses, with blonde hair",
    says: { ...WOMAN, glasses: 'none', hairColour: 'blonde' },
  },
  {
    prompt: 'a man with a black hat and no beard',
    says: { ...MAN, headwear: ANY_HAT, headwearColour: 'black', beard: 'none' },
  },
  {
    prompt: 'grandpa, no hat, no glasses, white beard, blue sweater',
    says: {
      ...MAN,
      age: 'old',
      headwear: 'none',
      glasses: 'none',
      beard: ANY_BEARD,
      beardColour: 'white',
      top: 'turtleneck',
      topColour: 'blue',
    },
  },
  {
    prompt: 'a girl not wearing any jewelry or makeup',
    says: { ...WOMAN, age: ['child', 'teen'], earrings: 'none', necklace: 'none', eyeShadow: 'none' },
  },
  {
    prompt: 'a beardless man in a red hoodie',
    says: { ...MAN, beard: 'none', top: 'hoodie', topColour: 'red' },
  },
  { prompt: 'A woman who never smiles', says: { ...WOMAN, expression: 'neutral' } },
  // Whose colour a colour is.
  {
    prompt: 'red hat and blue shirt',
    says: { headwear: ANY_HAT, headwearColour: 'red', top: 'shirt', topColour: 'blue' },
  },
  {
    prompt: 'a man wearing a blue shirt and a red hat',
    says: { ...MAN, top: 'shirt', topColour: 'blue', headwear: ANY_HAT, headwearColour: 'red' },
  },
  {
    prompt: 'woman with green hat, yellow t-shirt, black hair',
    says: {
      ...WOMAN,
      headwear: ANY_HAT,
      headwearColour: 'green',
      top: 't-shirt',
      topColour: 'yellow',
      hairColour: 'black',
    },
  },
  {
    prompt: 'black man with a white beard in a grey suit',
    says: {
      ...MAN,
      ethnicity: 'black',
      beard: ANY_BEARD,
      beardColour: 'white',
      top: 'suit',
      topColour: 'grey',
    },
  },
  {
    prompt: 'a white woman with black hair and a black dress',
    says: { ...WOMAN, ethnicity: 'white', hairColour: 'black', top: 'dress', topColour: 'black' },
  },
  {
    prompt: 'a man in a white shirt with a brown beard and black glasses',
    says: {
      ...MAN,
      top: 'shirt',
      topColour: 'white',
      beard: ANY_BEARD,
      beardColour: 'brown',
      glasses: ANY_GLASSES,
      frame: 'black',
    },
  },
  {
    prompt: 'her hair is red and her sweater is green',
    says: { ...WOMAN, hairColour: 'red', top: 'turtleneck', topColour: 'green' },
  },
  {
    prompt: 'a woman whose hair is pink, wearing a black hoodie',
    says: { ...WOMAN, hairColour: 'pink', top: 'hoodie', topColour: 'black' },
  },
  {
    prompt: 'blue eyes, blonde hair, red lips, white tank top',
    says: { eyes: 'blue', hairColour: 'blonde', lipstick: 'red', top: 'tank top', topColour: 'white' },
  },
  {
    prompt: 'a man with brown hair and a grey beard',
    says: { ...MAN, hairColour: 'brown', beard: ANY_BEARD, beardColour: 'grey' },
  },
  {
    prompt: 'purple t-shirt, orange beanie, green eyes, asian man',
    says: {
      ...MAN,
      ethnicity: 'asian',
      eyes: 'green',
      headwear: 'beanie',
      headwearColour: 'orange',
      top: 't-shirt',
      topColour: 'purple',
    },
  },
  {
    prompt: 'red and white striped t-shirt, yellow cap',
    says: {
      top: 'striped t-shirt',
      topColour: 'red',
      secondColour: 'white',
      headwear: 'cap',
      headwearColour: 'yellow',
    },
  },
  // Hair.
  { prompt: 'a woman with dark hair', says: { ...WOMAN, hairColour: DARK } },
  {
    prompt: 'portrait of a young woman with brown hair',
    says: { ...WOMAN, age: 'young', hairColour: 'brown' },
  },
  { prompt: 'a woman with dark brown hair', says: { ...WOMAN, hairColour: 'dark brown' } },
  {
    prompt: 'an old lady with short grey hair',
    says: { ...WOMAN, age: 'old', hair: ['short', 'messy', 'slicked-back'], hairColour: 'grey' },
  },
  { prompt: 'a brunette with long wavy hair', says: { hairColour: ['brown', 'dark brown'], hair: WAVY } },
  { prompt: 'a ginger kid with curly hair', says: { age: 'child', hairColour: 'red', hair: ANY_CURLS } },
  { prompt: 'a man with a green mohawk', says: { ...MAN, hair: 'mohawk', hairColour: 'green' } },
  {
    prompt: 'woman with her blonde hair in a ponytail',
    says: { ...WOMAN, hair: 'ponytail', hairColour: 'blonde' },
  },
  {
    prompt: 'a black-haired woman with a bob',
    says: { ...WOMAN, hair: ['bob', 'side bob', 'chin-length'], hairColour: 'black' },
  },
  { prompt: 'guy with dreadlocks', says: { ...MAN, hair: 'dreadlocks' } },
  // As they type.
  { prompt: 'my grandma with big round glasses', says: { ...WOMAN, age: 'old', glasses: 'round' } },
  {
    prompt: 'my dad with his beard and his red baseball cap',
    says: { ...MAN, beard: ANY_BEARD, headwear: 'cap', headwearColour: 'red' },
  },
  {
    prompt: 'me: 25 year old guy, brown hair, glasses, hoodie',
    says: { ...MAN, age: 'young', hairColour: 'brown', glasses: ANY_GLASSES, top: 'hoodie' },
  },
  {
    prompt: 'I am a 40 year old woman with short blonde hair',
    says: {
      ...WOMAN,
      age: 'middle-aged',
      hair: ['short', 'messy', 'side-swept', 'slicked-back'],
      hairColour: 'blonde',
    },
  },
  {
    prompt: 'OLD MAN WITH WHITE BEARD',
    says: { ...MAN, age: 'old', beard: ANY_BEARD, beardColour: 'white' },
  },
  {
    prompt: 'yung woman, blond hair, glases',
    says: { ...WOMAN, hairColour: 'blonde', glasses: ANY_GLASSES },
  },
  {
    prompt: 'black woman afro red dress gold earrings',
    says: {
      ...WOMAN,
      ethnicity: 'black',
      hair: ['afro', 'curly'],
      top: 'dress',
      topColour: 'red',
      earrings: 'gold',
    },
  },
  {
    prompt: '3d render, old wizard-like man with a long white beard, studio light, 8k',
    says: { ...MAN, age: 'old', beard: 'long', beardColour: 'white' },
  },
  {
    prompt: 'a photo of a smiling woman, black background',
    says: { ...WOMAN, expression: ['smile', 'grin'] },
  },
  { prompt: 'a sad man in front of a red wall', says: { ...MAN, expression: 'sad' } },
  {
    prompt: 'Portrait of a handsome man in a navy suit, soft light, dark background',
    says: { ...MAN, top: 'suit', topColour: 'blue' },
  },
  {
    prompt: 'a little boy with a blue cap, laughing',
    says: { ...MAN, age: 'child', headwear: 'cap', headwearColour: 'blue', expression: ['grin', 'smile'] },
  },
  {
    prompt: 'a fat bald man with a moustache',
    says: { ...MAN, build: 'heavy', hair: 'bald', beard: 'moustache' },
  },
  {
    prompt: 'teenager in a yellow hoodie wearing sunglasses',
    says: { age: 'teen', top: 'hoodie', topColour: 'yellow', glasses: 'sunglasses' },
  },
  {
    prompt: 'Make me a Japanese woman with a white shirt, please',
    says: { ...WOMAN, ethnicity: 'asian', top: 'shirt', topColour: 'white' },
  },
  {
    prompt: 'elderly black gentleman, grey beard, black top hat, monochrome',
    says: {
      ...MAN,
      age: 'old',
      ethnicity: 'black',
      beard: ANY_BEARD,
      beardColour: 'grey',
      headwear: 'top hat',
      headwearColour: 'black',
    },
  },
  // Long ones, with what matters at the end.
  {
    prompt:
      'a highly detailed photorealistic studio portrait photograph of a beautiful confident young woman looking at the camera, soft lighting, shallow depth of field, with freckles and green eyes, wearing a purple turtleneck',
    says: { ...WOMAN, age: 'young', eyes: 'green', top: 'turtleneck', topColour: 'purple' },
  },
  {
    prompt:
      'a middle-aged asian man with short black hair, a thin moustache, brown eyes, a serious expression, rectangular silver glasses, a white shirt, and a brown cowboy hat',
    says: {
      ...MAN,
      age: 'middle-aged',
      ethnicity: 'asian',
      hair: ['short', 'messy', 'slicked-back'],
      hairColour: 'black',
      beard: 'moustache',
      eyes: 'brown',
      expression: 'neutral',
      glasses: 'rectangular',
      frame: 'silver',
      top: 'shirt',
      topColour: 'white',
      headwear: 'cowboy hat',
      headwearColour: 'brown',
    },
  },
  {
    prompt:
      'He is an old man. He has a long grey beard. He has blue eyes. He wears a checked shirt. He wears round golden glasses. He is smiling. His hat is a black fedora.',
    says: {
      ...MAN,
      age: 'old',
      beard: 'long',
      beardColour: 'grey',
      eyes: 'blue',
      top: 'checked shirt',
      glasses: 'round',
      frame: 'gold',
      expression: ['smile', 'grin'],
      headwear: 'fedora',
      headwearColour: 'black',
    },
  },
  {
    prompt:
      'ultra realistic, 4k, masterpiece, best quality, cinematic lighting, sharp focus, portrait of a woman in her thirties, dark skin, curly black hair, white t-shirt, silver necklace, red lipstick',
    says: {
      ...WOMAN,
      age: 'young',
      skin: ['dark', 'brown'],
      hair: ANY_CURLS,
      hairColour: 'black',
      top: 't-shirt',
      topColour: 'white',
      necklace: 'silver',
      lipstick: 'red',
    },
  },
  {
    prompt:
      'a young man with a yellow t-shirt, black hair, a short black beard, brown skin, no glasses and no hat, grinning',
    says: {
      ...MAN,
      age: 'young',
      top: 't-shirt',
      topColour: 'yellow',
      hairColour: 'black',
      beard: ANY_BEARD,
      beardColour: 'black',
      skin: ['brown', 'dark'],
      glasses: 'none',
      headwear: 'none',
      expression: 'grin',
    },
  },
];
