import { hl7Plugin } from '../../src/entrances/http/hl7.ts'
import { type DoorCaller, type EntranceWishes, type EntranceWords, entranceContract } from '../contract/entrance.ts'
import { realClock } from '../support/peers/clock.ts'
import { answerTo, order, receiptFor } from '../support/peers/messages.ts'
import { authority } from '../support/peers/pki.ts'
import { callWeb } from '../support/peers/web-caller.ts'
import { LAVAL_KEY, openWebDoor, webRegion } from '../support/peers/web-door.ts'

const ca = authority('CA ESSAI')
const server = ca.issue('passerelle.region.test')
const client = ca.issue('gam.ch-laval.test')
const config = webRegion({ 'ch-laval': [{ issuer: ca.subject, subject: client.subject }] })
const key = `Authorization: Bearer ${LAVAL_KEY}\r\n`

const post = (body: Uint8Array, headers: string, length = `Content-Length: ${body.length}`): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /hl7 HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Type: application/hl7-v2\r\n${length}\r\n\r\n`,
    ),
    body,
  ])
const some = order('SOME')

const words: EntranceWords = {
  message: (name, bytes = 0) => order(name, { fill: bytes }),
  nameIn(bytes) {
    const text = bytes.toString('latin1')
    return /\rMSA\|\w\w\|([^|\r]*)/.exec(text)?.[1] ?? text.split('|')[9] ?? ''
  },
  yes: ({ bytes }) => receiptFor(bytes.subarray(0, 3).toString() === 'MSH' ? answerTo(bytes, 'AA') : null),
  no: ({ bytes }, close) => ({ code: 'FIELD_MISSING', answer: answerTo(bytes, 'AE'), close }),
  hostile: [
    ['nothing at all', Buffer.alloc(0)],
    ['one line', Buffer.from('POST')],
    ['an MLLP block', Buffer.concat([Buffer.from([0x0b]), some, Buffer.from([0x1c, 0x0d])])],
    ['a TLS client on a plain door', Buffer.from('16030100f8010000f40303', 'hex')],
    ['much junk', Buffer.alloc(100_000, 0x41)],
    ['a method that is none', Buffer.from('HELLO /hl7 HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['no Host', Buffer.from('GET /healthz HTTP/1.1\r\n\r\n')],
    ['two lengths', post(some, key, 'Content-Length: 3\r\nContent-Length: 4')],
    ['length and chunks at once', post(some, key, `Content-Length: ${some.length}\r\nTransfer-Encoding: chunked`)],
    ['a length that is none', post(some, key, 'Content-Length: +5')],
    ['a chunk size that is none', post(Buffer.from('zz\r\n'), key, 'Transfer-Encoding: chunked')],
    ['a chunk longer than it says', post(Buffer.from('1\r\nABC\r\n0\r\n\r\n'), key, 'Transfer-Encoding: chunked')],
    ['a body cut short', post(some, key).subarray(0, 250)],
    ['a header folded over two lines', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n')],
    ['a NUL in a header', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n')],
    ['ten thousand headers', Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(10_000)}\r\n`)],
  ],
}

const opening =
  (tls: Parameters<typeof openWebDoor>[1], headers: string, files?: object) => async (wishes: EntranceWishes) => {
    const plugin = hl7Plugin({ accept: wishes.accept, clock: realClock, meter: { count() {}, observe() {} } })
    const door = { ...tls?.door, maxBodyBytes: wishes.maxMessageBytes }
    const { entrance, port } = await openWebDoor([plugin], {
      ...tls,
      door,
      limits: { budgetBytes: wishes.budgetBytes },
      config: () => config,
    })
    const call = async (): Promise<DoorCaller> => {
      const caller = await callWeb(port, files)
      return {
        ...caller,
        post: (bytes) => caller.write(post(bytes, headers)),
        answer: async () => (await caller.answer())?.body ?? null,
      }
    }
    return { entrance, call }
  }

entranceContract('http', words, opening({}, key))

const tls = { key: server.key, cert: server.cert, ca: ca.cert, crl: [] }
entranceContract(
  'https, mutual TLS',
  words,
  opening({ door: { tls } }, '', { ca: ca.cert, key: client.key, cert: client.cert }),
)
