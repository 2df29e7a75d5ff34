import type {
  Age,
  Beard,
  Build,
  Ethnicity,
  Expression,
  EyeColour,
  Glasses,
  Headwear,
  Sex,
  Top,
} from './people/attributes.ts';
import type { HairStyleName } from './people/hairstyles.ts';
import type { Fabric, Frame, HairColour, LipColour, SkinTone } from './people/palette.ts';

/** Phrases for a value, all equally likely; `{c}` stands for a colour, `{d}` for a second one. */
type Phrases<K extends string> = Readonly<Record<K, readonly string[]>>;

/** Age adjectives and nouns together: some nouns already say the age. */
export const PEOPLE: Readonly<Record<Sex, Phrases<Age>>> = {
  male: {
    child: ['boy', 'little boy', 'young boy', 'male child'],
    teen: ['teenage boy', 'teenage boy', 'male teenager'],
    young: ['young man', 'young man', 'young man', 'young guy', 'young male', 'man'],
    'middle-aged': ['middle-aged man', 'middle-aged man', 'man', 'man in his forties', 'guy'],
    old: ['old man', 'old man', 'elderly man', 'senior man', 'grandfather', 'old guy'],
  },
  female: {
    child: ['girl', 'little girl', 'young girl', 'female child'],
    teen: ['teenage girl', 'teenage girl', 'female teenager'],
    young: ['young woman', 'young woman', 'young woman', 'young lady', 'young female', 'woman'],
    'middle-aged': ['middle-aged woman', 'middle-aged woman', 'woman', 'woman in her forties', 'lady'],
    old: ['old woman', 'old woman', 'elderly woman', 'senior woman', 'grandmother', 'old lady'],
  },
};

export const ETHNICITIES: Phrases<Ethnicity> = {
  white: ['white', 'caucasian', 'european'],
  asian: ['asian', 'asian', 'east asian'],
  black: ['black', 'african', 'dark-skinned'],
};

export const SKIN_TONES: Phrases<SkinTone> = {
  pale: ['pale skin', 'fair skin', 'very light skin'],
  light: ['light skin'],
  olive: ['olive skin'],
  tan: ['tanned skin', 'tan skin'],
  brown: ['brown skin'],
  dark: ['dark skin', 'very dark skin'],
};

export const BUILDS: Phrases<Build> = {
  slim: ['thin', 'slim', 'skinny'],
  average: [],
  heavy: ['chubby', 'overweight', 'heavy', 'fat'],
};

export const HAIR_COLOURS: Phrases<HairColour> = {
  black: ['black', 'black', 'jet black'],
  'dark brown': ['dark brown'],
  brown: ['brown', 'brown', 'light brown'],
  blonde: ['blonde', 'blonde', 'blond', 'golden'],
  red: ['red', 'ginger'],
  grey: ['grey', 'gray'],
  white: ['white', 'white', 'snow white'],
  blue: ['blue'],
  pink: ['pink'],
  green: ['green'],
  purple: ['purple'],
};

export const HAIR_STYLES: Phrases<Exclude<HairStyleName, 'bald'>> = {
  short: ['short {c} hair', 'short straight {c} hair'],
  messy: ['short messy {c} hair', 'messy {c} hair', 'tousled {c} hair', 'short {c} hair'],
  'side-swept': ['short {c} hair with a side-swept fringe', 'side-swept {c} hair'],
  'slicked-back': ['slicked-back {c} hair', 'short slicked-back {c} hair', 'short {c} hair'],
  afro: ['a {c} afro', 'curly {c} hair', '{c} afro hair'],
  buzz: ['a {c} buzz cut', 'very short {c} hair', 'cropped {c} hair', 'shaved {c} hair'],
  bob: ['a {c} bob', 'a {c} bob haircut', 'short {c} bob hair'],
  'side bob': ['an asymmetric {c} bob', 'a side-parted {c} bob', 'a {c} bob'],
  'chin-length': ['chin-length {c} hair', 'a chin-length {c} bob'],
  'shoulder-length': ['shoulder-length {c} hair', 'medium-length {c} hair'],
  long: ['long {c} hair', 'long straight {c} hair', 'straight {c} hair'],
  'long wavy': ['long wavy {c} hair', 'wavy {c} hair', 'long {c} hair'],
  'medium wavy': ['shoulder-length wavy {c} hair', 'wavy {c} hair', 'shoulder-length {c} hair'],
  ponytail: ['a {c} ponytail', '{c} hair in a ponytail', '{c} hair tied back'],
  braid: ['a {c} braid', 'braided {c} hair', '{c} hair in a braid'],
};
export const ANY_HAIR: readonly string[] = ['{c} hair'];
export const BALD_ADJECTIVE: readonly string[] = ['bald'];
export const BALD: readonly string[] = ['a bald head', 'no hair', 'a shaved head'];

export const BEARDS: Phrases<Exclude<Beard, 'none'>> = {
  full: ['a {c} beard', 'a {c} beard', 'a full {c} beard', 'a bushy {c} beard', 'a thick {c} beard'],
  stubble: ['{c} stubble', 'light stubble', 'stubble'],
  moustache: ['a {c} moustache', 'a {c} mustache'],
  goatee: ['a {c} goatee', 'a {c} goatee beard'],
  'chin beard': ['a {c} chin beard', 'a small {c} beard'],
};
export const BEARDED: readonly string[] = ['bearded'];

export const EYES: Phrases<EyeColour> = {
  brown: ['brown eyes'],
  blue: ['blue eyes'],
  green: ['green eyes'],
  grey: ['grey eyes', 'gray eyes'],
};

export const LIPSTICK: Phrases<LipColour> = {
  red: ['red lipstick', 'red lips'],
  pink: ['pink lipstick', 'pink lips'],
};

/** What follows the noun directly ("a woman smiling"); "with …" joins the list of features. */
export const EXPRESSIONS: Phrases<Expression> = {
  neutral: [],
  smile: ['smiling', 'with a smile', 'with a happy smile'],
  grin: ['laughing', 'grinning', 'with a big smile', 'with a happy grin'],
  sad: ['looking sad', 'with a sad face', 'with a sad expression'],
  angry: ['looking angry', 'frowning', 'with an angry face', 'with an angry expression'],
  surprised: ['looking surprised', 'with a surprised face', 'with an open mouth'],
  'closed eyes': ['with closed eyes', 'with eyes closed'],
};

export const GLASSES: Phrases<Exclude<Glasses, 'none'>> = {
  round: ['round {c} glasses', 'round glasses', '{c} glasses', 'glasses', 'round spectacles'],
  rectangular: ['rectangular {c} glasses', 'rectangular glasses', '{c} glasses', 'glasses', 'square glasses'],
  oval: ['{c} glasses', 'glasses', 'eyeglasses', 'spectacles', '{c} eyeglasses'],
  sunglasses: ['sunglasses', 'black sunglasses', 'dark sunglasses', 'shades'],
};

export const FRAMES: Phrases<Frame> = {
  black: ['black'],
  brown: ['brown'],
  gold: ['gold', 'golden'],
  silver: ['silver'],
  red: ['red'],
  blue: ['blue'],
};

export const HEADWEAR: Phrases<Exclude<Headwear, 'none'>> = {
  fedora: ['a {c} fedora', 'a {c} fedora hat', 'a {c} hat', 'a {c} felt hat'],
  beanie: ['a {c} beanie', 'a {c} knit hat', 'a {c} woolly hat', 'a {c} winter hat'],
  cap: ['a {c} cap', 'a {c} baseball cap'],
  headscarf: ['a {c} headscarf', 'a {c} hijab'],
  'top hat': ['a {c} top hat', 'a tall {c} hat'],
  'sun hat': ['a straw hat', 'a sun hat', 'a wide-brimmed hat', 'a wide straw hat'],
  crown: ['a golden crown', 'a gold crown', 'a crown'],
};

export const TOPS: Phrases<Top> = {
  't-shirt': ['a {c} t-shirt', 'a {c} t-shirt', 'a {c} tee', 'a {c} top'],
  'v-neck': ['a {c} v-neck', 'a {c} v-neck t-shirt', 'a {c} v-neck top', 'a {c} v-neck sweater'],
  turtleneck: [
    'a {c} turtleneck',
    'a {c} turtleneck',
    'a {c} turtleneck sweater',
    'a {c} jumper',
    'a {c} sweater',
  ],
  'striped t-shirt': [
    'a {c} and {d} striped t-shirt',
    'a striped {c} and {d} t-shirt',
    'a {c} t-shirt with {d} stripes',
  ],
  'striped sweater': [
    'a {c} and {d} striped sweater',
    'a striped {c} and {d} turtleneck',
    'a {c} sweater with {d} stripes',
  ],
  shirt: ['a {c} shirt', 'a {c} button-up shirt', 'a {c} collared shirt', 'a {c} dress shirt'],
  suit: [
    'a black suit and tie',
    'a dark suit with a tie',
    'a suit and tie',
    'a business suit',
    'a formal suit',
  ],
  jacket: ['a dark jacket', 'a grey jacket', 'a jacket over a striped shirt', 'a blazer'],
  overalls: ['blue overalls', 'overalls over a white shirt', 'dungarees'],
  'striped shirt': ['a dark striped shirt', 'a striped shirt', 'a striped button-up shirt'],
};

export const FABRICS: Phrases<Fabric> = {
  white: ['white'],
  black: ['black'],
  grey: ['grey', 'gray'],
  red: ['red'],
  blue: ['blue', 'blue', 'dark blue'],
  'light blue': ['light blue', 'light blue', 'sky blue'],
  green: ['green'],
  yellow: ['yellow'],
  orange: ['orange'],
  purple: ['purple', 'purple', 'violet'],
  pink: ['pink'],
  brown: ['brown'],
};

/** Openings of a caption. */
export const OPENINGS: readonly string[] = [
  '',
  '',
  '',
  'a portrait of ',
  'a photo of ',
  'a picture of ',
  'a headshot of ',
  'a 3d portrait of ',
  'a close-up of ',
];

/** Words of the grammar around the phrases. */
export const GRAMMAR: readonly string[] = [
  'a',
  'an',
  'with',
  'and',
  'wearing',
  'in',
  'who',
  'has',
  'is',
  'person',
];
