/** Why something cannot be drawn. */
export type Reason = 'creature' | 'thing' | 'several' | 'body' | 'scene' | 'name' | 'detail';

/** What is drawn instead. */
export const INSTEAD: Readonly<Record<Reason, string>> = {
  creature: 'It draws people only.',
  thing: 'It draws people only, and nothing beside them.',
  several: 'It draws one person at a time.',
  body: 'It draws head and shoulders, of somebody who looks ahead and keeps still.',
  scene: 'It draws no surroundings: the background stays plain.',
  name: 'It knows nobody by name: say what the person looks like.',
  detail: 'It has not learned to draw such details.',
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean));
const phrases = (text: string): ReadonlySet<string> =>
  new Set(text.split('|').map((phrase) => phrase.trim().replace(/\s+/g, ' ')));

/** Nouns in the singular. None of them is also a colour, a cut or a kind of clothes. */
export const NOUNS: Readonly<Record<'creature' | 'thing' | 'detail', ReadonlySet<string>>> = {
  creature:
    words(`dragon dog puppy cat kitten horse unicorn cow bull pig sheep goat lion tiger wolf fox bear panda elephant giraffe zebra rhino hippo monkey ape gorilla
    chimpanzee orangutan rabbit bunny mouse rat hamster squirrel deer moose frog toad snake lizard crocodile alligator turtle tortoise dinosaur t-rex bird eagle owl parrot penguin
    chicken rooster duck goose fish shark whale dolphin octopus spider insect bee butterfly ant worm mermaid centaur elf orc goblin troll fairy demon devil vampire zombie skeleton
    skull ghost alien robot android cyborg werewolf monster minotaur ogre gnome hobbit creature animal beast pet kangaroo koala leopard cheetah jaguar panther raccoon badger hedgehog bat
    cyclops medusa phoenix griffin gargoyle golem mutant furry anthro anthropomorphic pokemon minion gremlin yeti bigfoot`),
  thing:
    words(`car truck lorry bus bicycle motorcycle motorbike scooter plane airplane aeroplane helicopter ship boat train rocket spaceship ufo tank house castle building skyscraper
    tower bridge tree flower mountain volcano river waterfall landscape sunset sunrise planet galaxy chair sofa lamp computer laptop keyboard guitar piano violin drum sword gun rifle
    pistol axe spear shield knife bottle pizza burger hamburger hotdog cake teapot logo flag icon teddy toy vase statue throne candle balloon umbrella microphone camera telescope book
    newspaper bouquet phone smartphone cigarette cigar weapon lightsaber surfboard skateboard football basketball trophy sandwich`),
  detail:
    words(`tattoo scar freckle dimple earring necklace piercing jewellery jewelry bindi mask facemask wing horn antler eyepatch bandage birthmark mole wart pimple acne
    headphone headset earbud airpod hairpin hairband barrette glove watch bracelet wristband vitiligo albino wound blood burn fang tusk tail snout feather
    heterochromia veneer facepaint snorkel badge brooch medal epaulette backpack handbag stethoscope wig`),
};

/** Places, weather and times that a person may be in. */
export const SCENES =
  words(`rain snow snowstorm storm fog mist wind forest woods jungle desert beach sea ocean water lake pool park garden field meadow city street town village office
  kitchen bedroom bathroom classroom school library cafe restaurant bar pub club church temple mosque hospital shop supermarket stadium concert stage space moon mars night dark sunlight sun sky clouds
  cave room living-room studio-apartment subway station airport crowd fire flames battlefield war underwater mirror window background stars party wedding rain-forest countryside farm barn hallway`);

/** Words for the whole body, its parts below the shoulders, and what it does. */
export const BODY =
  phrases(`full body | full-body | whole body | full length | full-length | full figure | six pack | standing | sitting | running | walking | jumping | dancing | lying | kneeling | swimming | flying |
  riding | driving | fighting | hugging | kissing | holding | carrying | waving | pointing | eating | drinking | smoking | cooking | reading | writing | playing | sleeping in bed | yoga pose | hands | hand | fingers |
  thumbs up | arms crossed | crossed arms | legs | leg | feet | foot | knees | shoes | shoe | boots | sneakers | high heels | trousers | pants | jeans | shorts | skirt | miniskirt | naked | nude | topless | shirtless |
  from behind | tongue out | winking | nudity | swimsuit | underwear`);

/** Nouns of people in the plural, or for more than one. */
export const SEVERAL =
  phrases(`people | men | women | boys | girls | children | kids | guys | ladies | persons | twins | triplets | couple | family | crowd | group | friends | brothers | sisters | parents | grandparents |
  everyone | everybody | newlyweds | siblings | soldiers | students | teenagers | team | band | lovers | audience | duo | trio`);

/** Those who are asked for by name most, real and invented. */
export const NAMES =
  phrases(`elvis | elvis presley | einstein | albert einstein | isaac newton | charles darwin | marie curie | stephen hawking | nikola tesla | barack obama | obama | donald trump | trump | joe biden | biden |
  kamala harris | hillary clinton | bill clinton | vladimir putin | putin | zelensky | angela merkel | merkel | macron | boris johnson | margaret thatcher | churchill | winston churchill | john f kennedy | kennedy |
  abraham lincoln | lincoln | george washington | xi jinping | kim jong un | narendra modi | taylor swift | beyonce | rihanna | madonna | marilyn monroe | michael jackson | freddie mercury | david bowie | john lennon |
  paul mccartney | mick jagger | bob dylan | bob marley | bob ross | jimi hendrix | kurt cobain | prince charles | king charles | queen elizabeth | princess diana | kate middleton | meghan markle | messi | lionel messi |
  ronaldo | cristiano ronaldo | david beckham | beckham | serena williams | roger federer | muhammad ali | michael jordan | elon musk | steve jobs | bill gates | mark zuckerberg | zuckerberg | jeff bezos | sam altman | mona lisa |
  leonardo da vinci | van gogh | vincent van gogh | picasso | pablo picasso | salvador dali | andy warhol | frida kahlo | shakespeare | william shakespeare | mozart | beethoven | johann sebastian bach | napoleon |
  julius caesar | cleopatra | gandhi | mahatma gandhi | nelson mandela | mandela | martin luther king | hitler | adolf hitler | stalin | lenin | karl marx | mao | che guevara | jesus | jesus christ | buddha | muhammad | virgin mary |
  santa | santa claus | batman | superman | spiderman | spider-man | iron man | wonder woman | catwoman | the joker | joker | darth vader | luke skywalker | princess leia | yoda | gandalf | dumbledore | harry potter |
  hermione granger | hermione | ron weasley | frodo | legolas | aragorn | sherlock holmes | james bond | indiana jones | super mario | mario | lara croft | pikachu | mickey mouse | barbie | shrek | hulk | thor | thanos | wolverine |
  brad pitt | tom cruise | tom hanks | leonardo dicaprio | johnny depp | will smith | morgan freeman | denzel washington | samuel l jackson | scarlett johansson | angelina jolie | emma watson | emma stone | jennifer lawrence |
  jennifer aniston | keanu reeves | robert de niro | al pacino | clint eastwood | arnold schwarzenegger | sylvester stallone | charlie chaplin | audrey hepburn | greta thunberg | mr bean | rowan atkinson | justin bieber |
  lady gaga | adele | eminem | snoop dogg | kanye west | kim kardashian | oprah | oprah winfrey | mr beast | pewdiepie | malala | mother teresa | anne frank | genghis khan | jackie chan | bruce lee | daenerys targaryen | jon snow |
  tyrion lannister | walter white | homer simpson | bart simpson | snow queen elsa | geralt of rivia | geralt | cristiano | zendaya | timothee chalamet | ryan gosling | margot robbie`);
