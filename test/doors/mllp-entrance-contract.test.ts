import { type EntranceWords, entranceContract } from '../contract/entrance.ts'
import { configOf, openDoor } from '../support/peers/door.ts'
import { answerTo, order, receiptFor } from '../support/peers/messages.ts'
import { authority } from '../support/peers/pki.ts'

const block = (content: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([0x0b]), Buffer.from(content), Buffer.from([0x1c, 0x0d])])

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
    ['one start byte', Buffer.from([0x0b])],
    ['a web browser', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a TLS client on a plain door', Buffer.from('16030100f8010000f40303', 'hex')],
    ['much junk', Buffer.alloc(100_000, 0x41)],
    ['a thousand start bytes', Buffer.alloc(1_000, 0x0b)],
    ['a thousand empty blocks', Buffer.concat(Array.from({ length: 1_000 }, () => block('')))],
    ['blocks of no HL7', Buffer.concat([block('hello'), block(Buffer.alloc(1_000, 0xff))])],
    ['FS without CR', Buffer.concat([Buffer.from([0x0b]), Buffer.alloc(1_000, 0x1c)])],
    ['a block cut short', block(order('CUT')).subarray(0, 60)],
  ],
}

entranceContract('mllp', words, async ({ accept, maxMessageBytes, budgetBytes }) =>
  openDoor({ accept, limits: { maxFrameBytes: maxMessageBytes, budgetBytes } }),
)

const ca = authority('CA ESSAI')
const server = ca.issue('passerelle.region.test')
const client = ca.issue('gam.ch-laval.test')
const config = configOf(1, { 'ch-laval': [{ issuer: ca.subject, subject: client.subject }] })

entranceContract('mllp over mutual TLS', words, async ({ accept, maxMessageBytes, budgetBytes }) => {
  const tls = { key: server.key, cert: server.cert, ca: ca.cert, crl: [] }
  const limits = { maxFrameBytes: maxMessageBytes, budgetBytes }
  const door = await openDoor({ accept, limits, tls, config: () => config })
  return { ...door, call: () => door.call({ ca: ca.cert, key: client.key, cert: client.cert }) }
})
