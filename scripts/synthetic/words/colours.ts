import type { Fabric, Frame, HairColour, LipColour } from '../people/palette.ts';
import { either } from './phrases.ts';

type Names<K extends string> = Readonly<Record<K, readonly string[]>>;

/** Names of clothes' colours: plain ones more often, shades under the drawn colour they come closest to. */
export const FABRICS: Names<Fabric> = {
  white:
    either(`white | white | white | white | white | snow white | pure white | ivory | cream | cream-coloured | creamy | off-white | pearl white |
    eggshell | chalk white | alabaster | milky white | bright white | snowy | linen`),
  black:
    either(`black | black | black | black | black | dark | jet black | pitch black | deep black | onyx | ebony | coal black | midnight black |
    raven black | inky | noir`),
  grey: either(`grey | grey | gray | gray | grey | gray | light grey | dark gray | pale grey | charcoal | charcoal grey | slate | slate grey |
    ash grey | ashen | silver | silvery | smoky grey | graphite | gunmetal | pewter | stone grey | dove grey | steel grey | heather grey | greyish | concrete`),
  red: either(`red | red | red | red | red | dark red | bright red | deep red | crimson | scarlet | maroon | burgundy | ruby | ruby red | cherry |
    cherry red | wine | wine-red | blood red | vermilion | cardinal | brick red | carmine | garnet | claret | oxblood | tomato red | raspberry |
    reddish | bordeaux | merlot | cranberry | poppy | fire-engine red | strawberry red | rouge`),
  blue: either(`blue | blue | blue | blue | blue | dark blue | navy | navy blue | royal blue | cobalt | cobalt blue | indigo | sapphire |
    midnight blue | ultramarine | deep blue | marine blue | denim blue | electric blue | bright blue | bluish | prussian blue | ink blue | lapis`),
  'light blue':
    either(`light blue | light blue | light blue | sky blue | sky blue | baby blue | pale blue | powder blue | azure | cyan | aqua |
    turquoise | ice blue | cornflower | cornflower blue | periwinkle | pastel blue | aquamarine | robin-egg blue | cerulean | soft blue | icy blue`),
  green:
    either(`green | green | green | green | green | dark green | light green | bright green | emerald | emerald green | olive green | forest green |
    lime | lime green | mint | mint green | sage | sage green | jade | bottle green | teal | moss green | fern green | pine green | hunter green |
    sea green | pistachio | grass green | apple green | avocado | chartreuse | shamrock | viridian | greenish | kelly green | jungle green | army green`),
  yellow:
    either(`yellow | yellow | yellow | yellow | yellow | bright yellow | pale yellow | mustard | mustard yellow | lemon | lemon yellow | canary |
    canary yellow | gold | golden | amber | sunflower yellow | saffron | honey-coloured | butter yellow | banana | yellowish | maize | daffodil | goldenrod`),
  orange:
    either(`orange | orange | orange | orange | orange | bright orange | dark orange | tangerine | apricot | peach | pumpkin | rust | rusty |
    burnt orange | copper | terracotta | carrot | mandarin | clementine | marigold | papaya | orangey | neon orange`),
  purple:
    either(`purple | purple | purple | purple | violet | violet | dark purple | light purple | lavender | lilac | mauve | plum | aubergine |
    eggplant | amethyst | orchid | grape | royal purple | deep purple | mulberry | wisteria | heliotrope | purplish | bright purple | iris`),
  pink: either(`pink | pink | pink | pink | pink | light pink | hot pink | bright pink | rose | rose pink | fuchsia | magenta | salmon | salmon pink |
    blush | coral | bubblegum pink | pastel pink | dusty pink | rosy | candy pink | cerise | pale pink | baby pink | flamingo | pinkish | shell pink`),
  brown:
    either(`brown | brown | brown | brown | brown | dark brown | light brown | tan | beige | chocolate | chocolate brown | coffee | chestnut |
    khaki | camel | caramel | mocha | walnut | sand | sandy | taupe | cocoa | umber | hazelnut | bronze | fawn | tawny | russet | sienna |
    mahogany | brownish | cinnamon | oatmeal | biscuit | toffee | cognac | earth-coloured`),
};

/** Names of hair colours, as said before "hair". */
export const HAIR_COLOURS: Names<HairColour> = {
  black:
    either(`black | black | black | black | black | jet black | jet-black | raven | raven black | ebony | coal black | pitch black | inky black |
    deep black | midnight black | blue-black`),
  'dark brown':
    either(`dark brown | dark brown | dark brown | dark brown | brunette | dark | dark | deep brown | espresso | dark chestnut | dark chocolate |
    mahogany | coffee brown | chocolate brown`),
  brown:
    either(`brown | brown | brown | brown | brown | light brown | chestnut | chestnut brown | hazel | brunette | mousy | mousy brown | caramel |
    nut-brown | walnut | brownish | medium brown | warm brown | cinnamon brown | tawny`),
  blonde:
    either(`blonde | blonde | blonde | blond | blond | golden | golden blonde | fair | flaxen | sandy | sandy blonde | platinum | platinum blonde |
    platinum blond | strawberry blonde | strawberry blond | honey blonde | ash blonde | ash blond | dirty blonde | dark blonde | light blonde |
    bleached | bleached blonde | yellow | sun-bleached | straw-coloured | wheat-coloured | light | gold | honey-coloured | blondish`),
  red: either(`red | red | red | ginger | ginger | ginger | auburn | auburn | copper | copper-coloured | coppery | fiery red | flaming red | carrot red |
    orange | rust-coloured | rusty red | titian | russet | reddish | reddish brown | bright red | dark red | flame red | carroty`),
  grey: either(`grey | grey | gray | gray | grey | silver | silver | silver-grey | salt-and-pepper | salt and pepper | pepper-and-salt | greying |
    graying | steel grey | steel gray | ash grey | iron grey | silvery | greyish | grizzled | ashen`),
  white:
    either(`white | white | white | white | white | snow white | snow-white | snowy | snowy white | pure white | milk-white | milky white |
    bright white | chalk-white | white as snow`),
  blue: either(`blue | blue | blue | blue | bright blue | dark blue | light blue | electric blue | neon blue | sky blue | royal blue | cobalt blue |
    turquoise | teal | cyan | blue-dyed | dyed blue | azure | pastel blue`),
  pink: either(`pink | pink | pink | pink | bright pink | hot pink | neon pink | magenta | rose pink | rose-coloured | bubblegum pink | fuchsia |
    pastel pink | light pink | candy pink | pink-dyed | dyed pink`),
  green:
    either(`green | green | green | green | bright green | dark green | light green | emerald | emerald green | lime green | mint green |
    neon green | green-dyed | dyed green`),
  purple:
    either(`purple | purple | purple | purple | violet | violet | bright purple | dark purple | lavender | lilac | plum | plum-coloured |
    mauve | neon purple | purple-dyed | dyed purple | amethyst`),
};

export const FRAME_COLOURS: Names<Frame> = {
  black: either('black | black | black | dark | jet black | ebony'),
  brown: either(
    'brown | brown | brown | tortoiseshell | tortoise-shell | chestnut | dark brown | wooden | bronze | copper',
  ),
  gold: either('gold | gold | golden | golden | brass | gilded | gold-coloured'),
  silver: either(
    'silver | silver | silvery | metal | steel | metallic | chrome | titanium | grey | gray | wire',
  ),
  red: either('red | red | red | crimson | scarlet | ruby | cherry-red | burgundy | maroon'),
  blue: either('blue | blue | blue | navy | dark blue | navy blue | cobalt | royal blue | sapphire'),
};

export const LIP_COLOURS: Names<LipColour> = {
  red: either(
    'red | red | red | bright red | dark red | scarlet | crimson | ruby | ruby red | cherry | cherry red | burgundy | blood red',
  ),
  pink: either(
    'pink | pink | pink | rose | rosy | light pink | hot pink | coral | bubblegum pink | rose pink | pale pink | fuchsia',
  ),
};
