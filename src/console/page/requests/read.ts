import type {
  CasePatient,
  CaseRequest,
  Consent,
  Participant,
  RegisteredPatient,
  ToldTime,
} from '../../../core/cases.ts'
import type { CareService, FormField, TimeName } from '../../../core/services.ts'
import { readFormTime, readTime } from '../../../formats/clock/read.ts'

/** What is wrong with a field. `future` and `old` are said once, and taken when they are sent again. */
export type Wrong =
  | 'missing'
  | 'unequal'
  | 'hour'
  | 'future'
  | 'old'
  | 'phone'
  | 'number'
  | 'date'
  | 'choice'
  | 'rpps'
  | 'mail'
  | 'gone'
  | 'both'

/** What a form is read with. */
export interface Reading {
  readonly service: CareService
  readonly site: string
  readonly asker: Participant
  readonly registered: readonly RegisteredPatient[]
  readonly nowMs: number
  readonly timeZone: string
  /** Ids of what was uploaded. */
  readonly attachments: readonly string[]
}

/** What a form says: a request, or what is wrong with it, by field. */
export type Read =
  | { readonly ok: true; readonly request: CaseRequest }
  | { readonly ok: false; readonly wrong: ReadonlyMap<string, Wrong> }

/** Times that are written down afterwards beside the one that every form asks. */
export const LATER_TIMES: readonly TimeName[] = ['first-contact', 'arrival', 'imaging-begun', 'imaging-ended', 'needle']

/** Value of a patient in the list of those registered. */
export function patientValue({ patient }: RegisteredPatient): string {
  const [first] = patient.identifiers
  return first === undefined ? `name|${patient.family}|${patient.given}` : `${first.authority}|${first.value}`
}

const PHONE = /^[+0-9][0-9 ().-]{2,29}$/
/** An hour that the form does not take for a slip of the pen: a minute of difference between two clocks (ms). */
const SKEW_MS = 60_000

class Faults {
  readonly found = new Map<string, Wrong>()
  add(field: string, wrong: Wrong): void {
    if (!this.found.has(field)) this.found.set(field, wrong)
  }
}

const said = (fields: URLSearchParams, name: string): string => (fields.get(name) ?? '').trim()

/** Reads a form of a service. `until`: the last step that is read, 3 for all. Pure. */
export function readRequest(fields: URLSearchParams, reading: Reading, until = 3): Read {
  const { service, site, asker, nowMs } = reading
  const faults = new Faults()
  const late = fields.get('late') === 'yes'
  const patient = patientOf(fields, reading, faults)
  const reason = said(fields, 'reason')
  if (reason === '') faults.add('reason', 'missing')
  const phone = said(fields, 'phone')
  if (phone === '') faults.add('phone', 'missing')
  else if (!PHONE.test(phone)) faults.add('phone', 'phone')
  const times = service.kind === 'stroke' ? timesOf(fields, reading, late, faults) : {}
  const answers = answersOf(fields, reading, until, faults)
  const consent = consentOf(fields, reading, until, faults)
  const treatingDoctor = until < 3 ? null : doctorOf(fields, faults)
  const atMs = late ? lateMs(fields, reading, faults) : nowMs
  if (faults.found.size > 0 || patient === null) return { ok: false, wrong: faults.found }
  const visit = said(fields, 'visit')
  const id = said(fields, 'id')
  const request: CaseRequest = {
    ...{ id, service: service.name, via: 'form', message: null, atMs, site },
    ...{ unit: said(fields, 'unit') || null, asker: { ...asker, phone }, callBack: phone, reason, times, answers },
    patient: visit === '' ? patient : withVisit(patient, site, visit),
    // Sent twice it is one request: the second finds the case by this key.
    ...{
      keys: [`form:${site}:${id}`],
      placer: null,
      coded: [],
      studies: [],
      attachments: reading.attachments,
      consent,
      treatingDoctor,
    },
    ...{ test: false, drill: fields.get('drill') === 'yes', late },
  }
  return { ok: true, request }
}

function withVisit(patient: CasePatient, site: string, value: string): CasePatient {
  return { ...patient, identifiers: [...patient.identifiers, { authority: site, value, type: 'VN' }] }
}

function patientOf(fields: URLSearchParams, { registered, site }: Reading, faults: Faults): CasePatient | null {
  const chosen = said(fields, 'patient')
  if (chosen !== '' && chosen !== 'other') {
    const found = registered.find((one) => patientValue(one) === chosen)
    if (found === undefined) faults.add('patient', 'gone')
    else if (said(fields, 'family') !== '') faults.add('patient', 'both')
    return found?.patient ?? null
  }
  const [family, given, again] = [said(fields, 'family'), said(fields, 'given'), said(fields, 'again')]
  // A name without a letter could not be told from none when it is typed again.
  if (plain(family) === '') faults.add('family', 'missing')
  if (given === '') faults.add('given', 'missing')
  if (plain(again) !== plain(family)) faults.add('again', again === '' ? 'missing' : 'unequal')
  const birthDate = said(fields, 'birth') || null
  if (birthDate !== null && !/^\d{4}(-\d{2}(-\d{2})?)?$/.test(birthDate)) faults.add('birth', 'date')
  const sex = (['male', 'female'] as const).find((one) => one === fields.get('sex')) ?? 'unknown'
  const number = said(fields, 'ipp')
  const identifiers = number === '' ? [] : [{ authority: site, value: number, type: 'PI' }]
  // What a person types is nobody's identity yet (RNIV).
  return { identifiers, family, given, birthDate, sex, status: 'provisional' }
}

/** Letters alone, without case or accents: how a name typed twice is compared. */
function plain(name: string): string {
  return name.normalize('NFD').replaceAll(/\P{L}/gu, '').toLocaleUpperCase('fr')
}

type Times = CaseRequest['times']

function timesOf(fields: URLSearchParams, reading: Reading, late: boolean, faults: Faults): Times {
  const isUnknown = fields.get('unknown') === 'yes'
  const hour = said(fields, 'hour')
  const first = hour === '' ? null : formTime(fields, reading, late)
  if (hour === '' && !isUnknown) faults.add('hour', 'missing')
  if (hour !== '' && first === null) faults.add('hour', 'hour')
  if (first !== null) doubted(first.atMs, fields, reading, late, faults)
  const name: TimeName = isUnknown ? 'discovery' : 'last-seen-well'
  const more = late ? LATER_TIMES.flatMap((one) => laterTime(one, fields, reading, faults)) : []
  return Object.fromEntries([...(first === null ? [] : [[name, first] as const]), ...more])
}

/** The time that every form of an emergency asks, as it is understood; null: it is none. Pure. */
export function formTime(
  fields: URLSearchParams,
  { nowMs, timeZone }: Pick<Reading, 'nowMs' | 'timeZone'>,
  late = false,
): ToldTime | null {
  const told = { source: 'carer', toldAtMs: nowMs } as const
  if (late) {
    const read = readTime(`${said(fields, 'date')}T${clock(said(fields, 'hour'))}`, timeZone)
    return read === null ? null : { atMs: read.atMs, precision: 'minute', ...told }
  }
  const day = fields.get('day') === 'yesterday' ? 'yesterday' : 'today'
  const read = readFormTime(day, said(fields, 'hour'), shownMs(fields, nowMs), timeZone)
  return read === null ? null : { atMs: read.atMs, precision: read.precision, ...told }
}

/** When the form was shown, which says what "today" was on it; at most a day ago. */
export function shownMs(fields: URLSearchParams, nowMs: number): number {
  const shown = Number(fields.get('shown'))
  return Number.isSafeInteger(shown) && shown <= nowMs && shown > nowMs - 86_400_000 ? shown : nowMs
}

/** `14h20`, `1420` or `14:20` as `14:20`; what is none stays. */
function clock(text: string): string {
  const [, hours, minutes = '00'] = /^(\d{1,2})\s*[:hH]?\s*(\d{2})?$/.exec(text) ?? []
  return hours === undefined ? text : `${hours.padStart(2, '0')}:${minutes}`
}

/** A time to come, or very old, is said once; sent again as it is, it is kept, to be verified. */
function doubted(atMs: number, fields: URLSearchParams, reading: Reading, late: boolean, faults: Faults): void {
  if (fields.get('kept') === keptValue(fields)) return
  const { nowMs, service } = reading
  if (atMs > nowMs + SKEW_MS) faults.add('hour', 'future')
  else if (!late && nowMs - atMs > service.oldMs) faults.add('hour', 'old')
}

/** What the form keeps of a time that was doubted. */
export function keptValue(fields: URLSearchParams): string {
  return `${said(fields, 'day')} ${said(fields, 'date')} ${said(fields, 'hour')}`
}

function laterTime(name: TimeName, fields: URLSearchParams, reading: Reading, faults: Faults): [TimeName, ToldTime][] {
  const text = said(fields, `at.${name}`)
  if (text === '') return []
  const read = readTime(text, reading.timeZone)
  if (read !== null)
    return [[name, { atMs: read.atMs, precision: 'minute', source: 'record', toldAtMs: reading.nowMs }]]
  faults.add(`at.${name}`, 'hour')
  return []
}

function lateMs(fields: URLSearchParams, { nowMs, timeZone }: Reading, faults: Faults): number {
  const read = readTime(said(fields, 'asked'), timeZone)
  if (read === null) faults.add('asked', 'missing')
  else if (read.atMs > nowMs + SKEW_MS) faults.add('asked', 'future')
  return Math.min(read?.atMs ?? nowMs, nowMs)
}

function answersOf(fields: URLSearchParams, { service, attachments }: Reading, until: number, faults: Faults) {
  const answers: Record<string, string> = {}
  for (const field of service.form) {
    if (field.step > until) continue
    if (field.type === 'photos' || field.type === 'documents') {
      if (field.required && until >= 3 && attachments.length === 0) faults.add(field.id, 'missing')
      continue
    }
    const value = said(fields, `value.${field.id}`)
    if (value === '') {
      if (field.required) faults.add(`value.${field.id}`, 'missing')
      continue
    }
    const wrong = wrongWith(field, value)
    if (wrong !== null) faults.add(`value.${field.id}`, wrong)
    else answers[field.id] = value
  }
  return answers
}

function wrongWith({ type, choices }: FormField, value: string): Wrong | null {
  switch (type) {
    case 'choice':
      return Object.hasOwn(choices, value) ? null : 'choice'
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(value) ? null : 'date'
    case 'number':
      return Number.isFinite(Number(value.replace(',', '.'))) ? null : 'number'
    case 'yes-no':
      return ['yes', 'no', 'unknown'].includes(value) ? null : 'choice'
    default:
      return null
  }
}

function consentOf(
  fields: URLSearchParams,
  { service, nowMs }: Reading,
  until: number,
  faults: Faults,
): Consent | null {
  if (until < 3) return null
  const by = said(fields, 'consent-by')
  switch (fields.get('consent')) {
    case 'given':
      if (by === '') faults.add('consent-by', 'missing')
      return { given: true, by, atMs: nowMs, refusedWhy: null }
    case 'not':
      if (by === '') faults.add('consent-by', 'missing')
      return { given: false, by: by, atMs: nowMs, refusedWhy: said(fields, 'consent-why') || null }
    default:
      if (service.consent === 'required') faults.add('consent', 'missing')
      return null
  }
}

const MAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/

function doctorOf(fields: URLSearchParams, faults: Faults): Participant | null {
  const [name, rpps, phone] = [said(fields, 'doctor'), said(fields, 'doctor-rpps'), said(fields, 'doctor-phone')]
  if (rpps !== '' && !/^\d{11}$/.test(rpps)) faults.add('doctor-rpps', 'rpps')
  const mail = said(fields, 'doctor-mail')
  if (mail !== '' && !MAIL.test(mail)) faults.add('doctor-mail', 'mail')
  if (name === '') return null
  return { name, rpps: rpps || null, establishment: null, role: 'requester', phone: phone || null, mail: mail || null }
}
