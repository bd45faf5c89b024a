/** The supported establishments of the demo region: invented all, but for one grant that was published. Pure. */
import type { EstablishmentKind } from '../../core/config.ts'
import type { NewEnrolment } from '../../core/programme-commands.ts'
import type { EnrolmentState, Programme } from '../../core/programmes.ts'
import { finessKeyHolds } from '../../formats/identifiers/finess.ts'

/** An enrolment of the demo: what is said of it, and how far it has come. */
export interface DemoEnrolment {
  readonly id: string
  readonly asked: NewEnrolment
  readonly state: EnrolmentState
}

/** FINESS of the one establishment whose grant was published. */
export const PUBLISHED_FINESS = '530000371'

/** The grant, as the article names it. */
const PUBLISHED: DemoEnrolment = {
  id: 'demo-hopital-numerique-laval',
  state: 'selected',
  asked: {
    ...{ programme: 'hopital-numerique', finess: PUBLISHED_FINESS, name: null, kind: null, department: null },
    body: { finess: null, name: null, count: null },
    domains: ['pilotage', 'resultats'],
    ...{ project: null, depositedOn: null, cents: 82_852_626, invented: false, confirm: false },
    source: 'dsih.fr, article 1978, « Les Pays de la Loire mettent le paquet sur l’hôpital numérique »',
  },
}

/** How many invented establishments each programme supports; with the published one they are 67. */
const SUPPORTED: readonly (readonly [programme: string, many: number, base: number])[] = [
  ['hopital-numerique', 11, 310_000],
  ['hopen', 9, 265_000],
  ['sun-es', 9, 98_000],
  ['hopen-2', 7, 121_000],
  ['segur-vague-2', 6, 74_000],
  ['care', 8, 56_000],
  ['esms-numerique', 12, 42_000],
  ['e-parcours', 4, 88_000],
]
/** Hospitals of HOP'EN that are in SUN-ES too: the same establishments once more. */
const ALSO = 5

const DEPARTMENTS = ['44', '49', '53', '72', '85']
const PLACES = [
  ...['Valfleury', 'Clairbois', 'Haute-Rive', 'Montcorbel', 'Belleroche', 'Sainte-Ombelle', 'Grandpré', 'Aigrefont'],
  ...['Rochebrune', 'Longchêne', 'Pontserein', 'Villedorée', 'Fontsauve', 'Marcheval', 'Tourneuve', 'Combejoie'],
]
/** A place has several names, one after the other. */
const ROUNDS = ['', '-sur-Loirelle', '-le-Vieux', '-la-Forêt', '-en-Val']
const TREES = [
  'Tilleuls',
  'Érables',
  'Cormiers',
  'Charmes',
  'Peupliers',
  'Noyers',
  'Saules',
  'Aulnes',
  'Frênes',
  'Ormes',
]
/** States in turn. */
const STATES: readonly EnrolmentState[] = ['settled', 'started', 'checked', 'selected', 'target-met']
/** Homes of the demo region that are invented themselves, and send messages here. */
const HOMES: readonly (readonly [finess: string, kind: EstablishmentKind])[] = [
  ['449990217', 'nursing-home'],
  ['539990218', 'nursing-home'],
  ['499990315', 'disability-home'],
]

/** Enrolments for these programmes; one whose programme is not there is left out. */
export function demoEnrolments(programmes: readonly Programme[]): readonly DemoEnrolment[] {
  const byId = new Map(programmes.map((one) => [one.id, one]))
  let number = 0
  const invented = SUPPORTED.flatMap(([id, many, base]) =>
    Array.from({ length: many }, (_, i) => {
      number += 1
      const programme = byId.get(id)
      return programme === undefined ? [] : [inventedIn(programme, i, base, number)]
    }).flat(),
  )
  const hopen = invented.filter(({ asked }) => asked.programme === 'hopen').slice(0, ALSO)
  const sunEs = byId.get('sun-es')
  const again = sunEs === undefined ? [] : hopen.map((one, i) => alsoIn(sunEs, one, i))
  return [...(byId.has(PUBLISHED.asked.programme) ? [PUBLISHED] : []), ...invented, ...again]
}

function inventedIn(programme: Programme, i: number, base: number, number: number): DemoEnrolment {
  const home = programme.id === 'esms-numerique' ? HOMES[i] : undefined
  const kind = home?.[1] ?? kindIn(programme, i)
  const department = home?.[0].slice(0, 2) ?? DEPARTMENTS[(number + 2 * Math.floor(number / 5)) % DEPARTMENTS.length]!
  const domain = programme.domains[i % programme.domains.length]!
  return {
    id: `demo-${programme.id}-${i + 1}`,
    state: stateIn(programme, i),
    asked: {
      ...{ programme: programme.id, finess: home?.[0] ?? inventedFiness(department, number), kind, department },
      name: home === undefined ? nameOf(kind, number) : null,
      body: bodyIn(programme, i, number),
      domains: [domain.id],
      project: programme.projects[i % Math.max(1, programme.projects.length)]?.id ?? null,
      depositedOn: depositIn(programme, domain.deposit, i),
      cents: (base + 7_350 * (i + 1)) * 100 + ((number * 37) % 100),
      ...{ source: 'Inventé pour la démonstration', invented: true, confirm: false },
    },
  }
}

function alsoIn(programme: Programme, { asked }: DemoEnrolment, i: number): DemoEnrolment {
  return {
    id: `demo-${programme.id}-also-${i + 1}`,
    state: stateIn(programme, i + 1),
    asked: {
      ...asked,
      programme: programme.id,
      domains: [programme.domains[i % programme.domains.length]!.id],
      depositedOn: depositIn(programme, null, i),
      cents: 6_420_000 + i * 351_017,
    },
  }
}

/** A programme without a part for the start has nobody who got it. */
function stateIn({ shares }: Programme, i: number): EnrolmentState {
  const state = STATES[i % STATES.length]!
  return state === 'started' && shares['start-up'] === 0 ? 'selected' : state
}

/** Of the managing body: as many establishments as one of the ways to apply takes. */
function bodyIn({ tracks }: Programme, i: number, number: number): NewEnrolment['body'] {
  const limited = tracks.filter(({ minimum }) => minimum !== null)
  if (limited.length === 0) return { finess: null, name: null, count: null }
  const track = limited[i % limited.length]!
  return {
    finess: inventedFiness(DEPARTMENTS[i % DEPARTMENTS.length]!, 500 + number),
    name: `Association ${PLACES[i % PLACES.length]} (fictive)`,
    count: (track.minimum ?? 1) + i,
  }
}

/** A day on which the programme took applications; null: it names none. */
function depositIn({ tracks }: Programme, domain: Programme['domains'][number]['deposit'], i: number): string | null {
  if (domain !== null) return domain.from ?? domain.to
  const open = tracks.filter(({ deposit }) => deposit !== null)
  return open[i % Math.max(1, open.length)]?.deposit?.to ?? null
}

function kindIn({ kinds }: Programme, i: number): EstablishmentKind {
  const usual = kinds.filter((kind) => kind !== 'university-hospital' && kind !== 'platform')
  return usual[i % usual.length]!
}

function nameOf(kind: EstablishmentKind, number: number): string {
  const [place, tree] = [PLACES[number % PLACES.length]!, TREES[number % TREES.length]!]
  const round = ROUNDS[Math.floor(number / PLACES.length) % ROUNDS.length]!
  const of = /^[AEIOUÉ]/.test(place) ? `d’${place}${round}` : `de ${place}${round}`
  if (kind === 'nursing-home') return `EHPAD Les ${tree} ${of} (fictif)`
  if (kind === 'disability-home') return `Foyer Les ${tree} ${of} (fictif)`
  if (kind === 'social') return `Service d’accompagnement ${of} (fictif)`
  return `CH ${of} (fictif)`
}

/** Invented, with 99 after the department, and a key that holds. */
export function inventedFiness(department: string, number: number): string {
  const stem = `${department}997${String(number).padStart(3, '0')}`
  const key = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => finessKeyHolds(`${stem}${digit}`))
  return `${stem}${key}`
}
