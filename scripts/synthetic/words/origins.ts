import type { Ethnicity } from '../people/attributes.ts';
import { either, type SayingsOf } from './phrases.ts';

/**
 * Three renderings stand for all of mankind here. Regions and nations are listed under the rendering that most of their
 * people would expect of the word; those for which none of the three is fair are left out, and are then words the model does not know.
 */
export const ETHNICITIES: SayingsOf<Ethnicity> = {
  white: {
    before:
      either(`white | white | white | white | white | white | caucasian | caucasian | caucasian | european | european | european | scandinavian | nordic | slavic |
      british | english | scottish | irish | welsh | german | french | italian | polish | russian | ukrainian | swedish | norwegian | danish |
      finnish | dutch | austrian | swiss | belgian | hungarian | czech | slovak | icelandic | estonian | latvian | lithuanian | romanian |
      serbian | croatian | bulgarian | slovenian | celtic | baltic | portuguese | greek | spanish`),
    is: either(`from europe | from germany | from france | from ireland | from scotland | from england | from poland | from russia | from sweden |
      from norway | from italy | from ukraine | from scandinavia | from denmark | from finland | from holland | from wales`),
  },
  asian: {
    before:
      either(`asian | asian | asian | asian | asian | asian | east asian | east asian | chinese | chinese | japanese | japanese | korean | korean |
      taiwanese | mongolian | vietnamese | thai | filipino | southeast asian | malaysian | indonesian | cambodian | burmese | laotian | singaporean`),
    is: either(`from asia | from china | from japan | from korea | from vietnam | from taiwan | from mongolia | from thailand | from tokyo | from beijing |
      from seoul | of asian descent | from shanghai`),
  },
  black: {
    before:
      either(`black | black | black | black | black | black | african | african | african | african-american | african american | afro-american |
      nigerian | kenyan | ghanaian | ethiopian | senegalese | ugandan | jamaican | congolese | zimbabwean | somali | haitian | west african |
      east african | afro-caribbean | sudanese | tanzanian | cameroonian | malian | rwandan | zambian | gambian | ivorian | angolan | namibian | caribbean`),
    is: either(`from africa | from nigeria | from kenya | from ghana | from ethiopia | from senegal | from jamaica | from uganda | of african descent |
      from congo | from somalia | from haiti | from mali | from tanzania | from zimbabwe | from sudan | from cameroon`),
  },
};
