import type { PublicVerdict } from '../../../core/conformity-public.ts'
import type { Language } from '../../../formats/http/language.ts'

/** Words of what is published, in one language. */
export interface PublicWords {
  readonly title: string
  /** What the page is, in one sentence. */
  readonly about: (region: string) => string
  /** What an empty cell says, and what it does not. */
  readonly silence: string
  readonly byPerson: string
  readonly byPersonTells: string
  readonly confirm: string
  readonly confirmTells: string
  readonly framework: string
  readonly frameworks: string
  readonly publisher: string
  readonly establishment: string
  readonly kind: string
  readonly finess: string
  readonly department: string
  readonly domain: string
  readonly verdict: string
  readonly met: string
  readonly of: string
  readonly since: string
  readonly verdicts: Readonly<Record<PublicVerdict, string>>
  readonly nothing: string
  readonly perDomain: string
  readonly metAt: string
  readonly partlyAt: string
  readonly whole: string
  readonly empty: string
  readonly files: string
  readonly feed: string
  readonly skip: string
  readonly other: string
}

/** The catalogue of each language. */
export const PUBLIC_WORDS: Readonly<Record<Language, PublicWords>> = {
  fr: {
    title: 'Conformité mesurée',
    about: (region) =>
      `Ce que ${region} a mesuré de favorable dans les échanges réels des établissements qui ont accepté cette publication.`,
    silence:
      "Un tiret ne dit rien : ni que l'exigence n'est pas remplie, ni qu'elle l'est. Ce qui n'est pas mesuré n'est jamais montré comme conforme.",
    byPerson: 'avec décision',
    byPersonTells: 'Le verdict tient en partie à une décision motivée : dispense, ou verdict fixé par une personne.',
    confirm: 'à confirmer',
    confirmTells: "Le fait sur lequel repose le référentiel n'a pas été vérifié dans un texte publié.",
    framework: 'Référentiel',
    frameworks: 'Référentiels publiés',
    publisher: 'Publié par',
    establishment: 'Établissement',
    kind: "Type d'établissement",
    finess: 'FINESS',
    department: 'Département',
    domain: 'Domaine',
    verdict: 'Verdict',
    met: 'Exigences conformes',
    of: 'Exigences demandées',
    since: 'Depuis le',
    verdicts: { met: 'Conforme', partly: 'Partiel' },
    nothing: 'rien de publié',
    perDomain: 'Par domaine',
    metAt: 'Établissements conformes',
    partlyAt: 'Établissements partiellement conformes',
    whole: 'Établissements et domaines',
    empty: 'Rien n’est publié pour ce référentiel.',
    files: 'Les mêmes données',
    feed: 'Fil Atom des changements',
    skip: 'Aller au contenu',
    other: 'English',
  },
  en: {
    title: 'Measured conformity',
    about: (region) =>
      `What ${region} has measured to the good in real exchanges of the establishments that agreed to this publication.`,
    silence:
      'A dash says nothing: neither that a requirement is not met, nor that it is. What is not measured is never shown as met.',
    byPerson: 'with a decision',
    byPersonTells:
      'The verdict rests in part on a decision with its reason: an exemption, or a verdict set by a person.',
    confirm: 'to be confirmed',
    confirmTells: 'The fact that the framework rests on was not verified in a published text.',
    framework: 'Framework',
    frameworks: 'Published frameworks',
    publisher: 'Published by',
    establishment: 'Establishment',
    kind: 'Kind of establishment',
    finess: 'FINESS',
    department: 'Department',
    domain: 'Domain',
    verdict: 'Verdict',
    met: 'Requirements met',
    of: 'Requirements asked',
    since: 'Since',
    verdicts: { met: 'Met', partly: 'Partly met' },
    nothing: 'nothing published',
    perDomain: 'By domain',
    metAt: 'Establishments that meet it',
    partlyAt: 'Establishments that meet it in part',
    whole: 'Establishments and domains',
    empty: 'Nothing is published for this framework.',
    files: 'The same data',
    feed: 'Atom feed of changes',
    skip: 'Skip to content',
    other: 'Français',
  },
}
