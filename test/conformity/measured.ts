import { sentFollower } from '../../src/conformity/follow.ts'
import { judgingRound } from '../../src/conformity/rounds.ts'
import { conformityViews } from '../../src/conformity/views/views.ts'
import type { Config, Establishment } from '../../src/core/config.ts'
import type { Framework, Requirement } from '../../src/core/conformity.ts'
import type { ConformityViews } from '../../src/core/conformity-views.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Lease } from '../../src/core/leases.ts'
import type { Finding, Position } from '../../src/core/message.ts'
import { intake } from '../console/gateway.ts'
import { someConfig } from '../console/region.ts'
import { realClock } from '../support/peers/clock.ts'

/** A day (ms). */
export const DAY = 86_400_000
/** The invented framework that these tests measure by. */
export const NAME = 'essai@1'
/** What is in the way at those who do it wrong. */
export const RULE = 'PAM-PID-32'

const asked = (id: string, more: Partial<Requirement>): Requirement => ({
  id,
  level: 'mandatory',
  text: { fr: `Demande ${id}`, en: `Asks ${id}` },
  source: { document: 'Référentiel inventé', clause: id },
  confirm: false,
  appliesTo: null,
  next: { fr: `Corriger ${id}`, en: `Mend ${id}` },
  judging: { by: 'evidence', accepts: 'either', validDays: 365, remindDays: 60 },
  ...more,
})
const sent = { side: 'sent', windowDays: 30, minimum: 3 } as const

/** Traffic, evidence and a requirement that rests on others, in two domains. */
export const FRAMEWORK: Framework = {
  id: 'essai',
  version: '1',
  name: { fr: 'Référentiel d’essai', en: 'Framework on trial' },
  publisher: 'Personne',
  status: 'trial',
  validFrom: '2020-01-01',
  validTo: null,
  appliesTo: ['hospital', 'nursing-home'],
  source: 'https://framework.test/',
  confirm: false,
  domains: [
    {
      id: 'identities',
      name: { fr: 'Identités', en: 'Identities' },
      requirements: [
        asked('ID-1', {
          judging: {
            by: 'traffic',
            rule: {
              ...sent,
              kinds: ['ADT^*'],
              measure: { what: 'share', without: [RULE, 'INS_KEY'], refused: true, atLeast: 0.9, partly: 0.5 },
            },
          },
        }),
        asked('ID/va1.2', { level: 'recommended', appliesTo: ['hospital'], confirm: true }),
      ],
    },
    {
      id: 'exchange',
      name: { fr: 'Échanges', en: 'Exchange' },
      requirements: [
        asked('EX-1', {
          judging: {
            by: 'traffic',
            rule: { ...sent, minimum: 1, kinds: ['ORU^R01'], measure: { what: 'presence', messages: 1 } },
          },
        }),
        asked('EX-2', { level: 'optional', judging: { by: 'derived', of: ['ID-1', 'EX-1'], need: 'all' } }),
      ],
    },
  ],
}

const base = someConfig().establishments.get('ch-laval')!
const establishment = (id: string, name: string, ej: string, more: Partial<Establishment> = {}): Establishment => ({
  ...base,
  ...{ id, name, finess: { ej, eg: [] }, facilities: [id], keys: [] },
  ...more,
})

/** A region of two hospitals, a nursing home and one that the framework asks nothing of. Numbers are invented. */
export const REGION: Config = someConfig({
  establishments: new Map(
    [
      establishment('ch-a', 'Centre hospitalier de Lavalette (fictif)', '530000371'),
      establishment('ch-b', 'Hôpital <b>Saint-Élie</b> (fictif)', '490000031'),
      establishment('ehpad', 'EHPAD Les Aubépines (fictif)', '440000289', { kind: 'nursing-home' }),
      establishment('samu', 'SAMU (fictif)', '440000297', { kind: 'samu' }),
    ].map((one) => [one.id, one]),
  ),
})

/** What one establishment sends at a time. */
export interface Sent {
  readonly from: string
  readonly by: string
  readonly kind: string
  readonly n: number
  /** Findings of each: ids of rules. */
  readonly rules?: readonly string[]
  /** Real traffic; absent: tests. */
  readonly real?: boolean
}

/** Messages that are counted and judged by the real code, on a store. */
export interface Measured {
  readonly views: ConformityViews
  /** The time of the judge, ms since 1970. */
  nowMs: number
  /** Commits messages, at the judge's time, counts them and judges everything anew. */
  send(...all: readonly Sent[]): Promise<void>
  judge(): Promise<void>
  /** Something filed and accepted, until a time. */
  file(establishment: string, requirement: string, untilMs: number): Promise<void>
  /** Before the store is closed. */
  end(): Promise<void>
}

/** Over this store. */
export async function measured(journal: Journal, config: () => Config = () => REGION): Promise<Measured> {
  const frameworks = async () => [FRAMEWORK]
  const nowMs = () => world.nowMs
  const clock = { ...realClock, nowMs }
  const parts = { journal, config, frameworks, clock, nowMs }
  const { promise, resolve } = Promise.withResolvers<Lease>()
  const tenancy = journal.leases.hold('conformity', { begin: async (lease) => resolve(lease), end: async () => {} })
  const lease = await promise
  const follower = sentFollower(parts)
  let after: Position | null = null
  let n = 0
  const world: Measured = {
    views: conformityViews(parts),
    nowMs: Date.UTC(2026, 10, 20, 10),
    async send(...all) {
      for (const { from, by, kind, n: many, rules = [], real = false } of all) {
        const findings: Finding[] = rules.map((rule) => ({
          code: 'RULE_BROKEN',
          class: 'form',
          at: 'PID-32',
          params: { rule },
        }))
        for (let i = 0; i < many; i++) {
          const about = { establishment: from, facility: from, application: by, kind, findings, test: !real }
          await journal.commit([intake(journal, `C${n++}`, { ...about, receivedAtMs: world.nowMs })])
        }
      }
      for (
        let entries = await journal.follow(after, 500);
        entries.length > 0;
        entries = await journal.follow(after, 500)
      ) {
        await journal.apply(await follower.entries(entries))
        after = entries.at(-1)!.position
      }
      await world.judge()
    },
    end: () => tenancy.drop(),
    async judge() {
      while (await judgingRound(parts, lease));
    },
    async file(whose, requirement, untilMs) {
      await journal.apply({
        rows: [
          {
            sql: `INSERT INTO conformity_evidence (id, establishment, framework, requirement, state, statement, bytes, sha256,
              filed_by, filed_at_ms, valid_until_ms) VALUES (?, ?, ?, ?, 'accepted', '', 0, '', 'x', ?, ?)`,
            parameters: [`${whose} ${requirement}`, whose, NAME, requirement, world.nowMs, untilMs],
          },
          {
            sql: 'UPDATE conformity_standing SET change = change + 1 WHERE establishment = ?',
            parameters: [whose],
          },
        ],
      })
      await world.judge()
    },
  }
  return world
}

/**
 * Forty days ago ch-a was right and ch-b was not; now the product DPI is wrong at both, while another product of ch-a is right,
 * and the statement of ch-a ends soon. All of it tests. */
export async function story(world: Measured): Promise<void> {
  const dpi = { by: 'DPI', kind: 'ADT^A28' }
  const today = world.nowMs
  world.nowMs = today - 40 * DAY
  await world.send({ ...dpi, from: 'ch-a', n: 10 }, { ...dpi, from: 'ch-b', n: 4, rules: [RULE] })
  world.nowMs = today
  await world.send(
    { ...dpi, from: 'ch-a', n: 8, rules: [RULE] },
    { by: 'LABO', kind: 'ADT^A28', from: 'ch-a', n: 4 },
    { by: 'LABO', kind: 'ORU^R01', from: 'ch-a', n: 2 },
    { ...dpi, from: 'ch-b', n: 5, rules: [RULE] },
    { by: 'TITAN', kind: 'ADT^A28', from: 'ehpad', n: 3 },
    { by: 'TITAN', kind: 'ORU^R01', from: 'ehpad', n: 1 },
  )
  await world.file('ch-a', 'ID/va1.2', today + 20 * DAY)
}
