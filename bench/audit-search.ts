/** Search in an audit of a million events, newest first, as the page asks it: latency by question, and of all of them mixed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AuditSearch } from '../src/core/audit.ts'
import type { Journal } from '../src/core/journal.ts'
import { auditEvent } from '../src/formats/audit/event.ts'
import { searchAudit } from '../src/pipeline/audit/search.ts'
import { atMost, type Figure, quantile } from './figure.ts'
import { openEmbedded } from './search.ts'

const EVENTS = 1_000_000
const QUESTIONS = 200
const FIRST_MS = Date.parse('2026-01-01T00:00:00Z')
/** A year of events. */
const APART_MS = Math.floor((365 * 86_400_000) / EVENTS)
const ACTS = ['list', 'read-message', 'read-audit', 'read-body', 'resend', 'close', 'pause', 'apply-config']

/** Numbers that look random and are the same at every run. */
function scattered(n: number, salt: number): number {
  let mixed = Math.imul(n ^ (salt * 0x9e3779b9), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Few do most, and most of what is done are looks. */
const skewed = (n: number, salt: number, of: number): number => Math.floor(of * (scattered(n, salt) / 2 ** 32) ** 3)

/** Fills the tables that a search reads; hashes and signatures are of no matter to it. */
function fill(file: string): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const leaf = db.prepare('INSERT INTO audit_leaf VALUES (?, ?, ?, ?, ?)')
  const index = db.prepare('INSERT INTO audit_index VALUES (?, ?, ?, ?, ?, ?, ?)')
  const patient = db.prepare('INSERT INTO audit_patient VALUES (?, ?)')
  for (let n = 1; n <= EVENTS; n += 1) {
    const fact = {
      n,
      atMs: FIRST_MS + n * APART_MS,
      who: `person-${skewed(n, 1, 50)}`,
      what: ACTS[skewed(n, 2, ACTS.length)]!,
      why: 'bench',
      code: scattered(n, 3) % 1_000 === 0 ? 'FORBIDDEN' : null,
      message: `01990000-0000-7000-8000-${(scattered(n, 4) % 500_000).toString(16).padStart(12, '0')}`,
      delivery: null,
      detail: null,
    }
    const name = `patient-${scattered(n, 5) % 100_000}`
    leaf.run(n, n, fact.atMs, auditEvent({ ...fact, patients: [name], site: 'Bench' }), 'x'.repeat(88))
    index.run(n, fact.atMs, fact.who, fact.what, `ch-${skewed(n, 6, 40)}`, fact.message, fact.code === null ? 0 : 1)
    patient.run(name, n)
  }
  db.exec('COMMIT')
  db.close()
}

function aDay(n: number): Partial<AuditSearch> {
  const sinceMs = FIRST_MS + (n % 360) * 86_400_000
  return { sinceMs, untilMs: sinceMs + 86_400_000 }
}

const ASKED: Readonly<Record<string, (n: number) => Partial<AuditSearch>>> = {
  'no filter': () => ({}),
  'page 2': () => ({ below: EVENTS >> 1 }),
  who: (n) => ({ who: [`person-${n % 50}`] }),
  'who, nobody': (n) => ({ who: [`nobody-${n}`] }),
  what: (n) => ({ what: [ACTS[n % ACTS.length]!] }),
  'who and what': (n) => ({ who: [`person-${n % 50}`], what: [ACTS[n % ACTS.length]!] }),
  'who never did what': (n) => ({ who: [`person-${n % 50}`], what: ['never'] }),
  establishment: (n) => ({ establishment: [`ch-${n % 40}`] }),
  'establishment and what': (n) => ({ establishment: [`ch-${n % 40}`], what: [ACTS[n % ACTS.length]!] }),
  'establishment and who, nothing there': (n) => ({ establishment: [`ch-${n % 40}`], who: ['nobody'] }),
  message: (n) => ({
    message: `01990000-0000-7000-8000-${(scattered(n, 7) % 500_000).toString(16).padStart(12, '0')}`,
  }),
  refused: () => ({ refused: true }),
  'refused and who': (n) => ({ refused: true, who: [`person-${n % 50}`] }),
  'not refused': () => ({ refused: false }),
  patient: (n) => ({ patients: [`patient-${scattered(n, 8) % 100_000}`] }),
  'patient and who': (n) => ({ patients: [`patient-${scattered(n, 8) % 100_000}`], who: [`person-${n % 50}`] }),
  time: aDay,
  'time and who': (n) => ({ ...aDay(n), who: [`person-${n % 50}`] }),
  'time and refused': (n) => ({ ...aDay(n), refused: true }),
}

/** The figures. */
export async function benchAuditSearch(): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-bench-audit-search-'))
  try {
    const store = join(dir, 'store')
    await (await openEmbedded(store)).close()
    fill(join(store, 'store.db'))
    const journal: Journal = await openEmbedded(store)
    const all: number[] = []
    const figures: Figure[] = []
    for (const [name, ask] of Object.entries(ASKED)) {
      const times: number[] = []
      for (let n = 0; n < QUESTIONS; n += 1) {
        const startMs = performance.now()
        await searchAudit(journal, { limit: 50, ...ask(n) })
        times.push(performance.now() - startMs)
      }
      all.push(...times)
      figures.push({ name: `audit search: ${name}, p95`, value: quantile(times, 0.95), unit: 'ms' })
    }
    await journal.close()
    return [...figures, atMost('audit search at 1,000,000 events, all questions, p95', quantile(all, 0.95), 'ms', 100)]
  } finally {
    rmSync(dir, { recursive: true })
  }
}
