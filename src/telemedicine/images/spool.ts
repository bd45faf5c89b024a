import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../core/errors.ts'
import type { Archive, FromArchive, ImageInstance, ImageSeries, Where } from '../../core/images.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { startRounds } from '../../core/rounds.ts'
import { instanceOf } from '../../formats/dicom/facts.ts'
import { headOf } from './instance.ts'

/** Files of instances end so; what else is in the folder is left alone. */
export const SUFFIX = '.dicoms'
const ID_FILE = 'id'
/** A study that no case wants goes after this (ms). */
const LOOSE_MS = 7 * 86_400_000
const PIECE_BYTES = 65_536

/** What a spool works with. */
export interface SpoolParts {
  readonly dir: string
  readonly journal: Pick<Journal, 'apply' | 'look' | 'read'>
  readonly clock: Clock
  readonly log: Log
}

/** A folder of instances that came by a door: many in one file, each with its place in a row. */
export interface Spool {
  /** Names the folder, whatever node it is mounted on. */
  readonly id: string
  readonly dir: string
  /** Source of studies, as rows name it. */
  readonly source: string
  /** What one site handed over, and nothing that another did under the same name of a study. */
  archive(site: string): Archive
  /** Bytes of its files. */
  bytes(): Promise<number>
  /** Removes the files that no open study needs, and gives up studies that no case wanted. */
  tidy(): Promise<void>
}

/** Opens a folder, and makes it at first (0700). @throws what the file system throws */
export async function openSpool(parts: SpoolParts): Promise<Spool> {
  const { dir } = parts
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const id = await idOf(dir)
  const source = `spool:${id}`
  const named = new Set<string>()
  const files = async (): Promise<string[]> => (await readdir(dir)).filter((name) => name.endsWith(SUFFIX))
  return {
    id,
    dir,
    source,
    archive: (site) => archiveOf(parts, source, site),
    async bytes() {
      const sizes = await Promise.all((await files()).map(async (name) => (await stat(join(dir, name))).size))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
    async tidy() {
      const { journal, clock } = parts
      const nowMs = clock.nowMs()
      await journal.apply({
        rows: [
          {
            sql: `UPDATE image_study SET state = 'over', changed_at_ms = ?
              WHERE source = ? AND care_case IS NULL AND state <> 'over' AND made_at_ms < ?`,
            parameters: [nowMs, source, nowMs - LOOSE_MS],
          },
        ],
      })
      for (const name of await files()) {
        if (await isNeeded(name, named, parts, nowMs)) continue
        await rm(join(dir, name), { force: true })
        named.delete(name)
      }
    },
  }
}

/** Files younger than that may belong to a request that is not committed yet (ms). */
const YOUNG_MS = 6 * 3_600_000

/** `named`: files that rows named at an earlier look. Where none does any more, their case was erased. */
async function isNeeded(
  name: string,
  named: Set<string>,
  { dir, journal }: SpoolParts,
  nowMs: number,
): Promise<boolean> {
  const rows = await journal.look<{ readonly state: string }>({
    sql: 'SELECT s.state FROM image_instance i JOIN image_study s ON s.id = i.study WHERE i.file = ?',
    parameters: [name],
  })
  if (rows.length > 0) {
    named.add(name)
    return rows.some(({ state }) => state !== 'over')
  }
  if (named.has(name)) return false
  return (await stat(join(dir, name))).mtimeMs > nowMs - YOUNG_MS
}

async function idOf(dir: string): Promise<string> {
  try {
    return (await readFile(join(dir, ID_FILE), 'utf8')).trim()
  } catch {
    const file = await open(join(dir, ID_FILE), 'w', 0o600)
    const id = randomUUID()
    await file.writeFile(id)
    await file.sync()
    await file.close()
    return id
  }
}

interface Place {
  readonly uid: string
  readonly series: string
  readonly file: string
  readonly at: number
  readonly bytes: number
}

function archiveOf({ dir, journal }: SpoolParts, source: string, site: string): Archive {
  const places = (study: string, series: string) =>
    journal.read<Place>({
      sql: `SELECT i.uid, i.series, i.file, i.at, i.bytes FROM image_instance i JOIN image_study s ON s.id = i.study
        WHERE s.source = ? AND s.site = ? AND s.uid = ? AND s.state <> 'over' AND i.series = ? AND i.file IS NOT NULL ORDER BY i.n, i.uid`,
      parameters: [source, site, study, series],
    })
  const none = async <T>(): Promise<FromArchive<T>> => ({ ok: false, code: 'IMAGE_REFUSED', again: false })
  return {
    studies: none,
    async series(study) {
      const value = await journal.read<Pick<ImageSeries, 'uid' | 'instances'>>({
        sql: `SELECT i.series AS uid, COUNT(*) AS instances
          FROM image_instance i JOIN image_study s ON s.id = i.study
          WHERE s.source = ? AND s.site = ? AND s.uid = ? AND s.state <> 'over' GROUP BY i.series`,
        parameters: [source, site, study],
      })
      return {
        ok: true,
        value: value.map(({ uid, instances }) => ({
          uid,
          instances: Number(instances),
          modality: null,
          patient: null,
        })),
      }
    },
    async instances(study, series) {
      const value: ImageInstance[] = []
      for (const place of await places(study, series)) {
        const headed = await headOf(piecesOf(dir, place))
        if (!headed.ok) return { ok: false, code: headed.code, again: false }
        await headed.rest.return?.()
        const one = instanceOf(headed.head)
        if (one !== null) value.push(one)
      }
      return { ok: true, value }
    },
    async open({ study, uid }: Where) {
      const [place] = await journal.look<Place>({
        sql: `SELECT i.uid, i.series, i.file, i.at, i.bytes FROM image_instance i JOIN image_study s ON s.id = i.study
          WHERE s.source = ? AND s.site = ? AND s.uid = ? AND s.state <> 'over' AND i.uid = ? AND i.file IS NOT NULL`,
        parameters: [source, site, study, uid],
      })
      if (place === undefined) return { ok: false, code: 'IMAGES_ABSENT', again: true }
      return { ok: true, value: piecesOf(dir, place) }
    },
    async openSeries(study, series) {
      const all = await places(study, series)
      return { ok: true, value: filesOf(dir, all) }
    },
    keep: none,
    async close() {},
  }
}

async function* filesOf(dir: string, places: readonly Place[]): AsyncGenerator<AsyncIterable<Uint8Array>> {
  for (const place of places) yield piecesOf(dir, place)
}

/** @throws {Error} where the file cannot be read */
async function* piecesOf(dir: string, { file, at, bytes }: Place): AsyncGenerator<Uint8Array> {
  const start = Number(at)
  const stream = createReadStream(join(dir, file), {
    start,
    end: start + Number(bytes) - 1,
    highWaterMark: PIECE_BYTES,
  })
  for await (const piece of stream) yield piece as Uint8Array
}

/** Tidies now, and every so often until stopped. */
export function startTidying(spool: Spool, { clock, log }: Pick<SpoolParts, 'clock' | 'log'>, everyMs: number) {
  return startRounds({
    clock,
    firstMs: 0,
    async round() {
      await spool.tidy()
      return everyMs
    },
    failedMs: everyMs,
    failed: (fault) => log.error('images.tidy', { code: codeOf(fault) }, fault),
  })
}
