import type { Language } from '../../../formats/http/language.ts'

/** Words of the pictures on the page of the region, in one language. */
export interface PictureWords {
  readonly map: string
  readonly mapTells: string
  readonly points: string
  readonly ofDepartment: (name: string, share: string) => string
  readonly trend: string
  readonly trendTells: (first: string, last: string) => string
  readonly week: string
  readonly figures: string
  readonly publicPage: string
}

/** The catalogue of each language. */
export const PICTURE_WORDS: Readonly<Record<Language, PictureWords>> = {
  fr: {
    map: 'Carte : part des exigences conformes par département',
    mapTells:
      'Plus un département est coloré, plus la part est grande ; elle y est écrite. Le tableau « Par territoire » contient les mêmes chiffres.',
    points:
      '● établissement dont tout ce qui est montré est conforme · ○ les autres (seulement ceux dont la place est déclarée)',
    ofDepartment: (name, share) => `${name} : ${share}`,
    trend: 'Part des exigences conformes, semaine par semaine',
    trendTells: (first, last) =>
      `${first} il y a six mois, ${last} aujourd'hui. Ce qui n'était pas mesuré n'est pas compté comme conforme.`,
    week: "Semaine jusqu'au",
    figures: 'Les chiffres de la courbe',
    publicPage: 'Page publique',
  },
  en: {
    map: 'Map: share of requirements met by department',
    mapTells:
      'The more a department is coloured, the greater the share, which is written on it. The table “By territory” has the same figures.',
    points: '● an establishment where all that is shown is met · ○ the others (only those whose place is declared)',
    ofDepartment: (name, share) => `${name}: ${share}`,
    trend: 'Share of requirements met, week by week',
    trendTells: (first, last) => `${first} six months ago, ${last} today. What was not measured is not counted as met.`,
    week: 'Week until',
    figures: 'The figures of the curve',
    publicPage: 'Public page',
  },
}
