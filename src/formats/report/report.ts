/**
 * The closing report of an act at a distance, as words: what a CDA, a page and a print are made of. In French: it is a
 * document of the patient's record. */
import type { Caller } from '../../core/caller.ts'
import type { Case, CasePatient, Happening, Participant } from '../../core/cases.ts'
import type { CareService, Coded, ReportType } from '../../core/services.ts'
import type { Structure } from '../case/task.ts'
import { accountSections } from './sections.ts'
import { type ReportWords, roleWord } from './words.ts'

/** Something technical that went wrong while the case was open. No content, no patient. */
export interface Incident {
  readonly atMs: number
  readonly what: 'delivery-failed' | 'delivery-late' | 'notice-failed' | 'images-held' | 'images-stalled' | 'alert'
  /** A destination, an establishment, a channel or a code; '' : nothing to add. */
  readonly about: string
}

/** Somebody who took part. */
export interface ReportParty {
  readonly name: string
  readonly rpps: string | null
  /** For people. */
  readonly role: string
  readonly structure: Structure | null
}

/** Somebody to whom the report is addressed. `mail`: by secure mail; null: no address is known. */
export interface ReportRecipient extends ReportParty {
  readonly mail: string | null
}

/** A part of the report: rows of a name and what is said of it, then paragraphs. */
export interface ReportSection {
  readonly id: string
  readonly title: string
  readonly rows: readonly (readonly [name: string, said: string])[]
  readonly paragraphs: readonly string[]
}

/** A closing report. Times ms since 1970. */
export interface CareReport {
  /** UUID of the document. */
  readonly id: string
  readonly number: string
  readonly title: string
  readonly type: ReportType
  /** What was asked. */
  readonly act: Coded
  readonly test: boolean
  readonly drill: boolean
  readonly atMs: number
  readonly beganAtMs: number
  readonly endedAtMs: number
  readonly timeZone: string
  readonly patient: CasePatient
  readonly author: ReportParty
  /** Whose document it is: the author's establishment. */
  readonly custodian: Structure
  readonly participants: readonly ReportParty[]
  /** To whom it is addressed beside both records: the treating doctors. */
  readonly recipients: readonly ReportRecipient[]
  readonly sections: readonly ReportSection[]
}

/** What a report is made of. */
export interface ReportFacts {
  readonly case: Case
  /** In order. */
  readonly happenings: readonly Happening[]
  readonly incidents: readonly Incident[]
  readonly service: CareService
  readonly structure: (establishment: string) => Structure
  readonly words: ReportWords
  readonly timeZone: string
  readonly id: string
  readonly type: ReportType
  readonly by: Participant
  /** The account of whoever makes the report. */
  readonly text: string
  readonly atMs: number
}

/** Reads the report of a case that the caller sees whole. */
export interface ReportViews {
  /** `made`: it was made, and this is it again; else what one would hold now. Null: no such case for them. */
  of(id: string, caller: Caller): Promise<{ readonly report: CareReport; readonly made: boolean } | null>
}

/** The report type of a service by its id, else its default, else its first; null: it has none. */
export function reportTypeOf({ reports }: CareService, id: string): ReportType | null {
  return reports.find((one) => one.id === id) ?? reports.find((one) => one.default) ?? reports[0] ?? null
}

/** Whose report it is: who made it; of one that the gateway made, who gave the advice, else who took the case. */
function authorOf({ case: of, by }: ReportFacts): Participant {
  if (by.role !== 'gateway') return by
  return of.advice?.by ?? of.owner?.expert ?? of.requests[0]?.asker ?? by
}

/** The report of a case. Pure. */
export function reportOf(told: ReportFacts): CareReport {
  const facts: ReportFacts = { ...told, by: authorOf(told) }
  const { case: of, service, type, by, atMs, words, structure } = facts
  const place = by.establishment ?? of.owner?.establishment ?? of.site
  const participants = partiesOf(facts)
  const marks = [of.drill ? words.drill : '', of.test && !of.drill ? words.test : ''].filter((one) => one !== '')
  return {
    id: facts.id,
    number: of.number,
    title: [...marks, `${type.name.fr} : ${service.title.fr}`].join(' '),
    type,
    act: service.code,
    test: of.test,
    drill: of.drill,
    atMs,
    beganAtMs: Math.min(of.openedAtMs, ...of.requests.map((one) => one.atMs), atMs),
    endedAtMs: atMs,
    timeZone: facts.timeZone,
    patient: of.patient,
    author: partyOf(by, facts),
    custodian: structure(place),
    participants,
    recipients: recipientsOf(facts),
    sections: accountSections(facts, participants),
  }
}

function partyOf({ name, rpps, role, establishment }: Participant, { words, structure }: ReportFacts): ReportParty {
  const place = establishment === null ? null : structure(establishment)
  return { name: name === '' ? (place?.name ?? '') : name, rpps, role: roleWord(role, words), structure: place }
}

/** The treating doctors that were named, each once. */
function recipientsOf(facts: ReportFacts): readonly ReportRecipient[] {
  const doctors = facts.case.requests.flatMap(({ treatingDoctor }) => treatingDoctor ?? [])
  const known = new Map<string, ReportRecipient>()
  for (const one of doctors) {
    const key = one.rpps ?? one.name
    const before = known.get(key)
    const mail = before?.mail ?? one.mail ?? null
    known.set(key, { ...(before ?? { ...partyOf(one, facts), role: facts.words.treatingDoctor }), mail })
  }
  return [...known.values()]
}

/** Everybody who asked, answered or did something, each once; systems and the gateway are none. */
function partiesOf(facts: ReportFacts): readonly ReportParty[] {
  const { case: of, happenings, by } = facts
  const people = [
    ...of.requests.map(({ asker }) => asker),
    ...(of.owner === null ? [] : [of.owner.expert]),
    ...(of.advice === null ? [] : [of.advice.by]),
    ...happenings.map((one) => one.by),
    by,
  ].filter(({ role, name }) => role !== 'gateway' && role !== 'establishment' && name !== '')
  const doctors = of.requests.flatMap(({ treatingDoctor }) => treatingDoctor ?? [])
  const all = [
    ...people.map((one) => partyOf(one, facts)),
    ...doctors.map((one) => ({ ...partyOf(one, facts), role: facts.words.treatingDoctor })),
  ]
  const known = new Map<string, ReportParty>()
  for (const one of all) {
    const key = one.rpps ?? `${one.name} ${one.structure?.name ?? ''}`
    const before = known.get(key)
    known.set(key, before === undefined ? one : { ...before, rpps: before.rpps ?? one.rpps })
  }
  return [...known.values()]
}
