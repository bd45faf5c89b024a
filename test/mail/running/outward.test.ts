import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DoctorReport } from '../../../src/core/mail-doctor.ts'
import type { MessageDetail } from '../../../src/core/views.ts'
import { readDsn } from '../../../src/formats/mail/dsn.ts'
import { passerelle } from '../../cli/terminal.ts'
import { type FarSide, farSide as startFarSide } from '../../support/mail/far.ts'
import { LAB_ROWS, publishMailLab } from '../../support/mail/region.ts'
import { dialMail, letter, type Talk } from '../../support/mail/talk.ts'
import { BOX, type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { freePort } from '../../support/world/ports.ts'
import { OPERATOR_KEY } from '../../support/world/region.ts'
import { until } from '../../support/world/until.ts'

const SECRET = 'lab-secret'
const passwordSha256 = createHash('sha256').update(SECRET).digest('hex')
const OTHER = 'retour@op.mssante.test'
const PASSWORDS = [BOX, OTHER].map((name) => ({ name, passwordSha256, addresses: [name] }))
/** What somebody may submit in a minute: more than all tests together as `BOX`. */
const MOST = 100
const code = (reply: string | null) => reply?.slice(0, 9) ?? null

let lab: string
let far: MailWorld
let world: MailWorld
let farPort: number

beforeAll(async () => {
  lab = join(mkdtempSync(join(tmpdir(), 'mail-lab-')), 'lab')
  // A domain for each test: what waits for one does not reach into another.
  const rows = [...LAB_ROWS, ...Array.from({ length: 9 }, (_, n) => ({ domain: `c${n}.mssante.test`, operator: 'c' }))]
  await publishMailLab(lab, rows)
  farPort = await freePort()
  far = await mailWorld([{ address: 'jean@a.mssante.test' }], {
    lab,
    operator: 'a',
    host: 'mail.a.mssante.test',
    domains: [{ name: 'a.mssante.test', establishment: 'ch-exemple' }],
  })
  const hosts = [
    { domain: 'a.mssante.test', host: '127.0.0.1', port: far.smtpPort },
    { domain: 'a2.mssante.test', host: '127.0.0.1', port: farPort },
    ...Array.from({ length: 9 }, (_, n) => ({ domain: `c${n}.mssante.test`, host: '127.0.0.1', port: farPort })),
    { domain: 'patient.exemple.test', host: '127.0.0.1', port: farPort },
  ]
  world = await mailWorld([{ address: BOX, owner: '899700000009' }, { address: OTHER }], {
    lab,
    mail: {
      hosts,
      passwords: PASSWORDS,
      submissionsPerMinute: MOST,
      retry: { steps: ['1 s'], delayed: '1 s', expires: '48 h' },
    },
  })
})
afterAll(async () => {
  await world?.end()
  await far?.end()
  if (lab !== undefined) rmSync(join(lab, '..'), { recursive: true, force: true })
})

/** A connection at the submission door, signed in with a password of the lab. */
async function signedIn(as = BOX): Promise<Talk> {
  const talk = await dialMail(world.submissionPort)
  await talk.reply()
  await talk.all(['EHLO poste.exemple.test', 'STARTTLS'])
  await talk.secure({ ca: readFileSync(join(lab, 'ca.pem')) })
  await talk.say('EHLO poste.exemple.test')
  const plain = Buffer.from(`\0${as}\0${SECRET}`).toString('base64')
  expect(code(await talk.say(`AUTH PLAIN ${plain}`))).toBe('235 2.7.0')
  return talk
}

/** Submits a mail; the reply to its end. `mail`, `rcpt`: parameters. */
async function submit(
  to: string,
  id: string,
  { mail = '', rcpt = '', text = letter(BOX, to, { id }) } = {},
): Promise<string | null> {
  const talk = await signedIn()
  const replies = await talk.all([`MAIL FROM:<${BOX}>${mail}`, `RCPT TO:<${to}>${rcpt}`, 'DATA'])
  if (code(replies[2]!)?.startsWith('354') !== true) return replies[1]!
  talk.write(`${text}.\r\n`)
  const said = await talk.reply()
  talk.destroy()
  return said
}

/** The message once its only delivery is in this state. */
function delivery(id: string, state: string): Promise<MessageDetail> {
  return until(`${id} is ${state}`, async () => {
    const found = await world.gateway.trace(id)
    return found.deliveries[0]!.state === state && found
  })
}

/** A mail operator played by another library, where the list's hosts say: takes mail as `options` say. */
async function farSide(operator: string, options: SMTPServerOptions = {}): Promise<FarSide> {
  const side = await startFarSide(lab, operator, farPort, options)
  sides.push(side)
  return side
}
const sides: FarSide[] = []
async function noFarSide(): Promise<void> {
  await Promise.all(sides.splice(0).map((side) => side.close()))
}
afterEach(noFarSide)

/** What the sender was told of a mail so far. */
function toldOf(id: string) {
  const mails = world.mails(BOX).filter((one) => one.includes(`Message-ID: <${id}>`))
  return mails.map((one) => readDsn(Buffer.from(one, 'latin1')))
}

/** What the sender was told first of a mail. */
function told(id: string) {
  return until(`a report of ${id}`, async () => toldOf(id)[0] ?? null)
}

test('from one operator to the other and into the mailbox, byte for byte', async () => {
  const text = letter(BOX, 'jean@a.mssante.test', { id: 'there@op', body: '.\r\nUn point.\r\n' }).replace(/^\./gm, '..')
  expect(code(await submit('jean@a.mssante.test', 'there@op', { text }))).toBe('250 2.6.0')
  const [mail] = await far.arrived('jean@a.mssante.test', 1)
  expect(untraced(untraced(mail!))).toBe(text.replace(/^\.\./gm, '.'))
  const kept = await delivery('there@op', 'delivered')
  expect(kept.deliveries[0]).toMatchObject({ destination: 'mail/a.mssante.test', attempts: 1 })
})

describe('submission', () => {
  test.each([
    ['another mailbox as sender', 'MAIL FROM:<retour@op.mssante.test>', '553 5.7.1'],
    ['its own', `MAIL FROM:<${BOX}>`, '250 2.1.0'],
  ])('%s', async (_what, command, expected) => {
    const talk = await signedIn()
    expect(code(await talk.say(command))).toBe(expected)
    talk.destroy()
  })

  test('so many mails of one user in a minute, on however many connections, and no more', async () => {
    const talks = await Promise.all([signedIn(OTHER), signedIn(OTHER)])
    // A minute may end meanwhile: more than two may hold.
    const asked = Array.from({ length: MOST + 1 }, () => [`MAIL FROM:<${OTHER}>`, 'RSET']).flat()
    const said = (await Promise.all(talks.map((talk) => talk.all(asked)))).flatMap((replies) => replies.map(code))
    expect(said.filter((one) => one === '250 2.1.0').length).toBeGreaterThanOrEqual(MOST)
    expect(said).toContain('451 4.7.1')
    const another = await signedIn()
    expect(code(await another.say(`MAIL FROM:<${BOX}>`))).toBe('250 2.1.0')
    for (const talk of [...talks, another]) talk.destroy()
  })

  test('nothing leaves the trust space', async () => {
    expect(code(await submit('u@gmail.com', 'outside@op'))).toBe('550 5.7.1')
  })

  test('From is that of the mailbox', async () => {
    const text = letter('retour@op.mssante.test', 'jean@a.mssante.test', { id: 'other-from@op' })
    expect(code(await submit('jean@a.mssante.test', 'other-from@op', { text }))).toBe('550 5.7.1')
  })

  test('without sign-in nobody sends, and a wrong password is one', async () => {
    const talk = await dialMail(world.submissionPort)
    await talk.reply()
    expect(code(await talk.say('EHLO poste.exemple.test'))).toBe('250-mail.')
    expect(code(await talk.say('AUTH PLAIN AAAA'))).toBe('538 5.7.1')
    await talk.say('STARTTLS')
    await talk.secure({ ca: readFileSync(join(lab, 'ca.pem')) })
    await talk.say('EHLO poste.exemple.test')
    expect(code(await talk.say(`MAIL FROM:<${BOX}>`))).toBe('530 5.7.0')
    const wrong = Buffer.from(`\0${BOX}\0no`).toString('base64')
    expect(code(await talk.say(`AUTH PLAIN ${wrong}`))).toBe('535 5.7.8')
    talk.destroy()
  })
})

describe('another mail operator', () => {
  test('that has no STARTTLS is given nothing', async () => {
    const { mails } = await farSide('c', { disabledCommands: ['AUTH', 'STARTTLS'] })
    await submit('x@c1.mssante.test', 'plain@op')
    const kept = await until('an attempt', async () => {
      const found = await world.gateway.trace('plain@op')
      return found.deliveries[0]!.lastError !== null && found
    })
    expect(kept.deliveries[0]!.lastError).toBe('MAIL_NO_STARTTLS')
    expect(mails).toEqual([])
    await noFarSide()
    const good = await farSide('c')
    await delivery('plain@op', 'delivered')
    expect(good.mails).toHaveLength(1)
  })

  test('whose certificate the list gives to another domain is given nothing', async () => {
    const { mails } = await farSide('a')
    await submit('x@c2.mssante.test', 'wrong-subject@op')
    await until('an attempt', async () => {
      const [one] = (await world.gateway.trace('wrong-subject@op')).deliveries
      return one!.lastError === 'MAIL_SERVER_OTHER'
    })
    expect(mails).toEqual([])
  })

  test('that refuses for now is asked again, and takes it once', async () => {
    let times = 0
    const { mails } = await farSide('c', {
      onRcptTo(_address, _session, done) {
        times += 1
        done(times < 3 ? Object.assign(new Error('4.2.1 plus tard'), { responseCode: 450 }) : null)
      },
    })
    await submit('later@c3.mssante.test', 'later@op')
    const kept = await delivery('later@op', 'delivered')
    expect(kept.deliveries[0]!.attempts).toBeGreaterThanOrEqual(2)
    expect(times).toBeGreaterThanOrEqual(3)
    expect(mails.filter(({ to }) => to[0] === 'later@c3.mssante.test')).toHaveLength(1)
  })

  test('that refuses for good: the sender is told with its words, and the matter is closed', async () => {
    await farSide('c', {
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('5.1.1 inconnu ici'), { responseCode: 550 })),
    })
    await submit('nobody@c4.mssante.test', 'refused@op', {
      mail: ' RET=HDRS ENVID=QQ1',
      rcpt: ' ORCPT=rfc822;nobody@c4.mssante.test',
    })
    const report = await told('refused@op')
    expect(report).toMatchObject({
      envid: 'QQ1',
      recipients: [{ action: 'failed', status: '5.1.1', diagnostic: expect.stringContaining('inconnu ici') }],
    })
    await delivery('refused@op', 'closed')
    // Message and deliveries are read one after the other: asked again, both are from behind the change.
    const kept = await world.gateway.trace('refused@op')
    expect(kept.state).toBe('closed')
    expect(JSON.stringify(kept)).not.toContain('inconnu ici')
  })

  test('NOTIFY=NEVER: silence', async () => {
    await farSide('c', {
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('5.1.1 no'), { responseCode: 550 })),
    })
    await submit('nobody@c5.mssante.test', 'never@op', { rcpt: ' NOTIFY=NEVER' })
    await delivery('never@op', 'closed')
    expect(toldOf('never@op')).toEqual([])
  })

  test('success is passed on to whoever knows DSN, and told by us where nobody else does', async () => {
    let asked: unknown = null
    await farSide('c', {
      onRcptTo(address, _session, done) {
        asked = address.dsn
        done()
      },
    })
    await submit('dsn@c6.mssante.test', 'success-there@op', { rcpt: ' NOTIFY=SUCCESS' })
    await delivery('success-there@op', 'delivered')
    expect(asked).toMatchObject({ notify: ['SUCCESS'] })
    await noFarSide()
    await farSide('c', { hideDSN: true })
    await submit('no-dsn@c6.mssante.test', 'success-here@op', { rcpt: ' NOTIFY=SUCCESS' })
    expect(await told('success-here@op')).toMatchObject({ recipients: [{ action: 'relayed' }] })
  })

  test('that cannot be reached: after the delay the sender is told once, and attempts go on', async () => {
    await submit('slow@a2.mssante.test', 'slow@op')
    const report = await told('slow@op')
    expect(report).toMatchObject({ recipients: [{ action: 'delayed' }] })
    await farSide('a')
    await delivery('slow@op', 'delivered')
    expect(toldOf('slow@op')).toHaveLength(1)
  })
})

test('a mail to a patient bears no INS in trace, log or report to others', async () => {
  const { mails } = await farSide('p')
  await submit('279035121518989@patient.exemple.test', 'patient@op')
  await delivery('patient@op', 'delivered')
  expect(mails[0]!.to).toEqual(['279035121518989@patient.exemple.test'])
  expect(/^Received:[\s\S]*?\r\n(?=\S)/.exec(mails[0]!.bytes.toString('latin1'))![0]).not.toContain('279035121518989')
  expect(world.logText()).not.toContain('279035121518989')
  expect(JSON.stringify(await world.gateway.trace('patient@op'))).not.toContain('279035121518989')
})

describe('the doctor', () => {
  /** What it finds, as the API says it. */
  async function doctor(domain: string) {
    const { status, body } = await world.gateway.act('/api/mail/doctor', { domain })
    return { status, ...(JSON.parse(body) as Partial<DoctorReport> & { readonly code: string | null }) }
  }

  test('says what it met where mail would be taken, and sends nothing', async () => {
    const { mails } = await farSide('c')
    const found = await doctor('C1.mssante.test')
    expect(found).toMatchObject({ status: 200, domain: 'c1.mssante.test', code: null })
    expect(found.listed).toEqual([found.hosts![0]!.subject])
    expect(found.hosts).toMatchObject([
      { host: '127.0.0.1', port: farPort, code: null, answer: null, tls: expect.stringMatching(/^TLSv1\.3 TLS_/) },
    ])
    expect(found.hosts![0]!.extensions).toContain('8BITMIME')
    expect(mails).toEqual([])
  })

  test.each([
    ['no STARTTLS', 'c', { disabledCommands: ['AUTH', 'STARTTLS'] }, 'MAIL_NO_STARTTLS'],
    ['another operator’s certificate', 'a', {}, 'MAIL_SERVER_OTHER'],
  ] as const)('%s', async (_what, operator, options, expected) => {
    await farSide(operator, options as unknown as SMTPServerOptions)
    expect(await doctor('c1.mssante.test')).toMatchObject({ status: 200, code: expected, hosts: [{ code: expected }] })
  })

  test.each([
    ['nobody listens', 'c1.mssante.test', 200, 'CONNECT_FAILED'],
    ['a domain that is not in the list', 'ailleurs.mssante.test', 200, 'MAIL_DOMAIN_UNLISTED'],
    ['a domain of ours', 'op.mssante.test', 409, 'MAIL_DOMAIN_HERE'],
    ['no domain', 'a b', 400, 'BAD_REQUEST'],
  ])('%s', async (_what, domain, status, expected) => {
    expect(await doctor(domain)).toMatchObject({ status, code: expected })
  })

  test('tells a person the same', async () => {
    const run = (lang: string) =>
      passerelle(['mail', 'doctor', 'c1.mssante.test', '--url', `http://127.0.0.1:${world.httpPort}`], {
        ...{ PASSERELLE_KEY: OPERATOR_KEY, LANG: lang },
      })
    await farSide('c')
    const good = await run('fr_FR.UTF-8')
    expect(good).toMatchObject({ code: 0, out: expect.stringMatching(/la liste blanche nomme .*CN=/) })
    expect(good.out).toMatch(/127\.0\.0\.1:\d+ +\d+ ms +OK\n +TLSv1\.3 .*\n[\s\S]*Le courrier serait pris\.\n$/)
    await noFarSide()
    await farSide('a')
    const bad = await run('en_GB.UTF-8')
    expect(bad).toMatchObject({
      code: 1,
      out: expect.stringContaining('MAIL_SERVER_OTHER: The other side’s certificate'),
    })
  })
})

test('neither addresses nor what the far side wrote stand in the log', () => {
  const log = world.logText()
  for (const word of ['nobody@', 'inconnu ici', 'Bonjour', 'Un essai']) expect(log).not.toContain(word)
})
