import { randomBytes, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNodeName, writeDistinguishedName } from '../../../src/formats/x509/distinguished-name.ts'
import { launchProvider, type RunningProvider } from '../../sign-in/provider.ts'
import { missingPython, missingSwaks, type PythonMail, pythonSends, swaks } from '../../support/mail/programs.ts'
import { publishMailLab } from '../../support/mail/region.ts'
import { letter } from '../../support/mail/talk.ts'
import { altered, BACK, tokenOf, unsigned } from '../../support/mail/tokens.ts'
import { type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'

const OWN = 'camille@op.mssante.test'
const SERVICE = 'service@op.mssante.test'
const OTHER = 'dominique@op.mssante.test'
const APP = 'app@op.mssante.test'
const IN = 'recu@op.mssante.test'
const PIECE = 'piece@op.mssante.test'
const AUDIENCE = 'urn:passerelle:mail'
const CAMILLE = '899700000017'

let lab: string
let world: MailWorld
let provider: RunningProvider

beforeAll(async () => {
  lab = join(mkdtempSync(join(tmpdir(), 'mail-lab-')), 'lab')
  await publishMailLab(lab)
  provider = await launchProvider([BACK])
  const { subject } = new X509Certificate(readFileSync(join(lab, 'operator-c.pem')))
  world = await mailWorld(
    [
      { address: OWN, kind: 'PER', owner: CAMILLE },
      { address: SERVICE, delegates: [CAMILLE] },
      { address: OTHER, kind: 'PER', owner: '899700000025' },
      { address: APP, kind: 'APP', certificate: writeDistinguishedName(parseNodeName(subject)) },
      { address: IN },
      { address: PIECE },
    ],
    {
      lab,
      mail: {
        tokens: [
          { issuer: provider.issuer, audience: AUDIENCE },
          { issuer: provider.issuer, userinfo: true },
        ],
      },
    },
  )
})
afterAll(async () => {
  await world?.end()
  await provider?.stop()
  if (lab !== undefined) rmSync(join(lab, '..'), { recursive: true, force: true })
})

type Sending = Pick<PythonMail, 'from' | 'mechanism' | 'response'> & Partial<PythonMail>

/** Sends by Python; the two codes of each by its name. */
async function codes(sendings: Readonly<Record<string, Sending>>) {
  const mails = Object.values(sendings).map((one) => ({
    port: world.submissionPort,
    ca: join(lab, 'ca.pem'),
    initial: true,
    to: IN,
    text: letter(one.from, IN, { id: `${randomBytes(6).toString('hex')}@op` }),
    ...one,
  }))
  const said = await pythonSends(mails)
  return Object.fromEntries(Object.keys(sendings).map((name, i) => [name, [said[i]!.auth, said[i]!.sent]]))
}

/** Sends with an access token in the mailbox of Camille. */
const bearer = (token: string, from = OWN): Sending => ({
  from,
  mechanism: 'XOAUTH2',
  response: `user=${OWN}\x01auth=Bearer ${token}\x01\x01`,
})

const noPython = missingPython()
describe.skipIf(noPython !== null)(`Python’s smtplib${noPython === null ? '' : `: ${noPython}`}`, () => {
  test('sends for a person by an access token, as a mailbox that is theirs or delegated to them', async () => {
    const token = await tokenOf(provider.issuer, 'camille', AUDIENCE)
    const opaque = await tokenOf(provider.issuer, 'camille', null)
    const oauthbearer = `n,a=${OWN},\x01host=127.0.0.1\x01port=587\x01auth=Bearer ${token}\x01\x01`
    const found = await codes({
      'the token with the command': bearer(token),
      'the token when it is asked for': { ...bearer(token), initial: false },
      'a token that only the provider can read': bearer(opaque),
      OAUTHBEARER: { from: OWN, mechanism: 'OAUTHBEARER', response: oauthbearer },
      'as a mailbox that is delegated': bearer(token, SERVICE),
      'as somebody else': bearer(token, OTHER),
      'as an application': bearer(token, APP),
      'as a mailbox that does not exist': bearer(token, 'nobody@op.mssante.test'),
    })
    expect(found).toEqual({
      'the token with the command': [235, 250],
      'the token when it is asked for': [235, 250],
      'a token that only the provider can read': [235, 250],
      OAUTHBEARER: [235, 250],
      'as a mailbox that is delegated': [235, 250],
      'as somebody else': [235, 553],
      'as an application': [235, 553],
      'as a mailbox that does not exist': [235, 553],
    })
    expect(world.logText()).not.toContain(token.slice(-40))
    expect(world.logText()).not.toContain('Bearer')
  })

  test('is told 535 for any other token, with and without an initial response', async () => {
    const other = await tokenOf(provider.issuer, 'dominique', AUDIENCE)
    const good = await tokenOf(provider.issuer, 'camille', AUDIENCE)
    const tokens: Readonly<Record<string, string>> = {
      'that is over': await tokenOf(provider.issuer, 'camille', 'urn:late'),
      'of somebody else': other,
      'of somebody without a mailbox': await tokenOf(provider.issuer, 'sacha', AUDIENCE),
      'that is meant for others': await tokenOf(provider.issuer, 'camille', 'urn:another'),
      'without a signature': unsigned(good),
      'whose person was changed': altered(other, { SubjectNameID: CAMILLE }),
      'that is none': 'Zm9v',
    }
    for (const initial of [true, false]) {
      const asked = Object.fromEntries(Object.entries(tokens).map(([n, token]) => [n, { ...bearer(token), initial }]))
      const expected = Object.fromEntries(Object.keys(tokens).map((name) => [name, [535, null]]))
      expect(await codes(asked)).toEqual(expected)
    }
  })

  test('sends for an application by its certificate, and as that application alone', async () => {
    const shown = (name: string, from: string): Sending => ({
      from,
      mechanism: 'EXTERNAL',
      response: '',
      cert: join(lab, `operator-${name}.pem`),
      key: join(lab, `operator-${name}.key`),
    })
    const found = await codes({
      'as itself': shown('c', APP),
      'as itself, asked for its name': { ...shown('c', APP), initial: false },
      'as a person': shown('c', OWN),
      'by another certificate': shown('a', APP),
    })
    expect(found).toEqual({
      'as itself': [235, 250],
      'as itself, asked for its name': [235, 250],
      'as a person': [235, 553],
      'by another certificate': [535, null],
    })
  })
})

const noSwaks = missingSwaks()
describe.skipIf(noSwaks !== null)(`swaks${noSwaks === null ? '' : `: ${noSwaks}`}`, () => {
  const server = (): string[] => ['--server', `127.0.0.1:${world.smtpPort}`, '--ehlo', 'a.exemple.test', '--tls']
  const certificate = (name: string): string[] => [
    ...['--tls-cert', join(lab, `operator-${name}.pem`), '--tls-key', join(lab, `operator-${name}.key`)],
    ...['--tls-ca-path', join(lab, 'ca.pem'), '--tls-verify'],
  ]

  test('brings a mail with an attachment as another mail operator', async () => {
    const file = join(world.dir, 'piece.pdf')
    const bytes = randomBytes(400_000)
    writeFileSync(file, bytes)
    const { code, out } = await swaks([
      ...server(),
      ...certificate('a'),
      ...['--from', 'jean@a.mssante.test', '--to', PIECE],
      ...['--attach-type', 'application/pdf', '--attach', `@${file}`],
    ])
    expect(out.slice(-1_000)).toContain('250 2.6.0')
    expect(code).toBe(0)
    const [mail] = await world.arrived(PIECE, 1)
    const text = untraced(mail!)
    const encoded = /application\/pdf[\s\S]*?\r\n\r\n([A-Za-z\d+/=\r\n]+)/.exec(text)![1]!
    expect(Buffer.from(encoded, 'base64').equals(bytes)).toBe(true)
  })

  test('is refused without a certificate, and as a sender of another domain', async () => {
    const envelope = ['--from', 'u@c.mssante.test', '--to', IN]
    const refused = 23
    const none = await swaks([...server(), ...envelope])
    expect({ code: none.code, said: /<\S* (550 5\.7\.1)/.exec(none.out)?.[1] }).toEqual({
      code: refused,
      said: '550 5.7.1',
    })
    const other = await swaks([...server(), ...certificate('a'), ...envelope])
    expect({ code: other.code, said: /<\S* (550 5\.7\.1)/.exec(other.out)?.[1] }).toEqual({
      code: refused,
      said: '550 5.7.1',
    })
  })
})
