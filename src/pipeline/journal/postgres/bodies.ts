import { createHash, hash } from 'node:crypto'
import type pg from 'pg'
import { GatewayError } from '../../../core/errors.ts'
import type { Staging } from '../../../core/journal.ts'
import type { Body } from '../../../core/message.ts'
import { INLINE_BYTES, type Laid, layInline } from '../laid.ts'
import { asFault } from './connect.ts'

/** Bytes of one chunk. */
export const CHUNK_BYTES = 256 * 1024
/** Bytes of one piece that a reader is given. */
const PIECE_BYTES = 64 * 1024

/** The bodies that are chunks. */
export interface BodyChunks {
  /** Stores the chunks, synced, before a commit may name them. @throws {GatewayError} STORE_FULL, STORE_UNREACHABLE */
  lay(id: string, bytes: Uint8Array): Promise<Laid>
  /** Begins a body whose bytes come one after the other. */
  stage(id: string): Staging
  /** Removes chunks that no commit names; a failure leaves them to the sweep. */
  drop(ids: readonly string[]): Promise<void>
}

/** Chunks over a pool of connections: not on the writer's, so that a body of 25 MB holds up nobody's commit. */
export function bodyChunks(pool: pg.Pool): BodyChunks {
  return {
    stage: (id) => staging(pool, id),
    async lay(id, bytes) {
      const digest = createHash('sha256')
      const client = await pool.connect().catch((error: unknown) => {
        throw asFault(error)
      })
      let fault: unknown = null
      try {
        await client.query('BEGIN')
        for (let at = 0, n = 0; at < bytes.length; at += CHUNK_BYTES, n += 1) {
          const part = bytes.subarray(at, at + CHUNK_BYTES)
          digest.update(part)
          const data = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
          await client.query('INSERT INTO body_chunk (id, n, data) VALUES ($1, $2, $3)', [id, n, data])
        }
        const { command } = await client.query('COMMIT')
        if (command !== 'COMMIT') throw new GatewayError('STORE_UNREACHABLE')
        return { bytes: bytes.length, sha256: digest.digest('hex'), data: null, file: id }
      } catch (error) {
        fault = error
        throw asFault(error)
      } finally {
        // A connection whose transaction went wrong is not used again.
        client.release(fault !== null)
      }
    },
    async drop(ids) {
      if (ids.length === 0) return
      await pool.query('DELETE FROM body_chunk WHERE id = ANY($1)', [ids]).catch(() => {})
    },
  }
}

/** Each chunk in a transaction of its own, so that a slow sender holds no connection; the sweep takes what no commit names. */
function staging(pool: pg.Pool, id: string): Staging {
  const digest = createHash('sha256')
  let held: Buffer = Buffer.alloc(0)
  let bytes = 0
  let n = 0
  const put = async (data: Buffer): Promise<void> => {
    const values = [id, n, data]
    n += 1
    await pool
      .query({ name: 'stage-chunk', text: 'INSERT INTO body_chunk (id, n, data) VALUES ($1, $2, $3)', values })
      .catch((error: unknown) => {
        throw asFault(error)
      })
  }
  return {
    async write(chunk) {
      digest.update(chunk)
      bytes += chunk.length
      const all =
        held.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([held, chunk])
      let at = 0
      for (; all.length - at >= CHUNK_BYTES; at += CHUNK_BYTES) await put(all.subarray(at, at + CHUNK_BYTES))
      held = Buffer.from(all.subarray(at))
    },
    async end() {
      if (n === 0 && bytes <= INLINE_BYTES) return layInline(held)
      if (held.length > 0) await put(held)
      return { bytes, sha256: digest.digest('hex'), data: null, file: id }
    },
    async drop() {
      held = Buffer.alloc(0)
      if (n > 0) await pool.query('DELETE FROM body_chunk WHERE id = $1', [id]).catch(() => {})
    },
  }
}

/** What the row of a body says of it. */
export interface BodyRow {
  readonly bytes: number
  readonly sha256: string
  readonly key_id: number
  readonly data: Buffer | null
  readonly file: string | null
}

/** A stored body as a handle: inline bytes come with it, chunks are read one after the other. */
export function storedBody(pool: pg.Pool, id: string, { bytes, sha256, key_id, data, file }: BodyRow): Body {
  const damaged = () => new GatewayError('BODY_DAMAGED', `The body of ${id} is missing or is not what was accepted.`)
  async function* openInline(): AsyncIterable<Uint8Array> {
    if (data?.length !== bytes || hash('sha256', data, 'hex') !== sha256) throw damaged()
    for (let at = 0; at < data.length; at += PIECE_BYTES) yield data.subarray(at, at + PIECE_BYTES)
  }
  async function* openChunks(chunks: string): AsyncIterable<Uint8Array> {
    const digest = createHash('sha256')
    let read = 0
    for (let n = 0; read < bytes; n += 1) {
      const { rows } = await pool
        .query<{ data: Buffer }>({
          name: 'body-chunk',
          text: 'SELECT data FROM body_chunk WHERE id = $1 AND n = $2',
          values: [chunks, n],
        })
        .catch((error: unknown) => {
          throw asFault(error)
        })
      const chunk = rows[0]?.data
      if (chunk === undefined || chunk.length === 0) throw damaged()
      digest.update(chunk)
      read += chunk.length
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES)
    }
    if (read !== bytes || digest.digest('hex') !== sha256) throw damaged()
  }
  return {
    bytes,
    sha256,
    keyId: key_id,
    open: () => (file === null ? openInline() : openChunks(file)),
  }
}
