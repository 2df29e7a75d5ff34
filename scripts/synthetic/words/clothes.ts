import type { Headwear, Top } from '../people/attributes.ts';
import { either, type SayingsOf } from './phrases.ts';

const ANY_HAT = `a {c} hat | a hat | a {c}-coloured hat | some {c} headwear | a {c} headgear`;

export const HEADWEAR: SayingsOf<Headwear> = {
  none: {
    before: either('bareheaded | bare-headed | hatless | hatless'),
    has: either(
      'no hat | no hat | a bare head | nothing on {his} head | no cap | an uncovered head | no headwear | uncovered hair',
    ),
    is: either(
      'without a hat | without a hat | without hat | without headwear | with no hat | without a cap | who wears no hat | not wearing a hat | without any hat | with nothing on {his} head | without headgear',
    ),
    clause: either(
      '{he} wears no hat | {he} is not wearing a hat | no hat | hat: none | {his} head is uncovered',
    ),
  },
  fedora: {
    wears:
      either(`${ANY_HAT} | a {c} fedora | a {c} fedora | a {c} fedora | a {c} fedora hat | a {c} felt hat | a {c} trilby | a fedora | a {c} gangster hat | a {c} panama hat | a {c} homburg | a {c} detective hat | a {c} brimmed hat |
      a {c} gentleman's hat | a {c} borsalino | a vintage {c} hat`),
    clause: either(
      '{his} hat is {c} | {his} fedora is {c} | hat: {c} fedora | hat: {c} | {he} wears a {c} hat',
    ),
  },
  beanie: {
    wears:
      either(`${ANY_HAT} | a {c} beanie | a {c} beanie | a {c} beanie | a {c} knit hat | a {c} woolly hat | a {c} winter hat | a {c} knitted hat | a beanie | a {c} wool hat | a {c} bobble hat | a {c} watch cap | a {c} toque | a {c} knitted cap | a {c} wool cap |
      a {c} stocking cap | a {c} skullcap | a {c} woollen hat | a warm {c} hat | a {c} ski hat | a {c} woolen hat | a {c} skull cap`),
    clause: either(
      '{his} beanie is {c} | {his} hat is {c} | hat: {c} beanie | hat: {c} | {he} wears a {c} beanie',
    ),
  },
  cap: {
    wears:
      either(`a {c} cap | a {c} cap | a {c} cap | a {c} baseball cap | a {c} baseball cap | a cap | a baseball cap | a {c} hat | a {c} peaked cap | a {c} snapback | a {c} trucker cap | a {c} trucker hat | a {c} visor cap | a {c} baseball hat | a {c} sports cap |
      a {c} ballcap | a {c} ball cap | a {c} golf cap | a {c} flat cap | a {c} military cap | a {c} cap with a visor`),
    clause: either('{his} cap is {c} | hat: {c} cap | cap: {c} | {he} wears a {c} cap'),
  },
  headscarf: {
    before: either('veiled | hijab-wearing | headscarved'),
    wears:
      either(`a {c} headscarf | a {c} headscarf | a {c} hijab | a {c} hijab | a hijab | a headscarf | a {c} head scarf | a {c} veil | a {c} shawl over {his} head | a {c} muslim headscarf | a {c} chador | a {c} khimar | an islamic headscarf | a {c} babushka |
      a {c} scarf around {his} head | a {c} wimple | a {c} scarf over {his} hair | a {c} kerchief | a {c} head covering`),
    is: either('in a {c} hijab | in a {c} headscarf | whose hair is covered by a {c} scarf'),
    clause: either(
      '{his} hijab is {c} | {his} headscarf is {c} | {he} wears a {c} hijab | {he} covers {his} hair with a {c} scarf',
    ),
  },
  'top hat': {
    wears: either(
      `${ANY_HAT} | a {c} top hat | a {c} top hat | a {c} top hat | a tall {c} hat | a top hat | a {c} tophat | a {c} cylinder hat | a {c} magician's hat | a {c} victorian hat | a {c} silk hat | a {c} stovepipe hat | a {c} high hat | a {c} ringmaster hat`,
    ),
    clause: either('{his} top hat is {c} | hat: {c} top hat | hat: {c} | {he} wears a {c} top hat'),
  },
  'sun hat': {
    wears:
      either(`a straw hat | a straw hat | a sun hat | a sun hat | a sunhat | a wide-brimmed hat | a wide straw hat | a {c} sun hat | a {c} straw hat | a {c} wide-brimmed hat | a summer hat | a floppy hat | a beach hat | a wide hat | a {c} floppy hat | a {c} summer hat |
      a garden hat | a boater | a farmer hat | a big straw hat | a large-brimmed hat | a {c} sunhat | a hat | a hat of straw | a broad-brimmed hat`),
    clause: either('{he} wears a straw hat | hat: straw | {he} wears a sun hat'),
  },
  crown: {
    before: either('crowned | crown-wearing'),
    wears: either(
      `a golden crown | a gold crown | a crown | a crown | a royal crown | a king's crown | a queen's crown | a jewelled crown | a tiara | a golden tiara | a diadem | a coronet | a gilded crown | a jeweled crown | a golden coronet | a princess crown`,
    ),
    has: either('a crown on {his} head | a golden crown on {his} head'),
    clause: either('{he} wears a crown | there is a crown on {his} head | hat: crown'),
  },
  'cowboy hat': {
    wears:
      either(`${ANY_HAT} | a {c} cowboy hat | a {c} cowboy hat | a {c} cowboy hat | a cowboy hat | a {c} stetson | a stetson | a {c} western hat | a {c} texan hat | a {c} ten-gallon hat | a {c} cowgirl hat | a {c} rodeo hat |
      a {c} ranch hat | a {c} sheriff hat | a {c} hat with a rolled brim | a {c} rancher hat`),
    clause: either(
      '{his} cowboy hat is {c} | hat: {c} cowboy hat | hat: {c} | {he} wears a {c} cowboy hat | {his} stetson is {c}',
    ),
  },
  'bucket hat': {
    wears:
      either(`${ANY_HAT} | a {c} bucket hat | a {c} bucket hat | a {c} bucket hat | a bucket hat | a {c} fishing hat | a {c} fisherman hat | a {c} rain hat | a {c} cloche | a {c} cloche hat | a {c} festival hat | a {c} bucket-style hat |
      a {c} fisherman's hat | a {c} boonie hat | a soft {c} hat with a brim`),
    clause: either('{his} bucket hat is {c} | hat: {c} bucket hat | hat: {c} | {he} wears a {c} bucket hat'),
  },
  turban: {
    before: either('turbaned | turban-wearing'),
    wears: either(
      `a {c} turban | a {c} turban | a {c} turban | a turban | a turban | a {c} sikh turban | a {c} head wrap | a {c} headwrap | a {c} dastar | a {c} pagri | a {c} cloth wrapped around {his} head | a wrapped {c} turban | a {c} pugree | some {c} headwear`,
    ),
    is: either('in a {c} turban | whose hair is under a {c} turban'),
    clause: either('{his} turban is {c} | {he} wears a {c} turban | hat: {c} turban | {he} wears a turban'),
  },
  helmet: {
    before: either('helmeted | helmet-wearing'),
    wears:
      either(`a {c} helmet | a {c} helmet | a {c} helmet | a helmet | a {c} hard hat | a hard hat | a {c} safety helmet | a {c} construction helmet | a {c} builder's helmet | a {c} bicycle helmet | a {c} bike helmet | a {c} motorcycle helmet | a {c} firefighter helmet |
      a {c} work helmet | a {c} protective helmet | a {c} pith helmet | a {c} miner's helmet | a {c} crash helmet | a {c} headgear`),
    clause: either('{his} helmet is {c} | {he} wears a {c} helmet | hat: {c} helmet | {his} hard hat is {c}'),
  },
  beret: {
    before: either('beret-wearing'),
    wears: either(
      `a {c} beret | a {c} beret | a {c} beret | a beret | a {c} french beret | a {c} artist's beret | a {c} basque beret | a {c} wool beret | a {c} felt beret | a {c} tam | a {c} tam o'shanter | a {c} painter's beret | a {c} hat | a {c} military beret | a floppy {c} beret`,
    ),
    clause: either('{his} beret is {c} | {he} wears a {c} beret | hat: {c} beret'),
  },
};

const SUIT = `a suit | a suit and tie | a {c} suit | a {c} suit | a {c} suit | a {c} suit and tie | a {c} business suit | a {c} formal suit | a business suit | a formal suit | a suit with a tie | a {c} tuxedo | a tuxedo | a {c} dinner jacket | a {c} three-piece suit |
  a tailored {c} suit | a {c} suit with a red tie | a {c} suit with a blue tie | a {c} suit and a green tie | a {c} suit and a black tie | a red tie | a blue tie | a striped tie | a suit with a yellow tie | a suit and a red tie | a necktie | a tie | a shirt and tie | a white shirt and tie | a {c} suit jacket | a smart {c} suit | a tux | a dress suit | an elegant suit | formal clothes | formal wear | business attire | a pinstripe suit | a {c} two-piece suit | a bow tie`;

export const TOPS: SayingsOf<Top> = {
  't-shirt': {
    wears:
      either(`a {c} t-shirt | a {c} t-shirt | a {c} t-shirt | a {c} t-shirt | a {c} tee | a {c} top | a {c} tshirt | a plain {c} t-shirt | a {c} crew-neck | a {c} crewneck | a simple {c} t-shirt | a {c} round-neck top | a t-shirt | a {c} tee-shirt |
      a {c} cotton t-shirt | a {c} jersey | a {c} T shirt | a {c} crew neck t-shirt | a {c} sweatshirt | a {c} blouse | a basic {c} tee | a {c} short-sleeved top | a {c} garment | {c} clothes | {c} clothing | a {c} outfit`),
    is: either('dressed in {c} | clad in {c} | in {c} | in {c} clothes'),
    clause: either(
      '{his} t-shirt is {c} | top: {c} t-shirt | t-shirt: {c} | {his} shirt is {c} | {his} top is {c} | clothes: {c} t-shirt',
    ),
  },
  'v-neck': {
    wears:
      either(`a {c} v-neck | a {c} v-neck | a {c} v-neck t-shirt | a {c} v-neck top | a {c} v-neck sweater | a v-neck | a {c} top with a v-neck | a {c} v-neck jumper | a {c} v-neck shirt | a {c} v-neck pullover | a {c} v-shaped neckline | a {c} V neck | a {c} low-cut top |
      a {c} top with a v-shaped neckline | a {c} v-neck blouse | a {c} v-necked top`),
    is: either('dressed in {c} | in {c}'),
    clause: either('{his} v-neck is {c} | top: {c} v-neck | {his} top is {c}'),
  },
  turtleneck: {
    wears:
      either(`a {c} turtleneck | a {c} turtleneck | a {c} turtleneck | a {c} turtleneck sweater | a {c} jumper | a {c} sweater | a {c} sweater | a {c} roll-neck | a {c} polo neck | a {c} polo-neck | a turtleneck | a {c} pullover | a {c} knitted sweater | a {c} woolly jumper |
      a {c} rollneck | a {c} high-necked top | a {c} high-neck sweater | a {c} knit sweater | a {c} wool sweater | a {c} woollen jumper | a thick {c} sweater | a {c} polo-neck jumper | a cosy {c} sweater | a {c} knitwear top | a warm {c} jumper | a {c} turtle neck | a {c} mock-neck | a {c} roll-neck jumper |
      a cozy {c} sweater | a {c} skivvy | a sweater | a jumper | a {c} cashmere sweater | a {c} fleece`),
    is: either('dressed in {c} | in {c} | clad in a {c} sweater'),
    clause: either(
      '{his} turtleneck is {c} | {his} sweater is {c} | top: {c} turtleneck | sweater: {c} | {his} jumper is {c}',
    ),
  },
  'striped t-shirt': {
    wears:
      either(`a {c} and {d} striped t-shirt | a {c} and {d} striped t-shirt | a striped {c} and {d} t-shirt | a {c} t-shirt with {d} stripes | a {c} t-shirt with {d} stripes | a striped t-shirt | a stripy t-shirt | a {c}-and-{d} striped t-shirt | a {c} and {d} stripy top |
      a striped tee | a stripey {c} and {d} t-shirt | a {c} and {d} striped top | a {c} top with {d} stripes | a breton shirt | a {c} tee with {d} stripes | a sailor shirt | a {c} {d} striped t-shirt | a striped top`),
    clause: either(
      '{his} t-shirt is striped {c} and {d} | {his} t-shirt has {c} and {d} stripes | {his} t-shirt is {c} with {d} stripes | {his} t-shirt is striped | top: {c} t-shirt with {d} stripes',
    ),
  },
  'striped sweater': {
    wears:
      either(`a {c} and {d} striped sweater | a {c} and {d} striped sweater | a striped {c} and {d} turtleneck | a {c} sweater with {d} stripes | a {c} sweater with {d} stripes | a striped sweater | a stripy jumper | a {c} and {d} striped jumper | a {c} jumper with {d} stripes |
      a striped jumper | a striped turtleneck | a {c} turtleneck with {d} stripes | a {c} and {d} stripy sweater | a striped {c} and {d} jumper | a {c} pullover with {d} stripes | a striped pullover`),
    clause: either(
      '{his} sweater is striped {c} and {d} | {his} sweater has {c} and {d} stripes | {his} jumper is {c} with {d} stripes | {his} sweater is striped | top: {c} sweater with {d} stripes',
    ),
  },
  shirt: {
    wears:
      either(`a {c} shirt | a {c} shirt | a {c} shirt | a {c} button-up shirt | a {c} collared shirt | a {c} dress shirt | a shirt | a {c} button-down shirt | a {c} shirt with a collar | a {c} polo shirt | a {c} polo | a {c} buttoned shirt | a {c} linen shirt |
      a {c} button-down | an open-collared {c} shirt | a {c} oxford shirt | a {c} blouse with a collar | a formal {c} shirt | a {c} collared blouse | a {c} casual shirt | a {c} work shirt | a {c} denim shirt | a {c} long-sleeved shirt | a collared shirt | a {c} hawaiian shirt`),
    is: either('in {c} | dressed in a {c} shirt'),
    clause: either('{his} shirt is {c} | top: {c} shirt | {his} collared shirt is {c} | shirt: {c}'),
  },
  suit: {
    wears: either(SUIT),
    is: either(
      'in a suit and tie | in formal dress | dressed in a suit | in business clothes | dressed formally | formally dressed | in a {c} suit and tie | dressed in a {c} suit',
    ),
    clause: either(
      '{his} suit is {c} | clothes: suit | {he} wears a suit | {he} wears a suit and tie | top: {c} suit',
    ),
    before: either('suited | business-suited'),
  },
  jacket: {
    wears:
      either(`a jacket | a {c} jacket | a {c} jacket | a jacket over a striped shirt | a blazer | a {c} blazer | a {c} coat | an open jacket | a coat | a {c} open jacket | a leather jacket | a {c} leather jacket | a {c} sports jacket | a {c} bomber jacket | a casual jacket | a {c} cardigan |
      a {c} windbreaker | a {c} overcoat | a jacket over a shirt | a denim jacket | a {c} anorak | a {c} parka | a {c} raincoat | a {c} trench coat | a biker jacket | a sports coat | a cardigan | a {c} vest`),
    is: either('in a {c} jacket | in a jacket | dressed in a jacket'),
    clause: either('{his} jacket is {c} | {he} wears a jacket | top: jacket | {he} has {his} jacket open'),
  },
  overalls: {
    wears: either(
      `overalls | overalls | {c} overalls | {c} overalls | overalls over a white shirt | dungarees | {c} dungarees | denim overalls | {c} denim overalls | work clothes | bib overalls | a jumpsuit | a boiler suit | workwear | a {c} boiler suit | coveralls | {c} coveralls | work overalls | suspenders | braces`,
    ),
    is: either('in overalls | in {c} overalls | in dungarees'),
    clause: either('{his} overalls are {c} | {he} wears overalls | top: overalls'),
  },
  'striped shirt': {
    wears:
      either(`a striped shirt | a striped shirt | a dark striped shirt | a striped button-up shirt | a stripy shirt | a striped collared shirt | a shirt with stripes | a pinstriped shirt | a striped dress shirt | a {c} striped shirt | a stripey shirt | a striped {c} shirt | a striped button-down shirt |
      a vertically striped shirt | a shirt with vertical stripes | a {c} shirt with {d} stripes | a {c} and {d} striped shirt | a pinstripe shirt`),
    clause: either('{his} shirt is striped | {his} shirt has stripes | top: striped shirt'),
  },
  hoodie: {
    wears:
      either(`a {c} hoodie | a {c} hoodie | a {c} hoodie | a {c} hoodie | a hoodie | a {c} hooded sweatshirt | a {c} hooded sweater | a {c} hooded top | a {c} hoody | a {c} sweatshirt with a hood | a {c} pullover hoodie | a {c} sweatshirt |
      a {c} hooded jumper | a {c} tracksuit | a {c} tracksuit top | a {c} top with a hood | a {c} hooded jacket`),
    is: either('in a {c} hoodie | dressed in a {c} hoodie | in {c}'),
    clause: either(
      '{his} hoodie is {c} | top: {c} hoodie | hoodie: {c} | {he} wears a {c} hoodie | {his} hood is down',
    ),
  },
  'tank top': {
    wears:
      either(`a {c} tank top | a {c} tank top | a {c} tank top | a tank top | a {c} sleeveless top | a {c} sleeveless shirt | a {c} singlet | a {c} muscle shirt | a {c} vest top | a {c} athletic top | a {c} undershirt | a {c} gym top | a {c} sports top |
      a {c} racerback | a {c} tank | a {c} basketball jersey | a {c} sleeveless t-shirt`),
    is: either('in a {c} tank top | with bare arms | in {c}'),
    clause: either(
      '{his} tank top is {c} | top: {c} tank top | {his} sleeveless top is {c} | {his} arms are bare',
    ),
  },
  dress: {
    wears:
      either(`a {c} dress | a {c} dress | a {c} dress | a {c} dress | a dress | a {c} summer dress | a {c} sundress | a {c} evening dress | a {c} gown | a {c} ball gown | a {c} cocktail dress | a {c} dress with straps | a {c} strappy dress | a {c} slip dress |
      a {c} camisole | a {c} strappy top | a {c} spaghetti top | a {c} evening gown | an elegant {c} dress | a {c} party dress | a {c} low-cut dress | a {c} prom dress`),
    is: either('in a {c} dress | dressed in a {c} gown | with bare shoulders | in {c}'),
    clause: either(
      '{his} dress is {c} | top: {c} dress | {he} wears a {c} dress | {his} shoulders are bare | {his} gown is {c}',
    ),
  },
  'dotted t-shirt': {
    wears:
      either(`a {c} and {d} dotted t-shirt | a {c} t-shirt with {d} dots | a {c} t-shirt with {d} dots | a dotted t-shirt | a polka-dot t-shirt | a {c} polka-dot t-shirt | a {c} and {d} polka-dot top | a {c} top with {d} polka dots | a spotted t-shirt |
      a {c} and {d} spotted t-shirt | a {c} t-shirt with {d} spots | a polka dot top | a dotted top | a spotted top | a {c} top with {d} dots | a {c} tee with {d} dots | a {c} polka dot blouse | a {c} blouse with {d} dots`),
    clause: either(
      '{his} t-shirt is {c} with {d} dots | {his} t-shirt has {d} dots | top: {c} t-shirt with {d} dots | {his} top has polka dots | {his} {c} t-shirt is dotted',
    ),
  },
  'checked shirt': {
    wears:
      either(`a {c} and {d} checked shirt | a {c} and {d} checked shirt | a checked shirt | a checked shirt | a {c} checked shirt | a plaid shirt | a {c} plaid shirt | a {c} and {d} plaid shirt | a checkered shirt | a {c} and {d} checkered shirt | a flannel shirt |
      a {c} flannel shirt | a {c} and {d} flannel shirt | a tartan shirt | a {c} and {d} tartan shirt | a lumberjack shirt | a {c} lumberjack shirt | a gingham shirt | a {c} and {d} gingham shirt | a {c} shirt with {d} checks | a chequered shirt | a {c} and {d} chequered shirt`),
    clause: either(
      '{his} shirt is checked | {his} shirt is checked {c} and {d} | top: {c} and {d} checked shirt | {his} shirt is plaid | {his} {c} shirt has {d} checks',
    ),
  },
};
