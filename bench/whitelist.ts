/**
 * How long a white list of real size takes to verify (8,655 rows, 5 MB), and how long the thread that answers doors is held
 * meanwhile: from the bytes as fetched to the list in use. */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LAB_SIGNER, publishLab } from '../src/app/white-list/lab.ts'
import { verifyApart } from '../src/app/white-list/verifying.ts'
import { signList, writeList } from '../src/formats/whitelist/sign.ts'
import { atMost, type Figure, median } from './figure.ts'

const ROWS = 8_655
const ROUNDS = 5

/** A list of that size, and the authorities behind it. */
async function sample(): Promise<{ readonly bytes: Buffer; readonly ca: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-white-list-'))
  try {
    await publishLab(dir, [{ domain: 'a.test', operator: 'a' }], Date.now())
    const rows = Array.from({ length: ROWS }, (_, n) => ({
      domain: `etablissement-${n}.exemple.mssante.test`,
      description: `Établissement d'exemple n° ${n}, inventé`,
      subject: `CN=smtp${n % 391}.exemple.test,OU=3${String(n % 391).padStart(14, '0')},O=OPÉRATEUR ${n % 391},ST=Loire-Atlantique (44),C=FR`,
      responsible: `responsable-${n}@exemple.test, 02 00 00 00 00`,
      support: `support-${n}@exemple.test, 02 00 00 00 01, du lundi au vendredi`,
      changed: new Date(Date.now() - n * 60_000).toISOString(),
    }))
    const signer = {
      key: createPrivateKey(readFileSync(join(dir, 'signer.key'))),
      certificate: new X509Certificate(readFileSync(join(dir, 'signer.pem'))),
    }
    const bytes = Buffer.from(signList(writeList(rows, Date.now()), signer))
    return { bytes, ca: readFileSync(join(dir, 'ca.pem'), 'utf8') }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Longest turn of this thread while `work` goes on, ms of its own processor time: others on the machine do not count. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  let longest = 0
  let last = spent()
  let going = true
  const watch = (): void => {
    const now = spent()
    longest = Math.max(longest, now - last)
    last = now
    if (going) setImmediate(watch)
  }
  setImmediate(watch)
  await work()
  going = false
  return longest
}

/** The figures of the white list. */
export async function benchWhiteList(): Promise<Figure[]> {
  const { bytes, ca } = await sample()
  const { commonName, email, issuer } = LAB_SIGNER
  const settings = {
    source: { kind: 'file', file: '/' } as const,
    crl: [],
    crlStale: 'refuse' as const,
    ca,
    signer: { issuer, commonName, email },
    everyMs: 3_600_000,
    timeoutMs: 20_000,
    maxBytes: 32 * 1024 ** 2,
    shrink: 0.2,
    age: { stale: 1, old: 1, closed: 1 },
  }
  const seconds: number[] = []
  const holds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    const hold = await longestTurn(async () => {
      const found = await verifyApart(bytes, settings, { gzipped: false, nowMs: Date.now(), known: null })
      if (found.what !== 'good' || found.list.rows !== ROWS) throw new Error('the list was not taken')
    })
    seconds.push((performance.now() - began) / 1_000)
    holds.push(hold)
  }
  return [
    { name: 'White list, size', value: bytes.length / 1e6, unit: 'MB' },
    atMost('White list of 8,655 rows, verified and in use', median(seconds), 's', 2),
    atMost('the same, longest turn of the main thread', Math.max(...holds), 'ms', 50),
  ]
}
