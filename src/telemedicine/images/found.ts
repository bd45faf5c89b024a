import type { Acted, Case, CaseCommands, CaseViewer, CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Archive, Compared, Found, FoundStudy, ImagePatient, ImageStudy, StudyFinder } from '../../core/images.ts'
import type { Clock } from '../../core/ports.ts'
import { sidesOf } from '../case/sides.ts'
import { archivesOf, issuersOf } from './domain.ts'
import { type Against, numbersOf, traitsOf } from './gate.ts'

/** Longest wait for the archive (ms), and numbers of one patient that are asked for. */
const WAIT_MS = 15_000
const MOST_NUMBERS = 5
const SEXES: Readonly<Record<string, string>> = { M: 'male', F: 'female' }

interface FinderParts {
  readonly views: Pick<CaseViews, 'one'>
  readonly commands: Pick<CaseCommands, 'act'>
  readonly config: () => Config
  readonly archive: (destination: string) => Archive | null
  readonly clock: Pick<Clock, 'nowMs'>
}

type Opened = { readonly ok: true; readonly case: Case } | { readonly ok: false; readonly error: ErrorCode }

/** Finds studies in the archive of the site that asked, for those who act for that site. */
export function studyFinder(parts: FinderParts): StudyFinder {
  const find = async (of: Case): Promise<Found> => {
    const config = parts.config()
    const [destination] = archivesOf(config, of.site, of.test || of.drill)
    const archive = destination === undefined ? null : parts.archive(destination.id)
    if (archive === null) return { ok: false, error: 'IMAGES_NO_ARCHIVE' }
    const against = { patient: of.patient, site: of.site, issuers: issuersOf(config) }
    const numbers = numbersOf(against).slice(0, MOST_NUMBERS)
    const [from, to] = daysOf(of, config.region.timeZone, parts.clock.nowMs())
    const date = `${from}-${to}`.replace(/(\d{4})-(\d\d)-(\d\d)/g, '$1$2$3')
    const signal = AbortSignal.timeout(WAIT_MS)
    const answers = await Promise.all(numbers.map((id) => archive.studies({ by: 'patient', id, date }, signal)))
    const found = new Map<string, FoundStudy>()
    for (const answer of answers) {
      if (!answer.ok) return { ok: false, error: answer.code }
      for (const study of answer.value) if (!isNamed(of, study)) found.set(study.uid, shown(study, against))
    }
    return { ok: true, from, to, numbers: numbers.length, studies: [...found.values()] }
  }
  return {
    async find(careCase, viewer) {
      const opened = await open(careCase, viewer, parts)
      return opened.ok ? await find(opened.case) : opened
    },
    async attach(careCase, { uid, reason }, viewer): Promise<Acted> {
      const opened = await open(careCase, viewer, parts)
      // A form that is sent twice has done it already.
      if (!opened.ok || opened.case.studies.some((one) => one.uid === uid)) return opened
      const found = await find(opened.case)
      if (!found.ok) return found
      const chosen = found.studies.find((one) => one.uid === uid)
      if (chosen === undefined) return { ok: false, error: 'IMAGES_ABSENT' }
      const { accession, instances: expected, modalities } = chosen
      const study = { uid, accession, expected, modality: modalities[0] ?? null }
      return await parts.commands.act(careCase, { what: 'study', study, reason }, viewer, { why: reason })
    },
  }
}

/** The case, for somebody who acts for the site that asked first: the one whose archive its images come from. */
async function open(id: string, viewer: CaseViewer, { views, config }: FinderParts): Promise<Opened> {
  const line = await views.one(id, viewer.caller)
  if (line === null) return { ok: false, error: 'CASE_NOT_FOUND' }
  const { case: of } = line
  const service = config().careServices?.get(of.service)
  const sides = service === undefined ? null : sidesOf(of, viewer, service)
  const isSite = viewer.participant.establishment === of.site && (sides?.has('requester') || sides?.has('imaging'))
  if (isSite !== true || line.extent === 'appointment') return { ok: false, error: 'CASE_FORBIDDEN' }
  return of.closedAtMs === null ? { ok: true, case: of } : { ok: false, error: 'CASE_CLOSED' }
}

/** From the day before the first request to the day after it, or to today (ISO), in the region's time: a night is two days. */
function daysOf({ requests, openedAtMs }: Case, timeZone: string, nowMs: number): readonly [from: string, to: string] {
  const dayOf = (atMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate()
  const asked = dayOf(requests[0]?.atMs ?? openedAtMs)
  const [next, today] = [asked.add({ days: 1 }), dayOf(nowMs)]
  const to = Temporal.PlainDate.compare(today, next) < 0 ? today : next
  return [asked.subtract({ days: 1 }).toString(), to.toString()]
}

function isNamed({ studies }: Case, { uid, accession }: ImageStudy): boolean {
  return studies.some(
    (one) => one.uid === uid || (one.uid === null && accession !== null && one.accession === accession),
  )
}

function shown({ patient, uid, accession, date, modalities, description, instances }: ImageStudy, against: Against) {
  const traits = comparedOf(patient, against)
  return { uid, accession, date, modalities, description, instances, traits }
}

/** How whom a study names compares with the patient of the case: as the gate does, and the sex. Pure. */
export function comparedOf(image: ImagePatient, against: Against): FoundStudy['traits'] {
  const [[, identifier], [, name], [, birthDate]] = traitsOf(image, against)
  return { identifier, name, 'birth-date': birthDate, sex: sexes(image.sex, against.patient.sex) }
}

function sexes(image: string | null, known: string): Compared {
  const told = SEXES[image?.trim().toUpperCase() ?? '']
  if (told === undefined || known === 'unknown') return 'absent'
  return told === known ? 'same' : 'other'
}
