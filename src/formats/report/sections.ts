/** Parts of a closing report, in the order in which they are read. */
import type { Consent } from '../../core/cases.ts'
import { MOMENTS, type Moment, momentsOf } from '../measures/moments.ts'
import type { ReportFacts, ReportParty, ReportSection } from './report.ts'

type Row = readonly [name: string, said: string]

/** An instant as people of the region read it, `26/11/2026 10:05`. Pure. */
export function wallText(atMs: number, timeZone: string): string {
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${two(at.day)}/${two(at.month)}/${at.year} ${two(at.hour)}:${two(at.minute)} (${at.offset})`
}

/** Every part of the report. Pure. */
export function accountSections(facts: ReportFacts, participants: readonly ReportParty[]): readonly ReportSection[] {
  const { words, text } = facts
  const section = (id: string, title: string, rows: readonly Row[], paragraphs: readonly string[]): ReportSection => ({
    ...{ id, title, rows },
    paragraphs: paragraphs.flatMap((one) => one.split(/\r\n|\r|\n/)).filter((one) => one.trim() !== ''),
  })
  return [
    section('request', words.request, requestRows(facts), words.legal === '' ? [] : [words.legal]),
    section('account', words.account, clinicalRows(facts), [text]),
    adviceSection(facts, section),
    decisionSection(facts, section),
    section('times', words.times, timeRows(facts), []),
    section(
      'participants',
      words.participants,
      participants.map((one) => partyRow(one, facts)),
      [],
    ),
    section('consent', words.consent, consentRows(facts), []),
    incidentSection(facts, section),
  ]
}

type Make = (id: string, title: string, rows: readonly Row[], paragraphs: readonly string[]) => ReportSection

function requestRows({ case: of, words, service, structure }: ReportFacts): readonly Row[] {
  const reasons = [...new Set(of.requests.map(({ reason }) => reason).filter((one) => one !== ''))]
  return [
    [words.number, of.late ? `${of.number} (${words.late})` : of.number],
    [words.act, service.title.fr],
    [words.site, placed(structure(of.site).name, of.unit)],
    ...(of.owner === null ? [] : [[words.centre, structure(of.owner.establishment).name] as const]),
    ...reasons.map((one) => [words.reason, one] as const),
  ]
}

function placed(name: string, unit: string | null): string {
  return unit === null ? name : `${name}, ${unit}`
}

function clinicalRows({ case: { nihss, studies, biology }, words, timeZone }: ReportFacts): readonly Row[] {
  const images = studies.map(({ modality, accession, received, expected }) => {
    const count = expected === null ? `${received}` : `${received}/${expected}`
    return [words.images, [modality, accession, count].filter((one) => one !== null).join(' ')] as const
  })
  return [
    ...(nihss?.total == null
      ? []
      : [[words.nihss, nihss.differs ? `${nihss.total}/42 (${words.nihssDiffers})` : `${nihss.total}/42`] as const]),
    ...images,
    ...(biology === null ? [] : [[words.biology, wallText(biology.atMs, timeZone)] as const]),
  ]
}

function adviceSection({ happenings, case: { advice }, words, timeZone }: ReportFacts, section: Make): ReportSection {
  const given = happenings.flatMap(({ act, by, atMs }) =>
    act.what === 'advise' ? [`${wallText(atMs, timeZone)}, ${by.name} : ${act.text}`] : [],
  )
  const kept = advice === null ? [] : [`${wallText(advice.atMs, timeZone)}, ${advice.by.name} : ${advice.text}`]
  const said = given.length > 0 ? given : kept
  return section('advice', words.advice, [], said.length > 0 ? said : [words.noAdvice])
}

function decisionSection({ case: { decision }, service, words, timeZone }: ReportFacts, section: Make): ReportSection {
  if (decision === null) return section('decision', words.decision, [], [words.noDecision])
  const name = service.decisions.find(({ id }) => id === decision.id)?.name.fr ?? decision.id
  return section('decision', words.decision, [[name, wallText(decision.atMs, timeZone)]], [decision.text])
}

function timeRows({ case: of, happenings, words, timeZone }: ReportFacts): readonly Row[] {
  const moments = momentsOf(of, happenings)
  return MOMENTS.map((name): readonly [Moment, number | undefined] => [name, moments[name]])
    .filter((one): one is readonly [Moment, number] => one[1] !== undefined)
    .sort(([, a], [, b]) => a - b)
    .map(([name, atMs]) => [words.moments[name], wallText(atMs, timeZone)])
}

function partyRow({ name, rpps, role, structure }: ReportParty, { words }: ReportFacts): Row {
  const number = rpps === null ? null : `${words.rpps} ${rpps}`
  return [role, [name, number, structure?.name].filter((one) => one != null && one !== '').join(', ')]
}

function consentRows({ case: { consent }, words, timeZone }: ReportFacts): readonly Row[] {
  if (consent === null) return [[words.consent, words.consentUnsaid]]
  return consentOf(consent, words, timeZone)
}

function consentOf(
  { given, by, atMs, refusedWhy }: Consent,
  words: ReportFacts['words'],
  timeZone: string,
): readonly Row[] {
  const at = wallText(atMs, timeZone)
  if (given) return [[words.consentGiven, `${by}, ${at}`]]
  return [
    [words.consentNone, `${by}, ${at}`],
    [words.consentWhy, refusedWhy ?? ''],
  ]
}

function incidentSection({ incidents, words, timeZone }: ReportFacts, section: Make): ReportSection {
  const rows = incidents
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what, about }): Row => {
      const name = words.incidentNames[what]
      return [wallText(atMs, timeZone), about === '' ? name : `${name} : ${about}`]
    })
  return section('incidents', words.incidents, rows, rows.length === 0 ? [words.noIncident] : [])
}
