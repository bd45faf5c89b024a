/** What the journal costs by itself: time per message and per record in a group of 64, and of a lone commit. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Intake, Journal } from '../src/core/journal.ts'
import { openSqliteJournal } from '../src/pipeline/journal/sqlite/open.ts'
import { atMost, type Figure } from './figure.ts'

const BATCH = 64
const ROUNDS = 120
const LONE = 400
const BODY = new Uint8Array(1_500).fill(65)
let numbered = 0

function uuid(): string {
  numbered += 1
  return `01990000-0000-7000-8000-${numbered.toString(16).padStart(12, '0')}`
}

/** Search keys look random, as HMACs do. */
function key(n: number): string {
  return Buffer.from(`${Math.imul(n, 2_654_435_761) >>> 0}`.padStart(12, '0')).toString('base64url')
}

function intake(n: number): Intake {
  const patientKeys = [key(n % 50_000), key((n % 50_000) + 1_000_000)]
  return {
    id: uuid(),
    receivedAtMs: Date.now(),
    entrance: 'mllp',
    peer: '127.0.0.1:40000',
    establishment: 'ch-laval',
    kind: 'ORU^R01',
    controlId: `C${n}`,
    application: 'LABO',
    facility: '530000371',
    receivingApplication: 'DPI',
    receivingFacility: '440000289',
    test: true,
    bytes: BODY,
    repeatKey: `ch-laval|LABO|530000371|C${n}`,
    answer: Buffer.alloc(120, 65),
    applicationAnswer: null,
    patientKeys,
    orderKeys: patientKeys.map((one) => `ch-laval:${one}`),
    findings: [],
    deliveries: [
      {
        id: uuid(),
        destination: `chu-nantes/d${n % 8}`,
        route: 'results',
        lane: 'normal',
        state: 'queued',
        code: null,
        dueAtMs: 0,
        expiresAtMs: Date.now() + 7 * 86_400_000,
        alertAtMs: null,
        replayOf: null,
      },
    ],
    events: [],
    revision: 0,
    parent: null,
    ask: null,
    rows: [],
    cause: null,
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Median of one round after the other, in a fresh store on the disk of the working folder. */
export function benchJournal(): Promise<Figure[]> {
  return inFreshStore(measure)
}

/**
 * The raw group-commit writer: the same rows and syncs as an accepted message with one delivery, and nothing else: no
 * door, reading, routing or sending. `callers` each wait for their commit before the next. Messages per second. */
export function rawWriterRate(callers: number, seconds: number): Promise<number> {
  return inFreshStore(async (journal) => {
    const endMs = performance.now() + seconds * 1_000
    let committed = 0
    const caller = async (): Promise<void> => {
      while (performance.now() < endMs) await journal.commit([intake(committed++)])
    }
    const startMs = performance.now()
    await Promise.all(Array.from({ length: callers }, caller))
    return (committed * 1_000) / (performance.now() - startMs)
  })
}

async function inFreshStore<T>(work: (journal: Journal) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(process.cwd(), 'data-bench-'))
  const journal = await openSqliteJournal({
    dir,
    log: { info() {}, warn() {}, error() {} },
    meter: { count() {}, observe() {} },
    clock: { nowMs: Date.now, monotonicMs: () => performance.now(), after: () => () => {} },
    ids: { uuid, random: Math.random },
    refusedMaxBytes: () => 1024 ** 3,
    onFatal: (error) => {
      throw error
    },
  })
  try {
    return await work(journal)
  } finally {
    await journal.close()
    await rm(dir, { recursive: true })
  }
}

async function measure(journal: Journal): Promise<Figure[]> {
  const commits: number[] = []
  const marks: number[] = []
  const outcomes: number[] = []
  let longestMs = 0
  for (let round = 0; round < ROUNDS; round++) {
    const batch = Array.from({ length: BATCH }, (_, i) => intake(round * BATCH + i))
    commits.push(await timed(batch.map((one) => () => journal.commit([one]))))
    longestMs = Math.max(longestMs, commits.at(-1)! * BATCH)
    marks.push(await timed(batch.map((one) => () => journal.record(mark(one)))))
    outcomes.push(await timed(batch.map((one) => () => journal.record(outcome(one)))))
  }
  const lone: number[] = []
  for (let i = 0; i < LONE; i++) lone.push(await timed([() => journal.commit([intake(1_000_000 + i)])]))
  const figure = (name: string, value: number, unit: string, target?: number): Figure =>
    target === undefined ? { name, value, unit } : atMost(name, value, unit, target)
  return [
    figure('journal commit, per message in 64', Math.round(median(commits) * 1000), 'µs', 60),
    figure('journal record of a start, per delivery in 64', Math.round(median(marks) * 1000), 'µs', 40),
    figure('journal record of an outcome, per delivery in 64', Math.round(median(outcomes) * 1000), 'µs', 40),
    figure('journal lone commit, p50', Math.round(median(lone) * 1000), 'µs'),
    figure('journal lone commit, p99', Math.round(lone[Math.floor(lone.length * 0.99)]! * 1000), 'µs'),
    figure('journal 64 messages, longest', Math.round(longestMs * 10) / 10, 'ms'),
  ]
}

/** Milliseconds per act when all are begun in one turn of the loop. */
async function timed(acts: (() => Promise<unknown>)[]): Promise<number> {
  const startedMs = performance.now()
  await Promise.all(acts.map((act) => act()))
  return (performance.now() - startedMs) / acts.length
}

const MOVE = { held: false, dueAtMs: 0, code: null, sameCode: 0, attempts: 1, findings: [], events: [] } as const

function mark(one: Intake): Parameters<Journal['record']>[0] {
  const deliveryId = one.deliveries[0]!.id
  return { ...MOVE, deliveryId, from: ['queued'], to: 'sending', holds: true, atMs: Date.now(), attempt: null }
}

function outcome(one: Intake): Parameters<Journal['record']>[0] {
  const nowMs = Date.now()
  const attempt = {
    n: 1,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
    outcome: 'delivered',
    code: null,
    answer: 'MSA-1 AA',
  } as const
  return {
    ...MOVE,
    deliveryId: one.deliveries[0]!.id,
    from: ['sending'],
    to: 'delivered',
    holds: false,
    atMs: nowMs,
    attempt,
  }
}

if (import.meta.main) console.table(await benchJournal())
