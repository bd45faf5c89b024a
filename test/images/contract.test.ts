import type { DicomwebTarget } from '../../src/core/config.ts'
import type { ImageIntake } from '../../src/core/images.ts'
import type { Accept, Sender } from '../../src/core/ports.ts'
import { storePlugin } from '../../src/entrances/dicomweb/store.ts'
import { dicomwebArchive } from '../../src/senders/dicomweb/archive.ts'
import { type EntranceWishes, type EntranceWords, entranceContract } from '../contract/entrance.ts'
import { type FakePeer, senderContract } from '../contract/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { consignmentOf, order, receiptFor } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { callWeb } from '../support/peers/web-caller.ts'
import { LAVAL_KEY, openWebDoor } from '../support/peers/web-door.ts'
import { type Words, webServer } from '../support/peers/web-server.ts'
import { archiveAt } from './stage.ts'

const STUDY = '2.25.1'
const TYPE = 'multipart/related; type="application/dicom"; boundary=b'
const JSON_TYPE = 'application/dicom+json'
const CANNOT_UNDERSTAND = 0xc000

/** A name as the UID of an instance (PS3.5 §B.2), and back. */
const uidOf = (name: string): string => `2.25.${BigInt(`0x${Buffer.from(`\x01${name}`).toString('hex')}`)}`
function nameIn(bytes: Buffer): string {
  const digits = /2\.25\.(\d{4,})/.exec(bytes.toString('latin1'))?.[1]
  if (digits === undefined) return ''
  const hex = BigInt(digits).toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
    .toString('latin1')
    .slice(1)
}

/** An answer in the DICOM JSON model that names one instance (PS3.18 §I.2). */
function said(uid: string, failed: boolean): string {
  const named = { '00081155': { vr: 'UI', Value: [uid] } }
  const why = { '00081197': { vr: 'US', Value: [CANNOT_UNDERSTAND] } }
  const list = { vr: 'SQ', Value: [failed ? { ...named, ...why } : named] }
  return JSON.stringify({ [failed ? '00081198' : '00081199']: list })
}

const json = { 'content-type': JSON_TYPE }
const archiveWords: Words = {
  accept: () => ({ status: 200, headers: json, body: said(uidOf('M'), false) }),
  refuse: () => ({ status: 409, headers: json, body: said(uidOf('M'), true) }),
  busy: () => ({ status: 503 }),
  'wrong-id': () => ({ status: 200, headers: json, body: said(uidOf('ANOTHER'), false) }),
}

/** An archive as a sender of one instance a time: the message is its bytes. */
async function archiveUnderTest(timeoutMs: number) {
  const server = await webServer(archiveWords)
  const at = { ...archiveAt('chu-nantes', `http://127.0.0.1:${server.port}/dicom-web`), timeoutMs }
  const archive = dicomwebArchive(at as typeof at & { target: DicomwebTarget }, { clock: realClock, ...notebook() })
  const sender: Sender = {
    kind: 'dicomweb',
    async send({ body }, signal) {
      const kept = await archive.keep(
        STUDY,
        (async function* () {
          yield { uid: uidOf('M'), bytes: body.open() }
        })(),
        signal,
      )
      const one = kept.ok ? kept.value.get(uidOf('M')) : kept
      if (one === undefined) return { kind: 'unknown', code: 'ANSWER_WRONG_ID' }
      if (one.ok) return { kind: 'delivered', proof: 'stored' }
      return one.again ? { kind: 'retry', code: one.code } : { kind: 'refused', code: one.code, answer: '' }
    },
    close: () => archive.close(),
  }
  const peer: FakePeer = Object.create(server, {
    // What stands between the head of the one part and the end of all.
    received: {
      value: () =>
        server.received().map((whole) => whole.slice(whole.indexOf('\r\n\r\n') + 4, whole.lastIndexOf('\r\n--'))),
    },
  })
  return { sender, peer, consign: (name: string, bytes = 0) => consignmentOf(order(name, { fill: bytes })) }
}

senderContract('dicomweb', archiveUnderTest, { namedAnswers: true, repeats: true, unqueued: true })

const body = (part: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n'), part, Buffer.from('\r\n--b--\r\n')])
const post = (bytes: Uint8Array, length = `Content-Length: ${bytes.length}`): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /dicomweb/studies HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${LAVAL_KEY}\r\nContent-Type: ${TYPE}\r\n${length}\r\n\r\n`,
    ),
    bytes,
  ])
const some = body(Buffer.from(uidOf('SOME')))

const doorWords: EntranceWords = {
  message: (name, bytes = 0) => body(Buffer.from(`${uidOf(name)} ${'x'.repeat(bytes)}`)),
  nameIn,
  yes: () => receiptFor(null),
  no: () => ({ code: 'DICOM_MALFORMED', answer: null, close: false }),
  refusalsStay: true,
  streams: true,
  hostile: [
    ['no multipart', post(Buffer.from('hello'))],
    ['a boundary and no more', post(Buffer.from('--b'))],
    ['a part without an end', post(some.subarray(0, 70))],
    ['parts within no end', post(Buffer.from('\r\n--b\r\n\r\n'.repeat(5_000)))],
    ['a head that never ends', post(Buffer.from(`--b\r\n${'A: b\r\n'.repeat(20_000)}`))],
    ['a body cut short', post(some).subarray(0, -20)],
    ['two lengths', post(some, 'Content-Length: 3\r\nContent-Length: 4')],
    ['a chunk size that is none', post(Buffer.from('zz\r\n'), 'Transfer-Encoding: chunked')],
    ['much junk', post(Buffer.alloc(100_000, 0x41))],
  ],
}

/** Where images go that a door takes: each is one message, decided on when it is whole. */
const intakeOf = (accept: Accept): ImageIntake => ({
  async begin(establishment) {
    return {
      async take(bytes) {
        const chunks: Uint8Array[] = []
        for await (const chunk of bytes) chunks.push(chunk)
        const whole = Buffer.concat(chunks)
        const decided = await accept({
          entrance: 'http',
          peer: { address: '127.0.0.1', loopback: true, establishment, destination: null },
          receivedAtMs: 0,
          bytes: whole,
        })
        const refused = decided !== null && 'code' in decided
        return { uid: uidOf(nameIn(whole)), sopClass: null, code: refused ? decided.code : null }
      },
      async commit() {},
      async drop() {},
    }
  },
})

entranceContract('dicomweb', doorWords, async ({ accept, maxMessageBytes }: EntranceWishes) => {
  const { log, meter } = notebook()
  const limits = { maxBytes: maxMessageBytes, maxInstances: 5, maxMs: 60_000 }
  const plugin = storePlugin({ intake: intakeOf(accept), closed: () => null, clock: realClock, log, meter, limits })
  const { entrance, port } = await openWebDoor([plugin])
  return {
    entrance,
    async call() {
      const caller = await callWeb(port)
      return {
        ...caller,
        post: (bytes) => caller.write(post(bytes)),
        answer: async () => (await caller.answer())?.body ?? null,
      }
    },
  }
})
