import type { MailOperator, MailRules } from '../../src/core/mail.ts'
import type { Accept } from '../../src/core/ports.ts'
import { smtpEntrance } from '../../src/entrances/smtp/entrance.ts'
import type { SmtpParts } from '../../src/entrances/smtp/parts.ts'
import { type DoorCaller, type EntranceWishes, type EntranceWords, entranceContract } from '../contract/entrance.ts'
import { dialMail } from '../support/mail/talk.ts'
import { realClock } from '../support/peers/clock.ts'
import { receiptFor } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'

const ca = authority('CA ESSAI')
const server = ca.issue('mail.op.mssante.test')
const client = ca.issue('mail.a.mssante.test')

/** Mails begin with their names; an answer is read by the caller, who knows to which mail it is. */
const words: EntranceWords = {
  message: (name, bytes = 0) =>
    Buffer.from(
      `Subject: ${name}\r\nFrom: <u@a.mssante.test>\r\n\r\n.Bonjour\r\n${`${'x'.repeat(76)}\r\n`.repeat(Math.ceil(bytes / 78))}`,
    ),
  nameIn: (bytes) => /^Subject: (\S*)/.exec(bytes.toString('latin1'))?.[1] ?? '',
  yes: () => receiptFor(null),
  no: (_arrival, close) => ({ code: 'STORE_FULL', answer: null, close }),
  dialogue: true,
  streams: true,
  hostile: [
    ['nothing at all', Buffer.alloc(0)],
    ['a web browser', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a TLS client within TLS', Buffer.from('16030100f8010000f40303', 'hex')],
    ['much junk in one line', Buffer.alloc(100_000, 0x41)],
    ['much junk in lines', Buffer.from('A\r\n'.repeat(30_000))],
    ['a thousand mails that are begun', Buffer.from('MAIL FROM:<u@a.mssante.test>\r\nRSET\r\n'.repeat(1_000))],
    ['NUL', Buffer.from('NOOP \0\r\n')],
    ['lines that end in LF', Buffer.from('NOOP\nNOOP\n')],
    [
      'a mail without an end',
      Buffer.from('MAIL FROM:<u@a.mssante.test>\r\nRCPT TO:<u@op.test>\r\nDATA\r\nSubject: CUT\r\n\r\n'),
    ],
    ['a second TLS', Buffer.from('STARTTLS\r\n\x16\x03\x01')],
  ],
}

const OPERATOR = {
  host: 'mail.op.mssante.test',
  domains: new Map(),
  patientDomain: 'patient.test',
  maxConnectionsPerPeer: 100,
  nullSenderPerMinute: 10,
  submissionsPerMinute: 1_000,
} as unknown as MailOperator

/** Rules that let everything pass: the door alone is looked at. */
const rules: MailRules = { sender: async () => null, recipient: async () => null, header: () => null }

/** Bytes kept in memory until the mail is whole. */
const kept = new Map<string, Buffer>()
const stage: SmtpParts['stage'] = (id) => {
  const chunks: Buffer[] = []
  return {
    write: async (chunk) => void chunks.push(Buffer.from(chunk)),
    async end() {
      const bytes = Buffer.concat(chunks)
      kept.set(id, bytes)
      return { bytes: bytes.length, sha256: '', data: bytes, file: null }
    },
    drop: async () => void chunks.splice(0),
  }
}

/** The acceptance of any door, for mail. */
function acceptMail(accept: Accept): SmtpParts['accept'] {
  return async ({ id, receivedAtMs }) => {
    const bytes = kept.get(id)!
    const peer = { address: '127.0.0.1', loopback: true, establishment: null, destination: null }
    const decided = await accept({ entrance: 'smtp', peer, receivedAtMs, bytes })
    return 'code' in decided ? { code: decided.code, close: decided.close } : decided
  }
}

/** Another mail operator: a mail is four commands, and what is said to its end is its answer. */
async function callMail(port: number): Promise<DoorCaller> {
  const talk = await dialMail(port)
  await talk.reply()
  await talk.all(['EHLO mail.a.mssante.test', 'STARTTLS'])
  await talk.secure({ ca: ca.cert, key: client.key, cert: client.cert })
  await talk.say('EHLO mail.a.mssante.test')
  const answers: Promise<Buffer | null>[] = []
  let before: Promise<unknown> = Promise.resolve()
  const send = async (mail: Buffer): Promise<Buffer | null> => {
    const said = await talk.all(['MAIL FROM:<u@a.mssante.test>', 'RCPT TO:<u@op.mssante.test>', 'DATA'])
    if (said.at(-1)?.startsWith('354') !== true) return null
    talk.write(Buffer.from(`${mail.toString('latin1').replace(/^\./gm, '..')}.\r\n`, 'latin1'))
    const reply = await talk.reply()
    return reply === null ? null : Buffer.from(`Subject: ${words.nameIn(mail)} ${reply}`)
  }
  return {
    post(mail) {
      const answer = before.then(() => send(Buffer.from(mail)))
      before = answer
      answers.push(answer)
    },
    write: (bytes) => talk.write(bytes),
    answer: async () => {
      const answer = answers.shift()
      if (answer !== undefined) return answer
      const reply = await talk.reply()
      return reply === null ? null : Buffer.from(reply)
    },
    hangUp: () => talk.hangUp(),
    gone: talk.gone(),
    destroy: () => talk.destroy(),
  }
}

let count = 0
entranceContract('mail', words, async ({ accept, maxMessageBytes }: EntranceWishes) => {
  const limits = { maxBytes: maxMessageBytes, maxPatientBytes: maxMessageBytes, maxRecipients: 10, maxHops: 50 }
  const entrance = smtpEntrance({
    door: {
      name: 'smtp',
      host: '127.0.0.1',
      port: 0,
      tls: { key: server.key, cert: server.cert, ca: ca.cert, crl: [] },
      idleMs: 60_000,
      handshakeMs: 10_000,
      mailMs: 60_000,
      maxConnections: 100,
      maxConnectionsPerPeer: 100,
    },
    rules,
    signIn: null,
    refused() {},
    accept: acceptMail(accept),
    stage,
    look: null,
    operator: () => ({ ...OPERATOR, limits }) as unknown as MailOperator,
    clock: realClock,
    ids: { uuid: () => String(++count), random: Math.random },
    ...notebook(),
  })
  const { port } = await entrance.open()
  return { entrance, call: () => callMail(port) }
})
