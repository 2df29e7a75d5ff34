import type { Beard } from '../people/attributes.ts';
import type { HairStyleName } from '../people/hairstyles.ts';
import { either, type Sayings, type SayingsOf } from './phrases.ts';

/** Hair of any cut, said by its colour alone. */
export const ANY_HAIR: Sayings = {
  before: either('{c}-haired | {c}-haired | {c} haired | {c}-headed'),
  has: either(`{c} hair | {c} hair | {c} hair | {c} hair | {c} hair | {c} locks | {c}-coloured hair | {c}-colored hair | hair that is {c} | hair dyed {c} |
    {c} coloured hair | beautiful {c} hair | thick {c} hair | {c} strands | shiny {c} hair | natural {c} hair | {c} tresses | healthy {c} hair | glossy {c} hair`),
  clause: either(
    '{his} hair is {c} | the hair is {c} | hair colour: {c} | hair color: {c} | hair: {c} | {his} hair has a {c} colour',
  ),
};

/** Nouns that say the hair's colour. */
export const HAIR_NOUNS: Readonly<Record<string, readonly string[]>> = {
  'dark brown': either('brunette'),
  brown: either('brunette'),
  blonde: either('blonde | blond | blondie'),
  red: either('redhead | ginger | ginger | redheaded person'),
};
export const HAIR_ADJECTIVES: Readonly<Record<string, readonly string[]>> = {
  'dark brown': either('brunette | brunet | dark-haired'),
  black: either('raven-haired | raven-haired'),
  brown: either('brunette | brunet'),
  blonde: either('blonde | blond | blonde | fair-haired | golden-haired | flaxen-haired | tow-headed'),
  red: either('ginger | ginger | redheaded | red-headed | flame-haired | auburn | copper-haired'),
  grey: either('grey-haired | silver-haired | greying | gray-haired | silver-headed | grizzled'),
  white: either('white-haired | snowy-haired | hoary'),
};

export const HAIR_STYLES: SayingsOf<HairStyleName> = {
  short: {
    before: either('short-haired'),
    has: either(`short {c} hair | short {c} hair | short {c} hair | short straight {c} hair | neat short {c} hair | a short {c} haircut | a pixie cut | a {c} pixie cut |
      short hair | short neat {c} hair | a neat {c} haircut | tidy {c} hair | a tidy short haircut | a short back and sides | a short hairstyle | cropped {c} locks`),
    clause: either(
      '{his} hair is short | {his} hair is short and {c} | hair: short, {c} | {his} {c} hair is cut short',
    ),
  },
  messy: {
    has: either(`short messy {c} hair | messy {c} hair | messy {c} hair | tousled {c} hair | short {c} hair | dishevelled {c} hair | disheveled {c} hair | unkempt {c} hair |
      ruffled {c} hair | uncombed {c} hair | messy hair | untidy {c} hair | spiky {c} hair | scruffy {c} hair | bed hair | wild short {c} hair | windswept {c} hair | shaggy {c} hair |
      tousled hair | choppy {c} hair`),
    clause: either(
      '{his} hair is messy | {his} {c} hair is a mess | {his} hair is {c} and messy | {his} hair is tousled',
    ),
  },
  'side-swept': {
    has: either(`short {c} hair with a side-swept fringe | side-swept {c} hair | {c} hair swept to the side | a {c} fringe | a side-swept {c} fringe | {c} bangs |
      side-swept {c} bangs | {c} hair with bangs | {c} hair with a fringe | a side parting | side-parted short {c} hair | an emo haircut | combed-over {c} hair`),
  },
  'slicked-back': {
    has: either(`slicked-back {c} hair | slicked-back {c} hair | short slicked-back {c} hair | short {c} hair | slicked back {c} hair | combed-back {c} hair | gelled {c} hair |
      swept-back {c} hair | sleek {c} hair | greased {c} hair | slick {c} hair | a {c} quiff | a pompadour | pomaded {c} hair | {c} hair combed back | slicked-back hair | brushed-back {c} hair`),
    clause: either('{his} {c} hair is slicked back | {his} hair is slicked back | {his} hair is combed back'),
  },
  afro: {
    before: either('curly-haired | curly haired | frizzy-haired | curly-headed'),
    has: either(`a {c} afro | a {c} afro | curly {c} hair | curly {c} hair | {c} afro hair | {c} curls | an afro | frizzy {c} hair | kinky {c} hair | big curly {c} hair |
      curly hair | tight {c} curls | a big {c} afro | coily {c} hair | voluminous curly {c} hair | short curly {c} hair | a perm | permed {c} hair | bushy {c} hair | an afro hairstyle | fluffy {c} hair`),
    clause: either(
      '{his} hair is curly | {his} hair is {c} and curly | {his} hair is a {c} afro | hair: curly, {c}',
    ),
  },
  buzz: {
    before: either('crew-cut | short-cropped | close-cropped'),
    has: either(`a {c} buzz cut | a {c} buzz cut | a buzz cut | very short {c} hair | cropped {c} hair | shaved {c} hair | closely cropped {c} hair | a crew cut | a {c} crew cut |
      close-cropped {c} hair | a military haircut | a buzzcut | a {c} buzzcut | extremely short {c} hair | shorn {c} hair | a number one cut | buzzed {c} hair | short-cropped {c} hair | trimmed {c} hair`),
    clause: either(
      '{his} {c} hair is very short | {his} hair is cropped | {his} hair is buzzed | {his} {c} hair is shaved',
    ),
  },
  bald: {
    before: either(
      'bald | bald | bald | bald | bald | bald-headed | bald headed | hairless | shaven-headed | shaved-headed | baldheaded | clean-headed',
    ),
    has: either(`a bald head | no hair | a shaved head | a bald head | a hairless head | a shaven head | a bald pate | a smooth bald head | a completely bald head | a shiny bald head |
      no hair at all | a bald scalp`),
    is: either(
      'who is bald | without hair | without any hair | with no hair | who has gone bald | who has lost {his} hair',
    ),
    clause: either(
      '{he} is bald | {he} has no hair | {his} head is bald | {his} head is shaved | hair: bald | hair: none | no hair',
    ),
    noun: either('baldie | skinhead'),
  },
  bob: {
    has: either(
      `a {c} bob | a {c} bob | a {c} bob haircut | short {c} bob hair | a bob | a short {c} bob | a bob cut | a {c} bob cut | bobbed {c} hair | a {c} pageboy cut | a classic {c} bob | a bob haircut | a sleek {c} bob`,
    ),
    clause: either('{his} {c} hair is cut in a bob | {his} hair is a {c} bob'),
  },
  'side bob': {
    has: either(
      `an asymmetric {c} bob | a side-parted {c} bob | a {c} bob | an asymmetrical {c} bob | a side-swept {c} bob | a {c} side bob | an uneven {c} bob | an angled {c} bob`,
    ),
  },
  'chin-length': {
    has: either(`chin-length {c} hair | a chin-length {c} bob | chin-length hair | {c} hair down to the chin | jaw-length {c} hair | {c} hair to the chin | short straight {c} hair to the jaw |
      {c} hair of chin length | a long {c} bob | a lob | a {c} lob | medium-short {c} hair`),
  },
  'shoulder-length': {
    has: either(`shoulder-length {c} hair | shoulder-length {c} hair | medium-length {c} hair | shoulder-length hair | shoulder length {c} hair | {c} hair down to the shoulders |
      {c} hair to {his} shoulders | mid-length {c} hair | half-long {c} hair | straight shoulder-length {c} hair | {c} hair touching the shoulders | medium length {c} hair | medium {c} hair | semi-long {c} hair`),
    clause: either(
      '{his} {c} hair reaches {his} shoulders | {his} hair is shoulder-length | {his} {c} hair falls to {his} shoulders',
    ),
  },
  long: {
    before: either('long-haired | long haired'),
    has: either(`long {c} hair | long {c} hair | long {c} hair | long straight {c} hair | straight {c} hair | long hair | very long {c} hair | long flowing {c} hair | long sleek {c} hair |
      long loose {c} hair | long silky {c} hair | waist-length {c} hair | {c} hair down {his} back | smooth long {c} hair | straight long {c} hair | long {c} locks | loose {c} hair | flowing {c} hair`),
    clause: either(
      '{his} hair is long | {his} hair is long and {c} | {his} {c} hair is long | hair: long, {c} | {his} {c} hair is long and straight',
    ),
  },
  'long wavy': {
    before: either('long-haired | wavy-haired'),
    has: either(`long wavy {c} hair | long wavy {c} hair | wavy {c} hair | long {c} hair | long {c} waves | wavy hair | long {c} hair with waves | long {c} beach waves | long wavy hair |
      flowing wavy {c} hair | long curled {c} hair | waved {c} hair | loose {c} waves`),
    clause: either('{his} hair is long and wavy | {his} {c} hair is wavy | {his} long {c} hair is wavy'),
  },
  'medium wavy': {
    before: either('wavy-haired'),
    has: either(`shoulder-length wavy {c} hair | wavy {c} hair | shoulder-length {c} hair | medium-length wavy {c} hair | wavy shoulder-length {c} hair | medium wavy {c} hair | {c} waves to the shoulders |
      wavy mid-length {c} hair | wavy medium-length {c} hair | soft {c} waves`),
  },
  ponytail: {
    before: either('ponytailed'),
    has: either(`a {c} ponytail | a {c} ponytail | {c} hair in a ponytail | {c} hair tied back | a ponytail | {c} hair pulled back | {c} hair tied in a ponytail | a {c} pony tail | a long {c} ponytail |
      a high {c} ponytail | tied-back {c} hair | {c} hair pulled into a ponytail | hair tied back | {c} hair gathered at the back | tied {c} hair | a low {c} ponytail`),
    clause: either(
      '{his} {c} hair is tied back | {his} {c} hair is in a ponytail | {his} hair is tied in a ponytail | {he} wears {his} {c} hair in a ponytail',
    ),
  },
  curly: {
    before: either('curly-haired | curly-haired | curly haired | curly-headed | mop-headed'),
    has: either(`curly {c} hair | curly {c} hair | curly {c} hair | curly hair | {c} curls | {c} curls | short curly {c} hair | a mop of {c} curls | a mop of curly {c} hair | thick curly {c} hair |
      {c} ringlets | tight {c} curls | bouncy {c} curls | a curly {c} mop | soft {c} curls | wild {c} curls | loose {c} curls | a {c} perm | permed {c} hair | a curly fringe | corkscrew curls | unruly {c} curls`),
    clause: either(
      '{his} hair is curly | {his} {c} hair is curly | {his} hair is {c} and curly | hair: curly, {c} | {his} {c} hair curls tightly',
    ),
  },
  'long curly': {
    before: either('curly-haired | long-haired | curly haired'),
    has: either(`long curly {c} hair | long curly {c} hair | long curly {c} hair | long curly hair | curly {c} hair | long {c} curls | long {c} hair | long {c} ringlets | flowing {c} curls | a {c} mane of curls | long crimped {c} hair |
      crimped {c} hair | long {c} hair in curls | a wild {c} mane | tumbling {c} curls | cascading {c} curls | long permed {c} hair`),
    clause: either(
      '{his} {c} hair is long and curly | {his} hair is long and curly | {his} long {c} hair is curly | hair: long, curly, {c}',
    ),
  },
  mohawk: {
    before: either('mohawked | punk'),
    has: either(`a {c} mohawk | a {c} mohawk | a {c} mohawk | a mohawk | a {c} mohican | a mohican | a punk mohawk | a {c} punk hairstyle | a tall {c} mohawk | a spiked {c} mohawk | a punk haircut | {c} hair in a mohawk |
      a {c} crest of hair | a faux hawk | a {c} fauxhawk | a {c} iroquois haircut | liberty spikes`),
    clause: either(
      '{his} {c} hair is a mohawk | {his} hair is styled in a mohawk | hair: mohawk, {c} | {his} mohawk is {c}',
    ),
  },
  undercut: {
    has: either(`a {c} undercut | a {c} undercut | an undercut | {c} hair shaved at the sides | {c} hair with shaved sides | a {c} hair undercut | shaved sides | {c} hair long on top and short at the sides | a {c} fade | a fade haircut |
      a disconnected {c} undercut | a hipster haircut | {c} hair buzzed at the sides | a skin fade | a {c} taper fade | a peaky blinders haircut`),
    clause: either('{his} {c} hair is shaved at the sides | {his} sides are shaved | hair: undercut, {c}'),
  },
  'high-top fade': {
    has: either(`a {c} high-top fade | a {c} high-top fade | a high-top fade | a {c} flat top | a flat top | a {c} flattop | a {c} hi-top fade | a {c} afro with faded sides | curly {c} hair with shaved sides | a {c} curly undercut | a {c} box fade |
      a {c} high-top | a nineties fade | a {c} afro fade | curly {c} hair on top and short sides | a high top`),
    clause: either(
      '{his} {c} hair is a high-top fade | {his} {c} curls are shaved at the sides | hair: high-top fade, {c}',
    ),
  },
  balding: {
    before: either('balding | balding | half-bald | partly bald | thin-haired'),
    has: either(`a receding {c} hairline | a receding hairline | thinning {c} hair | thinning hair | a ring of {c} hair | a fringe of {c} hair around a bald crown | a bald patch | a bald spot | a bald crown | {c} hair only at the sides |
      a {c} horseshoe of hair | a tonsure | a {c} tonsure | male pattern baldness | a bald top and {c} sides | sparse {c} hair | thin {c} hair | a wreath of {c} hair`),
    is: either('who is balding | who is going bald | losing {his} hair | going bald | bald on top'),
    clause: either('{he} is balding | {he} is going bald | {his} {c} hair is thinning | {he} is bald on top'),
  },
  bun: {
    has: either(`a {c} bun | a {c} bun | a bun | {c} hair in a bun | {c} hair in a bun | {c} hair tied in a bun | {c} hair tied back | a {c} chignon | an {c} updo | pinned-up {c} hair | a neat {c} bun | a low {c} bun | a {c} hair bun |
      a ballerina bun | a {c} knot of hair | {c} hair pinned up | {c} hair put up | {c} hair worn up | hair in a bun | a tight {c} bun`),
    clause: either(
      '{his} {c} hair is in a bun | {his} hair is tied in a bun | {he} wears {his} {c} hair in a bun | hair: bun, {c} | {his} {c} hair is up',
    ),
  },
  'top knot': {
    has: either(`a {c} top knot | a {c} topknot | a topknot | a top knot | a {c} bun on top | a {c} man bun | a man bun | a high {c} bun | a {c} samurai bun | a {c} bun on top of {his} head | {c} hair in a topknot | a {c} bun | a bun |
      a {c} top bun | a messy {c} topknot | {c} hair tied up on top`),
    clause: either(
      '{his} {c} hair is tied in a topknot | {his} hair is in a top knot | hair: topknot, {c} | {his} {c} bun sits on top of {his} head',
    ),
  },
  pigtails: {
    before: either('pigtailed'),
    has: either(`{c} pigtails | {c} pigtails | {c} pigtails | pigtails | {c} hair in pigtails | {c} hair in pigtails | two {c} pigtails | {c} bunches | {c} hair in bunches | two {c} ponytails | {c} hair tied in two tails | {c} twin tails | twintails |
      long {c} pigtails | {c} hair tied at both sides | low {c} pigtails | a pair of {c} pigtails`),
    clause: either(
      '{his} {c} hair is in pigtails | {his} hair is tied in pigtails | {he} wears {his} {c} hair in pigtails | hair: pigtails, {c}',
    ),
  },
  dreadlocks: {
    before: either('dreadlocked | rasta'),
    has: either(`{c} dreadlocks | {c} dreadlocks | {c} dreadlocks | dreadlocks | {c} dreads | dreads | {c} locs | locs | {c} box braids | box braids | {c} braids | braids | {c} hair in dreadlocks | {c} hair in braids | {c} cornrows | cornrows |
      long {c} dreadlocks | {c} rasta locks | matted {c} locks | {c} hair in box braids | twisted {c} locks | {c} twists`),
    clause: either(
      '{his} {c} hair is in dreadlocks | {his} hair is in dreadlocks | {his} dreadlocks are {c} | hair: dreadlocks, {c} | {his} {c} hair is in braids',
    ),
  },
  braid: {
    has: either(`a {c} braid | a {c} braid | {c} braids | {c} braids | braids | two {c} braids | two braids | {c} hair in two braids | braided {c} hair | {c} hair in a braid | a braid | a {c} plait | plaited {c} hair | a long {c} braid | a side braid |
      {c} plaits | woven {c} hair | a french braid | a {c} french braid | {c} hair woven into a braid`),
    clause: either('{his} {c} hair is braided | {his} hair is braided | {his} hair is in a {c} braid'),
  },
};

export const BEARDS: SayingsOf<Beard> = {
  none: {
    before: either(
      'clean-shaven | clean-shaven | clean-shaven | beardless | smooth-faced | clean shaven | freshly shaved | unbearded | smooth-shaven',
    ),
    has: either(
      'no beard | no facial hair | a clean-shaven face | no moustache | no mustache | no stubble | a shaved face | a clean chin | a smooth chin',
    ),
    is: either(
      'who is clean-shaven | without a beard | without beard | without facial hair | without a moustache | without any facial hair | with no beard | who has no beard | who is beardless',
    ),
    clause: either(
      '{he} is clean-shaven | {he} has no beard | {he} has no facial hair | {his} face is shaved | no beard | beard: none',
    ),
  },
  full: {
    before: either(
      'bearded | bearded | bearded | full-bearded | {c}-bearded | {c}-bearded | heavily bearded | {c} bearded',
    ),
    has: either(`a {c} beard | a {c} beard | a {c} beard | a {c} beard | a full {c} beard | a full {c} beard | a bushy {c} beard | a thick {c} beard | a beard | a beard | a full beard |
      a big {c} beard | a heavy {c} beard | {c} facial hair | a {c} beard and moustache | a great {c} beard | a shaggy {c} beard | a well-groomed {c} beard | a bushy beard | {c} whiskers |
      a trimmed {c} beard | a beard that is {c} | a lumberjack beard | a wild {c} beard | mutton chops | a magnificent {c} beard | {c} sideburns and a beard | a {c} full beard`),
    clause: either(
      '{his} beard is {c} | {his} beard is {c} | beard: {c} | {he} is bearded | {his} beard is full and {c} | {he} wears a {c} beard',
    ),
  },
  stubble: {
    before: either('unshaven | stubbly | stubbled | unshaved | bristly'),
    has: either(`{c} stubble | {c} stubble | light stubble | stubble | stubble | a short {c} beard | a five o'clock shadow | designer stubble | a three-day beard | a stubbly chin | light {c} stubble | a few days of stubble |
      a very short {c} beard | beard stubble | a stubble beard | a {c} stubble beard | bristles | heavy stubble | scruff | some stubble | a shadow of a beard | patchy stubble`),
    is: either('who is unshaven | in need of a shave | who has not shaved'),
  },
  moustache: {
    before: either('moustachioed | mustachioed | {c}-moustached | moustached | mustached | {c}-mustached'),
    has: either(`a {c} moustache | a {c} moustache | a {c} mustache | a {c} mustache | a moustache | a mustache | a thick {c} moustache | a bushy {c} mustache | a big {c} moustache | a handlebar moustache |
      a {c} handlebar mustache | a walrus moustache | a {c} tache | a {c} stache | a pencil moustache | a thin {c} moustache | a curly {c} moustache | a {c} upper lip beard | a horseshoe mustache`),
    clause: either('{his} moustache is {c} | {his} mustache is {c} | moustache: {c}'),
  },
  goatee: {
    before: either('goateed'),
    has: either(`a {c} goatee | a {c} goatee | a {c} goatee | a {c} goatee beard | a goatee | a small {c} goatee | a pointed {c} beard | a van dyke beard | a {c} van dyke | a circle beard | a {c} circle beard |
      a trimmed {c} goatee | a pointy {c} beard | a moustache and goatee | a {c} beard around the mouth`),
    clause: either('{his} goatee is {c} | goatee: {c}'),
  },
  'chin beard': {
    has: either(
      `a {c} chin beard | a small {c} beard | a chin beard | a {c} beard on the chin | a soul patch | a {c} soul patch | a little {c} beard | a {c} chin tuft | a {c} chin strap | a tuft of {c} beard | a tiny {c} beard | a wispy {c} beard | chin hair | {c} chin whiskers`,
    ),
  },
  long: {
    before: either('long-bearded | bearded | {c}-bearded | bearded'),
    has: either(`a long {c} beard | a long {c} beard | a long {c} beard | a long beard | a {c} beard | a {c} beard | a beard | a wizard beard | a {c} wizard beard | a flowing {c} beard | a very long {c} beard | a santa beard | a long bushy {c} beard |
      a viking beard | a {c} viking beard | a long full {c} beard | a {c} beard down to {his} chest | a huge {c} beard | a hermit beard | a dwarf beard | a {c} gandalf beard | a zz top beard`),
    clause: either(
      '{his} beard is long | {his} beard is long and {c} | {his} {c} beard is long | beard: long, {c} | {his} {c} beard reaches {his} chest',
    ),
  },
};
