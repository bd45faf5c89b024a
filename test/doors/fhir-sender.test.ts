import { spawnSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { FhirAsk } from '../../src/core/fhir.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import { fhirSender } from '../../src/senders/fhir/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { urlDestination } from '../support/peers/destination.ts'
import { consignmentOf, order } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { type Reply, reply, webServer } from '../support/peers/web-server.ts'
import { askOf, fhirConsignment, fhirWords, outcome, serviceRequest } from '../support/peers/web-words.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const never = () => new AbortController().signal
const create = askOf('create', 'ServiceRequest')

async function sending(to: Parameters<typeof urlDestination>[2] = {}) {
  const peer = await webServer(fhirWords)
  const notes = notebook()
  const sender = fhirSender(urlDestination('fhir', peer.port, to), { clock: realClock, ...notes })
  closing.push(
    () => sender.close(),
    () => peer.close(),
  )
  const send = (resource: unknown, ask: FhirAsk = create, again = false): Promise<Outcome> =>
    sender.send({ ...fhirConsignment(resource, ask), again }, never())
  const answered = (made: Reply, ask: FhirAsk = create): Promise<Outcome> => {
    peer.script.push((_posted, response) => reply(response, made))
    return send(serviceRequest('A1'), ask)
  }
  return { peer, notes, sender, send, answered }
}

const bundle = (...entry: object[]) => JSON.stringify({ resourceType: 'Bundle', type: 'x', entry })
const batchOf = (...statuses: string[]) => bundle(...statuses.map((status) => ({ response: { status } })))
const messageOf = (code: string, ...more: object[]) =>
  bundle({ resource: { resourceType: 'MessageHeader', response: { code } } }, ...more.map((resource) => ({ resource })))

describe('the request', () => {
  test.each<[interaction: FhirAsk['interaction'], method: string, url: string]>([
    ['create', 'POST', '/r4/fhir/ServiceRequest'],
    ['update', 'PUT', '/r4/fhir/ServiceRequest/s-1'],
    ['patch', 'PUT', '/r4/fhir/ServiceRequest/s-1'],
    ['transaction', 'POST', '/r4/fhir'],
    ['batch', 'POST', '/r4/fhir'],
    ['process-message', 'POST', '/r4/fhir/$process-message'],
  ])('%s is %s %s', async (interaction, method, url) => {
    const ask = askOf(interaction, 'ServiceRequest', 's-1')
    const { peer, send } = await sending({ path: '/r4/fhir', bearer: 'k-1' })
    const posted = '{ "resourceType" : "Bundle", "é": 1.00 }\n'
    await send(posted, ask)
    expect(peer.requests[0]).toMatchObject({
      method,
      url,
      headers: {
        'content-type': 'application/fhir+json',
        'content-length': String(Buffer.byteLength(posted)),
        accept: 'application/fhir+json',
        'accept-encoding': 'identity',
        authorization: 'Bearer k-1',
        prefer: 'return=minimal',
        'x-request-id': 'm',
      },
    })
    expect(peer.requests[0]!.body.toString()).toBe(posted)
  })

  test.each<[name: string, resource: object, ask: FhirAsk, condition: string | undefined]>([
    ['an identifier with system and value', serviceRequest('A1'), create, 'identifier=urn%3Aoid%3A1.2.3|A1'],
    [
      'what a search would take for its own',
      { identifier: [{ system: 'http://a,b', value: 'x|y$\\é' }] },
      create,
      'identifier=http%3A%2F%2Fa%5C%2Cb|x%5C%7Cy%5C%24%5C%5C%C3%A9',
    ],
    [
      'not the billing number of a family',
      {
        identifier: [
          { type: { coding: [{ code: 'NH' }] }, system: 'urn:oid:1.2.250.1.213.1.4.8', value: '248015306200093' },
          { system: 'urn:oid:1.2.3', value: 'P1' },
        ],
      },
      create,
      'identifier=urn%3Aoid%3A1.2.3|P1',
    ],
    [
      'every identifier, of which others may have one',
      {
        identifier: [{ system: 'urn:order', value: 'A1' }, { value: 'x' }, { system: 'urn:report', value: 'R2' }],
      },
      create,
      'identifier=urn%3Aorder|A1&identifier=urn%3Areport|R2',
    ],
    [
      'eight of them at most',
      { identifier: Array.from({ length: 9 }, (_, n) => ({ system: 'urn:s', value: String(n) })) },
      create,
      Array.from({ length: 8 }, (_, n) => `identifier=urn%3As|${n}`).join('&'),
    ],
    ['no system', { identifier: [{ value: 'A1' }] }, create, undefined],
    ['no identifier', {}, create, undefined],
    ['not a list', { identifier: { system: 's', value: 'v' } }, create, undefined],
    [
      'the sender’s own condition',
      serviceRequest('A1'),
      { ...create, ifNoneExist: 'identifier=x|1' },
      'identifier=x|1',
    ],
    ['an update', serviceRequest('A1'), askOf('update', 'ServiceRequest', 's-1'), undefined],
    ['a transaction', { identifier: { system: 's', value: 'v' } }, askOf('transaction'), undefined],
  ])('If-None-Exist of what is sent again: %s', async (_name, resource, ask, condition) => {
    const { peer, send } = await sending()
    await send({ resourceType: 'X', ...resource }, ask)
    await send({ resourceType: 'X', ...resource }, ask, true)
    const first = ask.ifNoneExist === null ? undefined : condition
    expect(peer.requests.map(({ headers }) => headers['if-none-exist'])).toEqual([first, condition])
  })

  test('an HL7 v2 message does not go, nor what is not UTF-8, nor more than 16 MiB', async () => {
    const { peer, sender } = await sending()
    const unfit = { kind: 'refused', code: 'UNFIT_FOR_DESTINATION', answer: '' }
    expect(await sender.send(consignmentOf(order('M1')), never())).toEqual(unfit)
    expect(await sender.send(fhirConsignment({}, askOf('update', 'ServiceRequest')), never())).toEqual(unfit)
    const latin = { ...consignmentOf(Buffer.from('{"a":"\xe9"}', 'latin1')), ask: create }
    expect(await sender.send(latin, never())).toMatchObject({ kind: 'refused', code: 'NOT_JSON' })
    const long = { ...latin, body: { ...latin.body, bytes: 16_777_217 } }
    expect(await sender.send(long, never())).toMatchObject({ kind: 'refused', code: 'FRAME_TOO_LONG' })
    expect(peer.connections).toBe(0)
  })
})

describe('what an answer means', () => {
  const delivered = (proof: string) => ({ kind: 'delivered', proof })
  const refused = (answer: string) => ({ kind: 'refused', code: 'ACK_REJECT', answer })
  const settings = (answer: string) => ({ kind: 'retry', code: 'DESTINATION_REFUSES_US', answer, breaker: true })
  const garbage = { kind: 'unknown', code: 'ANSWER_GARBAGE' }
  const conditional = { ...create, ifNoneExist: 'identifier=x|1' }
  const batch = askOf('batch')
  const message = askOf('process-message')
  const update = askOf('update', 'ServiceRequest', 's-1')
  const oo = { resourceType: 'OperationOutcome', issue: [{ code: 'duplicate' }, { code: 'Paul ESSAI' }] }

  test.each<[name: string, status: number, body: string, ask: FhirAsk, expected: object]>([
    ['201', 201, '', create, delivered('HTTP 201')],
    ['201 with a page', 201, '<html>', create, delivered('HTTP 201')],
    ['202', 202, '', create, delivered('HTTP 202')],
    ['204', 204, '', update, delivered('HTTP 204')],
    ['200 to a conditional create', 200, '{"resourceType":"X"}', conditional, delivered('HTTP 200, already there')],
    ['200 to an update', 200, '', update, delivered('HTTP 200')],
    ['200 with a page: a proxy’s', 200, '<html>', update, garbage],
    ['200 with JSON that is no resource', 200, '{"ok":true}', update, garbage],
    ['200 with broken JSON', 200, '{"resourceType":"X"', update, garbage],
    ['200 to a transaction', 200, batchOf('201'), askOf('transaction'), delivered('HTTP 200')],
    ['400', 400, outcome('invalid', 'structure'), create, refused('HTTP 400 invalid structure')],
    [
      '422, each code once, five at most',
      422,
      outcome('value', 'value', 'required'),
      create,
      refused('HTTP 422 value required'),
    ],
    ['a code of no table', 422, outcome('Paul ESSAI', 'value'), create, refused('HTTP 422 value')],
    ['409', 409, outcome('conflict'), update, refused('HTTP 409 conflict')],
    ['412: several such', 412, outcome('multiple-matches'), create, refused('HTTP 412 multiple-matches')],
    ['422 with a page', 422, '<html>PAUL', create, refused('HTTP 422')],
    ['500', 500, outcome('exception'), create, { kind: 'unknown', code: 'DESTINATION_FAULT' }],
    [
      '503',
      503,
      outcome('transient'),
      create,
      { kind: 'retry', code: 'DESTINATION_BUSY', answer: 'HTTP 503 transient' },
    ],
    ['401', 401, outcome('login'), create, settings('HTTP 401 login')],
    ['404 of one resource', 404, outcome('not-found'), update, refused('HTTP 404 not-found')],
    ['404 of one that a transaction names', 404, outcome(), askOf('transaction'), refused('HTTP 404')],
    ['404 with a page to an update: no FHIR server', 404, '<html>', update, settings('HTTP 404')],
    ['404 with an outcome to a create', 404, outcome('not-supported'), create, settings('HTTP 404 not-supported')],
    ['302', 302, '', create, refused('HTTP 302')],
    ['a batch taken', 200, batchOf('201 Created', '200'), batch, delivered('HTTP 200')],
    ['a batch of nothing', 200, batchOf(), batch, delivered('HTTP 200')],
    [
      'a batch with entries not taken',
      200,
      batchOf('201', '422 No', '422', '500', 'PAUL'),
      batch,
      refused('HTTP 200, 4 of 5 entries not taken 422 500'),
    ],
    ['a batch answered by something else', 200, JSON.stringify(oo), batch, garbage],
    ['a batch answered by nothing', 200, '', batch, garbage],
    ['a batch taken for later', 202, '', batch, delivered('HTTP 202')],
    ['a message taken', 200, messageOf('ok'), message, delivered('HTTP 200')],
    ['a message taken without a word', 200, '', message, delivered('HTTP 200')],
    [
      'a message: not now',
      200,
      messageOf('transient-error'),
      message,
      { kind: 'retry', code: 'ACK_ERROR', answer: 'HTTP 200, transient-error' },
    ],
    ['a message refused', 200, messageOf('fatal-error', oo), message, refused('HTTP 200, fatal-error duplicate')],
  ])('%s', async (_name, status, body, ask, expected) => {
    const { answered } = await sending()
    expect(await answered({ status, body: status === 204 ? '' : body }, ask)).toEqual(expected)
  })

  test('a created resource is there even when its page breaks off, is too long or compressed', async () => {
    const { peer, send, answered } = await sending()
    peer.script.push((_posted, response) => {
      response.writeHead(201, { 'content-length': '1000' })
      response.write('{', () => response.socket?.destroy())
    })
    expect(await send(serviceRequest('A1'))).toEqual(delivered('HTTP 201'))
    expect(await answered({ status: 201, body: Buffer.alloc(3_000_000, ' ') })).toEqual(delivered('HTTP 201'))
    const bomb = { status: 201, headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000)) }
    expect(await answered(bomb)).toEqual(delivered('HTTP 201'))
  })

  test('a batch whose answer breaks off is unknown', async () => {
    const { peer, send } = await sending()
    peer.script.push((_posted, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{', () => response.socket?.destroy())
    })
    expect(await send({}, batch)).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
  })

  test('421 is asked again once, by fetch, and the second answer counts', async () => {
    const { peer, answered } = await sending()
    peer.script.push((_posted, response) => reply(response, { status: 421, body: 'x' }))
    expect(await answered({ status: 201 })).toEqual(delivered('HTTP 201'))
    expect(peer.requests.length).toBe(2)
  })
})

test('a resend after an answer lost makes no double; another resource with the same identifier is another', async () => {
  const { peer, send } = await sending()
  const kept: string[] = []
  const take = (loses: boolean): void =>
    void peer.script.push(({ headers, body }, response, socket) => {
      const [, value] = decodeURIComponent(String(headers['if-none-exist'] ?? '')).split('|')
      const isThere = value !== undefined && kept.some((one) => one.includes(value))
      if (!isThere) kept.push(body.toString())
      if (loses) socket.destroy()
      else reply(response, { status: isThere ? 200 : 201 })
    })
  take(true)
  expect(await send(serviceRequest('A1'))).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
  take(false)
  expect(await send(serviceRequest('A1'), create, true)).toEqual({
    kind: 'delivered',
    proof: 'HTTP 200, already there',
  })
  expect(kept.length).toBe(1)
  take(false)
  expect(await send(serviceRequest('A1', 0, { status: 'completed' }))).toEqual({ kind: 'delivered', proof: 'HTTP 201' })
  expect(kept.map((one) => JSON.parse(one).status)).toEqual(['active', 'completed'])
})

test('nothing of the message or the answer is in the log or the outcome', async () => {
  const { notes, answered } = await sending({ bearer: 'k-secret' })
  const made = await answered({ status: 422, body: outcome('value') })
  expect(JSON.stringify([notes.lines, made])).not.toMatch(/FICTIF|SECRET|k-secret|A1/)
})

test('nor in what the library below prints when asked to', () => {
  const script = `
    import { fhirSender } from './src/senders/fhir/sender.ts'
    import { realClock } from './test/support/peers/clock.ts'
    import { urlDestination } from './test/support/peers/destination.ts'
    import { notebook } from './test/support/peers/notebook.ts'
    import { webServer } from './test/support/peers/web-server.ts'
    import { askOf, fhirConsignment, fhirWords, serviceRequest } from './test/support/peers/web-words.ts'
    const peer = await webServer(fhirWords)
    peer.behave('refuse')
    const to = urlDestination('fhir', peer.port, { bearer: 'k-secret' })
    const sender = fhirSender(to, { clock: realClock, ...notebook() })
    const consignment = fhirConsignment(serviceRequest('A1'), askOf('create', 'ServiceRequest'))
    console.log((await sender.send(consignment, new AbortController().signal)).kind)
    await sender.close()
    await peer.close()
  `
  const ran = spawnSync(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, DEBUG: '*' },
    encoding: 'utf8',
  })
  expect(ran.stdout).toBe('refused\n')
  expect(ran.stderr).toContain('fhir-kit-client')
  expect(ran.stderr).not.toMatch(/FICTIF|SECRET|k-secret|A1/)
})
