import type {
  Act,
  Acted,
  Case,
  CaseCommands,
  CasePatient,
  CaseStudy,
  CaseViewer,
  Participant,
} from '../../src/core/cases.ts'
import type { Journal } from '../../src/core/journal.ts'
import { BLANK_CASE } from '../support/blank-case.ts'

/** Who acts in these tests. */
export const SOMEBODY: Participant = {
  name: 'Camille Dupré (FICTIF)',
  rpps: null,
  establishment: 'chu-nantes',
  role: 'expert',
  phone: null,
}
export const GATEWAY: CaseViewer = {
  caller: { role: 'admin', who: 'gateway', reach: { establishments: null, applications: null }, content: false },
  participant: { ...SOMEBODY, name: 'Passerelle', establishment: null, role: 'gateway' },
}
/** As the synthetic slices have it. */
export const MARTIN: CasePatient = {
  identifiers: [{ authority: '1.2.250.1.71.4.2.2.26', value: '26001', type: 'PI' }],
  family: 'MARTIN (FICTIF)',
  given: 'Jeanne',
  birthDate: '1950-02-14',
  sex: 'female',
  status: 'provisional',
}

/** Cases in the tables of a store, changed by the acts that images are concerned by, and no others. */
export interface TestCases {
  readonly commands: Pick<CaseCommands, 'act'>
  /** Every act, as it was done. */
  readonly acts: { readonly id: string; readonly act: Act }[]
  open(id: string, wanted?: Partial<Case>): Promise<Case>
  one(id: string): Promise<Case>
  change(id: string, change: (one: Case) => Case): Promise<void>
  /** Resolves once an act of the case meets the condition, or has met it already. */
  when(id: string, meets: (act: Act) => boolean): Promise<Act>
}

/** `changed`: told after each write. */
export function testCases(journal: Journal, changed: () => void = () => {}): TestCases {
  const acts: TestCases['acts'] = []
  const waiting = new Set<() => void>()
  let turn: Promise<unknown> = Promise.resolve()
  const one = async (id: string): Promise<Case> => {
    const [row] = await journal.look<{ readonly json: string }>({
      sql: 'SELECT state_json AS json FROM care_case WHERE id = ?',
      parameters: [id],
    })
    return JSON.parse(row?.json ?? 'null') as Case
  }
  const change = (id: string, to: (one: Case) => Case, act?: Act): Promise<Case> => {
    const mine = turn.then(async () => {
      const before = await one(id)
      const after = { ...to(before), version: before.version + 1 }
      const nowMs = Date.now()
      await journal.apply({
        rows: [
          {
            sql: 'UPDATE care_case SET version = ?, state_json = ?, closed_at_ms = ? WHERE id = ? AND version = ?',
            parameters: [after.version, JSON.stringify(after), after.closedAtMs, id, before.version],
            rows: 1,
          },
          ...(act === undefined
            ? []
            : [
                {
                  sql: `INSERT INTO care_happening (care_case, n, at_ms, recorded_at_ms, what, who, act)
                    VALUES (?, ?, ?, ?, ?, 'test', ?)`,
                  parameters: [id, after.version, nowMs, nowMs, act.what, JSON.stringify(act)],
                },
              ]),
        ],
      })
      return after
    })
    turn = mine.catch(() => {})
    return mine
  }
  return {
    acts,
    one,
    async change(id, to) {
      await change(id, to)
      changed()
    },
    commands: {
      async act(id, act): Promise<Acted> {
        const after = await change(id, (before) => evolved(before, act), act)
        acts.push({ id, act })
        for (const look of waiting) look()
        changed()
        return { ok: true, case: after }
      },
    },
    async open(id, wanted = {}) {
      const made: Case = { ...EMPTY, id, number: `AVC-260105-${id}`, ...wanted }
      await journal.apply({
        rows: [
          {
            sql: `INSERT INTO care_case (id, number, service, kind, state, test, drill, site, version, opened_at_ms,
              changed_at_ms, state_json) VALUES (?, ?, ?, ?, ?, 1, 0, ?, 1, 0, 0, ?)`,
            parameters: [id, made.number, made.service, made.kind, made.state, made.site, JSON.stringify(made)],
          },
        ],
      })
      changed()
      return made
    },
    when(id, meets) {
      const { promise, resolve } = Promise.withResolvers<Act>()
      const look = (): void => {
        const found = acts.find((done) => done.id === id && meets(done.act))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found.act)
      }
      waiting.add(look)
      look()
      return promise
    },
  }
}

function evolved(before: Case, act: Act): Case {
  if (act.what === 'images') {
    const { uid, received, expected, held } = act
    return study(before, { uid, accession: null, expected, modality: null }, { received, held })
  }
  return act.what === 'study' ? study(before, act.study, {}) : before
}

function study(before: Case, named: Partial<CaseStudy>, far: Partial<CaseStudy>): Case {
  const same = (one: CaseStudy): boolean =>
    one.uid === named.uid || (one.uid === null && one.accession === named.accession)
  const old = before.studies.find(same)
  const blank: CaseStudy = {
    uid: null,
    accession: null,
    expected: null,
    modality: null,
    received: 0,
    held: 0,
    changedAtMs: 0,
  }
  const merged = { ...blank, ...old, ...named, accession: named.accession ?? old?.accession ?? null, ...far }
  return { ...before, studies: [...before.studies.filter((one) => !same(one)), merged] }
}

/** A study of a case, by what is told of it. */
export const named = (told: Partial<CaseStudy>): CaseStudy => ({
  uid: null,
  accession: null,
  expected: null,
  modality: null,
  received: 0,
  held: 0,
  changedAtMs: 0,
  ...told,
})

const EMPTY: Case = {
  ...BLANK_CASE,
  state: 'accepted',
  patient: MARTIN,
  owner: { establishment: 'chu-nantes', expert: SOMEBODY, atMs: 0 },
}
