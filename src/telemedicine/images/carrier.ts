import type { Case, CaseCommands, CaseViewer } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import { codeOf } from '../../core/errors.ts'
import type { Archive, StudyQuestion } from '../../core/images.ts'
import type { Journal, NewEvent } from '../../core/journal.ts'
import type { Lease, Tenancy, Tenant } from '../../core/leases.ts'
import { type Poked, pokedRounds } from '../../core/poked.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import { Progress } from './progress.ts'
import { type ImageReads, imageReads, type StudyChange, type StudyRow, studyUpdate } from './rows.ts'
import { Run } from './run.ts'
import { wanted } from './wanted.ts'

/** Longest wait before looking again (ms); `poke` wakes it sooner. */
const LOOK_MS = 1_000
/** Studies on their way at once. */
const MOST_STUDIES = 3
/** Wait for a study that cannot be looked at yet (ms). */
const LATER_MS = 5_000

/** What the carrier works with. */
export interface CarrierParts {
  readonly journal: Pick<Journal, 'apply' | 'look' | 'read' | 'leases' | 'secret'>
  readonly config: () => Config
  /** The archive behind a destination; null: there is none. The same one as long as the configuration runs. */
  readonly archive: (destination: string) => Archive | null
  /** What came by the door of this node; null: it takes none. `id` names the folder, not the node. */
  readonly spool: { readonly id: string; archive(site: string): Archive } | null
  readonly commands: Pick<CaseCommands, 'act'>
  /** As whom the gateway acts. */
  readonly gateway: CaseViewer
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Carries images from sites to centres. */
export interface Carrier {
  start(): void
  /** A case changed, or a study came: look now. */
  poke(): void
  /** Breaks off what is under way; it goes on from there at the next start. */
  stop(): Promise<void>
}

/**
 * Carries the studies of open cases, each under the lease of where they come from: `images` for archives, and one per folder
 * of what came by a door, which only its own node can read. Everything it knows is in rows: whatever dies, and whenever,
 * the next holder of the lease goes on at the instance that was not there. */
export function carrier(parts: CarrierParts): Carrier {
  const lanes = [new Lane('images', null, parts)]
  if (parts.spool !== null) lanes.push(new Lane(`images:${parts.spool.id}`, `spool:${parts.spool.id}`, parts))
  return {
    start() {
      for (const lane of lanes) lane.start()
    },
    poke() {
      for (const lane of lanes) lane.poke()
    },
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()))
    },
  }
}

/** A study that is being looked at. */
interface Running {
  readonly done: Promise<void>
  readonly stop: AbortController
  readonly target: string | null
}

/** What a look made of a study, and what the audit keeps of it. */
interface Looked {
  readonly change: StudyChange
  readonly events: readonly NewEvent[]
}

/** Studies of one sort of source, under one lease. */
class Lane implements Tenant {
  readonly #name: string
  readonly #spool: string | null
  readonly #parts: CarrierParts
  readonly #reads: ImageReads
  readonly #running = new Map<string, Running>()
  /** Versions of cases that were looked at. */
  readonly #seen = new Map<string, number>()
  /** Studies that belonged to no case at the last look. */
  #loose = ''
  #tenancy: Tenancy | null = null
  #lease: Lease | null = null
  readonly #rounds: Poked

  constructor(name: string, spool: string | null, parts: CarrierParts) {
    this.#name = name
    this.#spool = spool
    this.#parts = parts
    this.#reads = imageReads(parts.journal)
    this.#rounds = pokedRounds({
      clock: parts.clock,
      round: () => this.#round(),
      waitMs: () => (this.#lease === null ? null : LOOK_MS),
      failed: (fault) => parts.log.error('images.fault', { code: codeOf(fault) }, fault),
    })
  }

  start(): void {
    this.#tenancy = this.#parts.journal.leases.hold(this.#name, this)
    this.#tenancy.begun.catch(() => {})
  }

  async stop(): Promise<void> {
    await this.#tenancy?.drop()
  }

  async begin(lease: Lease): Promise<void> {
    this.#lease = lease
    this.#seen.clear()
    this.poke()
  }

  async end(why: 'lost' | 'given'): Promise<void> {
    this.#lease = null
    const ended = this.#rounds.rest()
    for (const { stop } of this.#running.values()) stop.abort()
    if (why === 'lost') return
    await ended
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  poke(): void {
    if (this.#lease !== null) this.#rounds.poke()
  }

  async #round(): Promise<boolean> {
    const lease = this.#lease
    if (lease === null || !lease.held()) return false
    if (this.#spool === null) await this.#lookAtCases(lease)
    const { clock } = this.#parts
    for (const row of await this.#reads.due(this.#spool, clock.nowMs(), 50)) {
      if (this.#running.size >= MOST_STUDIES || this.#lease !== lease) break
      if (!this.#running.has(row.id)) this.#begin(row, lease)
    }
    return false
  }

  /** What changed cases want now. */
  async #lookAtCases(lease: Lease): Promise<void> {
    const { journal, config, clock } = this.#parts
    const open = await journal.read<{ readonly id: string; readonly version: number }>({
      sql: `SELECT id, version FROM care_case WHERE closed_at_ms IS NULL
        UNION SELECT c.id, c.version FROM care_case c JOIN image_study s ON s.care_case = c.id WHERE s.state <> 'over'`,
      parameters: [],
    })
    const loose = await this.#reads.loose()
    const ids = loose.map(({ id }) => id).join()
    if (ids !== this.#loose) this.#seen.clear()
    this.#loose = ids
    for (const { id, version } of open) {
      if (this.#seen.get(id) === version) continue
      const one = await this.#case(id)
      if (one === null) continue
      const of = await this.#reads.ofCase(id)
      const rows = wanted(one, { of, loose }, config(), { ids: this.#parts.ids, nowMs: clock.nowMs() })
      // Somebody else changed a row meanwhile: the next round looks again.
      const applied = rows.length === 0 || (await journal.apply({ fence: lease.fence, rows }))
      if (applied) this.#seen.set(id, version)
      else this.#rounds.poke()
      // What goes to another centre now, or nowhere, does not go on to the old one.
      for (const { id: study } of of) await this.#endStale(study)
    }
    const still = new Set(open.map(({ id }) => id))
    for (const id of this.#seen.keys()) if (!still.has(id)) this.#seen.delete(id)
  }

  async #case(id: string): Promise<Case | null> {
    const [row] = await this.#parts.journal.look<{ readonly json: string | null }>({
      sql: 'SELECT state_json AS json FROM care_case WHERE id = ?',
      parameters: [id],
    })
    return row?.json == null ? null : (JSON.parse(row.json) as Case)
  }

  async #endStale(study: string): Promise<void> {
    const running = this.#running.get(study)
    if (running === undefined) return
    const now = await this.#reads.one(study)
    if (now === null || now.state === 'over' || now.target !== running.target) running.stop.abort()
  }

  #begin(row: StudyRow, lease: Lease): void {
    const stop = new AbortController()
    const done = this.#run(row, lease, stop.signal)
      .finally(() => this.#running.delete(row.id))
      .then(
        () => this.poke(),
        // Its row is as due as before: it waits for the next look.
        (fault: unknown) => this.#parts.log.error('images.fault', { code: codeOf(fault) }, fault),
      )
    this.#running.set(row.id, { done, stop, target: row.target })
  }

  async #run(row: StudyRow, lease: Lease, signal: AbortSignal): Promise<void> {
    const { journal, clock, log } = this.#parts
    const { change, events } = await this.#look(row, lease, signal)
    if (change.code !== null) log.info('images.later', { establishment: row.site, code: change.code })
    // By themselves: the row may have changed meanwhile, and is looked at again then.
    if (events.length > 0) await journal.apply({ fence: lease.fence, events })
    await journal.apply({ fence: lease.fence, rows: [studyUpdate(row, change, clock.nowMs())] })
  }

  async #look(row: StudyRow, lease: Lease, signal: AbortSignal): Promise<Looked> {
    const { journal, config, archive, spool, commands, gateway, clock } = this.#parts
    const later = (code: StudyChange['code'], uid?: string): StudyChange => ({
      ...(uid !== undefined && { uid }),
      state: row.state,
      code,
      attempts: row.attempts + 1,
      dueAtMs: clock.nowMs() + (uid === undefined ? LATER_MS : 0),
    })
    const source = this.#spool === null ? archive(row.source) : (spool?.archive(row.site) ?? null)
    const of = row.careCase === null ? null : await this.#case(row.careCase)
    if (source === null || of === null) return { change: later(null), events: [] }
    const { uid } = row
    if (uid === null) return { change: await this.#resolve(row, of, { source, signal }, later), events: [] }
    const told = of.studies.find((one) => one.uid === uid) ?? null
    const target = row.target === null ? null : archive(row.target)
    const to = row.target === null ? undefined : config().destinations.get(row.target)?.target
    const progress = new Progress(clock, told, (far) => commands.act(of.id, { what: 'images', uid, ...far }, gateway))
    const run = new Run({
      ...this.#parts,
      row: { ...row, uid },
      case: of,
      config: config(),
      source,
      target: target === null || to?.type !== 'dicomweb' ? null : { archive: target, patientIds: to.patientIds },
      journal,
      reads: this.#reads,
      lease,
      signal,
      progress,
    })
    const change = await run.look().catch(async (fault: unknown) => {
      // The first fault is the one that is told.
      await progress.end().catch(() => {})
      throw fault
    })
    await progress.end()
    return { change, events: run.coercions() }
  }

  /** A study known by its accession number: each that the site has under it belongs to the case. */
  async #resolve(
    row: StudyRow,
    of: Case,
    { source, signal }: { readonly source: Archive; readonly signal: AbortSignal },
    later: (code: StudyChange['code'], uid?: string) => StudyChange,
  ): Promise<StudyChange> {
    const { commands, gateway } = this.#parts
    const question: StudyQuestion = { by: 'accession', accession: row.accession ?? '' }
    const found = await source.studies(question, signal)
    if (!found.ok) return later(found.code)
    const [first, ...others] = found.value
    if (first === undefined) return later('IMAGES_ABSENT')
    for (const { uid, instances, modalities } of [first, ...others]) {
      const modality = modalities[0] ?? null
      const study = { uid, accession: row.accession, expected: instances, modality }
      await commands.act(of.id, { what: 'study', study }, gateway)
    }
    return later(null, first.uid)
  }
}
