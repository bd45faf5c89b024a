import { generateKeyPairSync } from 'node:crypto'
import { auditEvent } from '../../../src/formats/audit/event.ts'
import { exported, type Sealed } from '../../../src/formats/audit/exported.ts'
import { type AuditKey, auditKey, publicPem, signHead, signLeaf } from '../../../src/formats/audit/head.ts'
import { type Edge, grown, leafHash, NO_LEAVES, rootOf } from '../../../src/formats/audit/tree.ts'

/** A key of its own. */
export function newKey(): AuditKey {
  return auditKey(generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'))
}

/** When the first event was; each later one is a second later. */
export const FIRST_MS = Date.parse('2026-03-14T08:00:00Z')

/** An audit of so many invented events, with its edges by size. */
export function sealedAudit(count: number, key: AuditKey) {
  const events: Sealed[] = []
  const edges: Edge[] = [NO_LEAVES]
  for (let n = 1; n <= count; n += 1) {
    const atMs = FIRST_MS + (n - 1) * 1_000
    const line = auditEvent({
      n,
      atMs,
      who: `operator-${n % 3}`,
      what: n % 2 === 0 ? 'resend' : 'read-body',
      why: `reason ${n}`,
      code: null,
      message: null,
      delivery: null,
      detail: null,
      patients: ['00ff'],
      site: 'Region',
    })
    const leaf = leafHash(Buffer.from(line))
    events.push({
      n,
      atMs,
      line,
      hash: leaf.toString('hex'),
      signature: signLeaf(n, atMs, leaf, key).toString('base64'),
    })
    edges.push(grown(edges.at(-1)!, leaf).edge)
  }
  const head = (size: number) => signHead(size, rootOf(edges[size]!), FIRST_MS + size * 1_000, key)
  return { events, edges, head }
}

/** The lines of an export of the events from `first` on, with a daily head every 4. */
export async function exportLines(count: number, key: AuditKey, first = 1): Promise<string[]> {
  const { events, edges, head } = sealedAudit(count, key)
  const pieces = await Array.fromAsync(
    exported({
      publicKey: publicPem(key.publicKey),
      before: { size: first - 1, hashes: edges[first - 1]!.hashes.map((one) => one.toString('hex')) },
      events: (async function* () {
        yield events.slice(first - 1)
      })(),
      daily: Array.from({ length: Math.floor(count / 4) }, (_, i) => head(4 * (i + 1))),
      last: async (size) => head(size),
    }),
  )
  return pieces.join('').trimEnd().split('\n')
}

/** Lines as a file is read: in chunks that end anywhere. */
export async function* chunked(lines: readonly string[], size = 1_000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
