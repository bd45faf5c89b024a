import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { ImageDeposit, ImageInstance, ImageIntake, TakenInstance } from '../../core/images.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { instanceOf } from '../../formats/dicom/facts.ts'
import { headOf } from './instance.ts'
import { Room } from './room.ts'
import { identitiesForgotten, studyInsert } from './rows.ts'
import { type Spool, SUFFIX } from './spool.ts'

/** Requests of one establishment, and of all, that may be under way at once. */
const MOST_OF_ONE = 4
const MOST_OF_ALL = 16

/** What the intake works with. */
export interface DepositParts {
  readonly spool: Spool
  readonly journal: Pick<Journal, 'apply' | 'look'>
  /** Bytes that the folder may hold. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly ids: Ids
  /** A study came. */
  readonly came: () => void
}

/** One instance in the file of its request. */
interface Kept {
  readonly instance: ImageInstance
  readonly at: number
  readonly bytes: number
}

/** Takes images into a spool: one file per request, synced with its folder before rows name what is in it. */
export function imageIntake(parts: DepositParts): ImageIntake {
  const under = new Map<string, number>()
  const room = new Room(parts.maxBytes, () => parts.spool.bytes())
  // Two requests of one study make one row.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const mine = turn.then(work)
    turn = mine.catch(() => {})
    return mine
  }
  return {
    async begin(establishment, study) {
      const mine = under.get(establishment) ?? 0
      const all = [...under.values()].reduce((sum, one) => sum + one, 0)
      if (mine >= MOST_OF_ONE || all >= MOST_OF_ALL) return null
      under.set(establishment, mine + 1)
      const over = (): void => void under.set(establishment, (under.get(establishment) ?? 1) - 1)
      if (await room.look()) return new Deposit(parts, { site: establishment, study, room }, inTurn, over)
      over()
      return null
    },
  }
}

interface Of {
  readonly site: string
  readonly study: string | null
  readonly room: Room
}

class Deposit implements ImageDeposit {
  readonly #parts: DepositParts
  readonly #of: Of
  readonly #inTurn: (work: () => Promise<void>) => Promise<void>
  readonly #over: () => void
  readonly #name: string
  readonly #kept: Kept[] = []
  #file: FileHandle | null = null
  #at = 0
  /** Bytes of the folder's room that it holds. */
  #taken = 0
  #ended = false

  constructor(parts: DepositParts, of: Of, inTurn: (work: () => Promise<void>) => Promise<void>, over: () => void) {
    this.#parts = parts
    this.#of = of
    this.#inTurn = inTurn
    this.#over = over
    this.#name = `${parts.ids.uuid()}${SUFFIX}`
  }

  async take(bytes: AsyncIterable<Uint8Array>): Promise<TakenInstance> {
    const headed = await headOf(bytes)
    if (!headed.ok) {
      if (headed.again) throw new GatewayError(headed.code)
      return { uid: null, sopClass: null, code: headed.code }
    }
    const { head, rest } = headed
    const instance = instanceOf(head)
    const refused: ErrorCode | null =
      instance === null
        ? 'DICOM_MALFORMED'
        : this.#of.study !== null && instance.study !== this.#of.study
          ? 'IMAGE_CHANGED'
          : null
    if (instance === null || refused !== null) {
      await rest.return?.()
      return { uid: instance?.uid ?? null, sopClass: instance?.sopClass ?? null, code: refused }
    }
    const at = this.#at
    await this.#write(head.bytes)
    for (;;) {
      const { done, value } = await rest.next()
      if (done === true) break
      await this.#write(value)
    }
    this.#kept.push({ instance, at, bytes: this.#at - at })
    return { uid: instance.uid, sopClass: instance.sopClass, code: null }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!this.#of.room.take(bytes.length)) throw new GatewayError('IMAGES_NO_ROOM')
    this.#taken += bytes.length
    try {
      this.#file ??= await open(join(this.#parts.spool.dir, this.#name), 'wx', 0o600)
      for (let from = 0; from < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, from, bytes.length - from, this.#at)
        from += bytesWritten
        this.#at += bytesWritten
      }
    } finally {
      this.#of.room.wrote(bytes.length)
    }
  }

  async commit(): Promise<void> {
    if (this.#ended) return
    if (this.#kept.length > 0) {
      await this.#file?.sync()
      const folder = await open(this.#parts.spool.dir, 'r')
      await folder.sync().finally(() => folder.close())
      await this.#inTurn(() => this.#rows())
    }
    await this.#end(this.#kept.length > 0)
    this.#parts.came()
  }

  async drop(): Promise<void> {
    await this.#end(false)
  }

  async #end(keep: boolean): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    try {
      await this.#file?.close()
      if (keep) return
      await rm(join(this.#parts.spool.dir, this.#name), { force: true })
      this.#of.room.giveBack(this.#taken)
    } finally {
      this.#over()
    }
  }

  async #rows(): Promise<void> {
    const rows: Statement[] = []
    for (const [uid, kept] of Map.groupBy(this.#kept, ({ instance }) => instance.study)) {
      const { id, isNew, statement } = await this.#study(uid, kept[0] as Kept)
      rows.push(statement, ...kept.map((one) => this.#instance(id, one)))
      if (!isNew) rows.push(...(await this.#judgedAnew(id, kept)))
    }
    if (!(await this.#parts.journal.apply({ rows }))) throw new GatewayError('INTERNAL')
  }

  /**
   * Images that come again may have been corrected: what was said of whom they named before holds nothing back. Also where the
   * study is not held yet: a look may be under way that has judged them and is about to say so. */
  async #judgedAnew(study: string, kept: readonly Kept[]): Promise<Statement[]> {
    const known = await this.#parts.journal.look<{ readonly uid: string }>({
      sql: "SELECT uid FROM image_instance WHERE study = ? AND state <> 'there'",
      parameters: [study],
    })
    const before = new Set(known.map(({ uid }) => uid))
    return kept.some(({ instance }) => before.has(instance.uid)) ? [identitiesForgotten(study)] : []
  }

  /** The row of the study: a new one, or the one there is, to be looked at again. */
  async #study(
    uid: string,
    { instance }: Kept,
  ): Promise<{ readonly id: string; readonly isNew: boolean; readonly statement: Statement }> {
    const { spool, journal, clock, ids } = this.#parts
    const nowMs = clock.nowMs()
    const [known] = await journal.look<{ readonly id: string }>({
      sql: `SELECT id FROM image_study WHERE uid = ? AND source = ? AND site = ? AND state <> 'over'`,
      parameters: [uid, spool.source, this.#of.site],
    })
    if (known !== undefined) {
      const sql = `UPDATE image_study SET due_at_ms = ?, changed_at_ms = changed_at_ms + 1,
        state = CASE WHEN state = 'there' THEN 'open' ELSE state END WHERE id = ?`
      return { id: known.id, isNew: false, statement: { sql, parameters: [nowMs, known.id] } }
    }
    const id = ids.uuid()
    const row = { careCase: null, target: null, code: null, attempts: 0, dueAtMs: nowMs, madeAtMs: nowMs }
    const { accession } = instance
    const statement = studyInsert({
      ...row,
      id,
      site: this.#of.site,
      source: spool.source,
      uid,
      accession,
      state: 'sought',
      changedAtMs: nowMs,
    })
    return { id, isNew: true, statement }
  }

  /** Of an instance that comes again the last bytes count, until the centre has it: what is answered as stored is what is kept. */
  #instance(study: string, { instance, at, bytes }: Kept): Statement {
    return {
      sql: `INSERT INTO image_instance (study, uid, series, n, sop_class, state, tries, file, at, bytes)
        VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?, ?, ?)
        ON CONFLICT (study, uid) DO UPDATE SET series = excluded.series, n = excluded.n, sop_class = excluded.sop_class,
          state = 'waiting', code = NULL, tries = 0, file = excluded.file, at = excluded.at, bytes = excluded.bytes
        WHERE image_instance.state <> 'there'`,
      parameters: [
        study,
        instance.uid,
        instance.series,
        instance.number ?? 0,
        instance.sopClass,
        this.#name,
        at,
        bytes,
      ],
    }
  }
}
