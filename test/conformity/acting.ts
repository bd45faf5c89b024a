/** A world in which people act for conformity: a store, a shelf, people, time that moves when told. */
import { onTestFinished } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { readSource } from '../../src/app/config/source.ts'
import type { ActingParts } from '../../src/conformity/acting.ts'
import { conformityCommands } from '../../src/conformity/commands.ts'
import { dayOf } from '../../src/conformity/day.ts'
import { evidenceSweep } from '../../src/conformity/evidence/receive.ts'
import { evidenceViews } from '../../src/conformity/evidence/views.ts'
import { publishFiles } from '../../src/conformity/framework-acts.ts'
import { frameworkShelf } from '../../src/conformity/framework-shelf.ts'
import { judgingRound } from '../../src/conformity/rounds.ts'
import type { Config } from '../../src/core/config.ts'
import { FRAMEWORK_STATUSES, type Framework } from '../../src/core/conformity.ts'
import type {
  ConformityAct,
  ConformityCommands,
  EvidenceViews,
  FrameworkShelf,
  FrameworkSource,
  ReadFramework,
} from '../../src/core/conformity-commands.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Lease } from '../../src/core/leases.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { type Notebook, notebook } from '../support/peers/notebook.ts'
import { openStore } from '../support/stores.ts'

/** A word that stands in documents and statements, and nowhere else. */
export const CANARY = 'CANARI-PREUVE'

const evidence = (accepts: 'document' | 'statement' | 'either') => ({
  by: 'evidence',
  accepts,
  validDays: 365,
  remindDays: 60,
})
const requirement = (id: string, judging: object, appliesTo: readonly string[] | null = null) => ({
  ...{ id, level: 'mandatory', text: { fr: `Exigence ${id}`, en: `Requirement ${id}` }, confirm: false, appliesTo },
  ...{ source: { document: 'Texte fictif', clause: null }, next: { fr: 'Déposez.', en: 'File.' }, judging },
})

/** The text of an invented framework: evidence of each kind, traffic, and one for nursing homes alone. */
export function frameworkText(changes: Partial<Framework> = {}): string {
  const framework = {
    ...{ id: 'essai', version: '1', name: { fr: 'Référentiel d’essai', en: 'Framework of trial' }, publisher: 'Essai' },
    ...{
      status: 'final',
      validFrom: '2020-01-01',
      validTo: null,
      appliesTo: ['hospital'],
      source: 'https://exemple.test/',
    },
    confirm: false,
    domains: [
      {
        id: 'd',
        name: { fr: 'Domaine', en: 'Domain' },
        requirements: [
          requirement('DOC', evidence('document')),
          requirement('SAY', evidence('statement')),
          requirement('ANY', evidence('either')),
          requirement('HOME', evidence('either'), ['nursing-home']),
          requirement('FLOW', {
            by: 'traffic',
            rule: {
              ...{ side: 'sent', kinds: ['ADT^*'], windowDays: 30, minimum: 1 },
              measure: { what: 'presence', messages: 1 },
            },
          }),
        ],
      },
    ],
    ...changes,
  }
  return `# Invented\n${JSON.stringify(framework, null, 2)}\n`
}

/** Reads such texts: two faults are looked for, so that there is a line and a column to tell. */
export function frameworkSource(files: readonly string[] = []): FrameworkSource {
  return {
    files: () => files,
    read: readText,
    readPublished: (yaml) => readText(yaml).framework,
  }
}

function readText(yaml: string): ReadFramework {
  const { value, problems, locate } = readSource(yaml)
  if (problems.length > 0) return { framework: null, problems }
  const framework = value as Framework
  const wrong = (['version', 'status'] as const).filter(
    (name) =>
      typeof framework?.[name] !== 'string' || (name === 'status' && !FRAMEWORK_STATUSES.includes(framework.status)),
  )
  if (wrong.length === 0) return { framework, problems: [] }
  const faults = wrong.map((name) =>
    locate({ severity: 'error', path: [name], code: 'BAD_VALUE', message: 'not one of those there are' }),
  )
  return { framework: null, problems: faults }
}

/** What the tests act with. */
export interface Acting {
  readonly journal: Journal
  readonly clock: ManualClock
  readonly notebook: Notebook
  readonly shelf: FrameworkShelf
  readonly source: FrameworkSource
  readonly commands: ConformityCommands
  readonly views: EvidenceViews
  readonly config: () => Config
  /** How often somebody said that verdicts are to be made anew. */
  readonly changes: () => number
  /** Publishes the files of the source. */
  publish(): Promise<void>
  /** Judges until nothing is due; gives `verdict why` of a requirement of ch-laval. */
  verdict(requirement: string, framework?: string): Promise<string | null>
  /** What is in the audit: who, what, why, detail. */
  events(): Promise<readonly string[]>
  /** Rows of documents. */
  parts(): Promise<number>
  /** Fires the timers of the sweep. */
  sweep(): Promise<void>
}

/** The act of a person of the region, or of those establishments. */
export const act = (
  who: string,
  establishments: readonly string[] | null = null,
  why = 'dossier 12',
): ConformityAct => ({
  ...{ who, why, reach: establishments === null ? null : { establishments, applications: null } },
})

/** A whole one over a new store; over when the test is. */
export async function acting(files: readonly string[] = [frameworkText()], from?: Partial<Config>): Promise<Acting> {
  const { journal, end } = await openStore()
  onTestFinished(end)
  const clock = manualClock()
  const book = notebook()
  const establishments = new Map([
    ['ch-laval', { id: 'ch-laval', kind: 'hospital', finess: { ej: null, eg: [] } }],
    ['chu-nantes', { id: 'chu-nantes', kind: 'hospital', finess: { ej: null, eg: [] } }],
    ['ehpad-a', { id: 'ehpad-a', kind: 'nursing-home', finess: { ej: null, eg: [] } }],
  ])
  const whole = {
    region: { timeZone: 'Europe/Paris' },
    establishments,
    destinations: new Map(),
    ...from,
  } as unknown as Config
  const config = () => whole
  const source = frameworkSource(files)
  const shelf = frameworkShelf({ journal, source, log: book.log })
  let changes = 0
  const parts: ActingParts & { readonly source: FrameworkSource } = {
    ...{ journal, config, shelf, source, clock, ids: machineIds, log: book.log },
    changed: () => void changes++,
  }
  let lease: Lease | null = null
  const tenancy = journal.leases.hold('conformity', {
    begin: async (mine) => {
      lease = mine
    },
    end: async () => {},
  })
  onTestFinished(() => tenancy.drop())
  const frameworks = () => shelf.inForce(dayOf(clock.nowMs(), 'Europe/Paris'))
  return {
    ...{ journal, clock, notebook: book, shelf, source, config, changes: () => changes },
    commands: conformityCommands(parts),
    views: evidenceViews(parts),
    publish: () => publishFiles(parts),
    async verdict(id, framework = 'essai@1') {
      await tenancy.begun
      while (await judgingRound({ journal, config, frameworks, clock }, lease!));
      const [row] = await journal.look<{ verdict: string; why: string }>({
        sql: `SELECT verdict, why FROM conformity_verdict WHERE establishment = 'ch-laval' AND use = 'production'
          AND framework = ? AND requirement = ?`,
        parameters: [framework, id],
      })
      return row === undefined ? null : `${row.verdict} ${row.why}`
    },
    async events() {
      const rows = await journal.look<{ who: string; what: string; why: string | null; detail: string }>({
        sql: 'SELECT who, what, why, detail FROM event ORDER BY seq',
        parameters: [],
      })
      return rows.map(({ who, what, why, detail }) => `${who} ${what} ${why ?? '-'} ${detail}`)
    },
    async parts() {
      const [row] = await journal.look<{ n: number }>({
        sql: 'SELECT count(*) AS n FROM conformity_evidence_part',
        parameters: [],
      })
      return Number(row?.n)
    },
    async sweep() {
      const timers = await journal.look<{ id: string; follower: string; due_at_ms: number; payload: string }>({
        sql: `SELECT id, follower, due_at_ms, payload FROM timer WHERE follower = 'conformity-evidence'`,
        parameters: [],
      })
      for (const { id, follower, due_at_ms, payload } of timers) {
        const effect = await evidenceSweep().timer({ id, follower, dueAtMs: Number(due_at_ms), payload })
        await journal.apply({ ...effect, fired: [id] })
      }
    },
  }
}

/** Bytes as they come over a line, in pieces. */
export async function* coming(...pieces: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}
