import { either } from './phrases.ts';

/** Before the subject; most say nothing. */
export const OPENINGS =
  either(`a portrait of | a portrait of | portrait of | a photo of | a photo of | a picture of | a headshot of | a 3d portrait of | a close-up of | photo of |
  a photograph of | an image of | a drawing of | a painting of | a rendering of | a render of | a 3d model of | a bust of | a sculpture of | a head of | a closeup of | an avatar of |
  a realistic portrait of | a studio portrait of | a detailed portrait of | a professional photo of | a selfie of | a profile picture of | a passport photo of | a snapshot of |
  an illustration of | a digital painting of | a sketch of | a studio photo of | a 3d head of | a 3d character of | a 3d render of | headshot of | closeup of |
  please draw | draw me | draw | create | generate | make | make me | show me | show | render | paint | design | give me | i want | i would like | i'd like to see | i need |
  can you draw | could you make | can you make me a portrait of | please make | please create | please show me | please generate a portrait of | please | sculpt | model | imagine |
  me: | me, | me as | myself: | i am | i'm | this is me, | my friend is | my boss is | my neighbour, | a painting of my friend, | my character is | oc, | npc, | dnd character, | this is | here is | there is | it is | we see | you see | let me see | model of | character: | subject: | prompt: | describe | hi, please draw | hello, draw | try | now draw | 3d render of | a 3d render of | a 3d bust of | a 3d avatar of | 3d avatar, | 3d render, | 3d portrait, | portrait, | photo, | studio portrait of | black and white photo of | oil painting of | cinematic shot of | close up of | front view of`);

/** After everything, behind a comma. */
export const TAILS =
  either(`photorealistic | highly detailed | studio lighting | 4k | 8k | hd | sharp focus | high quality | best quality | masterpiece | realistic | ultra realistic | hyperrealistic |
  cinematic lighting | soft lighting | natural light | professional photography | detailed face | detailed skin | looking at the camera | looking at the viewer | white background | plain background |
  head and shoulders | bust | portrait | 3d | 3d render | octane render | unreal engine | digital art | dslr | 85mm lens | bokeh | depth of field | symmetrical face | high resolution |
  award-winning | intricate details | trending on artstation | raw photo | film grain | soft focus | dramatic lighting | rim light | close-up | centered | centred | facing the camera |
  neutral background | simple background | grey background | hdr | uhd | ultra detailed | extremely detailed | very detailed | vivid | smooth | clean | crisp |
  portrait photography | low poly | stylised | stylized | cartoon style | clay | game character | game asset | thank you | please | thanks | color photo | colour photograph | beautiful lighting |
  volumetric light | perfect face | natural skin texture | daylight | evening light | golden hour | warm light | cold light | indoor | high definition | fine details | elegant | warm colours | 35mm photo |
  vintage style | modern | minimalist | fashion photography | magazine cover | stock photo | linkedin photo | looking straight ahead | eye contact | upper body | shoulders visible`);

/** Behind the person; a colour there is not the person's. */
export const BACKDROPS =
  either(`{c} background | {c} background | a {c} background | on a {c} background | with a {c} background | in front of a {c} wall | in front of a {c} curtain | against a {c} backdrop | against a {c} wall |
  {c} backdrop | {c} studio backdrop | background: {c} | in a {c} room | {c} lighting | in {c} light | {c} light from the left | {c} rim light | {c} gradient background | plain {c} background | {c} wall behind them | {c} sky behind them`);
/** Colours of what is behind. */
export const BACKDROP_COLOURS = either(
  `white | white | black | black | grey | gray | red | blue | green | yellow | orange | purple | pink | brown | dark | dark | light | bright | beige | golden | silver | dark blue | dark grey | light grey | light blue | teal | cream | navy | warm | blurry`,
);

/** Adjectives that say nothing that is drawn. */
export const ADJECTIVES =
  either(`handsome | beautiful | pretty | cute | lovely | kind | wise | confident | strong | elegant | attractive | gorgeous | good-looking | charming | stylish | cool | nice | friendly |
  intelligent | smart | clever | proud | tired | mysterious | ordinary | normal | average | typical | realistic | real | brave | gentle | shy | quiet | rich | poor | famous | fancy | weird | strange |
  funny | interesting | interested | curious | tough | rugged | trendy | fashionable | modern | hip | honest | humble | noble | polite | relaxed | healthy | sporty | athletic | adorable | sweet | dignified |
  sophisticated | classy | simple | natural | unique | random | nerdy | educated | hard-working | married | single | tall | short-statured | busy | experienced | thoughtful | pensive | wealthy |
  bohemian | glamorous | sexy | ugly | plain | quirky | eccentric | urban | rural | religious | patient | generous | loyal | creative | ambitious | determined | fearless | heroic | lucky | exotic | classic |
  magnificent | wonderful | great | impressive | distinguished | respectable | refined | graceful | dapper | dashing | striking | stunning | photogenic | likeable | sensitive | witty | bright | bold | energetic | lively | laid-back | easygoing | fictional | imaginary | contemporary`);

/** What a person may have that changes nothing drawn. */
export const FEATURES =
  either(`a big nose | a small nose | a long nose | a crooked nose | a straight nose | a hooked nose | big ears | small ears | a strong jaw | a strong chin | a square jaw | high cheekbones |
  full lips | thin lips | a long neck | big eyes | small eyes | beautiful eyes | kind eyes | expressive eyes | thick eyebrows | thin eyebrows | bushy eyebrows | arched eyebrows | long eyelashes |
  a high forehead | a wide face | an oval face | a heart-shaped face | smooth skin | healthy skin | glowing skin | good posture | broad shoulders | narrow shoulders | white teeth |
  red cheeks | rosy cheeks | pink cheeks | freckled cheeks | a red nose | a scarf | a red scarf | a blue scarf | a white scarf | a black scarf | a green scarf | a striped scarf | a wool scarf | a scarf around the neck |
  hair | healthy hair | a wide mouth | a small mouth | a beautiful face | a handsome face | an interesting face | a friendly face | strong features | soft features | delicate features | sharp features`);

/** Words of the grammar around the phrases, and of the sides that views are named by. */
export const GRAMMAR =
  either(`a | an | the | this | one | my | our | your | with | and | wearing | in | who | has | is | are | was | he | she | they | his | her | their | him | wears | having | plus | also |
  sporting | dressed | whose | that | which | of | it | but | very | really | quite | rather | front | side | back | view | sex | gender | age | years | year | old | male | female | man | woman | looks | like | as | on | at |
  to | from | be | should | must | can | could | would | will | there | here | some | has got | got | both | together | too | well | just | only | so | or | not | no | without | same | kind of | style | type`);
