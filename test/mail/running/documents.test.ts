import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DsnAction, writeDsn } from '../../../src/formats/mail/dsn.ts'
import { readHeader } from '../../../src/formats/mail/header.ts'
import { type MdnToWrite, writeMdn } from '../../../src/formats/mail/mdn.ts'
import { type MailPart, MimeScan } from '../../../src/formats/mail/structure.ts'
import { decoded } from '../../../src/formats/mail/transfer.ts'
import { readXdm } from '../../../src/formats/xdm/read.ts'
import { cda, INS, mdm, message, oruCda } from '../../support/documents.ts'
import { publishMailLab } from '../../support/mail/region.ts'
import type { Talk } from '../../support/mail/talk.ts'
import { type MailWorld, mailWorld, untraced } from '../../support/mail/world.ts'
import { changed, levelOne, PDF, withMetadata } from '../../support/sendings.ts'
import { type Client, connect } from '../../support/world/client.ts'
import { freePort } from '../../support/world/ports.ts'
import { openReceiver, type Receiver } from '../../support/world/receiver.ts'
import { finess } from '../../support/world/region.ts'
import { until } from '../../support/world/until.ts'

const OURS = 'documents@op.mssante.test'
const DOCTOR = 'paul.durand@a.mssante.test'
/** Whose mails tell of nothing by themselves: her receipts and reports are written here. */
const SECOND = 'jeanne.petit@a.mssante.test'
const ALL = { DESTMSSANTEPS: 'Y', DESTDMP: 'Y', ACK_RECEPTION: 'Y' }

let lab: string
let far: MailWorld
let world: MailWorld
let gam: Receiver
let dmp: Receiver
let client: Client

beforeAll(async () => {
  lab = join(mkdtempSync(join(tmpdir(), 'mail-lab-')), 'lab')
  await publishMailLab(lab)
  gam = await openReceiver(await freePort(), undefined, { keeps: true })
  dmp = await openReceiver(await freePort(), undefined, { keeps: true })
  const smtpPort = await freePort()
  far = await mailWorld([{ address: DOCTOR }, { address: SECOND }], {
    lab,
    mail: { hosts: [{ domain: 'op.mssante.test', host: '127.0.0.1', port: smtpPort }] },
    operator: 'a',
    host: 'mail.a.mssante.test',
    domains: [{ name: 'a.mssante.test', establishment: 'ch-exemple' }],
  })
  const mllpPort = await freePort()
  const way = (port: number) => ({ type: 'mllp', host: '127.0.0.1', port, use: 'qualification' })
  const establishments = [
    {
      id: 'ch-exemple',
      name: 'CH Exemple (fictif)',
      finess: { ej: finess(1), eg: [finess(2)] },
      kind: 'hospital',
      senders: { facilities: ['SENDER'] },
      answersTo: 'gam',
      destinations: { gam: way(gam.port), dmp: way(dmp.port) },
    },
    {
      id: 'ch-sans-dmp',
      name: 'CH sans connecteur (fictif)',
      finess: { ej: finess(3), eg: [] },
      kind: 'hospital',
      senders: { facilities: ['OTHER'] },
      answersTo: 'gam',
      destinations: { gam: way(gam.port) },
    },
  ]
  world = await mailWorld(
    [
      { address: OURS, kind: 'APP' },
      { address: 'autres@op.mssante.test', kind: 'ORG' },
    ],
    {
      lab,
      smtpPort,
      mllpPort,
      mail: {
        hosts: [
          { domain: 'a.mssante.test', host: '127.0.0.1', port: far.smtpPort },
          { domain: 'patient.exemple.test', host: '127.0.0.1', port: await freePort() },
        ],
        documents: [
          { establishment: 'ch-exemple', mailbox: OURS, dmp: 'ch-exemple/dmp', receive: { to: 'ch-exemple/gam' } },
          { establishment: 'ch-sans-dmp', mailbox: 'autres@op.mssante.test' },
        ],
        softwareId: 'TEST000001',
      },
      top: {
        establishments,
        routes: [{ name: 'documents', when: { kinds: ['MDM^*', 'ORU^R01'] }, to: ['platform'] }],
      },
    },
  )
  client = await connect(mllpPort)
})
afterAll(async () => {
  client?.close()
  await Promise.all([world?.end(), far?.end(), gam?.close(), dmp?.close()])
  if (lab !== undefined) rmSync(join(lab, '..'), { recursive: true, force: true })
})

/** An MDM of the hospital to its doctor; `values`: metadata that differ. */
function document(
  controlId: string,
  values: Readonly<Record<string, string>> = {},
  xml: string | Buffer = cda(),
): string[] {
  const segments = changed(mdm('T02', xml, controlId), 'PRT', 'paul.durand@chu.mssante.test', DOCTOR)
  return withMetadata(segments, { DESTDMP: 'N', DESTMSSANTEPAT: 'N', ...values })
}

/** An ORU of the hospital to its doctor, and the national record. */
function result(controlId: string, xml: string | Buffer): string[] {
  const segments = changed(oruCda(xml, controlId), 'PRT', 'paul.durand@chu.mssante.test', DOCTOR)
  return withMetadata(segments, { ...ALL, DESTMSSANTEPAT: 'N' })
}

async function post(segments: readonly string[]): Promise<string | undefined> {
  const answer = await client.post(Buffer.from(message(segments)))
  return answer?.code
}

/** The acknowledgements about a message, once there are so many. */
async function acknowledgements(controlId: string, count: number): Promise<readonly string[]> {
  const found = () =>
    gam.ledger.map(({ bytes }) => bytes!.toString()).filter((one) => one.includes('|ZAM^') && one.includes(controlId))
  await gam.when(() => found().length >= count, 30_000)
  return found()
}

function partsOf(mail: string): { readonly parts: readonly MailPart[]; bytes(part: MailPart): Buffer } {
  const whole = Buffer.from(mail, 'latin1')
  const scan = new MimeScan()
  scan.push(whole)
  return {
    parts: scan.end().parts,
    bytes: ({ bodyAt, length, encoding }) => decoded(encoding, whole.subarray(bodyAt, bodyAt + length)),
  }
}

/** The mails of the doctor that answer to a message so far: the newest. */
async function mailAbout(count: number): Promise<string> {
  return untraced((await far.arrived(DOCTOR, count, 30_000)).at(-1)!)
}

describe('what cannot be sent', () => {
  test('a step that fails tells its sender and a person, and the national record has the message', async () => {
    const profile = join(world.dir, 'profiles', 'documents')
    mkdirSync(profile, { recursive: true })
    writeFileSync(join(profile, 'mail.yaml'), 'nothing: of use\n')
    expect(await post(document('STAY-0', ALL))).toBe('AA')
    const [no] = await acknowledgements('STAY-0', 1)
    expect(no).toMatch(/\|ZAM\^Z02\^[\s\S]*\|STAY-0\|N[\s\S]*ERR\|[^\r]*\|554\^[^\r]*CONFIG_INVALID/)
    expect(no).toContain(DOCTOR)
    await dmp.when(({ distinct }) => distinct.has('STAY-0'), 30_000)
    const alert = await until('an alert', async () => {
      const { body } = await world.gateway.get('/api/alerts?kind=documents&state=open')
      const { alerts } = JSON.parse(body) as { alerts: { code: string }[] }
      return alerts.find(({ code }) => code === 'DOCUMENTS_FAILED') ?? null
    })
    expect(alert).toMatchObject({ code: 'DOCUMENTS_FAILED', subject: 'ch-exemple', establishment: 'ch-exemple' })
    rmSync(profile, { recursive: true })
  })

  test('a mailbox of documents that is none of an application is an alert, and stands in the log', async () => {
    const { body } = await world.gateway.get('/api/alerts?kind=documents&state=open')
    expect((JSON.parse(body) as { alerts: object[] }).alerts).toContainEqual(
      expect.objectContaining({ code: 'DOCUMENTS_MAILBOX', subject: 'ch-sans-dmp', params: { mailbox: 'ORG' } }),
    )
    expect(world.logText()).toMatch(/documents\.mailbox.*DOCUMENTS_MAILBOX|DOCUMENTS_MAILBOX.*documents\.mailbox/)
  })

  test.each<[name: string, segments: readonly string[], code: string]>([
    ['cut off', document('STAY-1', ALL, cda().slice(0, 900)), 'CDA_UNREADABLE'],
    ['a PDF', document('STAY-2', ALL, PDF), 'CDA_UNREADABLE'],
    [
      'without a name',
      changed(document('STAY-3', ALL, cda({ id: '' })), 'TXA', '1.2.250.1.999.9.1', ''),
      'FIELD_MISSING',
    ],
    ['no base64', changed(document('STAY-4', ALL), 'OBX|1|', '^Base64^', '^Base64^*'), 'FIELD_MALFORMED'],
    ['of a result', result('STAY-5', cda().slice(0, 900)), 'CDA_UNREADABLE'],
  ])(
    'a document that is %s: its sender hears no for its recipient, and the national record has the message',
    async (...[, segments, code]) => {
      const controlId = segments[0]!.split('|')[9]!
      expect(await post(segments)).toBe('AA')
      await dmp.when(({ distinct }) => distinct.has(controlId), 30_000)
      const [no] = await acknowledgements(controlId, 1)
      expect(no).toMatch(
        new RegExp(`\\|ZAM\\^Z02\\^[\\s\\S]*\\|N\\^[\\s\\S]*ERR\\|[^\\r]*\\|554\\^[^\\r]*\\(${code}\\)`),
      )
      expect(no).toContain(DOCTOR)
    },
  )

  test('a document for professionals that names none: its sender hears no', async () => {
    expect(await post(document('STAY-6', ALL).filter((one) => !one.includes('RCT^')))).toBe('AA')
    const [no] = await acknowledgements('STAY-6', 1)
    expect(no).toMatch(/\|ZAM\^Z02\^[\s\S]*\|N\^[\s\S]*\|510\^[^\r]*\(DOCUMENT_RECIPIENT_NONE\)/)
    expect(no).not.toContain('DESTINATAIRE_MSS')
  })

  test('the removal of a document that is masked: its sender hears that the notice stays', async () => {
    const removal = changed(mdm('T04', cda(), 'STAY-9'), 'PRT', 'paul.durand@chu.mssante.test', DOCTOR)
    expect(await post(withMetadata(removal, { DESTDMP: 'N', DESTMSSANTEPAT: 'N', MASQUE_PS: 'Y' }))).toBe('AA')
    const [no] = await acknowledgements('STAY-9', 1)
    expect(no).toMatch(/\|STAY-9\|N\^[^\r]*\rNTE\|1\|\|Avis de suppression\rERR\|[^\r]*DOCUMENT_MASKED/)
  })

  test('each is told once, a result of which nothing is to be sent not at all, and no mail left', async () => {
    const plain = withMetadata(result('STAY-7', PDF), { DESTMSSANTEPS: 'N', DESTDMP: 'N' })
    expect(await post(plain)).toBe('AA')
    expect(await post(document('STAY-8', { MASQUE_PS: 'Y' }, PDF))).toBe('AA')
    await acknowledgements('STAY-8', 1)
    const told = gam.ledger.flatMap(({ bytes }) => /\|(STAY-\d)\|N/.exec(bytes!.toString())?.[1] ?? []).sort()
    expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 8, 9].map((n) => `STAY-${n}`))
    expect(far.mails(DOCTOR)).toEqual([])
  })
})

describe('from HL7 v2 to mail', () => {
  test('a document is in the doctor’s mailbox as an archive with its PDF, and both receipts go back', async () => {
    expect(await post(document('DOC-1', { ACK_RECEPTION: 'Y', ACK_LECTURE_MSS: 'Y' }, levelOne()))).toBe('AA')
    const mail = await mailAbout(1)
    const header = readHeader(Buffer.from(mail, 'latin1'))
    expect(header.text('subject')).toMatch(/^XDM\/1\.0\/DDM\+.*LEROUX/)
    expect(header.first('x-mss-codecda')?.value).toBe('18748-4')
    expect(header.first('x-mss-ins')?.value).toBe('O')
    expect(header.first('x-mss-nil')?.value).toBe('TEST000001')
    const { parts, bytes } = partsOf(mail)
    expect(parts.map(({ fileName }) => fileName).filter((one) => one !== null)).toEqual([
      'IHE_XDM.ZIP',
      expect.stringMatching(/\.pdf$/),
    ])
    const archive = await readXdm(bytes(parts.find(({ fileName }) => fileName === 'IHE_XDM.ZIP')!))
    expect(archive).toMatchObject({
      ok: true,
      findings: [],
      package: { documents: [{ entry: { hash: expect.stringMatching(/^[\da-f]{40}$/) } }] },
    })

    const [delivered] = await acknowledgements('DOC-1', 1)
    expect(delivered).toContain('|ZAM^Z02^ZAM_Z01|')
    expect(delivered).toMatch(/OBX\|1\|CWE\|ACK_RECEPTION_MSS\^[^|]*\|DOC-1\|Y/)
    expect(delivered).toContain(DOCTOR)

    const talk = (await far.gateway.running()) && (await world.meet('a'))
    await give(talk as Talk, '', OURS, receiptOf(header.first('message-id')!.value, 'displayed', 'paul.durand'))
    const both = await acknowledgements('DOC-1', 2)
    expect(both[1]).toMatch(/\|ZAM\^Z03\^ZAM_Z01\|[\s\S]*ACK_LECTURE_MSS\^[^|]*\|DOC-1\|Y/)
  })

  test('what may not go stays, and its sender is told why', async () => {
    expect(await post(document('DOC-2', { MASQUE_PS: 'Y' }))).toBe('AA')
    const [no] = await acknowledgements('DOC-2', 1)
    expect(no).toMatch(/\|ZAM\^Z02\^ZAM_Z01\|[\s\S]*\|DOC-2\|N[\s\S]*ERR\|[^\r]*DOCUMENT_MASKED/)
    expect(far.mails(DOCTOR)).toHaveLength(1)
  })

  test('a mailbox that does not exist: the far side’s refusal comes back as a code of the table', async () => {
    const segments = document('DOC-3').map((one) => one.replace(DOCTOR, 'nobody@a.mssante.test'))
    expect(await post(segments)).toBe('AA')
    const [no] = await acknowledgements('DOC-3', 1)
    expect(no).toMatch(/\|ZAM\^Z02\^ZAM_Z01\|[\s\S]*\|DOC-3\|N[\s\S]*ERR\|[^\r]*\|(550|510)\^/)
  })

  test('a domain that is on no list: its sender hears no at once', async () => {
    expect(await post(document('DOC-7').map((one) => one.replace(DOCTOR, 'x@ailleurs.test')))).toBe('AA')
    const [no] = await acknowledgements('DOC-7', 1)
    expect(no).toMatch(/\|ZAM\^Z02\^ZAM_Z01\|[\s\S]*\|DOC-7\|N[\s\S]*ERR\|[^\r]*\|512\^[^\r]*\(MAIL_DOMAIN_UNLISTED\)/)
    expect(no).toContain('x@ailleurs.test')
  })

  test('more than 200 recipients: each of those beyond is told to its sender', async () => {
    const prt = (n: number) => `PRT||UC||RCT^^participation|||||||||||^^X.400^a${n}@ailleurs.test`
    const all = Array.from({ length: 202 }, (_, n) => prt(n)).join('\r')
    expect(await post(document('DOC-8').map((one) => (one.includes(DOCTOR) ? all : one)))).toBe('AA')
    const said = await acknowledgements('DOC-8', 202)
    const beyond = said.filter((one) => /\|554\^[^\r]*\(CARDINALITY\)/.test(one))
    expect(beyond.map((one) => /a\d+@/.exec(one)![0]).sort()).toEqual(['a200@', 'a201@'])
  })

  test('the national record: as it came, to the connector; without one the sender hears no', async () => {
    const bytes = Buffer.from(message(document('DOC-4', { DESTDMP: 'Y', DESTMSSANTEPS: 'N' })))
    expect((await client.post(bytes))?.code).toBe('AA')
    await dmp.when(({ distinct }) => distinct.has('DOC-4'), 30_000)
    expect(dmp.ledger.find(({ controlId }) => controlId === 'DOC-4')!.bytes!.equals(bytes)).toBe(true)
    const other = document('DOC-5', { DESTDMP: 'Y', DESTMSSANTEPS: 'N' }).map((one) =>
      one.replace('|SENDER|', '|OTHER|'),
    )
    expect(await post(other)).toBe('AA')
    const said = await acknowledgements('DOC-5', 2)
    expect(said.find((one) => one.includes('^Z01^'))).toMatch(
      /\|DOC-5\|N[\s\S]*\|999\^[^\r]*\(DOCUMENT_NO_DMP\)\^DMPERRORCODE/,
    )
  })

  test('a replacement answers the mail that it replaces', async () => {
    const first = readHeader(Buffer.from(await mailAbout(1), 'latin1')).first('message-id')!.value
    const segments = changed(
      withMetadata(
        mdm(
          'T10',
          cda({ id: '<id root="1.2.250.1.999.9.2"/>' }).replace('1.2.250.1.999.9.0', '1.2.250.1.999.9.1'),
          'DOC-6',
        ),
        { DESTDMP: 'N', DESTMSSANTEPAT: 'N' },
      ),
      'PRT',
      'paul.durand@chu.mssante.test',
      DOCTOR,
    ).map((one) => one.replace('1.2.250.1.999.9.1|1.2.250.1.999.9.0', '1.2.250.1.999.9.2|1.2.250.1.999.9.1'))
    expect(await post(segments)).toBe('AA')
    const header = readHeader(Buffer.from(await mailAbout(2), 'latin1'))
    expect(header.text('subject')).toMatch(/^\[Annule et remplace\] XDM\/1\.0\/DDM\+/)
    expect(header.first('in-reply-to')?.value).toBe(first)
  })
})

/** A receipt of the second doctor, or another. */
function receiptOf(messageId: string, disposition: MdnToWrite['disposition'], local = 'jeanne.petit'): string {
  return writeMdn({
    from: { local, domain: 'a.mssante.test' },
    to: { local: 'documents', domain: 'op.mssante.test' },
    messageId: `<mdn-${local}-${disposition}@a.mssante.test>`,
    atMs: Date.now(),
    timeZone: 'Europe/Paris',
    product: 'Logiciel (fictif)',
    automatic: false,
    disposition,
    error: null,
    original: {
      messageId,
      subject: '',
      recipient: null,
      finalRecipient: { local, domain: 'a.mssante.test' },
      header: null,
    },
  }).toString('latin1')
}

/** A report of the second doctor's operator, or of one behind it; `domain`: under whose name. */
function reportOf(messageId: string, action: DsnAction, domain = 'a2.mssante.test'): string {
  const failed = action === 'failed'
  return writeDsn({
    domain,
    reportingMta: 'mail.a.mssante.test',
    to: { local: 'documents', domain: 'op.mssante.test' },
    envid: null,
    arrivedAtMs: Date.now(),
    atMs: Date.now(),
    timeZone: 'Europe/Paris',
    messageId: `<dsn-${action}-${Date.now()}@a.mssante.test>`,
    recipients: [
      {
        address: { local: 'jeanne.petit', domain: 'a.mssante.test' },
        original: null,
        action,
        status: failed ? '5.1.1' : '2.0.0',
        remoteMta: null,
        diagnostic: failed ? `55${domain === 'c.mssante.test' ? 2 : 0} 5.1.1 no` : null,
        lastAttemptMs: null,
        willRetryUntilMs: null,
      },
    ],
    original: { header: Buffer.from(`Message-ID: ${messageId}\r\n\r\n`), whole: null },
  }).toString('latin1')
}

describe('what reports and receipts say', () => {
  const answersOf = (said: readonly string[]): string[] =>
    said.map((one) => `${/\|ZAM\^(Z0\d)/.exec(one)![1]} ${/ANS-\d\|([YN])/.exec(one)![1]}`)
  let messageId: string

  test('a good word is told once; a failure that its operator tells corrects it, once, and is the last', async () => {
    const values = { ACK_RECEPTION: 'Y', ACK_LECTURE_MSS: 'Y' }
    expect(await post(document('ANS-1', values).map((one) => one.replace(DOCTOR, SECOND)))).toBe('AA')
    const [mail] = await far.arrived(SECOND, 1, 30_000)
    messageId = readHeader(Buffer.from(untraced(mail!), 'latin1')).first('message-id')!.value
    expect(answersOf(await acknowledgements('ANS-1', 1))).toEqual(['Z02 Y'])
    await give(await world.meet('c'), '', OURS, reportOf(messageId, 'failed', 'c.mssante.test'))
    for (const action of ['relayed', 'failed', 'failed', 'delivered'] as const) {
      await give(await world.meet('a'), '', OURS, reportOf(messageId, action))
    }
    const said = await acknowledgements('ANS-1', 2)
    expect(answersOf(said)).toEqual(['Z02 Y', 'Z02 N'])
    expect(said[1]).toMatch(/\|550\^[^\r]*\^SMTPERRORCODE/)
    expect(new Set(said.map((one) => one.split('|')[9])).size).toBe(2)
  })

  test('a mail that was deleted unread, or passed on, is not told as read, and may still be', async () => {
    for (const disposition of ['deleted', 'dispatched', 'displayed', 'displayed'] as const) {
      await give(await world.meet('a'), '', OURS, receiptOf(messageId, disposition))
    }
    expect(answersOf(await acknowledgements('ANS-1', 3))).toEqual(['Z02 Y', 'Z02 N', 'Z03 Y'])
  })
})

/** Gives a mail to our operator door. */
async function give(talk: Talk, from: string, to: string, text: string): Promise<void> {
  await talk.all([`MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA'])
  talk.write(text.replace(/^\./gm, '..'))
  talk.write('.\r\n')
  expect(await talk.reply()).toMatch(/^250 2\.6\.0/)
  talk.destroy()
}

describe('from mail to HL7 v2', () => {
  test('an archive in the application’s mailbox becomes an MDM on its way', async () => {
    const mail = (await mailAbout(2)).replace(/^To: .*$/m, `To: <${OURS}>`).replace(/^From: .*$/m, `From: <${DOCTOR}>`)
    await give(
      await world.meet('a'),
      DOCTOR,
      OURS,
      mail.replace(/^Message-ID: .*$/m, 'Message-ID: <in-1@a.mssante.test>'),
    )
    const isDocument = (bytes: Buffer) => bytes.includes('|MDM^T') && bytes.includes('MDM_T02')
    await gam.when(({ ledger }) => ledger.some(({ bytes }) => isDocument(bytes!)), 30_000)
    const made = gam.ledger.find(({ bytes }) => isDocument(bytes!))!.bytes!.toString()
    expect(made).toContain('|ED|18748-4')
    expect(made).toContain(INS)
  })

  test('an archive that cannot be read is answered by a mail that says so, with the original inside', async () => {
    const text = [
      `From: <${DOCTOR}>`,
      `To: <${OURS}>`,
      'Subject: XDM/1.0/DDM+Essai',
      'Message-ID: <in-2@a.mssante.test>',
      'Date: Fri, 20 Nov 2026 10:00:00 +0100',
      'MIME-Version: 1.0',
      'Content-Type: application/zip; name="IHE_XDM.zip"',
      'Content-Transfer-Encoding: base64',
      'Content-Disposition: attachment; filename="IHE_XDM.zip"',
      '',
      Buffer.from('this is no archive').toString('base64'),
      '',
    ].join('\r\n')
    await give(await world.meet('a'), DOCTOR, OURS, text)
    const mail = await mailAbout(3)
    expect(readHeader(Buffer.from(mail, 'latin1')).text('subject')).toMatch(/^\[KO Intégration système !\]\[XDM_/)
    const { parts, bytes } = partsOf(mail)
    const inside = parts.find(({ type }) => type === 'message/rfc822')!
    expect(bytes(inside).toString('latin1')).toContain('Message-ID: <in-2@a.mssante.test>')
  })
})

test('no identity stands in the log', () => {
  const log = world.logText()
  for (const word of [INS, 'LEROUX', 'SUZANNE', DOCTOR]) expect(log).not.toContain(word)
})
