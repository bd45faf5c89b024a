import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageDetail } from '../../../src/core/views.ts'
import { readDsn } from '../../../src/formats/mail/dsn.ts'
import { launchProvider, type RunningProvider } from '../../sign-in/provider.ts'
import { delicate } from '../../support/mail/contents.ts'
import { DOVECOT_SECRET, type Dovecot, missingDovecot, startDovecot } from '../../support/mail/dovecot.ts'
import { give } from '../../support/mail/load.ts'
import { publishMailLab } from '../../support/mail/region.ts'
import { dialMail, letter } from '../../support/mail/talk.ts'
import { BACK, tokenOf } from '../../support/mail/tokens.ts'
import { BOX, type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { freePort } from '../../support/world/ports.ts'
import { until } from '../../support/world/until.ts'

const need = missingDovecot()
const [THERE, FULL, BUSY, UNKNOWN] = ['la', 'plein', 'occupe', 'inconnu'].map((local) => `${local}@autre.mssante.test`)
const PERSON = 'camille@exemple.test'
const passwordSha256 = createHash('sha256').update(DOVECOT_SECRET).digest('hex')

let lab: string
let world: MailWorld
let dovecot: Dovecot
let provider: RunningProvider

/** The mails of a mailbox, read by IMAP without changing anything there. */
async function read(
  user: string,
  auth: Readonly<Record<string, string>> = { pass: DOVECOT_SECRET },
): Promise<string[]> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: dovecot.imapPort,
    secure: false,
    auth: { user, ...auth },
    logger: false,
  })
  await client.connect()
  try {
    await client.mailboxOpen('INBOX', { readOnly: true })
    const mails: string[] = []
    for await (const { source } of client.fetch('1:*', { source: true })) mails.push(source!.toString('latin1'))
    return mails
  } finally {
    await client.logout()
  }
}

describe.skipIf(need !== null)(`Dovecot${need === null ? '' : `: ${need}`}`, () => {
  beforeAll(async () => {
    lab = join(mkdtempSync(join(tmpdir(), 'mail-lab-')), 'lab')
    await publishMailLab(lab)
    provider = await launchProvider([BACK])
    const lmtpPort = await freePort()
    world = await mailWorld(
      [BOX, THERE!, FULL!, BUSY!, UNKNOWN!].map((address) => ({ address })),
      {
        lab,
        domains: [
          { name: 'op.mssante.test', establishment: 'ch-exemple' },
          {
            name: 'autre.mssante.test',
            establishment: 'ch-exemple',
            server: { protocol: 'lmtp', host: '127.0.0.1', port: lmtpPort },
          },
        ],
        mail: {
          passwords: [{ name: BOX, passwordSha256, addresses: [BOX] }],
          retry: { steps: ['1 s'], delayed: '1 h', expires: '48 h' },
        },
      },
    )
    // Whoever runs Dovecot beside the gateway lets it into the folder of the mailboxes, and gives each its user.
    chmodSync(world.dir, 0o755)
    chmodSync(join(world.dir, 'store'), 0o755)
    const ours = `userdb_mail=maildir:${world.dir}/store/mailboxes/%d/%n:INDEX=MEMORY:CONTROL=$DIR/mail/.control/%u`
    dovecot = await startDovecot({
      lmtpPort,
      users: [
        { name: THERE! },
        { name: FULL!, more: ['userdb_quota_rule=*:storage=20k'] },
        { name: BUSY!, more: ['userdb_quota_rule=*:storage=20k', 'userdb_quota_full_tempfail=yes'] },
        { name: BOX, more: [ours] },
        { name: PERSON },
      ],
      files: {
        'oauth2.conf.ext': `introspection_mode = auth\nintrospection_url = ${provider.issuer}/me\nusername_attribute = email\n`,
      },
      more: `
auth_mechanisms = plain xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $DIR/oauth2.conf.ext
}
`,
    })
  })
  afterAll(async () => {
    await dovecot?.end()
    await world?.end()
    await provider?.stop()
    if (lab !== undefined) rmSync(join(lab, '..'), { recursive: true, force: true })
  })

  /** Submits a mail of BOX. */
  async function submit(to: string, text: string, rcpt = ''): Promise<void> {
    const talk = await dialMail(world.submissionPort)
    await talk.reply()
    await talk.all(['EHLO poste.exemple.test', 'STARTTLS'])
    await talk.secure({ ca: readFileSync(join(lab, 'ca.pem')) })
    const plain = Buffer.from(`\0${BOX}\0${DOVECOT_SECRET}`).toString('base64')
    await talk.all(['EHLO poste.exemple.test', `AUTH PLAIN ${plain}`])
    const said = await give(talk, { from: BOX, to, text, rcpt })
    expect(said?.slice(0, 9)).toBe('250 2.6.0')
    talk.destroy()
  }

  /** The message once its only delivery is in this state. */
  function delivery(id: string, state: string): Promise<MessageDetail> {
    return until(`${id} is ${state}`, async () => {
      const found = await world.gateway.trace(id)
      return found.deliveries[0]!.state === state && found
    })
  }

  /** What BOX was told of a mail. */
  const told = (id: string) =>
    until(`a report of ${id}`, async () => {
      const mail = world.mails(BOX).find((one) => one.includes(`Message-ID: <${id}>`))
      return mail === undefined ? null : readDsn(Buffer.from(mail, 'latin1'))
    })

  test('is given the mail of an establishment by LMTP, byte for byte, and success is told', async () => {
    const text = delicate(BOX, THERE!)['a mail within a mail']!
    await submit(THERE!, text, ' NOTIFY=SUCCESS')
    await delivery('nested@peers.test', 'delivered')
    const [mail] = await read(THERE!)
    expect(mail!.slice(mail!.indexOf('Received: from poste.exemple.test'))).toSatisfy(
      (own: string) => untraced(own) === text,
    )
    expect(await told('nested@peers.test')).toMatchObject({ recipients: [{ action: 'delivered' }] })
  })

  test('that is over its quota, or does not know the mailbox, is told to the sender at once', async () => {
    const body = `${'x'.repeat(900)}\r\n`.repeat(40)
    await submit(FULL!, letter(BOX, FULL!, { id: 'full@op', body }))
    await submit(UNKNOWN!, letter(BOX, UNKNOWN!, { id: 'unknown@op' }))
    await delivery('full@op', 'closed')
    await delivery('unknown@op', 'closed')
    expect(await told('full@op')).toMatchObject({ recipients: [{ action: 'failed', status: '5.2.2' }] })
    expect(await told('unknown@op')).toMatchObject({ recipients: [{ action: 'failed', status: '5.1.1' }] })
    expect(await read(FULL!)).toEqual([])
  })

  test('that is over its quota for now is asked again', async () => {
    const body = `${'x'.repeat(900)}\r\n`.repeat(40)
    await submit(BUSY!, letter(BOX, BUSY!, { id: 'busy@op', body }))
    const { deliveries } = await until('two attempts', async () => {
      const found = await world.gateway.trace('busy@op')
      return found.deliveries[0]!.attempts >= 2 && found
    })
    expect(deliveries[0]).toMatchObject({ lastError: 'MAIL_DEFERRED', history: expect.any(Array) })
    expect(deliveries[0]!.history[0]!.answer).toBe('452 4.2.2')
  })

  test('serves our own mailboxes by IMAP, byte for byte, and what is read stays for the console', async () => {
    const contents = delicate('jean@a.mssante.test', BOX)
    const talk = await world.meet('a')
    for (const text of Object.values(contents)) {
      expect((await give(talk, { from: 'jean@a.mssante.test', to: BOX, text }))?.slice(0, 9)).toBe('250 2.6.0')
    }
    talk.destroy()
    const kept = await until('all mails', async () => {
      const mails = world.mails(BOX)
      return Object.values(contents).every((text) => mails.some((mail) => mail.endsWith(text))) && mails
    })
    execFileSync('chown', ['-R', `${dovecot.uid}:${dovecot.gid}`, join(world.dir, 'store/mailboxes')])

    expect((await read(BOX)).sort()).toEqual([...kept].sort())
  })

  test('lets a person in by an access token of the provider, and by no other', async () => {
    const token = await tokenOf(provider.issuer, 'camille', null)
    expect(await read(PERSON, { accessToken: token })).toEqual([])
    await expect(read(PERSON, { accessToken: `${token}x` })).rejects.toThrow()
    await expect(read(THERE!, { accessToken: token })).rejects.toThrow()
  })
})
