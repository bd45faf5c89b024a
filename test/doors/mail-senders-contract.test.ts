import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { MaildirTarget, SmtpTarget } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Mailbox, OutgoingMail, OutgoingMailOf } from '../../src/core/mail.ts'
import type { Clock, Consignment } from '../../src/core/ports.ts'
import type { To } from '../../src/senders/attempts.ts'
import { maildirSender } from '../../src/senders/maildir/sender.ts'
import { DepositThreads } from '../../src/senders/maildir/threads.ts'
import { smtpSender } from '../../src/senders/smtp/sender.ts'
import { type FakePeer, type Manner, senderContract } from '../contract/sender.ts'
import { leapingClock, realClock } from '../support/peers/clock.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { type MailServer, mailServer } from '../support/peers/mail-server.ts'
import { consignmentOf } from '../support/peers/messages.ts'
import { nameServer } from '../support/peers/name-server.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'
import { everybodyListed } from '../support/peers/trust.ts'
import { until } from '../support/world/until.ts'

const TO = 'u@far.mssante.test'

/** A mail of this name, with lines that begin with a dot and one that is no line end. */
const letter = (name: string, bytes = 0): Buffer =>
  Buffer.from(
    `From: <u@op.mssante.test>\r\nSubject: ${name}\r\n\r\n.${name}\r\n..\r\n${`.${'x'.repeat(76)}\r\n`.repeat(Math.ceil(bytes / 79))}`,
  )
const consign = (name: string, bytes?: number): Consignment => consignmentOf(letter(name, bytes))

const outgoing = async (): Promise<OutgoingMail> => ({
  envelope: { sender: 'u@op.mssante.test', returns: null, id: null, eightBit: false, utf8: false },
  recipient: { address: TO, notify: [], original: null },
  trace: Buffer.alloc(0),
  receivedAtMs: 0,
})

const ca = authority('CA ESSAI')
const server = ca.issue('smtp.far.test')
const client = ca.issue('mail.op.test')
const tls = { key: client.key, cert: client.cert, ca: ca.cert, crl: [] }

/** A sender to a server on this machine, as one speaks to it that is `how`. */
async function toServer(
  how: SmtpTarget['how'],
  timeoutMs: number,
  clock: Clock = realClock,
  mail: OutgoingMailOf = outgoing,
  state: Mailbox['state'] | null = null,
) {
  const mailbox = async () => (state === null ? null : ({ address: TO, state } as Mailbox))
  const peer = await mailServer(
    how === 'lmtp' ? 'LMTP' : 'ESMTP',
    how === 'operator' ? { ...server, ca: ca.cert } : undefined,
  )
  const target: SmtpTarget = {
    type: 'smtp',
    how,
    domain: 'far.mssante.test',
    hello: 'mail.op.test',
    host: '127.0.0.1',
    port: peer.port,
    tls: how === 'operator' ? tls : null,
    nameServers: [],
    lookupMs: 1_000,
  }
  const to: To<SmtpTarget> = { ...destinationAt(peer.port, { timeoutMs }), target }
  const parts = { clock, ...notebook(), outgoing: mail, trust: everybodyListed, mailbox }
  return { sender: smtpSender(to, parts), peer, consign }
}

const SMTP = { namedAnswers: false, endMarked: true }
senderContract('mail to another operator', (timeoutMs) => toServer('operator', timeoutMs), SMTP)
senderContract('mail over LMTP', (timeoutMs) => toServer('lmtp', timeoutMs), SMTP)

describe('smtp', () => {
  let made: Awaited<ReturnType<typeof toServer>> | null = null
  afterEach(async () => {
    await made?.sender.close()
    await made?.peer.close()
  })

  const refused = { kind: 'refused', code: 'MAIL_BOX_SUSPENDED' }
  test.each<[how: SmtpTarget['how'], state: Mailbox['state'] | null, outcome: object]>([
    ['lmtp', 'active', { kind: 'delivered' }],
    ['lmtp', 'suspended', refused],
    ['smtp', 'suspended', refused],
    ['smtp', 'closed', refused],
    ['smtp', null, { kind: 'delivered' }],
    ['operator', 'suspended', { kind: 'delivered' }],
  ])('mail that waited to go by %s to a mailbox of ours that is now %s', async (how, state, outcome) => {
    made = await toServer(how, 10_000, realClock, outgoing, state)
    expect(await made.sender.send(consign('M1'), AbortSignal.timeout(20_000))).toMatchObject(outcome)
    expect(made.peer.received()).toHaveLength(outcome === refused ? 0 : 1)
  })

  test.each<[what: string, verb: string, reply: string, outcome: object]>([
    ['a yes of no number is garbage', '.', '2 taken', { kind: 'unknown', code: 'ANSWER_GARBAGE' }],
    ['a no to MAIL is refused', 'MAIL', '550 5.7.1 no', { kind: 'refused', code: 'MAIL_REFUSED', answer: '550 5.7.1' }],
    ['a not-now to DATA is retry', 'DATA', '451 4.3.0 later', { kind: 'retry', code: 'MAIL_DEFERRED' }],
    ['a goodbye instead of an answer is retry', '.', '421 4.3.2 closing', { kind: 'retry', code: 'MAIL_DEFERRED' }],
  ])('%s', async (_what, verb, reply, outcome) => {
    made = await toServer('smtp', 10_000)
    made.peer.script.set(verb, reply)
    expect(await made.sender.send(consign('M1'), AbortSignal.timeout(20_000))).toMatchObject(outcome)
  })

  test.each<[what: string, act: (peer: MailServer) => void, code: string]>([
    ['a yes', (peer) => void peer.script.set('MAIL DATA', '250 2.0.0 taken'), 'ANSWER_GARBAGE'],
    ['a cut', (peer) => peer.behave('cut-during'), 'CONNECTION_CUT'],
  ])('%s before the end of a mail leaves it untaken', async (_what, act, code) => {
    made = await toServer('smtp', 10_000)
    act(made.peer)
    const one = consign('M1')
    const endless: Consignment = {
      ...one,
      body: {
        ...one.body,
        async *open() {
          yield* one.body.open()
          await new Promise(() => {})
        },
      },
    }
    expect(await made.sender.send(endless, AbortSignal.timeout(20_000))).toEqual({ kind: 'retry', code })
  })

  test.each<[verb: string, mostMs: number, outcome: object]>([
    ['EHLO', 30_000 + 3 * 60_000, { kind: 'retry', code: 'CONNECT_FAILED', breaker: true }],
    ['MAIL', 3 * 60_000 + 100, { kind: 'retry', code: 'ANSWER_TIMEOUT' }],
    ['.', 2 * 60_000, { kind: 'unknown', code: 'ANSWER_TIMEOUT' }],
  ])(
    'an answer to %s that goes on for ever ends all the same, and the next mail goes',
    async (verb, mostMs, outcome) => {
      const clock = leapingClock()
      made = await toServer('smtp', 60_000, clock)
      const { sender, peer } = made
      peer.endless.set(verb, 0)
      const sent = sender.send(consign('M1'), new AbortController().signal)
      await until('it goes on', async () => peer.endless.get(verb)! > 2)
      clock.leap(mostMs)
      expect(await sent).toEqual(outcome)
      peer.endless.clear()
      expect((await sender.send(consign('M2'), AbortSignal.timeout(20_000))).kind).toBe('delivered')
    },
  )

  test('a link that was kept and is over when it is taken up again is followed by another in the same attempt', async () => {
    made = await toServer('smtp', 10_000)
    const { sender, peer } = made
    const send = (name: string) => sender.send(consign(name), AbortSignal.timeout(20_000))
    expect((await send('M1')).kind).toBe('delivered')
    peer.script.set('MAIL', '421 4.3.2 Trust was renewed; come again')
    expect((await send('M2')).kind).toBe('delivered')
    expect([peer.connections, peer.received().length]).toEqual([2, 2])
    // A link that is new says it for the host.
    await send('M3')
    peer.script.set('RCPT', '451 4.7.1 later')
    expect(await send('M4')).toMatchObject({ kind: 'retry', answer: '451 4.7.1' })
    expect(peer.connections).toBe(2)
  })

  test('behind the end of a mail the answer has twice the time of others', async () => {
    made = await toServer('smtp', 500)
    const { sender, peer } = made
    peer.behave('late')
    const sent = sender.send(consign('M1'), AbortSignal.timeout(20_000))
    await peer.message(1)
    setTimeout(() => peer.release(), 750)
    expect((await sent).kind).toBe('delivered')
  })

  test('a mail longer than the far side takes is refused without being sent', async () => {
    made = await toServer('smtp', 10_000)
    const outcome = await made.sender.send(consign('M1', 10_000_000), AbortSignal.timeout(20_000))
    expect(outcome).toMatchObject({ kind: 'refused', code: 'MAIL_TOO_LARGE' })
    expect(made.peer.heardBytes()).toBe(0)
    expect((await made.sender.send(consign('M2'), AbortSignal.timeout(20_000))).kind).toBe('delivered')
  })
})

describe('smtp of mail beyond ASCII', () => {
  const OFFER = '250-far.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8'
  const [plain, accented] = ['Compte rendu', 'Compte rendu à revoir']
  type Case = [what: string, offered: boolean, asked: Partial<OutgoingMail['envelope']>, subject: string, said: boolean]

  /** Sends one mail; what came of it, and whether MAIL said SMTPUTF8, null: nothing was said. */
  async function sendOne(offered: boolean, asked: Case[2], subject: string) {
    const { peer, sender } = await toServer('smtp', 10_000, realClock, async () => {
      const mail = await outgoing()
      return { ...mail, envelope: { ...mail.envelope, ...asked } }
    })
    if (offered) peer.script.set('EHLO', OFFER)
    const one = consignmentOf(Buffer.from(`Subject: ${subject}\r\n\r\nÉté\r\n`))
    const outcomes = [await sender.send(one, AbortSignal.timeout(20_000))]
    const next = consignmentOf(Buffer.from('Subject: next\r\n\r\nx\r\n'))
    if (asked.sender === undefined) outcomes.push(await sender.send(next, AbortSignal.timeout(20_000)))
    await sender.close()
    await peer.close()
    return { outcomes, said: peer.senders.map((line) => line.split(' SMTPUTF8').length - 1) }
  }

  test.each<Case>([
    ['its header, where that is taken', true, { utf8: true }, accented, true],
    ['nothing but its body', true, { utf8: true }, plain, false],
    ['nothing but its body, where it is not taken', false, { utf8: true }, plain, false],
  ])('%s', async (_what, offered, asked, subject, said) => {
    const found = await sendOne(offered, asked, subject)
    expect(found.outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered'])
    expect(found.said).toEqual([said ? 1 : 0, 0])
  })

  test('its sender, where that is taken: said once', async () => {
    expect((await sendOne(true, { utf8: true, sender: 'hélène@op.mssante.test' }, accented)).said).toEqual([1])
  })

  test.each<[what: string, asked: Case[2], subject: string]>([
    ['its header', { utf8: true }, accented],
    ['its sender', { utf8: true, sender: 'hélène@op.mssante.test' }, plain],
  ])('%s, where that is not taken: refused, and nothing of it is said', async (_what, asked, subject) => {
    const found = await sendOne(false, asked, subject)
    expect(found.outcomes[0]).toEqual({ kind: 'refused', code: 'MAIL_NO_SMTPUTF8', answer: 'SMTPUTF8' })
    expect(found.said).toEqual(found.outcomes.slice(1).map(() => 0))
  })
})

describe('smtp to a domain of two hosts', () => {
  const endings: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
  })

  async function twoHosts() {
    const names = await nameServer(new Map([['far.mssante.test', 'two-hosts']]))
    const first = await mailServer('ESMTP')
    const second = await mailServer('ESMTP', undefined, { host: '127.0.0.2', port: first.port })
    const target: SmtpTarget = {
      type: 'smtp',
      how: 'smtp',
      domain: 'far.mssante.test',
      hello: 'mail.op.test',
      host: null,
      port: first.port,
      tls: null,
      nameServers: [`127.0.0.1:${names.port}`],
      lookupMs: 5_000,
    }
    const to: To<SmtpTarget> = { ...destinationAt(first.port), target }
    const sender = smtpSender(to, {
      clock: realClock,
      ...notebook(),
      outgoing,
      trust: everybodyListed,
      mailbox: async () => null,
    })
    endings.push(
      () => names.close(),
      () => first.close(),
      () => second.close(),
      () => sender.close(),
    )
    return { first, second, sender, send: (name: string) => sender.send(consign(name), AbortSignal.timeout(20_000)) }
  }

  type Case = [what: string, act: (first: MailServer) => void, outcome: object, received: readonly [number, number]]
  test.each<Case>([
    ['takes it', () => {}, { kind: 'delivered' }, [1, 0]],
    ['is busy for its recipient', ({ script }) => script.set('RCPT', '451 4.7.1 later'), { kind: 'delivered' }, [0, 1]],
    ['says goodbye at MAIL', ({ script }) => script.set('MAIL', '421 4.3.2 bye'), { kind: 'delivered' }, [0, 1]],
    ['is busy behind its end', (first) => first.behave('busy'), { kind: 'delivered' }, [1, 1]],
    ['hangs up', (first) => first.behave('hang-up'), { kind: 'delivered' }, [0, 1]],
    ['refuses it', ({ script }) => script.set('RCPT', '550 5.1.1 no'), { kind: 'refused' }, [0, 0]],
    ['cuts behind its end', (first) => first.behave('cut-after'), { kind: 'unknown' }, [1, 0]],
  ])('a mail that the first %s', async (_what, act, outcome, received) => {
    const { first, second, send } = await twoHosts()
    act(first)
    expect(await send('M1')).toMatchObject(outcome)
    expect([first.received().length, second.received().length]).toEqual(received)
  })

  test('both busy: waits with the words of the last, also behind a link that was open', async () => {
    const { first, second, send } = await twoHosts()
    expect((await send('M1')).kind).toBe('delivered')
    for (const [n, { script }] of [first, second].entries()) script.set('RCPT', `451 4.7.${n + 1} later`)
    expect(await send('M2')).toEqual({
      ...{ kind: 'retry', code: 'MAIL_DEFERRED', answer: '451 4.7.2' },
      diagnostic: '127.0.0.2\n451 4.7.2 later',
    })
    await second.close()
    first.script.set('RCPT', '451 4.7.1 later')
    expect(await send('M3')).toMatchObject({ kind: 'retry', code: 'MAIL_DEFERRED', answer: '451 4.7.1' })
  })
})

const root = mkdtempSync(join(tmpdir(), 'maildir-'))
const threads = new DepositThreads(notebook().log)
afterAll(async () => {
  await threads.stop()
  rmSync(root, { recursive: true })
})

/** A mailbox on disk as a far side; the bodies of its mails in memory, or in files. */
function toMailbox(bodies: 'memory' | 'files' = 'memory', outgoingOf: OutgoingMailOf = outgoing) {
  const folder = mkdtempSync(join(root, 'one-'))
  const names = (part: string): readonly string[] => {
    const at = join(folder, 'far.mssante.test', 'u', part)
    return existsSync(at) ? readdirSync(at).map((name) => join(at, name)) : []
  }
  const order = new Set<string>()
  let manner: Manner = 'accept'
  const mailbox = async (): Promise<Mailbox> =>
    ({
      address: TO,
      state: manner === 'refuse' ? 'suspended' : 'active',
      quota: manner === 'busy' ? 1 : null,
    }) as Mailbox
  const to: To<MaildirTarget> = {
    ...destinationAt(0),
    target: { type: 'maildir', domain: 'far.mssante.test', tls: null },
  }
  const peer: FakePeer = {
    behave: (next) => void (manner = next),
    connections: 0,
    heardBytes: () => [...names('new'), ...names('tmp')].reduce((sum, path) => sum + statSync(path).size, 0),
    received: () => [...order].map((path) => readFileSync(path, 'latin1').replace(/^Return-Path: .*\r\n/, '')),
    message: async () => {},
    release() {},
    close: async () => {},
  }
  let count = 0
  const inner = maildirSender(to, { clock: realClock, ...notebook(), outgoing: outgoingOf, folder, mailbox, threads })
  const sender: typeof inner = {
    kind: inner.kind,
    async send(consignment, signal) {
      const outcome = await inner.send(consignment, signal)
      for (const path of names('new')) order.add(path)
      return outcome
    },
    close: () => inner.close(),
  }
  return {
    sender,
    peer,
    names,
    take: () => rmSync(folder, { recursive: true }),
    consign(name: string, bytes?: number): Consignment {
      const one: Consignment = { ...consign(name, bytes), deliveryId: `d${++count}` }
      if (bodies === 'memory') return one
      const file = join(root, `${basename(folder)}-${count}`)
      writeFileSync(file, letter(name, bytes))
      return {
        ...one,
        body: {
          ...one.body,
          file,
          open: async function* () {
            yield readFileSync(file)
          },
        },
      }
    },
  }
}

const MAILDIR = { namedAnswers: false, lineless: true }
senderContract('mail into a mailbox', async () => toMailbox(), MAILDIR)
senderContract('mail of files into a mailbox', async () => toMailbox('files'), MAILDIR)

describe('maildir', () => {
  const patience = () => AbortSignal.timeout(20_000)

  test('a mailbox whose folders were taken away while it runs has them again', async () => {
    const { sender, consign, names, take } = toMailbox()
    expect((await sender.send(consign('M1'), patience())).kind).toBe('delivered')
    take()
    expect((await sender.send(consign('M2'), patience())).kind).toBe('delivered')
    expect(names('new')).toHaveLength(1)
  })

  test.each<[sender: string, line: string]>([
    ['u@op.mssante.test', 'Return-Path: <u@op.mssante.test>'],
    ['', 'Return-Path: <>'],
    ['"a b"@op.mssante.test', 'Return-Path: <"a b"@op.mssante.test>'],
  ])('a mail from <%s> begins with who sent it (RFC 5321 §4.4), and its name has its size', async (from, line) => {
    const envelope = { sender: from, returns: null, id: null, eightBit: false, utf8: false }
    const { sender, consign, names } = toMailbox('memory', async () => ({ ...(await outgoing()), envelope }))
    expect((await sender.send(consign('M1'), patience())).kind).toBe('delivered')
    const [path] = names('new')
    expect(readFileSync(path!, 'latin1')).toBe(`${line}\r\n${letter('M1').toString('latin1')}`)
    expect(path).toMatch(new RegExp(`,S=${statSync(path!).size}$`))
  })

  test('a delivery that is tried again after it was put, or taken by a reader, is there once', async () => {
    const { sender, consign, names } = toMailbox()
    const one = consign('M1')
    expect((await sender.send(one, patience())).kind).toBe('delivered')
    expect((await sender.send({ ...one, again: true }, patience())).kind).toBe('delivered')
    expect(names('new')).toHaveLength(1)
    const [path] = names('new')
    renameSync(path!, `${path!.replace('/new/', '/cur/')}:2,S`)
    expect((await sender.send({ ...one, again: true }, patience())).kind).toBe('delivered')
    expect([names('new').length, names('cur').length]).toEqual([0, 1])
  })

  test.each<[what: string, harm: (file: string) => void]>([
    ['is gone', (file) => rmSync(file)],
    ['is longer', (file) => appendFileSync(file, 'x')],
    ['is shorter', (file) => truncateSync(file, 10)],
    ['has other bytes', (file) => writeFileSync(file, readFileSync(file).fill('x', 0, 1))],
  ])('a mail whose file %s is not put, and its mailbox has nothing of it', async (_what, harm) => {
    const { sender, consign, names } = toMailbox('files')
    const one = consign('M1', 600_000)
    harm(one.body.file!)
    expect(await sender.send(one, patience())).toEqual({ kind: 'retry', code: 'BODY_DAMAGED' })
    expect([...names('tmp'), ...names('new')]).toEqual([])
  })

  test('a long mail that is in no file and cannot be read is not put', async () => {
    const { sender, consign, names } = toMailbox()
    const one = consign('M1', 600_000)
    const open = async function* (): AsyncIterable<Uint8Array> {
      yield* one.body.open()
      throw new GatewayError('BODY_DAMAGED')
    }
    const outcome = await sender.send({ ...one, body: { ...one.body, open } }, patience())
    expect(outcome).toEqual({ kind: 'retry', code: 'BODY_DAMAGED' })
    expect([...names('tmp'), ...names('new')]).toEqual([])
  })

  test('mail that a thread was putting when it ended may be there; the next begins another thread', async () => {
    const { sender, consign, names } = toMailbox('files')
    // A quick thread may have put one before anybody sees it begin.
    for (let put = 0; ; put += 1) {
      const one = consign(`M${put}`, 20_000_000)
      const sent = sender.send(one, patience())
      const isSeen = async () => names('tmp').length === 1 || names('new').length > put
      await until('it has begun', isSeen, { everyMs: 1 })
      await threads.end()
      const outcome = await sent
      if (outcome.kind === 'delivered') continue
      expect(outcome).toEqual({ kind: 'unknown', code: 'CONNECTION_CUT' })
      expect((await sender.send({ ...one, again: true }, patience())).kind).toBe('delivered')
      expect([names('tmp').length, names('new').length]).toEqual([0, put + 1])
      return
    }
  })

  test('closing waits for what is being put', async () => {
    const { sender, consign, names } = toMailbox()
    const one = consign('M1', 600_000)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const slow: Consignment = {
      ...one,
      body: {
        ...one.body,
        async *open() {
          begin()
          await held
          yield* one.body.open()
        },
      },
    }
    const sent = sender.send(slow, patience())
    await begun
    const closed = sender.close()
    expect(names('new')).toEqual([])
    release()
    expect((await sent).kind).toBe('delivered')
    await closed
    expect(await sender.send(consign('M2'), patience())).toMatchObject({ kind: 'retry', code: 'DRAINING' })
  })
})
