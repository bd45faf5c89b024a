import { afterAll, beforeAll, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { documents } from '../../src/app/wiring/documents.ts'
import type { Config } from '../../src/core/config.ts'
import { documentTimer } from '../../src/core/documents.ts'
import type { Journal } from '../../src/core/journal.ts'
import { trustSpace } from '../../src/mssante/trust-space.ts'
import { blankMail } from '../../src/pipeline/mail/accept.ts'
import { mdm, message } from '../support/documents.ts'
import { behind, OPERATOR, PATIENT_BOX } from '../support/sendings.ts'
import { openStore } from '../support/stores.ts'

const quiet = { info() {}, warn() {}, error() {} }
const meter = { count() {}, observe() {} }
const trust = trustSpace({ list: () => null, state: () => 'none' })
const nowMs = Date.UTC(2026, 10, 23, 10)
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => {} }
/** Of PRT, in their order. */
const [PATIENT, DOCTOR] = [0, 1]

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let revision: number
beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  revision = (await journal.adopt('test', 0, '{}')).revision
})
afterAll(() => store?.end())

function configOf(limits: { readonly maxBytes: number; readonly maxPatientBytes: number }): Config {
  const mailbox = 'documents@op.mssante.test'
  return {
    ...{ revision, region: { name: 'Région (fictive)', timeZone: 'Europe/Paris' } },
    establishments: new Map([['ch-exemple', { id: 'ch-exemple', name: 'CH Exemple', finess: { ej: null, eg: [] } }]]),
    ...{ destinations: new Map(), maps: new Map() },
    mail: {
      operator: {
        ...{ ...OPERATOR, host: 'mail.op.mssante.test', limits, retry: { expiresMs: 3_600_000 } },
        ...{ domains: new Map(), testDomains: new Set() },
        documents: new Map([['ch-exemple', { establishment: 'ch-exemple', mailbox, dmp: null, receive: null }]]),
      },
    },
  } as unknown as Config
}

/** What the mail of a message for one of its recipients comes to: its kind, and what it says of an error. */
async function legOf(recipient: number, config: Config): Promise<string> {
  const id = machineIds.uuid()
  const bytes = Buffer.from(message(behind(mdm('T02', undefined, `M-${id}`), 'PRT', PATIENT_BOX)))
  const leg = { what: 'leg', id, establishment: 'ch-exemple', test: true, sending: 0, recipient } as const
  await journal.commit([
    { ...blankMail(id, nowMs, revision), kind: 'MDM^T02', controlId: id, bytes, deliveries: [], rows: [] },
  ])
  const sources = { journal, config: () => config, trust, version: '0', clock, ids: machineIds, log: quiet, meter }
  const effect = await documents(sources).timer(documentTimer(leg, nowMs))
  expect(effect.arrivals).toHaveLength(1)
  const { kind, bytes: made } = effect.arrivals![0]!
  return [kind, /\rERR\|[^\r]*\|E\|([^\r]*)/.exec(Buffer.from(made).toString())?.[1]?.split('^')[1] ?? '']
    .join(' ')
    .trim()
}

test.each<[name: string, recipient: number, most: readonly [all: number, patients: number], comes: string]>([
  ['for a patient, within what their side takes', PATIENT, [1_000_000, 100_000], 'MAIL^XDM'],
  ['for a patient, beyond it', PATIENT, [1_000_000, 3_000], "ZAM^Z02 Échec définitif de l'envoi (MAIL_TOO_LARGE)"],
  ['for a doctor, beyond what patients may have', DOCTOR, [1_000_000, 3_000], 'MAIL^XDM'],
  [
    'for a doctor, beyond what any mail may have',
    DOCTOR,
    [3_000, 3_000],
    "ZAM^Z02 Échec définitif de l'envoi (MAIL_TOO_LARGE)",
  ],
])('a mail with documents %s', async (_name, recipient, [maxBytes, maxPatientBytes], comes) => {
  expect(await legOf(recipient, configOf({ maxBytes, maxPatientBytes }))).toBe(comes)
})
