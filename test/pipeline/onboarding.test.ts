import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { profileFolders } from '../../src/app/config/index.ts'
import { readOnboarding } from '../../src/app/onboarding/rules.ts'
import { countTried } from '../../src/conformity/count/tried.ts'
import { judgingRound } from '../../src/conformity/rounds.ts'
import type { Lease } from '../../src/core/leases.ts'
import { isReceipt } from '../../src/core/message.ts'
import type { OnboardingCommands, OnboardingViews, Probe, StepEntry, TestCase } from '../../src/core/onboarding.ts'
import type { Accept } from '../../src/core/ports.ts'
import { readAnswer } from '../../src/formats/hl7v2/answer.ts'
import { charsetOf, encodeText } from '../../src/formats/hl7v2/charset.ts'
import { onboardingCommands } from '../../src/pipeline/onboarding/commands.ts'
import { trialFacts } from '../../src/pipeline/onboarding/trial-facts.ts'
import { onboardingViews } from '../../src/pipeline/onboarding/views.ts'
import { rehearsing, TRIALS_KEPT } from '../../src/pipeline/rehearse.ts'
import { frameworkOf, requirementOf } from '../conformity/pieces.ts'
import { authority } from '../support/peers/pki.ts'
import { field } from '../support/world/frame.ts'
import { openStage, oru, type Stage } from './stage.ts'

const { rules, unusable } = readOnboarding(profileFolders('.'))
const KEY = { establishment: 'sender', flow: 'identities' }

let stage: Stage
let rehearse: Accept
let views: OnboardingViews
let commands: OnboardingCommands
let reached: Awaited<ReturnType<Probe>> = 'done'

beforeAll(async () => {
  stage = await openStage()
  rehearse = rehearsing(
    stage.parts,
    countTried(() => stage.config),
  )
  const parts = {
    journal: stage.journal,
    config: () => stage.config,
    clock: stage.parts.clock,
    rules,
    probe: async () => reached,
  }
  views = onboardingViews(parts)
  commands = onboardingCommands(parts)
})
afterAll(() => stage.end())

const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }

/** Sends bytes to the sandbox door; gives MSA-1. */
async function send(bytes: Buffer): Promise<string | null> {
  const said = await rehearse({ entrance: 'sandbox', peer, receivedAtMs: stage.parts.clock.nowMs(), bytes })
  return said.answer === null ? null : (readAnswer(said.answer)?.code ?? null)
}

/** An example of a case as it leaves the editor's software. */
function bytesOf(example: string, { sentIn }: TestCase): Buffer {
  const text = example.replaceAll('{facility}', 'SENDER').replaceAll('\n', '\r')
  const set = charsetOf(sentIn ?? field(Buffer.from(text, 'latin1'), 'MSH', 18))
  return encodeText(text, set!) ?? Buffer.alloc(0)
}

const entry = (values: StepEntry['values'] = {}): StepEntry => ({ owner: 'DSI', on: '2026-11-26', note: '', values })

describe('the files that are shipped', () => {
  test('can be used', () => {
    expect(unusable).toEqual([])
    expect(rules.steps.map(({ id }) => id)).toEqual([
      'agreement',
      'contacts',
      'finess',
      'certificate-test',
      'certificate-production',
      'network',
      'test-book',
      'go-live',
    ])
  })

  test.each([...rules.books.values()].map((book) => [book.id, book] as const))(
    'each case of the book %s is passed by its own examples',
    async (id, book) => {
      const flow = rules.flows.find((one) => one.book === id)!
      const key = { ...KEY, flow: flow.id }
      await commands.open(key, '', 'op')
      for (const one of book.cases) for (const example of one.examples) await send(bytesOf(example, one))
      const { cases } = (await views.one(key.establishment, key.flow, null))!
      expect(cases.map((one) => [one.id, one.result])).toEqual(book.cases.map((one) => [one.id, 'passed']))
    },
  )
})

describe('the sandbox door', () => {
  test('answers as the real one, and makes no message', async () => {
    const before = await stage.journal.counts()
    const cases: readonly (readonly [name: string, text: string])[] = [
      ['good', oru({ 10: 'S1' })],
      ['the same again', oru({ 10: 'S1' })],
      ['other bytes under one name', oru({ 10: 'S1' }, 'P2^^^SENDER^PI')],
      ['an unknown sender', oru({ 4: 'NOBODY', 10: 'S2' })],
      ['no version', oru({ 10: 'S3', 12: '' })],
      ['a query', oru({ 9: 'QRY^A19', 10: 'S4' })],
      ['a real message, where all is for tests', oru({ 10: 'S5', 11: 'P' })],
      ['no HL7', 'hello'],
      ['what no database holds', oru({ 10: 'S\u00007', 12: '2.5\u0000' })],
      ['enhanced mode', oru({ 10: 'S6', 15: 'AL', 16: 'NE' })],
    ]
    const sandbox: (string | null)[] = []
    for (const [, text] of cases) sandbox.push(await send(Buffer.from(text.replaceAll('\n', '\r'))))
    const { received, refused } = await stage.journal.counts()
    expect([received, refused]).toEqual([before.received, before.refused])
    const real: (string | null)[] = []
    for (const [, text] of cases) {
      const said = await stage.post(text)
      real.push(said.answer === null ? null : (readAnswer(said.answer)?.code ?? null))
    }
    expect(sandbox.map((code, i) => [cases[i]![0], code])).toEqual(real.map((code, i) => [cases[i]![0], code]))
    expect(sandbox.slice(0, 4)).toEqual(['AA', 'AA', 'AE', 'AE'])
    const { trials } = (await views.one('sender', 'results', null))!
    expect(trials.find(({ controlId, repeat }) => controlId === 'S1' && repeat)?.answer).toBe('AA')
    expect(JSON.stringify(trials)).not.toContain('FICTIF')
  })

  test('a batch is answered message by message', async () => {
    const inside = ['B1', 'B2'].map((id) => oru({ 10: id })).join('')
    const said = await rehearse({
      entrance: 'sandbox',
      peer,
      receivedAtMs: 1,
      bytes: Buffer.from(`BHS|^~\\&|LAB|SENDER\r${inside}BTS|2\r`),
    })
    expect(isReceipt(said)).toBe(true)
    expect(said.answer?.toString('latin1').match(/MSA\|AA/g)).toHaveLength(2)
  })

  test('each is counted once, for qualification alone, and by what was found in it', async () => {
    const counts = async (application: string) =>
      (
        await stage.journal.look<{ use: string; kind: string; signature: string; n: number }>({
          sql: `SELECT use, kind, signature, n FROM conformity_count WHERE application = ? AND establishment = 'sender'
            ORDER BY signature`,
          parameters: [application],
        })
      ).map(({ use, kind, signature, n }) => [use, kind, signature, Number(n)])
    const one = (msh: Record<number, string>) => Buffer.from(oru({ 3: 'COUNTED', ...msh }).replaceAll('\n', '\r'))
    await send(one({ 10: 'N1' }))
    await send(one({ 10: 'N1' }))
    await send(one({ 10: 'N2', 5: '' }))
    await send(one({ 10: 'N3', 12: '' }))
    await send(one({ 10: 'N4', 21: '2.1^CISIS_CDA_HL7_V2' }))
    await send(Buffer.from(one({ 10: 'N5' }).toString().replace('\rPID|', '\rSFT|X|8.2|Y|z\rPID|')))
    const all = await counts('COUNTED')
    expect(all.map(([use, kind, , n]) => [use, kind, n])).toEqual(all.map(() => ['qualification', 'ORU^R01', 1]))
    const signatures = all.map(([, , signature]) => String(signature))
    expect(signatures).toHaveLength(5)
    expect(signatures).toContainEqual('!FIELD_MISSING')
    expect(signatures.some((signature) => signature.startsWith('@2.1 @CISIS_CDA_HL7_V2'))).toBe(true)
    expect(signatures.some((signature) => signature.startsWith('@#8.2'))).toBe(true)
    // As the real door counts them: the same rules found the same.
    expect(await counts('NOBODY')).toEqual([])
  })

  test('trials of a test book meet what asks for them, and never touch a verdict of production', async () => {
    const valid = { by: 'trial', validDays: 30 } as const
    const share = { what: 'share', without: ['FIELD_MISSING'], refused: true, atLeast: 0, partly: null } as const
    const rule = { side: 'sent', kinds: ['ORU^R01'], windowDays: 30, minimum: 1, measure: share } as const
    const framework = frameworkOf([
      requirementOf('BOOK', { ...valid, cases: ['results/ORUOK', 'results/ORUSET'] }),
      requirementOf('TRAFFIC', { by: 'traffic', rule }),
    ])
    const { journal, clock } = stage.parts
    const { promise, resolve } = Promise.withResolvers<Lease>()
    const tenancy = journal.leases.hold('conformity', { begin: async (lease) => resolve(lease), end: async () => {} })
    const lease = await promise
    const parts = { journal, clock, config: () => stage.config, frameworks: async () => [framework] }
    const verdicts = async () => {
      while (await judgingRound({ ...parts, trials: trialFacts(journal, () => rules) }, lease));
      const rows = await journal.look<{ use: string; requirement: string; verdict: string; total: number }>({
        sql: `SELECT use, requirement, verdict, total FROM conformity_verdict WHERE establishment = 'sender'
          ORDER BY use, requirement`,
        parameters: [],
      })
      return rows.map(({ use, requirement, verdict, total }) => [use, requirement, verdict, Number(total)])
    }
    const production = [
      ['production', 'BOOK', 'not-applicable', 0],
      ['production', 'TRAFFIC', 'not-measured', 0],
    ]
    // The books were played above.
    const [first, second, book, traffic] = await verdicts()
    expect([first, second]).toEqual(production)
    expect(book).toEqual(['qualification', 'BOOK', 'met', 2])
    expect(traffic?.slice(0, 3)).toEqual(['qualification', 'TRAFFIC', 'met'])
    // The last message under a case's name decides, and the verdict follows it.
    await send(Buffer.from(oru({ 10: 'ORUOK-9', 12: '' })))
    const after = await verdicts()
    expect(after.slice(0, 2)).toEqual(production)
    expect(after[2]).toEqual(['qualification', 'BOOK', 'partly', 2])
    expect(Number(after[3]?.[3])).toBe(Number(traffic?.[3]) + 1)
    await tenancy.drop()
  })

  test('what cannot be kept is not answered', async () => {
    const broken = new Proxy(stage.journal, {
      get: (real, name) =>
        name === 'apply'
          ? async () => {
              throw new Error('the disk is gone')
            }
          : name === 'look'
            ? real.look.bind(real)
            : Reflect.get(real, name, real),
    })
    const faulty = rehearsing({ ...stage.parts, journal: broken })
    const said = await faulty({
      entrance: 'sandbox',
      peer,
      receivedAtMs: 1,
      bytes: Buffer.from(oru({ 10: 'S9', 12: '' })),
    })
    expect(said).toMatchObject({ answer: null, close: true })
  })

  test(`keeps the last ${TRIALS_KEPT} of an establishment`, async () => {
    const [{ n: before }] = (await stage.journal.read<{ n: number }>({
      sql: "SELECT count(*) AS n FROM trial WHERE establishment = ''",
      parameters: [],
    })) as [{ n: number }]
    const rows = Array.from({ length: TRIALS_KEPT + 5 }, (_, i) => ({
      sql: `INSERT INTO trial (id, at_ms, establishment, version, charset, accent, again, sha256, findings)
        VALUES (?, ?, '', '', '', 0, 0, '', '[]')`,
      parameters: [`old-${i}`, stage.parts.clock.nowMs()],
    }))
    await stage.journal.apply({ rows })
    await send(Buffer.from('still no HL7'))
    const [{ n }] = (await stage.journal.read<{ n: number }>({
      sql: "SELECT count(*) AS n FROM trial WHERE establishment = ''",
      parameters: [],
    })) as [{ n: number }]
    expect(Number(before)).toBeGreaterThan(0)
    expect(Number(n)).toBe(TRIALS_KEPT)
  })
})

describe('an onboarding', () => {
  const finish = (step: string, values: StepEntry['values'] = {}, key = KEY) =>
    commands.save(key, step, entry(values), true, 'op')

  test('says what keeps a step from being done', async () => {
    const key = { establishment: 'newcomer', flow: 'documents' }
    expect(await commands.open(key, 'Newcomer (fictif)', 'op')).toBeNull()
    expect(await finish('agreement', { reference: 'C-1' }, key)).toBe('fields')
    expect(await finish('agreement', { reference: 'C-1', signed: '2026-11-01' }, key)).toBeNull()
    expect(await finish('agreement', {}, key)).toBe('state')
    expect(await finish('finess', { ej: '12' }, key)).toBe('finess-form')
    expect(await finish('finess', { ej: '539990029' }, key)).toBe('finess-key')
    expect(await finish('finess', { ej: '539990028', eg: '539990036' }, key)).toBeNull()
    expect(await finish('certificate-test', {}, key)).toBe('certificate-missing')
    expect(await finish('certificate-test', { pem: 'no certificate' }, key)).toBe('certificate-unreadable')
    const address = { host: '10.0.0.1', port: '2575', secure: 'tls' }
    expect(await finish('network', address, key)).toBe('network-untested')
    reached = 'tls'
    expect(await commands.test(key, 'network', entry(address), 'op')).toBeNull()
    expect(await finish('network', address, key)).toBe('network-untested')
    reached = 'done'
    expect(await commands.test(key, 'network', entry(address), 'op')).toBeNull()
    expect(await finish('network', { ...address, port: '2576' }, key)).toBe('network-untested')
    expect(await commands.sign(key, 'r', 'op')).toBe('state')
    const one = (await views.one(key.establishment, key.flow, null))!
    expect([one.state, one.name, one.done]).toEqual(['to-connect', 'Newcomer (fictif)', 2])
    expect(one.steps.find(({ step }) => step === 'finess')?.facts).toEqual({
      '539990028': 'absent',
      '539990036': 'absent',
    })
  })

  test('a step that is of all flows is done once; an unknown flow, step or id is none', async () => {
    const key = { establishment: 'newcomer', flow: 'fhir' }
    await commands.open(key, 'Newcomer (fictif)', 'op')
    expect((await views.one('newcomer', 'fhir', null))?.done).toBe(2)
    await expect(commands.open({ ...key, flow: 'fax' }, 'x', 'op')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(commands.open({ ...key, establishment: 'A b' }, 'x', 'op')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    await expect(finish('dance', {}, key)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(commands.sign({ ...key, establishment: 'nobody' }, 'r', 'op')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  test('two people sign, never one twice; a go-live is taken back, suspended and resumed', async () => {
    const key = { establishment: 'newcomer', flow: 'documents' }
    const ca = authority('AC ESSAI')
    const expired = ca.issue('newcomer', { fromDays: -9, toDays: -1 }).cert
    const pem = ca.issue('newcomer').cert
    expect(await finish('certificate-test', { pem: expired }, key)).toBe('certificate-expired')
    const address = { host: '10.0.0.1', port: '2575', secure: 'tls' }
    await commands.test(key, 'network', entry(address), 'op')
    for (const [step, values] of [
      ['contacts', { dsi: 'a', rssi: 'b', dpo: 'c', editor: 'd', 'on-call': 'e' }],
      ['certificate-test', { pem }],
      ['certificate-production', { pem }],
      ['network', address],
    ] as const) {
      expect([step, await finish(step, values, key)]).toEqual([step, null])
    }
    expect(await commands.sign(key, 'r', 'anne')).toBe('steps-open')
    expect(await finish('test-book', {}, key)).toBeNull()
    const state = async () => (await views.one(key.establishment, key.flow, null))!.state
    expect(await state()).toBe('qualifying')
    const two = await Promise.all([commands.sign(key, 'r', 'anne'), commands.sign(key, 'r', 'anne')])
    expect(two.filter((one) => one === null)).toHaveLength(1)
    expect(await commands.sign(key, 'r', 'anne')).toBe('signed-already')
    // What was signed is not so any more: both sign anew.
    expect(await commands.reopen(key, 'certificate-test', 'op')).toBeNull()
    expect(await finish('certificate-test', {}, key)).toBeNull()
    expect(await commands.sign(key, 'r', 'anne')).toBeNull()
    expect(await commands.sign(key, 'r', 'bruno')).toBeNull()
    expect(await state()).toBe('production')
    expect(await finish('certificate-test', {}, key)).toBe('state')
    expect(await commands.suspend(key, 'works', 'op')).toBeNull()
    expect(await state()).toBe('suspended')
    expect(await commands.resume(key, 'works are over', 'op')).toBeNull()
    expect(await state()).toBe('production')
    expect(await views.counts()).toMatchObject({ production: 1, suspended: 0 })
    expect(await commands.withdraw(key, 'wrong patient numbers', 'op')).toBeNull()
    const one = (await views.one(key.establishment, key.flow, null))!
    expect([one.state, one.signatures]).toEqual(['qualifying', []])
    expect(one.history[0]).toMatchObject({ what: 'onboarding-withdraw', why: 'wrong patient numbers', who: 'op' })
    expect(one.history.map(({ what }) => what)).toContain('onboarding-live')
    expect(JSON.stringify(one)).not.toContain('BEGIN CERTIFICATE')
  })

  describe('a step of all flows is signed with each of them', () => {
    const keys = ['documents', 'fhir', 'results'].map((flow) => ({ establishment: 'shared', flow }))
    const [one, two, three] = keys as [typeof KEY, typeof KEY, typeof KEY]
    const agreed = (reference: string) => finish('agreement', { reference, signed: '2026-11-01' }, one)
    const signers = async (key: typeof KEY) =>
      (await views.one(key.establishment, key.flow, null))!.signatures.map(({ who }) => who)

    beforeAll(async () => {
      // Steps of one's own, so that what is asked of each flow is little.
      const steps = rules.steps.filter(({ id }) => ['agreement', 'network', 'go-live'].includes(id))
      const parts = { journal: stage.journal, config: () => stage.config, clock: stage.parts.clock }
      commands = onboardingCommands({ ...parts, rules: { ...rules, steps }, probe: async () => 'done' })
      const address = { host: '10.0.0.1', port: '2575', secure: 'tls' }
      for (const key of keys) {
        await commands.open(key, 'Shared (fictif)', 'op')
        await commands.test(key, 'network', entry(address), 'op')
        await finish('network', address, key)
      }
      expect(await agreed('C-1')).toBeNull()
    })

    test('opened again from one, it takes the signatures of the others', async () => {
      expect(await commands.sign(two, 'r', 'anne')).toBeNull()
      expect(await commands.reopen(one, 'network', 'op')).toBeNull()
      expect(await signers(two)).toEqual(['anne'])
      await finish('network', { host: '10.0.0.1', port: '2575', secure: 'tls' }, one)
      expect(await commands.reopen(one, 'agreement', 'op')).toBeNull()
      expect(await signers(two)).toEqual([])
      expect(await commands.sign(two, 'r', 'bruno')).toBe('steps-open')
      expect(await agreed('C-2')).toBeNull()
      expect(await commands.sign(two, 'r', 'bruno')).toBeNull()
      expect((await views.one(two.establishment, two.flow, null))!.state).toBe('qualifying')
    })

    test('who signs another flow while it is opened again is overtaken, or is taken back', async () => {
      await Promise.all([commands.sign(three, 'r', 'anne'), commands.reopen(one, 'agreement', 'op')])
      const { steps } = (await views.one(three.establishment, three.flow, null))!
      const isDone = steps.find(({ step }) => step === 'agreement')?.state === 'done'
      expect(await signers(three)).toEqual(isDone ? ['anne'] : [])
      if (!isDone) expect(await agreed('C-3')).toBeNull()
    })

    test.each(['production', 'suspended'] as const)(
      'while another flow is %s, it stays as it was signed',
      async (state) => {
        if (state === 'production') for (const who of ['anne', 'bruno', 'chloe']) await commands.sign(three, 'r', who)
        else await commands.suspend(three, 'works', 'op')
        expect((await views.one(three.establishment, three.flow, null))!.state).toBe(state)
        expect(await commands.reopen(one, 'agreement', 'op')).toBe('state')
        expect(await commands.reopen(one, 'network', 'op')).toBeNull()
        await finish('network', { host: '10.0.0.1', port: '2575', secure: 'tls' }, one)
      },
    )
  })
})
