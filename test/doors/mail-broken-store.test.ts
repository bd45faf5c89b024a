import { afterAll, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import type { MailArrival, MailOperator } from '../../src/core/mail.ts'
import { smtpEntrance } from '../../src/entrances/smtp/entrance.ts'
import { SLAB_BYTES } from '../../src/entrances/smtp/gather.ts'
import { dialMail } from '../support/mail/talk.ts'
import { realClock } from '../support/peers/clock.ts'
import { receiptFor } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'

const ca = authority('CA ESSAI')
const server = ca.issue('mail.op.mssante.test')
const client = ca.issue('mail.a.mssante.test')
const limits = { maxBytes: 10_000_000, maxPatientBytes: 10_000_000, maxRecipients: 10, maxHops: 50 }
const OPERATOR = {
  ...{ host: 'mail.op.mssante.test', domains: new Map(), patientDomain: 'patient.test', limits },
  ...{ maxConnectionsPerPeer: 100, nullSenderPerMinute: 10, submissionsPerMinute: 1_000 },
} as unknown as MailOperator

const accepted: MailArrival[] = []
let fails = true
const entrance = smtpEntrance({
  door: {
    ...{ name: 'smtp', host: '127.0.0.1', port: 0, idleMs: 60_000, handshakeMs: 10_000, mailMs: 60_000 },
    tls: { key: server.key, cert: server.cert, ca: ca.cert, crl: [] },
    ...{ maxConnections: 100, maxConnectionsPerPeer: 3 },
  },
  rules: { sender: async () => null, recipient: async () => null, header: () => null },
  signIn: null,
  refused() {},
  async accept(arrival) {
    accepted.push(arrival)
    return receiptFor(null)
  },
  stage: () => ({
    async write() {
      const now = fails
      fails = false
      if (now) throw new GatewayError('STORE_FULL')
    },
    end: async () => ({ bytes: 0, sha256: '', data: null, file: null }),
    drop: async () => {},
  }),
  look: null,
  operator: () => OPERATOR,
  clock: realClock,
  ids: { uuid: () => 'id', random: Math.random },
  ...notebook(),
})
afterAll(() => entrance.close(0))

/** As long as is written at once, so that nothing more than its last line end is still to be read when the store fails. */
const FIRST = Buffer.alloc(SLAB_BYTES + 2, 'x')
FIRST.write('From: <u@a.mssante.test>\r\n\r\n')
for (let at = 78; at < FIRST.length; at += 78) FIRST.write('\r\n', at - 2)
FIRST.write('\r\n', FIRST.length - 2)

/** What whoever wrote the mail would have taken for commands, were its rest read as such. */
const REST = [
  ...['MAIL FROM:<forged@a.mssante.test>', 'RCPT TO:<u@op.mssante.test>', 'DATA'],
  ...['From: <forged@a.mssante.test>', '', 'Bonjour', '.', ''],
].join('\r\n')

test('a store that fails in the middle of a mail ends the connection: nothing of the mail is read as commands', async () => {
  const { port } = await entrance.open()
  const talk = await dialMail(port)
  await talk.reply()
  await talk.all(['EHLO mail.a.mssante.test', 'STARTTLS'])
  await talk.secure({ ca: ca.cert, key: client.key, cert: client.cert })
  await talk.say('EHLO mail.a.mssante.test')
  await talk.all(['MAIL FROM:<u@a.mssante.test>', 'RCPT TO:<u@op.mssante.test>', 'DATA'])
  talk.write(FIRST)
  expect(await talk.reply()).toMatch(/^452 4\.3\.1 /)
  talk.write(REST)
  expect(await talk.reply()).toBeNull()
  expect(accepted).toEqual([])
})
