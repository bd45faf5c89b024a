import { afterEach, describe, expect, test } from 'vitest'
import { isReceipt, type Receipt, type Refusal } from '../../src/core/message.ts'
import { answer, cancel, cda, mdm, message, request, zam } from '../support/documents.ts'
import { openStage, type Stage } from './stage.ts'
import { twoWays } from './two-ways.ts'

let stage: Stage
afterEach(() => stage.end())

const open = async (strict: boolean): Promise<void> => {
  stage = await openStage(twoWays(strict))
}
const post = (segments: readonly string[]): Promise<Receipt | Refusal> => stage.post(message(segments))
/** Codes of the findings of a message that was taken, or what it was refused for. */
async function told(said: Promise<Receipt | Refusal>): Promise<string[]> {
  const answered = await said
  if (!isReceipt(answered)) return [`refused ${answered.code}`]
  const entries = await stage.journal.follow(null, 100)
  return entries.find(({ id }) => id === answered.messageId)!.findings.map(({ code }) => code)
}
const changed = (segments: readonly string[], from: string | RegExp, to: string): string[] =>
  segments.map((segment) => segment.replace(from, to))

describe('strict or not', () => {
  test.each([true, false])('an order is taken back, or answered, once it was made (strict %s)', async (strict) => {
    await open(strict)
    expect(await told(post(cancel('D1')))).toEqual(['refused ORDER_UNKNOWN'])
    expect(await told(post(answer('OK', 'D1')))).toEqual(['refused ORDER_UNKNOWN'])
    expect(await told(post(request('D1')))).toEqual([])
    expect(await told(post(cancel('D1')))).toEqual([])
    expect(await told(post(request('D2')))).toEqual([])
    expect(await told(post(answer('OK', 'D2')))).toEqual([])
    expect(await told(post(answer('OC', 'D2', 'F3-again')))).toEqual([])
  })

  test('what was answered is not taken back, by a strict sender', async () => {
    await open(true)
    await post(request())
    await post(answer())
    expect(await told(post(cancel()))).toEqual(['refused ORDER_ANSWERED'])
  })

  test('nor without a finding by any other', async () => {
    await open(false)
    await post(request())
    await post(answer())
    expect(await told(post(cancel()))).toEqual(['ORDER_ANSWERED'])
  })

  test('a number is for one order', async () => {
    await open(true)
    await post(request('D1', 'A'))
    expect(await told(post(request('D1', 'A')))).toEqual([])
    expect(await told(post(request('D1', 'B')))).toEqual(['refused ORDER_DUPLICATE'])
    // The same number of another authority is another order.
    expect(await told(post(changed(request('D1', 'C'), /1\.2\.250\.1\.999\.7/g, '1.2.250.1.999.77')))).toEqual([])
  })

  test('for one order, also where it is only told', async () => {
    await open(false)
    await post(request('D1', 'A'))
    expect(await told(post(request('D1', 'B')))).toEqual(['ORDER_DUPLICATE'])
  })
})

describe('orders are', () => {
  test('taken back by nobody but who made them', async () => {
    await open(false)
    await post(request())
    const foreign = changed(cancel('D1', 'X'), 'RIS|SENDER|PFI|RECEIVER', 'RIS|RECEIVER|PFI|SENDER')
    expect(await told(post(foreign))).toEqual(['refused ORDER_UNKNOWN'])
  })

  test('known after a restart, and forgotten after their time', async () => {
    await open(false)
    await post(request())
    await stage.reopen()
    expect(await told(post(cancel()))).toEqual([])
    const [row] = await stage.journal.read<{ order_key: string }>({
      sql: 'SELECT * FROM imaging_order',
      parameters: [],
    })
    expect(row?.order_key).not.toContain('D1')
    await stage.journal.apply({ rows: [{ sql: 'UPDATE imaging_order SET at_ms = 1', parameters: [] }] })
    await post(request('D2'))
    expect(await told(post(cancel('D1', 'late')))).toEqual(['refused ORDER_UNKNOWN'])
  })

  test('judged in the order in which messages come, though nobody waits for an answer', async () => {
    await open(true)
    const all = Array.from({ length: 20 }, (_, i) => `D${i}`)
    const said = all.flatMap((number) => [post(request(number)), post(cancel(number))])
    for (const one of said) expect(isReceipt(await one)).toBe(true)
  })

  test('judged message by message in a batch', async () => {
    await open(true)
    await post(request('D1'))
    const batch = ['FHS|^~\\&', 'BHS|^~\\&', ...request('D2'), ...cancel('D1'), ...cancel('D9'), 'BTS|3', 'FTS|1']
    const { answer: said } = await post(batch)
    expect(String(said).match(/MSA\|A[AER]/g)).toEqual(['MSA|AA', 'MSA|AA', 'MSA|AE'])
    expect(String(said)).toContain('ERR||ORC^1^2|204')
    expect(await told(post(cancel('D2')))).toEqual([])
  })

  test('not asked of messages that are none of tele-radiology', async () => {
    await open(false)
    const plain = changed(cancel(), '|1.0^CISIS_TLR_HL7_V2', '|')
    expect(await told(post(plain))).not.toContain('ORDER_UNKNOWN')
  })
})

test('a cancel that nobody knows the order of waits for a person where the case is urgent', async () => {
  await open(true)
  const said = await post(changed(cancel(), 'PV1|1|I|', 'PV1|1|E|'))
  if (!isReceipt(said)) throw new Error(said.code)
  expect(await stage.journal.state(said.messageId)).toBe('parked')
  const [delivery] = await stage.journal.deliveriesOf(said.messageId)
  expect(delivery?.state).toBe('poisoned')
  const entry = await stage.journal.delivery(delivery!.id)
  expect(entry?.lastCode).toBe('ORDER_UNKNOWN')
})

describe('a business acknowledgement', () => {
  const back = (segments: readonly string[]): string[] =>
    changed(segments, 'RIS|SENDER|PFI|RECEIVER', 'PFI|RECEIVER|RIS|SENDER')

  test.each([true, false])('names a message that went by (strict %s)', async (strict) => {
    await open(strict)
    expect(await told(post(back(zam('Z02', 'MDM-T02'))))).toEqual(['refused MESSAGE_UNKNOWN'])
    await post(mdm())
    expect(await told(post(back(zam('Z02', 'MDM-T02'))))).toEqual([])
    expect(await told(post(back(zam('Z03', 'MDM-T03'))))).toEqual(['refused MESSAGE_UNKNOWN'])
  })

  test('may come from another than the one it was delivered to, for who sent the document', async () => {
    await open(false)
    const toNobody = changed(mdm('T02', cda(), 'M9'), 'PFI|RECEIVER', 'DMP|NATIONAL')
    await post(toNobody)
    expect(await told(post(back(zam('Z01', 'M9'))))).toEqual([])
  })
})
