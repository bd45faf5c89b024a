import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withCarriageReturns } from '../../src/app/cli/send.ts'
import { reply, webServer } from '../support/peers/web-server.ts'
import { hl7Words } from '../support/peers/web-words.ts'
import { farSide, passerelle } from './terminal.ts'

async function file(content: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-send-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, 'message.hl7'), content, 'latin1')
  return join(dir, 'message.hl7')
}

function ack(code: string, extra = ''): Buffer {
  return Buffer.from(
    `\x0bMSH|^~\\&|B|B|A|A|20260101||ACK|1|T|2.5||||||8859/15\rMSA|${code}|M1${extra}\r\x1c\r`,
    'latin1',
  )
}

test.each([
  ['CR stays', 'A\rB\r', 'A\rB\r'],
  ['LF becomes CR', 'A\nB\n', 'A\rB\r'],
  ['CR LF becomes CR', 'A\r\nB\r\n', 'A\rB\r'],
  ['a mixture', 'A\r\nB\nC\rD', 'A\rB\rC\rD'],
  ['empty lines stay lines', 'A\n\nB', 'A\r\rB'],
  ['nothing', '', ''],
])('segment ends: %s', (_name, given, expected) => {
  expect(withCarriageReturns(Buffer.from(given)).toString()).toBe(expected)
})

test.each([
  [[], 'MSH|a\rPID|\xe9\r'],
  [['--raw'], 'MSH|a\nPID|\xe9\n'],
])('what is sent with %j', async (options, expected) => {
  let received = ''
  const to = await farSide((socket, bytes) => {
    received = bytes.toString('latin1')
    socket.end(ack('AA'))
  })
  await passerelle(['send', await file('MSH|a\nPID|\xe9\n'), '--to', to, ...options])
  expect(received).toBe(`\x0b${expected}\x1c\r`)
})

test.each([
  ['AA', 0],
  ['CA', 0],
  ['AE', 1],
  ['AR', 1],
  ['CE', 1],
  ['', 1],
])('the answer %s is exit %i', async (code, exit) => {
  const to = await farSide((socket) => socket.end(ack(code)))
  const ran = await passerelle(['send', await file('MSH|^~\\&\r'), '--to', to])
  expect(ran.code).toBe(exit)
  expect(ran.out).toContain(`MSA|${code}|M1`)
})

test('the answer is shown decoded, and cannot drive the terminal', async () => {
  const to = await farSide((socket) => socket.end(ack('AE', '|Refus\xe9 \u001b[2J\x9b2J \xa4')))
  const path = await file('MSH|^~\\&\r')
  const { out } = await passerelle(['send', path, '--to', to])
  expect(out).toContain('MSA|AE|M1|Refusé ?[2J?2J €')
  const json = JSON.parse((await passerelle(['send', path, '--to', to, '--json'])).out)
  expect(json).toMatchObject({ code: 'AE', controlId: 'M1', ms: expect.any(Number) })
})

test.each<[name: string, talk: Parameters<typeof farSide>[0], said: RegExp]>([
  ['closes', (socket) => socket.end(), /closed without an answer/],
  ['is silent', () => {}, /No answer from .* in time/],
  ['resets', (socket) => socket.resetAndDestroy(), /ECONNRESET/],
  ['answers without end', (socket) => socket.write(Buffer.alloc(1_100_000, '\x0bx')), /closed|FRAME_TOO_LONG|in time/],
])('a far side that %s is exit 1 and one sentence', async (_name, talk, said) => {
  const to = await farSide(talk)
  const { code, err } = await passerelle(['send', await file('MSH|^~\\&\r'), '--to', to, '--timeout', '0.3'])
  expect(code).toBe(1)
  expect(err).toMatch(said)
})

test('no listener, no file: exit 1 and one sentence', async () => {
  const path = await file('MSH|^~\\&\r')
  expect(await passerelle(['send', path, '--to', 'mllp://127.0.0.1:1'])).toMatchObject({
    code: 1,
    err: 'No exchange with 127.0.0.1:1 (ECONNREFUSED).\n',
  })
  const missing = await passerelle(['send', `${path}.none`])
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('cannot be read (ENOENT)')])
})

describe('over HTTP', () => {
  const open = async () => {
    const server = await webServer(hl7Words)
    onTestFinished(() => server.close())
    return { server, to: `http://127.0.0.1:${server.port}` }
  }

  test.each([
    ['', '/hl7'],
    ['/in?site=1', '/in?site=1'],
  ])('to %j it is posted to %s with the key', async (path, url) => {
    const { server, to } = await open()
    const text = 'MSH|^~\\&|A|B|||1||ADT^A01|M1|T|2.5||||||8859/15\n'
    const ran = await passerelle(['send', await file(text), '--to', `${to}${path}`], { PASSERELLE_KEY: 'k-1' })
    expect([ran.code, ran.out.startsWith('AA  M1')]).toEqual([0, true])
    expect(server.requests[0]).toMatchObject({
      url,
      headers: { authorization: 'Bearer k-1', 'content-type': 'application/hl7-v2; charset=iso-8859-15' },
    })
    expect(server.received()).toEqual([text.replace('\n', '\r')])
  })

  test('an answer that is none, and no answer, are exit 1 and one sentence', async () => {
    const { server, to } = await open()
    const path = await file('MSH|^~\\&\r')
    server.script.push((_posted, response) => reply(response, { status: 401, body: 'no' }))
    expect(await passerelle(['send', path, '--to', to])).toMatchObject({
      code: 1,
      err: `${to.slice(7)} answered HTTP 401, and no HL7 message.\n`,
    })
    const problem = JSON.stringify({ code: 'FORBIDDEN', detail: 'Not this key.' })
    server.script.push((_posted, response) => reply(response, { status: 403, body: problem }))
    const refused = await passerelle(['send', path, '--to', to, '--json'])
    expect(JSON.parse(refused.err)).toMatchObject({
      code: 'ANSWER_GARBAGE',
      detail: expect.stringContaining('FORBIDDEN: Not'),
    })
    server.behave('silent')
    const late = await passerelle(['send', path, '--to', to, '--timeout', '0.2'])
    expect([late.code, late.err]).toEqual([1, expect.stringContaining('in time')])
    await server.close()
    const gone = await passerelle(['send', path, '--to', to])
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
  })
})
