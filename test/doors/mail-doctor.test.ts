import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { SmtpTarget } from '../../src/core/config.ts'
import { examine } from '../../src/senders/smtp/doctor.ts'
import { realClock } from '../support/peers/clock.ts'
import { everybodyListed } from '../support/peers/trust.ts'

let end: (() => void) | null = null
afterEach(() => end?.())

test.each<[greeting: string, code: string | null, answer: string | null]>([
  ['220 far.test ESMTP', null, null],
  ['421 4.3.2 closing', 'MAIL_DEFERRED', '421 4.3.2'],
  ['554 5.7.1 not for you', 'DESTINATION_REFUSES_US', '554 5.7.1'],
  ['SSH-2.0-OpenSSH_9.2', 'ANSWER_GARBAGE', 'SSH-2.0-O'],
  ['250 2.0.0 well', 'ANSWER_GARBAGE', '250 2.0.0'],
])('the doctor meets `%s`', async (greeting, code, answer) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write('250 far.test\r\n'))
    socket.write(`${greeting}\r\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  end = () => server.close()
  const target: SmtpTarget = {
    type: 'smtp',
    how: 'smtp',
    domain: 'far.mssante.test',
    hello: 'mail.op.test',
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    tls: null,
    nameServers: [],
    lookupMs: 1_000,
  }
  const found = await examine({ target, trust: everybodyListed, listed: [], clock: realClock })
  expect(found).toMatchObject({ code, hosts: [{ code, answer }] })
})
