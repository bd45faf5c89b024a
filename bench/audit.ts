/** How long the check of an export of 1,000,000 events takes, and what sealing one event costs. */
import { generateKeyPairSync } from 'node:crypto'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkExport } from '../src/formats/audit/check.ts'
import { auditEvent } from '../src/formats/audit/event.ts'
import { exported, type Sealed } from '../src/formats/audit/exported.ts'
import { type AuditKey, auditKey, publicPem, signHead, signLeaf } from '../src/formats/audit/head.ts'
import { type Edge, grown, leafHash, NO_LEAVES, rootOf } from '../src/formats/audit/tree.ts'
import { atMost, type Figure } from './figure.ts'

const EVENTS = 1_000_000
const SLICE = 1_000
const CHECK_S = 60

function seal(n: number, key: AuditKey): Sealed & { readonly leaf: Buffer } {
  const atMs = 1_773_480_000_000 + n * 100
  const id = `01990000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
  const fact = {
    n,
    atMs,
    who: 'bench',
    what: 'read-body',
    why: 'bench',
    code: null,
    message: id,
    delivery: null,
    detail: null,
  }
  const line = auditEvent({ ...fact, patients: ['0'.repeat(64)], site: 'Bench' })
  const leaf = leafHash(Buffer.from(line))
  const signature = signLeaf(n, atMs, leaf, key).toString('base64')
  return { n, atMs, line, hash: leaf.toString('hex'), signature, leaf }
}

/** The figures. */
export async function benchAudit(): Promise<Figure[]> {
  const pair = generateKeyPairSync('ed25519')
  const key = auditKey(pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'))
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-bench-audit-'))
  const file = join(dir, 'audit.ndjson')
  let edge: Edge = NO_LEAVES
  let sealMs = 0
  async function* events() {
    for (let n = 1; n <= EVENTS; n += SLICE) {
      const startMs = performance.now()
      const some = Array.from({ length: SLICE }, (_, i) => seal(n + i, key))
      for (const { leaf } of some) edge = grown(edge, leaf).edge
      sealMs += performance.now() - startMs
      yield some
    }
  }
  try {
    const out = openSync(file, 'w')
    const last = async (size: number) => signHead(size, rootOf(edge), 1_773_480_000_000, key)
    const source = { publicKey: publicPem(key.publicKey), before: { size: 0, hashes: [] }, daily: [], last }
    for await (const piece of exported({ ...source, events: events() })) writeSync(out, piece)
    closeSync(out)
    const startMs = performance.now()
    const { events: count, faults } = await checkExport(createReadStream(file, { highWaterMark: 1024 ** 2 }))
    const seconds = (performance.now() - startMs) / 1_000
    if (count !== EVENTS || faults.length > 0) throw new Error(`checked ${count}, ${faults.length} faults`)
    return [
      atMost('audit: check of an export of 1,000,000 events', seconds, 's', CHECK_S),
      { name: 'audit: sealing one event', value: (sealMs * 1_000) / EVENTS, unit: 'µs' },
    ]
  } finally {
    rmSync(dir, { recursive: true })
  }
}
