import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shippedProfiles } from '../../src/app/config/index.ts'
import { definitionsOf } from '../../src/app/fhir-definitions.ts'
import { selfCheck } from '../../src/conformity/self-check.ts'
import type { Framework, Judging, TrafficRule } from '../../src/core/conformity.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { CHECK_BYTES, CHECKS_PER_MINUTE, type Examine, findingName } from '../../src/core/self-check.ts'
import { examining } from '../../src/pipeline/examine/examine.ts'
import { frameworkOf, requirementOf } from '../conformity/pieces.ts'
import { openStage, oru, type Stage } from './stage.ts'

const TEST_INS = '279035121518989^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
const TRUE_INS = TEST_INS.replace('4.10&', '4.8&')
const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }
const json = (resource: object): string => JSON.stringify(resource)
const cda = (root: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="${root}" extension="1"/></patientRole></recordTarget></ClinicalDocument>`

let stage: Stage
let examine: Examine
beforeAll(async () => {
  stage = await openStage()
  examine = examining({ ...stage.parts, definitions: definitionsOf(shippedProfiles()) })
})
afterAll(() => stage.end())

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r'), 'utf8')
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (fault: { code: string }) => fault.code,
  )

const SAID: readonly (readonly [name: string, text: string, answer: string | null, refused: ErrorCode | null])[] = [
  ['a good message', oru(), 'taken', null],
  ['an unknown sender', oru({ 4: 'NOBODY' }), 'refused', 'UNKNOWN_SENDER'],
  ['a sender that is another establishment', oru({ 4: 'RECEIVER' }), 'refused', 'SENDER_MISMATCH'],
  ['no version', oru({ 12: '' }), 'refused', 'FIELD_MISSING'],
  ['two INS of one authority', oru({}, `${TEST_INS}~${TEST_INS.replace('279', '179')}`), 'refused', 'INS_AMBIGUOUS'],
  ['a resource', json({ resourceType: 'Basic', meta: HTEST, code: { text: 'x' } }), 'taken', null],
  ['what is no resource', '{"resourceType":"Nothing"}', 'refused', 'RESOURCE_MALFORMED'],
  ['a document', cda('1.2.250.1.213.1.4.10'), null, null],
]
test.each(SAID)('says what the door says, and keeps nothing: %s', async (_name, text, answer, refused) => {
  const before = await stage.journal.counts()
  const said = await examine(bytesOf(text), 'sender')
  expect([said.answer, said.refused?.code ?? null]).toEqual([answer, refused])
  const posted = text.startsWith('MSH') ? await stage.post(text, { establishment: 'sender' }) : null
  if (posted !== null) expect('code' in posted ? posted.code : null).toBe(refused)
  const trials = await stage.journal.look<{ n: number }>({ sql: 'SELECT count(*) AS n FROM trial', parameters: [] })
  expect(Number(trials[0]?.n)).toBe(0)
  const after = await stage.journal.counts()
  const own = posted === null ? 0 : 1
  expect(after.received + after.refused - before.received - before.refused).toBe(own)
  // What is there already is no repeat of what is tried out.
  expect((await examine(bytesOf(text), 'sender')).answer).toBe(answer)
})

test.each<[name: string, text: string, code: ErrorCode]>([
  ['a message of production', oru({ 11: 'P' }), 'CHECK_REAL_PATIENT'],
  ['a message that cannot be read to its end', oru({ 11: 'P', 12: '' }), 'CHECK_REAL_PATIENT'],
  ['a true INS in a message of test', oru({}, TRUE_INS), 'CHECK_REAL_PATIENT'],
  ['a resource without a mark', json({ resourceType: 'Basic', code: { text: 'x' } }), 'CHECK_REAL_PATIENT'],
  ['a document of a true INS', cda('1.2.250.1.213.1.4.8'), 'CHECK_REAL_PATIENT'],
  ['a document of nobody', cda('1.2.3.4'), 'CHECK_REAL_PATIENT'],
  ['a batch', `BHS|^~\\&|LAB|SENDER\r${oru()}BTS|1\r`, 'CHECK_FORMAT'],
  ['text', 'hello', 'CHECK_FORMAT'],
])('what may be a patient’s, or several messages, is not looked at: %s', async (_name, text, code) => {
  expect(await codeOf(examine(bytesOf(text), 'sender'))).toBe(code)
})

test('a message of test by its INS alone is one', async () => {
  expect(await codeOf(examine(bytesOf(oru({ 11: 'P' }, TEST_INS)), 'sender'))).toBe('taken')
})

test('an archive is judged with the documents inside', async () => {
  const bytes = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0, 0])
  const said = await examine(bytes, 'sender')
  expect([said.format, said.messages[0]?.findings[0]?.code]).toEqual(['xdm', 'XDM_UNREADABLE'])
})

test('what $validate adds stands apart from what counts', async () => {
  const text = json({ resourceType: 'Observation', meta: HTEST, status: 'wrong', code: { text: 'x' } })
  const { messages, advice, answer } = await examine(bytesOf(text), 'sender')
  expect([answer, messages[0]?.findings]).toEqual(['taken', []])
  expect(advice.map(({ code, at }) => [code, at])).toContainEqual(['CODE_NOT_ALLOWED', 'Observation.status'])
})

const share = (without: readonly string[], more: Partial<TrafficRule> = {}): Judging => {
  const measure = { what: 'share', without, refused: true, atLeast: 1, partly: null } as const
  return { by: 'traffic', rule: { side: 'sent', kinds: ['ORU^R01'], windowDays: 30, minimum: 1, measure, ...more } }
}

test('each requirement in force that looks at it is told, with what the message fails it by', async () => {
  const { messages } = await examine(bytesOf(oru({ 2: 'x', 5: '' })), 'sender')
  const [first = ''] = messages[0]!.findings.map(findingName)
  expect(first).not.toBe('')
  const framework: Framework = frameworkOf([
    requirementOf('FAILED', share([first])),
    requirementOf('MET', share(['INS_KEY'])),
    requirementOf('OTHER-KIND', share([first], { kinds: ['ADT^*'] })),
    requirementOf('OTHER-PROFILE', share([first], { profiles: ['CISIS_CDA_HL7_V2'] })),
    requirementOf('PLAIN', share(['INS_KEY'], { notProfiles: ['CISIS_CDA_HL7_V2'] })),
    requirementOf('ABSENT', {
      by: 'traffic',
      rule: { side: 'sent', kinds: ['*'], windowDays: 30, minimum: 1, measure: { what: 'absence', of: [first] } },
    }),
    requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 1, remindDays: 0 }),
  ])
  const { config, clock } = stage.parts
  const check = selfCheck({ examine, config, clock, frameworks: async () => [framework] })
  const asked = { establishment: 'sender', who: 'dsi' }
  const told = async (text: string) =>
    (await check({ ...asked, bytes: bytesOf(text) })).requirements.map(({ requirement, failing }) => [
      requirement,
      ...failing,
    ])
  expect(await told(oru({ 2: 'x', 5: '' }))).toEqual([['FAILED', first], ['ABSENT', first], ['MET'], ['PLAIN']])
  expect(await told(oru({ 21: '2.1^CISIS_CDA_HL7_V2' }))).toContainEqual(['OTHER-PROFILE'])
  // A message that is refused counts for nothing, and against every share of what it is.
  expect(await told(oru({ 5: '', 12: '' }))).toEqual([
    ['FAILED', 'FIELD_MISSING'],
    ['MET', 'FIELD_MISSING'],
    ['PLAIN', 'FIELD_MISSING'],
  ])

  expect(await codeOf(check({ ...asked, establishment: 'nobody', bytes: bytesOf(oru()) }))).toBe('NOT_FOUND')
  expect(await codeOf(check({ ...asked, bytes: Buffer.alloc(CHECK_BYTES + 1) }))).toBe('FRAME_TOO_LONG')
  const many = []
  for (let i = 0; i < CHECKS_PER_MINUTE + 1; i++)
    many.push(await codeOf(check({ ...asked, who: 'hasty', bytes: bytesOf('hello') })))
  expect([many[0], many.at(-1)]).toEqual(['CHECK_FORMAT', 'RATE_LIMITED'])
})

test('what takes too long is not waited for, and others wait until it has ended', async () => {
  let ring = (): void => {}
  const after = (_ms: number, run: () => void) => {
    ring = run
    return () => {}
  }
  const clock = { ...stage.parts.clock, after }
  const works = [Promise.withResolvers<never>(), Promise.withResolvers<never>()]
  let n = 0
  const slow: Examine = () => works[n++]!.promise
  const check = selfCheck({ examine: slow, config: () => stage.config, clock, frameworks: async () => [] })
  const asked = (who: string) => codeOf(check({ bytes: Buffer.from('x'), establishment: 'sender', who }))
  const first = asked('a')
  ring()
  const second = asked('b')
  ring()
  expect(await Promise.all([first, second])).toEqual(['CHECK_TIME', 'CHECK_TIME'])
  expect(await asked('c')).toBe('RATE_LIMITED')
  for (const { reject } of works) reject(new Error('at last'))
})

test('the examples that are shipped can be tried out', async () => {
  for (const name of ['oru-r01-result.hl7', 'stroke-request.fhir.json', 'adt-a01-admission.hl7']) {
    const bytes = readFileSync(new URL(`../../profiles/examples/${name}`, import.meta.url))
    expect([name, (await examine(bytes, 'sender')).messages.length > 0]).toEqual([name, true])
  }
})
