import { afterEach, beforeEach, expect, test } from 'vitest'
import { dryRun } from '../../src/app/cli/dry-run.ts'
import { isReceipt } from '../../src/core/message.ts'
import { readArrival, routeFacts } from '../../src/pipeline/reading.ts'
import { isOfService } from '../../src/pipeline/route.ts'
import { cda, INS_OID, inBase64, mdm, message, request } from '../support/documents.ts'
import { openStage, type Stage } from './stage.ts'
import { twoWays } from './two-ways.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage(twoWays(false))
})
afterEach(() => stage.end())

const OTHER = cda({ ids: `<id root="${INS_OID}" extension="260053800029912"/>` })
const post = (segments: readonly string[]) => stage.post(message(segments))

test('the document of another patient is refused for everybody', async () => {
  const said = await post(mdm('T02', OTHER))
  expect(said).toMatchObject({ code: 'CDA_INS_MISMATCH' })
})

test('or waits for a person where the case is urgent', async () => {
  const said = await post(mdm('T02', OTHER).map((segment) => segment.replace('PV1|1|I|', 'PV1|1|E|')))
  if (!isReceipt(said)) throw new Error(said.code)
  expect(await stage.journal.state(said.messageId)).toBe('parked')
})

test('a document of several megabytes is read while others are answered', async () => {
  const order: string[] = []
  const body = `<nonXMLBody><text>${'QUJD\n'.repeat(600_000)}</text></nonXMLBody>`
  const large = post(mdm('T02', cda({ body }), 'LARGE')).then(
    (said) => void order.push(isReceipt(said) ? 'large' : said.code),
  )
  const small = post(mdm('T02', cda(), 'SMALL')).then((said) => void order.push(isReceipt(said) ? 'small' : said.code))
  await Promise.all([large, small])
  expect(order).toEqual(['small', 'large'])
})

test('what a large document says is found as well', async () => {
  const body = `<nonXMLBody><text>${'QUJD\n'.repeat(600_000)}</text></nonXMLBody>`
  const said = await post(mdm('T02', OTHER.replace(/<structuredBody>.*<\/structuredBody>/, body)))
  expect(said).toMatchObject({ code: 'CDA_INS_MISMATCH' })
})

test('a thousand requests of tele-radiology are no stroke requests, whatever their reason', async () => {
  const { config } = stage
  const stroke = config.services.get('stroke')!
  const reasons = ['I63.9', 'I61', 'G45.0', '230690007', 'R51']
  const taken = (segments: readonly string[]): boolean => {
    const bytes = Buffer.from(message(segments))
    const peer = { address: 'test', loopback: true, establishment: null, destination: null }
    const reading = readArrival({ entrance: 'mllp', peer, receivedAtMs: 1, bytes }, config)
    if (!reading.ok) throw new Error(reading.problem.code)
    return isOfService(stroke, routeFacts(reading), config)
  }
  const withReason = (segments: readonly string[], reason: string): string[] =>
    segments.map((segment) => (segment.startsWith('OBR') ? `${segment}${'|'.repeat(15)}${reason}^x^I10` : segment))
  let strokes = 0
  for (let i = 0; i < 1_000; i++) if (taken(withReason(request(`D${i}`), reasons[i % reasons.length]!))) strokes++
  expect(strokes).toBe(0)
  // The same request, not marked as one of tele-radiology, would be.
  const plain = withReason(request(), 'I63.9').map((segment) =>
    segment.replace('|1.0^CISIS_TLR_HL7_V2', '|').replace('TRANSMISSION_DEMANDE^', '75496-0^'),
  )
  expect(taken(plain)).toBe(true)
})

test('nothing of a document is in what was found in its message', async () => {
  const said = await post(mdm('T02', cda({ code: '11502-2', ids: `<id root="1.2.3" extension="SECRET-1"/>` })))
  if (!isReceipt(said)) throw new Error(said.code)
  const [entry] = await stage.journal.follow(null, 10)
  expect(entry?.findings.length).toBeGreaterThan(2)
  for (const value of ['SECRET-1', 'LEROUX', '19540312', 'Compte rendu', inBase64('LEROUX')]) {
    expect(JSON.stringify(entry?.findings)).not.toContain(value)
  }
})

test('a dry run tells what a document says against its message', () => {
  const run = dryRun(Buffer.from(message(mdm('T02', OTHER))), stage.config, 1)
  expect(run).toMatchObject({ taken: false, code: 'CDA_INS_MISMATCH', at: 'PID-3' })
})
