import type { Case } from '../../core/cases.ts'
import type { Config, DicomwebTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Archive, Coercion, FromArchive, ImagePatient } from '../../core/images.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Lease } from '../../core/leases.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { isTold } from '../../formats/dicom/json.ts'
import { carry, type Way } from './carry.ts'
import { issuersOf } from './domain.ts'
import { type Fetch, feedOf, fetches } from './feed.ts'
import type { Against } from './gate.ts'
import { type Judged, judged } from './identity.ts'
import { inOrder, type ListedSeries } from './order.ts'
import type { Progress } from './progress.ts'
import {
  type ImageReads,
  type InstanceRow,
  identitiesConfirmed,
  identityJudged,
  instanceInsert,
  instanceRefused,
  instanceState,
  instanceThere,
  type StudyChange,
  type StudyRow,
} from './rows.ts'

/** Fetches on their way at once, of one study. */
const PIPES = 2
/** A centre that refuses an instance so often will not have it. */
const MOST_TRIES = 3
/** Waits before the next look (ms): nothing new, no such study yet, and the longest after faults. */
const AGAIN_MS = { there: 60_000, sought: 5_000, fault: 30_000 }

/** What a run works with. */
export interface RunParts {
  readonly row: StudyRow & { readonly uid: string }
  readonly case: Case
  readonly config: Config
  readonly source: Archive
  /** Null: no centre has accepted, or it has no archive. */
  readonly target: { readonly archive: Archive; readonly patientIds: DicomwebTarget['patientIds'] } | null
  readonly journal: Pick<Journal, 'apply' | 'secret'>
  readonly reads: ImageReads
  readonly lease: Lease
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** A fault of an archive, or the end of the lease, on the way out of a run. */
class Broken {
  readonly code: ErrorCode
  readonly again: boolean
  constructor(code: ErrorCode, again: boolean) {
    this.code = code
    this.again = again
  }
}

/**
 * One look at one study: lists it, lets the gate judge whom it names, carries what is not there, smallest complete series
 * first, and compares the centre's list with the site's. Where it breaks off it goes on with what is not there yet. */
export class Run {
  readonly #parts: RunParts
  readonly #against: Against
  readonly #passing = new Map<string, boolean>()
  #left = 0
  readonly #coerced = new Map<Coercion, number>()

  constructor(parts: RunParts) {
    this.#parts = parts
    const issuers = issuersOf(parts.config)
    this.#against = { patient: parts.case.patient, site: parts.row.site, issuers }
  }

  /** What becomes of the study's row. Never rejects but for a fault of the store. */
  async look(): Promise<StudyChange> {
    const { row, clock } = this.#parts
    const after = (state: StudyChange['state'], waitMs: number, code: ErrorCode | null = null): StudyChange => ({
      state,
      code,
      attempts: 0,
      dueAtMs: clock.nowMs() + waitMs,
    })
    try {
      const { series, rows } = await this.#list()
      if (series.length === 0) return after('sought', AGAIN_MS.sought, 'IMAGES_ABSENT')
      const expected = this.#expected(series.reduce((sum, one) => sum + one.instances, 0))
      if (await this.#held()) return await this.#hold(expected, after)
      if (this.#parts.target === null) {
        this.#parts.progress.is({ received: 0, expected, held: 0 })
        return after('open', AGAIN_MS.there)
      }
      return await this.#move(series, rows, after)
    } catch (fault) {
      if (!(fault instanceof Broken)) throw fault
      const attempts = this.#left > 0 ? 1 : row.attempts + 1
      const waitMs = Math.min(AGAIN_MS.fault, 500 * 2 ** Math.min(attempts, 10))
      const state = row.state === 'sought' || row.state === 'there' ? row.state : 'open'
      return { state, code: fault.code, attempts, dueAtMs: clock.nowMs() + waitMs }
    }
  }

  /** What was changed in the instances that left in this look, for the audit: none, or one event. */
  coercions(): NewEvent[] {
    const { row, clock } = this.#parts
    if (this.#coerced.size === 0) return []
    const counts = [...this.#coerced].map(([what, count]) => `${what} ${count}`).join(', ')
    const detail = `${row.source} > ${row.target}: ${counts}`
    const event = { what: 'coerce-images', who: 'gateway', why: null, message: null, delivery: null } as const
    return [{ ...event, atMs: clock.nowMs(), code: 'IMAGES_COERCED', detail }]
  }

  async #hold(expected: number, after: (state: 'held', waitMs: number, code: ErrorCode) => StudyChange) {
    const { row, reads, meter } = this.#parts
    if (row.state !== 'held') {
      const waiting = (await reads.identities(row.id)).filter(
        (one) => one.result !== 'ok' && one.confirmedAtMs === null,
      )
      for (const result of new Set(waiting.map((one) => one.result)))
        meter.count('alert_total', { code: result === 'mismatch' ? 'IMAGES_OTHER_PATIENT' : 'IMAGES_PATIENT_UNKNOWN' })
    }
    this.#parts.progress.is({ received: 0, expected, held: expected })
    return after('held', AGAIN_MS.there, 'IMAGES_OTHER_PATIENT')
  }

  /** How many instances the study has, by whoever tells more. */
  #expected(listed: number): number {
    const told = this.#parts.case.studies.find(({ uid }) => uid === this.#parts.row.uid)
    return Math.max(listed, told?.expected ?? 0)
  }

  /**
   * Lists what the source has, the series that goes first first, and judges whom it names. Instances are listed of series
   * that were begun only: lists of them take an archive longer than the images themselves, and the bytes of each are
   * judged before they leave. */
  async #list(): Promise<{ readonly series: readonly ListedSeries[]; readonly rows: readonly InstanceRow[] }> {
    const { row, source, signal, reads } = this.#parts
    const known = Map.groupBy(await reads.instances(row.id), (one) => one.series)
    const listed: ListedSeries[] = []
    for (const { uid, instances: count, patient } of take(await source.series(row.uid, signal), [])) {
      if (patient !== null) await this.#judge([patient])
      const before = known.get(uid)?.length ?? 0
      if (before === 0 || (row.state === 'there' && before === count)) {
        listed.push({ uid, instances: count, before })
        continue
      }
      const instances = take(await source.instances(row.uid, uid, signal), [])
      await this.#judge(instances.map((one) => one.patient).filter(isTold))
      await this.#apply(instances.map((one) => instanceInsert(row.id, one)))
      listed.push({ uid, instances: instances.length, before })
    }
    return { series: inOrder(listed), rows: await reads.instances(row.id) }
  }

  async #judge(patients: readonly ImagePatient[]): Promise<void> {
    const { row, journal, clock } = this.#parts
    const all = patients.map((one) => judged(one, this.#against, journal.secret))
    const each = new Map(all.map((found) => [found.identity, found]))
    if (each.size === 0) return
    await this.#apply([...each.values()].map((found) => judgement(row, found, clock.nowMs())))
  }

  /** Does some identity wait for a person? What persons confirmed since is written down first. */
  async #held(): Promise<boolean> {
    const { row, reads, case: of } = this.#parts
    const confirmed = await reads.confirmations(of.id, row.uid)
    if (confirmed.length > 0) await this.#apply(confirmed.map((atMs) => identitiesConfirmed(row.id, atMs)))
    const identities = await reads.identities(row.id)
    for (const { identity, result, confirmedAtMs } of identities)
      this.#passing.set(identity, result === 'ok' || confirmedAtMs !== null)
    return [...this.#passing.values()].includes(false)
  }

  /** May an instance leave whose bytes name this patient? What was not judged yet is, and kept. */
  async #passes(patient: ImagePatient): Promise<boolean> {
    const { row, journal, clock } = this.#parts
    const found = judged(patient, this.#against, journal.secret)
    const known = this.#passing.get(found.identity)
    if (known !== undefined) return known
    const passes = found.judgement.is === 'ok'
    this.#passing.set(found.identity, passes)
    await this.#apply([judgement(row, found, clock.nowMs())])
    return passes
  }

  async #move(
    series: readonly ListedSeries[],
    before: readonly InstanceRow[],
    after: (state: StudyChange['state'], waitMs: number, code?: ErrorCode | null) => StudyChange,
  ): Promise<StudyChange> {
    const { row, progress, reads } = this.#parts
    const counted = series.reduce((sum, one) => sum + one.instances, 0)
    const expected = this.#expected(counted)
    if (row.state !== 'there') await this.#compare()
    const rows = row.state === 'there' ? before : await reads.instances(row.id)
    let there = rows.filter(({ state }) => state === 'there').length
    // Where an earlier look broke off, answers may have been lost: whole is what the centre's list then says is whole.
    const most = rows.length === 0 ? expected : expected - 1
    const going = fetches(series, rows)
    const tell = (): void =>
      progress.is({ received: going.length === 0 ? there : Math.min(there, most), expected, held: 0 })
    tell()
    const held = await this.#pipes(going, rows, () => {
      there++
      tell()
    })
    if (held) return await this.#hold(expected, after)
    if (going.length > 0) await this.#compare()
    const now = await reads.instances(row.id)
    const arrived = now.filter(({ state }) => state === 'there').length
    const refused = now.filter(({ state }) => state === 'refused').length
    progress.is({ received: arrived, expected, held: 0 })
    if (arrived + refused < counted) throw new Broken('IMAGES_INCOMPLETE', true)
    return after('there', AGAIN_MS.there, refused > 0 ? 'IMAGE_REFUSED' : null)
  }

  /** Compares the UIDs that the centre lists with ours: what it has is there, and what it lacks waits. */
  async #compare(): Promise<void> {
    const { row, target, reads, signal } = this.#parts
    if (target === null) return
    const series = take(await target.archive.series(row.uid, signal), [])
    const there = new Set<string>()
    for (const { uid } of series) {
      for (const one of take(await target.archive.instances(row.uid, uid, signal), [])) there.add(one.uid)
    }
    const wrong = (await reads.instances(row.id)).filter(({ uid, state }) => (state === 'there') !== there.has(uid))
    const rows = wrong
      .filter(({ uid, state }) => state !== 'refused' || there.has(uid))
      .map(({ uid }) => instanceState(row, uid, there.has(uid) ? 'there' : 'waiting'))
    if (rows.length > 0) await this.#apply(rows)
  }

  /** Several fetches at once, in order; true: an instance was held, and nothing more leaves. */
  async #pipes(going: readonly Fetch[], rows: readonly InstanceRow[], there: () => void): Promise<boolean> {
    const { row, source } = this.#parts
    const queue = going[Symbol.iterator]()
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#parts.signal, stop.signal])
    const way = this.#way(rows, { there, stop: () => stop.abort(), signal })
    let held = false
    let broken: Broken | null = null
    const pipe = async (): Promise<void> => {
      for (const fetch of queue) {
        if (held || broken !== null) return
        const end = await carry(feedOf(source, row.uid, fetch, signal), way)
        if (end.is === 'held') held = true
        else if (end.is === 'fault') broken ??= new Broken(end.code, end.again)
        if (end.is !== 'done') stop.abort()
      }
    }
    await Promise.all(Array.from({ length: PIPES }, pipe))
    if (held) return true
    if (broken !== null) throw broken
    return false
  }

  #way(rows: readonly InstanceRow[], { there, stop, signal }: Pick<Way, 'stop' | 'signal'> & { there(): void }): Way {
    const { row, target, config, log, meter } = this.#parts
    if (target === null) throw new Error('no target')
    const own = [...config.destinations.values()].find(
      (one) => one.establishment === row.site && one.target.type === 'dicomweb',
    )?.target as DicomwebTarget | undefined
    const left = (coerced: readonly Coercion[]): void => {
      for (const what of coerced) this.#coerced.set(what, (this.#coerced.get(what) ?? 0) + 1)
    }
    const gone = new Set(rows.filter(({ state }) => state !== 'waiting').map(({ uid }) => uid))
    return {
      study: row.uid,
      target: target.archive,
      issuer: own ?? { issuer: config.establishments.get(row.site)?.finess.ej ?? row.site, oid: null },
      patientIds: target.patientIds,
      passes: (patient) => this.#passes(patient),
      // Each only once, whatever a feed brings.
      wants: (uid) => !gone.has(uid) && gone.add(uid).has(uid),
      there: async (instance, coerced, bytes) => {
        await this.#apply([instanceThere(row, instance, coerced)])
        this.#left++
        left(coerced)
        meter.count('images_instances_total', { site: row.site })
        meter.count('images_bytes_total', { site: row.site }, bytes)
        there()
      },
      untold: async (instance, coerced) => {
        await this.#apply([instanceInsert(row.id, instance)])
        left(coerced)
      },
      refused: async (uid, code, instance) => {
        log.warn('images.refused', { establishment: row.site, code })
        const known = instance === null ? [] : [instanceInsert(row.id, instance)]
        await this.#apply([...known, instanceRefused(row.id, uid, code, MOST_TRIES)])
      },
      stop,
      signal,
    }
  }

  /** Refused when the lease is another node's by now. */
  async #apply(rows: readonly Statement[]): Promise<void> {
    const { journal, lease } = this.#parts
    if (!(await journal.apply({ fence: lease.fence, rows }))) throw new Broken('LEASE_LOST', true)
  }
}

function judgement(study: StudyRow, { identity, judgement: said, image }: Judged, nowMs: number): Statement {
  const kept = said.is === 'ok' ? { which: [], told: null } : { which: said.which, told: JSON.stringify(image) }
  return identityJudged(study, identity, { result: said.is, ...kept }, nowMs)
}

/** What an archive answered; `absent`: in place of there being none. */
function take<T>(answer: FromArchive<T>, absent?: T): T {
  if (answer.ok) return answer.value
  if (answer.code === 'IMAGES_ABSENT' && absent !== undefined) return absent
  throw new Broken(answer.code, answer.again)
}
