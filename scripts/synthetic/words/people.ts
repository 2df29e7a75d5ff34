import type { Age, Build, Sex } from '../people/attributes.ts';
import { either, type Sayings, type SayingsOf } from './phrases.ts';

/** Nouns that say the sex alone, for adults of any age. */
export const ADULTS: Readonly<Record<Sex, readonly string[]>> = {
  male: either(`man | man | man | man | man | man | man | man | guy | guy | male | gentleman | bloke | fellow | chap | dude | mister | sir | gent |
    male person | adult man | male adult | male model | male human | father | dad | daddy | husband | uncle | brother | masculine person`),
  female:
    either(`woman | woman | woman | woman | woman | woman | woman | woman | lady | lady | female | gal | female person | dame | madam |
    adult woman | female adult | female model | female human | mother | mum | mom | wife | aunt | auntie | sister | feminine person | ma'am | mama`),
};

/** Nouns that say neither sex nor age. */
export const ANYBODY = either(
  'person | person | person | person | human | human being | someone | somebody | individual | character | face | adult | model',
);

/** Nouns that say sex and age both. */
export const AGED_NOUNS: Readonly<Record<Sex, Readonly<Record<Age, readonly string[]>>>> = {
  male: {
    child:
      either(`boy | boy | boy | boy | little boy | little boy | small boy | young boy | male child | schoolboy | son | toddler boy | boy child | kid boy |
      little lad | male kid | baby boy | little guy | grandson | small lad`),
    teen: either(`boy | boy | teenage boy | teenage boy | teenage boy | male teenager | male teen | teen boy | adolescent boy | lad | teenage lad | male adolescent |
      teenaged boy | teenage guy | high school boy | older boy`),
    young: either(
      'lad | young lad | young bloke | young chap | young gentleman | young guy | young dude | bachelor',
    ),
    'middle-aged': either('middle-aged guy | middle-aged bloke | middle-aged gentleman | middle-aged chap'),
    old: either(`grandfather | grandfather | grandpa | granddad | grandad | gramps | old guy | old bloke | old gentleman | old chap | old fellow |
      great-grandfather | old geezer | elderly gentleman | codger | patriarch | greybeard`),
  },
  female: {
    child:
      either(`girl | girl | girl | girl | little girl | little girl | small girl | young girl | female child | schoolgirl | daughter | toddler girl |
      girl child | kid girl | little lass | female kid | baby girl | granddaughter | little lady`),
    teen: either(`girl | girl | girl | teenage girl | teenage girl | teenage girl | female teenager | female teen | teen girl | adolescent girl | lass | teenage lass |
      female adolescent | teenaged girl | high school girl | older girl`),
    young: either(
      'girl | girl | girl | lass | young lass | young lady | young lady | young gal | miss | maiden | damsel | bride',
    ),
    'middle-aged': either('middle-aged lady | middle-aged gal | middle-aged mum | matron'),
    old: either(`grandmother | grandmother | grandma | granny | gran | nan | nana | old lady | old lady | old dame | great-grandmother | elderly lady |
      matriarch | nanny | grandmum`),
  },
};

/** Nouns that say the age alone. */
export const AGE_NOUNS: Readonly<Record<Age, readonly string[]>> = {
  child:
    either(`child | child | kid | toddler | youngster | little kid | small child | infant | little one | schoolchild | pupil | grandchild | preschooler |
    kiddo | tot | baby | young child | children`),
  teen: either(
    'teenager | teenager | teen | adolescent | youth | teenaged person | juvenile | high schooler | youngster',
  ),
  young: either(
    'young adult | young adult | young person | twentysomething | university student | millennial',
  ),
  'middle-aged': either(
    'middle-aged person | middle-aged adult | fortysomething | fiftysomething | middle-ager',
  ),
  old: either(`senior | senior | pensioner | elder | old person | elderly person | senior citizen | old-age pensioner | retiree | grandparent | oldster |
    octogenarian | septuagenarian | old-timer | oap`),
};

/** Adjectives and phrases that say the age. */
export const AGES: SayingsOf<Age> = {
  child: {
    before: either(
      'little | young | small | {n}-year-old | {n} year old | {n} yo | {n} yr old | preteen | child-aged | {n}-years-old | tiny',
    ),
    is: either(
      'aged {n} | age {n} | {n} years old | of {n} | who is {n} | in {his} childhood | who is still a child | of primary school age',
    ),
  },
  teen: {
    before: either(
      'teenage | teenage | teenaged | adolescent | {n}-year-old | {n} year old | {n} yo | {n} yr old | teen | juvenile',
    ),
    is: either(
      'aged {n} | age {n} | {n} years old | of {n} | who is {n} | in {his} teens | in {his} late teens | in {his} mid-teens',
    ),
  },
  young: {
    before:
      either(`young | young | young | young | young | young | young adult | youthful | {n}-year-old | {n} year old | {n} yo | {n} yr old | college-aged |
      young-looking | twenty-something | youngish | younger | {N}-year-old`),
    is: either(`aged {n} | age {n} | {n} years old | of {n} | who is {n} | in {his} twenties | in {his} twenties | in {his} 20s | in {his} thirties | in {his} 30s | in {his} early twenties |
      in {his} mid-twenties | in {his} late twenties | in {his} early thirties | in {his} early 30s | in {his} late 20s | in {his} youth | around {n} | about {n} years old`),
  },
  'middle-aged': {
    before:
      either(`middle-aged | middle-aged | middle-aged | middle-aged | middle aged | mature | {n}-year-old | {n} year old | {n} yo | {n} yr old | forty-something |
      fifty-something | midlife | {N}-year-old | fiftyish | fortyish`),
    is: either(`aged {n} | age {n} | {n} years old | of {n} | who is {n} | in {his} forties | in {his} forties | in {his} fifties | in {his} 40s | in {his} 50s |
      in {his} thirties | in {his} 30s | in {his} late thirties | in {his} late 30s | in {his} early forties | in {his} mid-forties | in {his} late forties | in {his} early fifties |
      in {his} mid-fifties | of middle age | in middle age | around {n} | about {n} years old | in midlife`),
  },
  old: {
    before:
      either(`old | old | old | old | old | elderly | elderly | senior | aged | ageing | aging | {n}-year-old | {n} year old | {n} yo | {n} yr old | very old | ancient |
      wizened | retired | older | wrinkled | wrinkly | {N}-year-old | geriatric | elder | long-lived`),
    is: either(`aged {n} | age {n} | {n} years old | of {n} | who is {n} | in {his} sixties | in {his} seventies | in {his} eighties | in {his} nineties |
      in {his} 60s | in {his} 70s | in {his} 80s | in {his} 90s | in {his} late sixties | in {his} early seventies | in {his} mid-seventies |
      in {his} early eighties | in {his} old age | with wrinkles | with wrinkled skin | in retirement | around {n} | about {n} years old | of old age | with a wrinkled face`),
  },
};

/** Years of age, inclusive, of each age that numbers may say. */
export const YEARS: Readonly<Record<Age, readonly [number, number]>> = {
  child: [3, 12],
  teen: [13, 19],
  young: [20, 36],
  'middle-aged': [37, 59],
  old: [60, 99],
};

export const SEX_ADJECTIVES: Readonly<Record<Sex, readonly string[]>> = {
  male: either('male | male | masculine'),
  female: either('female | female | feminine'),
};

export const PRONOUNS: Readonly<Record<Sex, { he: string; his: string }>> = {
  male: { he: 'he', his: 'his' },
  female: { he: 'she', his: 'her' },
};
export const NEUTRAL_PRONOUNS = { he: 'they', his: 'their' };
export const FIRST_PERSON = { he: 'i', his: 'my' };

export const BUILDS: SayingsOf<Build> = {
  slim: {
    before:
      either(`thin | thin | slim | slim | skinny | slender | lean | lanky | bony | gaunt | petite | underweight | slight | scrawny | thin-faced | hollow-cheeked |
      wiry | slightly built | delicate | narrow-faced | skeletal`),
    has: either(
      'a thin face | a slim face | a narrow face | a slender build | a thin neck | hollow cheeks | a gaunt face | sunken cheeks',
    ),
    is: either('of slim build | who is thin | of slender build | who is skinny'),
  },
  average: {
    before: either('average-sized | averagely built | normal-weight | medium-built'),
    has: either('an average build | a medium build | a normal build | a normal weight'),
    is: either('of average build | of medium build | of normal weight | of average weight'),
  },
  heavy: {
    before:
      either(`chubby | chubby | overweight | overweight | heavy | fat | fat | plump | stout | portly | obese | large | big | heavyset | heavy-set | tubby | stocky |
      rotund | corpulent | plus-size | round-faced | chunky | podgy | pudgy | hefty | full-figured | well-fed | curvy | burly | bulky`),
    has: either(
      'a chubby face | a fat face | a double chin | chubby cheeks | a round chubby face | full cheeks | a heavy build | plump cheeks | a fleshy face',
    ),
    is: either('of heavy build | who is overweight | who is chubby | of large build'),
  },
};

/** People of sorts that say nothing that is drawn. */
export const PROFESSIONS =
  either(`doctor | teacher | artist | musician | writer | scientist | engineer | nurse | farmer | lawyer | professor | student | singer |
  actor | poet | painter | photographer | journalist | manager | baker | butcher | gardener | carpenter | plumber | electrician | mechanic | driver |
  programmer | developer | architect | dentist | librarian | banker | accountant | economist | politician | philosopher | historian | chemist |
  physicist | biologist | designer | dancer | drummer | guitarist | pianist | violinist | composer | director | producer | athlete | runner |
  swimmer | boxer | cyclist | footballer | coach | referee | shopkeeper | cashier | clerk | secretary | receptionist | judge | detective |
  entrepreneur | founder | investor | consultant | colleague | neighbour | neighbor | friend | stranger | hero | villain | leader | worker | boss |
  traveller | traveler | tourist | explorer | hiker | barista | bartender | cook | hairdresser | barber | tailor | weaver | potter | sculptor | novelist |
  editor | publisher | analyst | researcher | therapist | psychologist | surgeon | vet | veterinarian | pharmacist | optician | janitor | cleaner | builder |
  bricklayer | welder | miner | sailor | captain | diplomat | ambassador | mayor | minister | activist | volunteer | citizen | local | celebrity | influencer |
  blogger | gamer | nerd | geek | hipster | comedian | commuter | parent | sibling | twin | cousin | villager | customer | patient | intellectual | genius |
  bookseller | beekeeper | violist | cellist | linguist | translator | mathematician | astronomer | geologist | midwife | nutritionist | adviser`);
/** The same, which say the sex as well. */
export const SEXED_PROFESSIONS: Readonly<Record<Sex, readonly string[]>> = {
  male: either(
    'businessman | fisherman | salesman | postman | actor man | waiter | chairman | craftsman | sportsman | barman | nephew | groom | lord | baron',
  ),
  female: either(
    'businesswoman | actress | waitress | saleswoman | heroine | ballerina | chairwoman | sportswoman | barmaid | hostess | housewife | niece | duchess | countess',
  ),
};
/** Nouns for those who wear a crown. */
export const CROWNED: Readonly<Record<Sex, Sayings>> = {
  male: { noun: either('king | king | prince | emperor | monarch') },
  female: { noun: either('queen | queen | princess | empress | monarch') },
};
