/**
 * Living people whose likeness is not made on request. Full names, or a single name where nobody else is meant by it.
 * Written as readings are: lower case, without accents or punctuation.
 */
export const PUBLIC_FIGURES: readonly string[] = `
  donald trump, ivanka trump, melania trump, president trump, joe biden, hunter biden, jill biden,
  kamala harris, barack obama, michelle obama, obama, hillary clinton, bill clinton, george w bush,
  jd vance, mike pence, nancy pelosi, bernie sanders, alexandria ocasio cortez, mitch mcconnell,
  ron desantis, gavin newsom, marco rubio, ted cruz, elizabeth warren, vladimir putin, putin,
  volodymyr zelensky, volodymyr zelenskyy, zelensky, zelenskyy, emmanuel macron, angela merkel,
  olaf scholz, friedrich merz, boris johnson, rishi sunak, keir starmer, theresa may, tony blair,
  nigel farage, liz truss, david cameron, justin trudeau, mark carney, narendra modi, xi jinping,
  kim jong un, kim jong eun, recep tayyip erdogan, benjamin netanyahu, ali khamenei, bashar al assad,
  viktor orban, giorgia meloni, pedro sanchez, marine le pen, javier milei, lula da silva, jair bolsonaro,
  nicolas maduro, claudia sheinbaum, ursula von der leyen, jens stoltenberg, shigeru ishiba, fumio kishida,
  lee jae myung, mohammed bin salman, pope francis, pope leo xiv, dalai lama, greta thunberg,
  king charles iii, king charles, queen camilla, prince william, prince harry, kate middleton,
  meghan markle, jacinda ardern, anthony albanese,

  elon musk, jeff bezos, mark zuckerberg, bill gates, melinda gates, sam altman, tim cook, sundar pichai,
  satya nadella, jensen huang, warren buffett, larry page, sergey brin, jack ma, richard branson,
  peter thiel, jack dorsey, larry ellison, dario amodei, demis hassabis,

  tom cruise, tom hanks, tom holland, tom hardy, tom hiddleston, brad pitt, angelina jolie,
  leonardo dicaprio, johnny depp, amber heard, robert downey jr, chris hemsworth, chris evans, chris pratt,
  chris pine, scarlett johansson, jennifer lawrence, jennifer aniston, jennifer lopez, emma watson,
  emma stone, natalie portman, keira knightley, margot robbie, ryan gosling, ryan reynolds, blake lively,
  gal gadot, zendaya, timothee chalamet, florence pugh, anne hathaway, meryl streep, nicole kidman,
  cate blanchett, julia roberts, sandra bullock, george clooney, matt damon, ben affleck, will smith,
  jaden smith, denzel washington, morgan freeman, samuel l jackson, idris elba, dwayne johnson, vin diesel,
  jason statham, keanu reeves, hugh jackman, hugh grant, daniel craig, daniel radcliffe, rupert grint,
  benedict cumberbatch, robert pattinson, kristen stewart, megan fox, mila kunis, ashton kutcher,
  adam sandler, jim carrey, nicolas cage, al pacino, robert de niro, arnold schwarzenegger,
  sylvester stallone, harrison ford, jackie chan, pedro pascal, millie bobby brown, jenna ortega,
  sydney sweeney, anya taylor joy, ana de armas, salma hayek, penelope cruz, eva mendes, charlize theron,
  halle berry, viola davis, lupita nyongo, cillian murphy, austin butler, jacob elordi, shah rukh khan,
  salman khan, aamir khan, deepika padukone, priyanka chopra, aishwarya rai, oprah winfrey,
  ellen degeneres, jimmy fallon, stephen colbert, john oliver, joe rogan, gordon ramsay,
  david attenborough, kim kardashian, kardashian, kylie jenner, kendall jenner, caitlyn jenner,
  paris hilton, bella hadid, gigi hadid, hailey bieber, heidi klum, naomi campbell,

  taylor swift, beyonce, rihanna, adele adkins, lady gaga, billie eilish, ariana grande, selena gomez,
  justin bieber, justin timberlake, britney spears, katy perry, miley cyrus, dua lipa, ed sheeran,
  harry styles, kanye west, jay z, drake graham, eminem, snoop dogg, kendrick lamar, nicki minaj, cardi b,
  doja cat, olivia rodrigo, sabrina carpenter, shakira, bad bunny, elton john, paul mccartney, ringo starr,
  mick jagger, keith richards, bob dylan, bruce springsteen, stevie wonder, bono vox, chris martin,
  bruno mars, post malone, travis scott, lana del rey, lizzo, jungkook, jennie kim, lalisa manobal,
  kim taehyung, celine dion,

  cristiano ronaldo, lionel messi, messi, neymar, kylian mbappe, erling haaland, david beckham,
  victoria beckham, zinedine zidane, lebron james, michael jordan, stephen curry, shaquille oneal,
  serena williams, venus williams, roger federer, rafael nadal, novak djokovic, tiger woods, usain bolt,
  simone biles, lewis hamilton, max verstappen, tom brady, patrick mahomes, travis kelce, conor mcgregor,
  mike tyson, floyd mayweather, naomi osaka, virat kohli, carlos alcaraz,

  mrbeast, mr beast, pewdiepie, logan paul, jake paul, andrew tate, charli damelio, addison rae,
  jordan peterson, ben shapiro, tucker carlson, edward snowden, julian assange, malala yousafzai,
`
  .split(/,\s*/)
  .map((name) => name.trim())
  .filter((name) => name !== '');
