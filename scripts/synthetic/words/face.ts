import type { Expression, EyeColour, Glasses } from '../people/attributes.ts';
import type { LipColour, SkinTone } from '../people/palette.ts';
import { either, type SayingsOf } from './phrases.ts';

export const SKIN_TONES: SayingsOf<SkinTone> = {
  pale: {
    before: either(
      'pale | pale-skinned | fair-skinned | very pale | pallid | porcelain-skinned | very fair-skinned',
    ),
    has: either(`pale skin | pale skin | fair skin | very light skin | porcelain skin | ivory skin | milky skin | a pale complexion | a fair complexion | very pale skin | pale white skin | a pallid face |
      alabaster skin | creamy skin | a pale face | very fair skin | snow-white skin`),
    clause: either('{his} skin is pale | {his} skin is very light | skin: pale'),
  },
  light: {
    before: either('light-skinned | light-skinned'),
    has: either(
      'light skin | light skin | a light complexion | light-coloured skin | peachy skin | rosy skin | light beige skin | a light skin tone | a rosy complexion',
    ),
    clause: either('{his} skin is light | skin: light'),
  },
  olive: {
    before: either('olive-skinned | olive-skinned | mediterranean-looking'),
    has: either(
      'olive skin | olive skin | an olive complexion | olive-coloured skin | olive-toned skin | an olive skin tone | medium skin | a medium complexion',
    ),
    clause: either('{his} skin is olive | skin: olive'),
  },
  tan: {
    before: either('tanned | tanned | tan-skinned | suntanned | bronzed | sun-tanned | sunburnt'),
    has: either(
      'tanned skin | tan skin | tanned skin | bronzed skin | a tan | a suntan | sun-kissed skin | a tanned face | golden-brown skin | a deep tan | caramel skin | honey-coloured skin | a tanned complexion',
    ),
    clause: either('{his} skin is tanned | {he} is tanned | skin: tan'),
  },
  brown: {
    before: either('brown-skinned | brown-skinned | brown | dark-skinned | medium-brown-skinned'),
    has: either(
      'brown skin | brown skin | a brown complexion | light brown skin | chestnut skin | medium-brown skin | copper-coloured skin | cinnamon skin | brown-toned skin | warm brown skin | mocha skin',
    ),
    clause: either('{his} skin is brown | skin: brown'),
  },
  dark: {
    before: either('dark-skinned | dark-skinned | dark-skinned | very dark-skinned | ebony-skinned'),
    has: either(
      'dark skin | dark skin | very dark skin | a dark complexion | deep brown skin | dark brown skin | ebony skin | deep dark skin | rich dark skin | black skin | mahogany skin | a dark skin tone',
    ),
    clause: either('{his} skin is dark | {his} skin is very dark | skin: dark'),
  },
};

export const EYES: SayingsOf<EyeColour> = {
  brown: {
    before: either('brown-eyed | brown-eyed | dark-eyed'),
    has: either(
      'brown eyes | brown eyes | brown eyes | dark eyes | hazel eyes | dark brown eyes | light brown eyes | amber eyes | chestnut eyes | chocolate eyes | warm brown eyes | deep brown eyes | doe eyes',
    ),
    clause: either('{his} eyes are brown | eyes: brown | eye colour: brown | eye color: brown'),
  },
  blue: {
    before: either('blue-eyed | blue-eyed | blue eyed'),
    has: either(
      `blue eyes | blue eyes | blue eyes | bright blue eyes | light blue eyes | deep blue eyes | sapphire eyes | ice-blue eyes | pale blue eyes | piercing blue eyes | sky-blue eyes | icy blue eyes | azure eyes | baby-blue eyes`,
    ),
    clause: either('{his} eyes are blue | eyes: blue | eye colour: blue | eye color: blue'),
  },
  green: {
    before: either('green-eyed | green-eyed | green eyed'),
    has: either(
      'green eyes | green eyes | green eyes | bright green eyes | emerald eyes | emerald green eyes | light green eyes | jade eyes | sea-green eyes | blue-green eyes',
    ),
    clause: either('{his} eyes are green | eyes: green | eye colour: green | eye color: green'),
  },
  grey: {
    before: either('grey-eyed | gray-eyed | grey eyed'),
    has: either(
      'grey eyes | gray eyes | grey eyes | gray eyes | steel-grey eyes | steely eyes | silver eyes | pale grey eyes | icy eyes | light gray eyes | stormy grey eyes | slate-grey eyes',
    ),
    clause: either(
      '{his} eyes are grey | {his} eyes are gray | eyes: grey | eye colour: grey | eye color: gray',
    ),
  },
};

export const LIPSTICK: SayingsOf<LipColour> = {
  red: {
    before: either('{c}-lipped'),
    has: either(
      '{c} lipstick | {c} lipstick | {c} lips | {c} lipgloss | {c}-painted lips | lips painted {c} | glossy {c} lips',
    ),
    wears: either('{c} lipstick | {c} lipstick | {c} lip gloss | lipstick in {c} | glossy {c} lipstick'),
    clause: either('{his} lips are {c} | {his} lipstick is {c} | lipstick: {c}'),
  },
  pink: {
    before: either('{c}-lipped'),
    has: either(
      '{c} lipstick | {c} lipstick | {c} lips | {c} lip gloss | {c}-painted lips | lips painted {c} | glossy {c} lips',
    ),
    wears: either('{c} lipstick | {c} lipstick | {c} lip gloss | lipstick in {c} | glossy {c} lipstick'),
    clause: either('{his} lips are {c} | {his} lipstick is {c} | lipstick: {c}'),
  },
};

export const EXPRESSIONS: SayingsOf<Expression> = {
  neutral: {
    before: either(
      'serious | serious-looking | expressionless | calm | unsmiling | solemn | stoic | composed | impassive | deadpan',
    ),
    has: either(`a neutral expression | a neutral expression | a neutral face | a serious expression | a serious face | a straight face | a blank expression | a calm expression | a poker face | no expression |
      a relaxed face | a closed mouth | a blank face | a composed look | an impassive face | a serene expression | a peaceful look | a resting face`),
    is: either(
      "looking serious | not smiling | not smiling | who never smiles | who isn't smiling | who does not smile | not laughing | without smiling | never smiling | with no smile | looking calm | without a smile | looking neutral | looking relaxed | who looks serious | who is not smiling | staring blankly | without expression",
    ),
    clause: either(
      "{he} is not smiling | {he} isn't smiling | {he} does not smile | {he} never smiles | no smile | {he} looks serious | expression: neutral | {he} is calm",
    ),
  },
  smile: {
    before: either(
      'smiling | smiling | smiling | happy | happy-looking | cheerful | cheery | joyful | content | pleased | delighted | good-humoured | jolly | glad | friendly-looking | amused | smirking | sunny | contented | merry',
    ),
    has: either(`a smile | a smile | a happy smile | a gentle smile | a slight smile | a warm smile | a friendly smile | a happy face | a happy expression | a cheerful face | a cheerful expression | a kind smile | a smirk |
      a soft smile | a pleasant smile | a smile on {his} face | upturned lips | a subtle smile | a satisfied smile | a shy smile | a joyful expression | a friendly expression | a proud smile | a closed-mouth smile`),
    is: either(
      'smiling | smiling | smiling | smiling gently | smiling happily | smiling softly | looking happy | looking cheerful | looking pleased | looking content | who smiles | who is smiling | smiling warmly | smirking | in a good mood | in good spirits | feeling happy | looking amused',
    ),
    clause: either(
      '{he} is smiling | {he} smiles | {he} is happy | {he} looks happy | expression: smile | expression: happy | mood: happy',
    ),
  },
  grin: {
    before: either(
      'laughing | laughing | grinning | grinning | beaming | giggling | chuckling | toothy | overjoyed | ecstatic | elated | euphoric | exultant | hysterical | hilarious',
    ),
    has: either(`a big smile | a big smile | a happy grin | a grin | a big grin | a wide grin | a broad smile | a toothy smile | a wide smile | an open smile | a laughing face | a beaming smile | a huge smile | visible teeth | a toothy grin | a cheeky grin |
      a laugh | a bright smile | a radiant smile | an excited expression | a big open smile`),
    is: either(
      'laughing | laughing | grinning | grinning | beaming | smiling broadly | laughing out loud | smiling widely | smiling from ear to ear | showing {his} teeth | laughing happily | cracking up | bursting with laughter | who laughs | who is laughing | cackling | who is grinning | jumping for joy',
    ),
    clause: either(
      '{he} is laughing | {he} is grinning | {he} laughs | {he} grins | expression: laughing | expression: grin',
    ),
  },
  sad: {
    before: either(
      'sad | sad | sad-looking | unhappy | gloomy | miserable | melancholic | melancholy | depressed | sorrowful | crestfallen | heartbroken | mournful | downcast | glum | dejected | lonely | worried | disappointed | grieving | wistful | despondent | forlorn | upset | tragic',
    ),
    has: either(`a sad face | a sad expression | a sad face | a sad look | an unhappy expression | a melancholy expression | sad eyes | a gloomy expression | a sorrowful face | a miserable face | a worried expression | downturned lips | a long face |
      a disappointed look | a pout | a troubled face | a concerned look`),
    is: either(
      'looking sad | looking sad | looking unhappy | looking gloomy | looking worried | looking down | looking depressed | looking miserable | about to cry | crying | weeping | sobbing | pouting | in tears | looking disappointed | in a sad mood | in mourning | who looks sad | who is sad | looking upset | feeling sad | looking hurt',
    ),
    clause: either('{he} is sad | {he} looks sad | {he} is unhappy | expression: sad | mood: sad'),
  },
  angry: {
    before: either(
      'angry | angry | angry-looking | furious | mad | grumpy | cross | irritated | annoyed | enraged | fierce | stern | frowning | scowling | hostile | aggressive | outraged | raging | bad-tempered | fuming | irate | livid | grim | menacing | glowering | moody | disgruntled | displeased | wrathful | threatening | mean-looking | suspicious',
    ),
    has: either(`an angry face | an angry expression | a frown | a scowl | an angry look | a furious expression | a grumpy face | a stern expression | furrowed brows | a fierce look | an annoyed expression | a glare | knitted brows | a grumpy expression | a mean look |
      a stern look | a fierce expression | a snarl | a wrinkled nose | a disgusted face`),
    is: either(
      'looking angry | looking angry | frowning | scowling | glaring | looking furious | looking grumpy | looking annoyed | in a bad mood | in a rage | looking mad | who is angry | who frowns | who looks angry | looking stern | looking irritated | glowering | looking cross | looking fierce | baring {his} teeth in anger | feeling angry',
    ),
    clause: either(
      '{he} is angry | {he} looks angry | {he} frowns | {he} is frowning | expression: angry | mood: angry',
    ),
  },
  surprised: {
    before: either(
      'surprised | surprised | shocked | astonished | amazed | startled | stunned | scared | frightened | afraid | terrified | alarmed | speechless | wide-eyed | astounded | open-mouthed | dumbfounded | flabbergasted | horrified | bewildered | gobsmacked | awestruck | panicked | fearful',
    ),
    has: either(`a surprised face | an open mouth | a surprised expression | a shocked expression | raised eyebrows | wide eyes | a shocked face | a look of surprise | an astonished expression | an amazed look | eyes wide open | a look of shock | a scared face | a frightened expression |
      a mouth wide open | a terrified look | a startled expression | a gaping mouth | a dropped jaw`),
    is: either(
      'looking surprised | looking surprised | looking shocked | looking amazed | gasping | looking astonished | looking scared | looking startled | shouting | screaming | yelling | singing | gaping | in shock | in awe | in surprise | who looks surprised | looking frightened | looking stunned | looking terrified | in panic | staring in disbelief | talking | speaking',
    ),
    clause: either(
      '{he} is surprised | {he} looks surprised | {his} mouth is open | expression: surprised | {he} is shocked',
    ),
  },
  'closed eyes': {
    before: either(
      'sleeping | sleepy | dozing | meditating | dreaming | drowsy | slumbering | napping | dreamy',
    ),
    has: either(
      'closed eyes | closed eyes | eyes closed | shut eyes | eyes shut | {his} eyes closed | {his} eyes shut | both eyes closed',
    ),
    is: either(
      'sleeping | asleep | dreaming | dozing | napping | meditating | who is asleep | praying | snoozing | closing {his} eyes | who sleeps | with eyes closed | fast asleep | in meditation | in prayer | resting {his} eyes',
    ),
    clause: either(
      '{his} eyes are closed | {his} eyes are shut | {he} is asleep | {he} is sleeping | eyes: closed',
    ),
  },
};

const GLASSES_BEFORE = 'bespectacled | spectacled | glasses-wearing | four-eyed';
const ANY_GLASSES = `glasses | glasses | glasses | {c} glasses | {c} glasses | eyeglasses | spectacles | specs | {c} spectacles | {c}-framed glasses | {c}-rimmed glasses | reading glasses | a pair of glasses |
  a pair of {c} glasses | {c} eyeglasses | {c} specs | glasses with {c} frames | eyewear | {c} framed glasses | prescription glasses | thin {c} glasses | {c} frames | nerdy glasses | glasses with a {c} frame | {c} rimmed glasses`;
const GLASSES_ARE = either(
  'in glasses | in {c} glasses | who wears glasses | who needs glasses | in spectacles',
);
const GLASSES_CLAUSES = either(
  '{he} wears glasses | {his} glasses are {c} | {his} glasses have {c} frames | glasses: {c} | {he} wears {c} glasses | {he} is wearing glasses',
);

export const GLASSES: SayingsOf<Glasses> = {
  none: {
    before: either('unbespectacled'),
    has: either('no glasses | no glasses | no spectacles | no eyewear | no sunglasses | an uncovered face'),
    is: either(
      'without glasses | without glasses | without any glasses | without spectacles | without sunglasses | not wearing glasses | who does not wear glasses | with no glasses | who wears no glasses | without eyeglasses | without specs | minus glasses',
    ),
    clause: either(
      '{he} wears no glasses | {he} does not wear glasses | no glasses | glasses: none | {he} is not wearing glasses',
    ),
  },
  round: {
    before: either(GLASSES_BEFORE),
    wears:
      either(`${ANY_GLASSES} | round {c} glasses | round {c} glasses | round glasses | round glasses | round spectacles | round {c} spectacles | circular {c} glasses | harry potter glasses | john lennon glasses | round {c}-framed glasses |
      round wire glasses | circular glasses | round-framed {c} glasses | round-rimmed {c} glasses | round eyeglasses | round specs | round {c} frames`),
    is: GLASSES_ARE,
    clause: GLASSES_CLAUSES,
  },
  rectangular: {
    before: either(GLASSES_BEFORE),
    wears:
      either(`${ANY_GLASSES} | rectangular {c} glasses | rectangular {c} glasses | rectangular glasses | square glasses | square {c} glasses | rectangular {c}-framed glasses | angular {c} glasses | square-framed {c} glasses | rectangular spectacles |
      boxy {c} glasses | wide {c} glasses | square spectacles | rectangular eyeglasses | square {c} spectacles | square specs | rectangular {c} frames | square {c} frames`),
    is: GLASSES_ARE,
    clause: GLASSES_CLAUSES,
  },
  oval: {
    before: either(GLASSES_BEFORE),
    wears: either(
      `${ANY_GLASSES} | ${ANY_GLASSES} | oval {c} glasses | oval glasses | oval {c} spectacles | oval-framed {c} glasses | oval eyeglasses | elliptical {c} glasses | rounded {c} glasses`,
    ),
    is: GLASSES_ARE,
    clause: GLASSES_CLAUSES,
  },
  sunglasses: {
    before: either('sunglasses-wearing'),
    wears:
      either(`sunglasses | sunglasses | sunglasses | sunglasses | black sunglasses | dark sunglasses | shades | shades | dark glasses | dark shades | a pair of sunglasses | tinted glasses | {c} sunglasses | cool sunglasses | aviators | aviator sunglasses |
      sun glasses | big sunglasses | wayfarers | stylish sunglasses | black shades | ray-bans | a pair of shades | opaque glasses`),
    is: either(
      'in sunglasses | in shades | in dark glasses | who wears sunglasses | behind dark glasses | behind sunglasses',
    ),
    clause: either(
      '{he} wears sunglasses | {his} eyes are hidden behind sunglasses | glasses: sunglasses | {he} wears shades | {he} is wearing sunglasses',
    ),
  },
};
