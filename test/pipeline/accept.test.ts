import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { isReceipt } from '../../src/core/message.ts'
import { openStage, oru, type Stage } from './stage.ts'

const establishments = (change: Record<string, unknown> = {}) => [
  {
    id: 'sender',
    name: 'Sender (fictif)',
    kind: 'hospital',
    senders: { facilities: ['SENDER', '440000289'] },
    ...change,
  },
  {
    id: 'receiver',
    name: 'Receiver (fictif)',
    kind: 'hospital',
    senders: { facilities: ['RECEIVER'] },
    destinations: {
      dpi: { type: 'mllp', host: '127.0.0.1', port: 26901, use: 'qualification' },
      real: { type: 'mllp', host: '127.0.0.1', port: 26902, use: 'production' },
    },
  },
]
const routes = [
  { name: 'results', when: { kinds: ['ORU^R01'], from: ['sender'] }, to: ['receiver/dpi'] },
  {
    name: 'urgent',
    when: { kinds: ['ORM^O01'] },
    to: ['receiver/dpi', 'platform'],
    lane: 'urgent',
    alertAfter: '2 min',
  },
  { name: 'real only', when: { kinds: ['ADT^A01'] }, to: ['receiver/real'] },
]

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ establishments: establishments(), routes })
})
afterEach(() => stage.end())

const lines = (bytes: Buffer | null): string[] =>
  bytes
    ?.toString('utf8')
    .split('\r')
    .filter((l) => l !== '') ?? []
/** `MSA-1 ERR-3 ERR-2`, or `none`. */
function brief(bytes: Buffer | null): string {
  const said = lines(bytes)
  const field = (name: string, n: number): string => said.find((l) => l.startsWith(name))?.split('|')[n] ?? ''
  return bytes === null ? 'none' : [field('MSA', 1), field('ERR', 3).split('^')[0], field('ERR', 2)].join(' ').trim()
}

describe('the answer to a message', () => {
  const cases: [name: string, text: string, answer: string][] = [
    ['taken', oru(), 'AA'],
    ['no MSH at all', 'HELLO', 'none'],
    ['no MSH-9', oru({ 9: '' }), 'AE 101 MSH^1^9'],
    ['no MSH-10', oru({ 10: '' }), 'AE 101 MSH^1^10'],
    ['no MSH-11: test or real cannot be told', oru({ 11: '' }), 'AE 101 MSH^1^11'],
    ['another MSH-11', oru({ 11: 'X' }), 'AE 202 MSH^1^11'],
    ['no version', oru({ 12: '' }), 'AE 101 MSH^1^12'],
    ['version 3', oru({ 12: '3.0' }), 'AR 203 MSH^1^12'],
    ['version 3 of a French message', oru({ 12: '3.0^FRA' }), 'AE 203 MSH^1^12'],
    ['no trigger event', oru({ 9: 'ORU' }), 'AR 201 MSH^1^9'],
    ['an MSH-10 of endless repetitions', oru({ 10: `C1${'~'.repeat(200)}` }), 'AE 102 MSH^1^10'],
    ['an endless MSH-3', oru({ 3: 'x'.repeat(1_001) }), 'AE 102 MSH^1^3'],
    ['an endless MSH-4', oru({ 4: 'x'.repeat(1_001) }), 'AE 102 MSH^1^4'],
    ['an endless MSH-9', oru({ 9: `ORU^R01^${'x'.repeat(1_001)}` }), 'AE 102 MSH^1^9'],
    ['an endless MSH-10', oru({ 10: 'x'.repeat(200) }), 'AE 102 MSH^1^10'],
    ['a query', oru({ 9: 'QBP^Q22^QBP_Q21' }), 'AR 200 MSH^1^9'],
    ['unknown sender', oru({ 4: 'NOBODY' }), 'AE 207 MSH^1^4'],
    ['sender by FINESS in a component', oru({ 4: 'Labo^440000289^M' }), 'AA'],
    ['a kind no route takes', oru({ 9: 'MDM^T02^MDM_T02' }), 'AE 207 MSH^1^9'],
    ['a test message with only a real destination', oru({ 9: 'ADT^A01^ADT_A01' }), 'AE 202 MSH^1^11'],
    [
      'a test identity in a message marked P',
      oru({ 9: 'ADT^A01^ADT_A01', 11: 'P' }, '279035121518989^^^X&1.2.250.1.213.1.4.10&ISO^INS'),
      'AE 202 MSH^1^11',
    ],
    ['museum 7: MSH-6 ^^', oru({ 6: '^^' }), 'AA'],
    ['two messages in one block', `${oru()}${oru({ 10: 'C2' })}`, 'AE 102 MSH^2'],
    ['MSH-18 contradicted in a result', oru({ 18: 'ASCII' }, undefined, ' é'), 'AE 102 MSH^1^18'],
  ]
  test.each(cases)('%s', async (_name, text, answer) => {
    const said = await stage.post(text)
    expect(brief(said.answer)).toBe(answer)
    expect(isReceipt(said)).toBe(answer === 'AA')
  })
})

test('a positive answer exists only with the message in the journal; a refusal is kept with its reason', async () => {
  await stage.post(oru())
  await stage.post(oru({ 4: 'NOBODY', 10: 'C2' }))
  expect(await stage.journal.counts()).toMatchObject({ received: 1, inFlight: 1, closed: 0, parked: 0, refused: 1 })
  const [refusal] = await stage.journal.read<{ code: string; control_id: string; bytes: number }>({
    sql: 'SELECT code, control_id, bytes FROM refusal',
    parameters: [],
  })
  expect(refusal).toMatchObject({ code: 'UNKNOWN_SENDER', control_id: 'C2' })
})

test('repeats: the same bytes get the same answer and no second delivery; other bytes are refused with an alert', async () => {
  const first = await stage.post(oru())
  const again = await stage.post(oru())
  expect([isReceipt(again) && again.repeat, again.answer?.equals(first.answer!)]).toEqual([true, true])
  expect(brief((await stage.post(oru({}, 'P2^^^SENDER^PI'))).answer)).toBe('AE 205 MSH^1^10')
  expect(await stage.journal.queue('receiver/dpi', 0, 10)).toHaveLength(1)
  const alerts = await stage.journal.read({ sql: "SELECT code FROM event WHERE what = 'alert'", parameters: [] })
  expect(alerts).toEqual([{ code: 'DUPLICATE_CONTROL_ID' }])
})

test('one control id from two facilities or applications of a sender is no repeat', async () => {
  const others = [oru(), oru({ 4: '440000289' }), oru({ 3: 'LABO' })]
  for (const text of others) {
    const said = await stage.post(text)
    expect([brief(said.answer), isReceipt(said) && said.repeat]).toEqual(['AA', false])
  }
  expect(await stage.journal.queue('receiver/dpi', 0, 10)).toHaveLength(3)
})

test('repeats across doors: the same bytes by MLLP, by HTTP and by mutual TLS are one message', async () => {
  const first = await stage.post(oru())
  const others = [
    await stage.post(oru(), { entrance: 'http', establishment: 'sender' }),
    await stage.post(oru(), { entrance: 'mllps', establishment: 'sender' }),
  ]
  expect(others.map((said) => [isReceipt(said) && said.repeat, said.answer?.equals(first.answer!)])).toEqual([
    [true, true],
    [true, true],
  ])
  expect((await stage.journal.counts()).received).toBe(1)
})

test('a refused message is judged afresh', async () => {
  stage.closed = 'DISK_LOW'
  expect(brief((await stage.post(oru())).answer)).toBe('AE 207')
  expect(brief((await stage.post(oru({ 12: '2.5^FRA^2.11' }))).answer)).toBe('AR 207')
  stage.closed = null
  expect(brief((await stage.post(oru())).answer)).toBe('AA')
})

test('order keys stay inside the sender; a qualified INS joins senders', async () => {
  const pid3 = 'P1^^^SENDER^PI~279035121518989^^^ASIP&1.2.250.1.213.1.4.10&ISO^INS'
  const keys = async (text: string): Promise<readonly string[]> => {
    await stage.post(text)
    return (await stage.journal.queue('receiver/dpi', 0, 100)).at(-1)?.keys.map((k) => k.slice(0, k.indexOf(':'))) ?? []
  }
  const qualified = oru({ 10: 'K2' }, pid3).replace('(FICTIF)^ANNE', `(FICTIF)^ANNE${'|'.repeat(27)}VALI`)
  expect(await keys(oru({ 10: 'K1' }, pid3))).toEqual(['sender', 'sender'])
  expect([...(await keys(qualified))].sort()).toEqual(['INS', 'sender', 'sender'])
})

test.each([
  ['none', '', ''],
  ['its version', 'SFT|Éditeur|8.2|DPI|x', '8.2'],
  ['of several, the one that sends', 'SFT|Éditeur|8.2|DPI|x\rSFT|Autre|3.1|EAI|y', '8.2'],
  ['escaped, with blanks', 'SFT|Éditeur| 8\\F\\2 |DPI|x', '8|2'],
  ['the HL7 null', 'SFT|Éditeur|""|DPI|x', ''],
  ['an endless one', `SFT|Éditeur|${'9'.repeat(300)}|DPI|x`, '9'.repeat(64)],
])('the software that a message names (SFT): %s', async (_name, sft, version) => {
  const said = await stage.post(oru().replace('\rPID|', `\r${sft === '' ? '' : `${sft}\r`}PID|`))
  expect(brief(said.answer)).toBe('AA')
  const [entry] = await stage.journal.follow(null, 1)
  expect([entry?.application, entry?.softwareVersion]).toEqual(['LAB', version])
})

describe('a charset that the bytes contradict', () => {
  test('parks an urgent request for a person instead of refusing it', async () => {
    const said = await stage.post(oru({ 9: 'ORM^O01^ORM_O01', 18: 'ASCII' }, undefined, ' é'))
    expect(isReceipt(said)).toBe(true)
    expect(await stage.journal.counts()).toMatchObject({ received: 1, parked: 1 })
    const rows = await stage.journal.read({
      sql: 'SELECT state, last_code FROM delivery ORDER BY destination',
      parameters: [],
    })
    expect(rows).toEqual([
      { state: 'delivered', last_code: null },
      { state: 'poisoned', last_code: 'CHARSET_CONTRADICTED' },
    ])
  })
})

describe('enhanced mode (MSH-15, MSH-16)', () => {
  const cases: [name: string, accept: string, application: string, commit: string, then: string][] = [
    ['both asked for', 'AL', 'AL', 'CA', 'AA'],
    ['only the commit', 'AL', 'NE', 'CA', 'none'],
    ['only the application answer', 'NE', 'AL', 'none', 'AA'],
    ['on success', 'SU', 'ER', 'CA', 'none'],
    ['on error only', 'ER', 'SU', 'none', 'AA'],
    ['none', 'NE', 'NE', 'none', 'none'],
    ['in small letters', 'al', 'al', 'CA', 'AA'],
    ['words that are none of table 0155: original mode', 'XX', 'YES', 'AA', 'none'],
  ]
  test.each(cases)('taken: %s', async (_name, accept, application, commit, then) => {
    const said = await stage.post(oru({ 15: accept, 16: application }))
    expect([brief(said.answer), isReceipt(said) ? brief(said.applicationAnswer) : '']).toEqual([commit, then])
    const again = await stage.post(oru({ 15: accept, 16: application }))
    expect(isReceipt(again) && again.applicationAnswer?.toString()).toBe(
      isReceipt(said) && said.applicationAnswer?.toString(),
    )
  })
  const refused: [name: string, accept: string, application: string, answer: string][] = [
    ['a commit answer', 'AL', 'AL', 'CE 101 MSH^1^10'],
    ['on error', 'ER', 'NE', 'CE 101 MSH^1^10'],
    ['only the application answer asked for', 'NE', 'AL', 'AE 101 MSH^1^10'],
    ['silence', 'NE', 'NE', 'none'],
    ['on success only', 'SU', 'SU', 'none'],
    ['words that are none of table 0155: original mode', 'XX', 'YES', 'AE 101 MSH^1^10'],
  ]
  test.each(refused)('refused: %s', async (_name, accept, application, answer) => {
    expect(brief((await stage.post(oru({ 10: '', 15: accept, 16: application }))).answer)).toBe(answer)
  })
  test('the application answer is a message of its own, with its own MSH-10, named after its cause', async () => {
    const said = await stage.post(oru({ 15: 'AL', 16: 'AL' }))
    const entries = await stage.journal.follow(null, 10)
    expect(entries.map((e) => [e.entrance, e.kind, e.cause])).toEqual([
      ['mllp', 'ORU^R01', null],
      ['internal', 'ACK', isReceipt(said) ? said.messageId : ''],
    ])
    const own = lines(isReceipt(said) ? said.applicationAnswer : null)[0]?.split('|')[9]
    expect([entries[1]?.controlId, own?.length]).toEqual([own, 20])
    expect(await stage.journal.counts()).toMatchObject({ received: 2, inFlight: 1, closed: 1 })
  })
})

test('answersTo: the application answer is a delivery, not bytes on the connection', async () => {
  await stage.end()
  const [sender, receiver] = establishments()
  stage = await openStage({
    establishments: [
      {
        ...sender,
        answersTo: 'gam',
        destinations: { gam: { type: 'mllp', host: '127.0.0.1', port: 26903, use: 'qualification' } },
      },
      receiver,
    ],
    routes,
  })
  const said = await stage.post(oru({ 15: 'AL', 16: 'AL' }))
  expect([brief(said.answer), isReceipt(said) && said.applicationAnswer]).toEqual(['CA', null])
  expect((await stage.journal.queue('sender/gam', 0, 10)).map((e) => [e.kind, e.state])).toEqual([['ACK', 'queued']])
})

describe('an acknowledgement that comes as a message', () => {
  const ack = (msa: string, msh: Record<number, string> = {}): string =>
    `${oru({ 4: 'RECEIVER', 9: 'ACK^R01^ACK', 10: 'R1', ...msh }).split('\r')[0]}\rMSA|${msa}\r`
  const events = () =>
    stage.journal.read<{ what: string; code: string | null; detail: string }>({
      sql: "SELECT what, code, detail FROM event WHERE what = 'answer'",
      parameters: [],
    })
  test('is kept, told on the original, and never answered', async () => {
    const original = await stage.post(oru())
    const said = await stage.post(ack('AA|C1'))
    expect([isReceipt(said), said.answer]).toEqual([true, null])
    expect(await events()).toEqual([{ what: 'answer', code: null, detail: 'MSA-1 AA' }])
    expect((await stage.journal.follow(null, 10)).at(-1)?.cause).toBe(isReceipt(original) ? original.messageId : '')
  })
  test('gets a commit answer when MSH-15 asks for one', async () => {
    await stage.post(oru())
    expect(brief((await stage.post(ack('AA|C1', { 15: 'AL' }))).answer)).toBe('CA')
  })
  test('a refusal that comes late is a finding and an alert', async () => {
    await stage.post(oru())
    await stage.post(ack('AE|C1'))
    expect(await events()).toEqual([{ what: 'answer', code: 'LATE_REFUSAL', detail: 'MSA-1 AE' }])
    const [original] = await stage.journal.follow(null, 1)
    expect(original?.findings.map((f) => f.code)).toContain('LATE_REFUSAL')
  })
  test('a refusal that comes late keeps its alert and its finding whatever moves or fails meanwhile', async () => {
    await stage.post(oru())
    const alerts = () =>
      stage.journal.read<{ code: string; detail: string }>({
        sql: "SELECT code, detail FROM event WHERE what = 'alert'",
        parameters: [],
      })
    const record = stage.journal.record.bind(stage.journal)
    let tried = 0
    // The store goes away once the answer is kept: who sent it is told yes all the same.
    stage.journal.record = () => Promise.reject(new GatewayError('STORE_UNREACHABLE'))
    expect(isReceipt(await stage.post(ack('AE|C1')))).toBe(true)
    expect(await alerts()).toEqual([{ code: 'LATE_REFUSAL', detail: 'receiver/dpi' }])
    // Its repeat makes up for the finding, although the delivery moves in between; there is one alert.
    stage.journal.record = (move) => (++tried === 1 ? Promise.resolve(false) : record(move))
    await stage.post(ack('AE|C1'))
    expect((await stage.journal.follow(null, 1))[0]?.findings.map((f) => f.code)).toContain('LATE_REFUSAL')
    expect([tried, await alerts()]).toEqual([2, [{ code: 'LATE_REFUSAL', detail: 'receiver/dpi' }]])
  })
  test('that names nothing of ours is kept with a finding', async () => {
    expect(isReceipt(await stage.post(ack('AA|NOTHING')))).toBe(true)
    expect((await stage.journal.follow(null, 1))[0]?.findings.map((f) => f.code)).toEqual(['ANSWER_UNMATCHED'])
  })
  test('from nobody known is refused without a word', async () => {
    expect(await stage.post(ack('AA|C1', { 4: 'NOBODY' }))).toMatchObject({ code: 'UNKNOWN_SENDER', answer: null })
  })
})

describe('who a connection proves to be', () => {
  const cases: [name: string, establishment: string, facility: string, answer: string][] = [
    ['itself', 'sender', 'SENDER', 'AA'],
    ['another', 'receiver', 'SENDER', 'AE 207 MSH^1^4'],
    ['nobody known', 'sender', 'NOBODY', 'AE 207 MSH^1^4'],
  ]
  test.each(cases)('%s', async (_name, establishment, facility, answer) => {
    expect(brief((await stage.post(oru({ 4: facility }), { establishment, entrance: 'mllps' })).answer)).toBe(answer)
  })
})

test('strict: a contract finding is refused', async () => {
  await stage.end()
  stage = await openStage({ establishments: establishments({ strict: true }), routes })
  expect(brief((await stage.post(oru({ 18: 'KLINGON' }))).answer)).toBe('AE 102 MSH^1^18')
})

test.each([
  ['UNICODE UTF-8', 'utf8'],
  ['8859/15', 'latin1'],
] as const)('without MSH-18 a refusal is written in the character set of its sender: %s', async (charset, encoding) => {
  await stage.end()
  stage = await openStage({ establishments: establishments({ charset }), routes })
  const { answer } = await stage.post(oru({ 9: 'MDM^T02^MDM_T02', 18: '' }))
  expect(answer?.toString(encoding)).toContain('émetteur')
})
