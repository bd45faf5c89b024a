import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { written } from '../../../src/formats/mail/address.ts'
import { readAddressList } from '../../../src/formats/mail/address-list.ts'
import { type MailDraft, writeMail } from '../../../src/formats/mail/compose.ts'
import { mailDate, readMailDate } from '../../../src/formats/mail/date.ts'
import { fromAddresses, messageIdOf, readHeader, referencesOf } from '../../../src/formats/mail/header.ts'
import { LineGuard } from '../../../src/formats/mail/line-guard.ts'
import { MimeScan, textPartsOf } from '../../../src/formats/mail/structure.ts'
import { decoded } from '../../../src/formats/mail/transfer.ts'
import { missing } from '../../support/world/needs.ts'

const jeanne = { name: 'Jeanne Martin (FICTIF)', address: { local: 'jeanne.martin', domain: 'a.mssante.test' } }
const service = { name: 'Cardiologie, Hôpital', address: { local: 'cardio', domain: 'b.mssante.test' } }
const patient = { name: '', address: { local: '279035121518989', domain: 'patient.mssante.test' } }
const draft: MailDraft = {
  from: jeanne,
  to: [service, patient],
  subject: 'XDM/1.0/DDM+Compte rendu MARTIN (FICTIF) Zoé 10/02/1961',
  text: 'Bonjour,\n\nÀ bientôt. \n.\nJeanne',
  date: { atMs: Date.UTC(2026, 10, 27, 3, 0, 0), timeZone: 'Europe/Paris' },
  messageId: '<1@a.mssante.test>',
  inReplyTo: '<0@b.mssante.test>',
  references: ['<00@b.mssante.test>', '<0@b.mssante.test>'],
  headers: [
    ['X-MSS-NIL', 'DEV1'],
    ['Disposition-Notification-To', '<jeanne.martin@a.mssante.test>'],
  ],
}
const zip = { name: 'IHE_XDM.ZIP', type: 'application/zip', bytes: Buffer.from('PK\x03\x04'.repeat(40)) }

/** What a reader finds. */
function read(bytes: Buffer): { subject: string; text: string; files: [string | null, string, Buffer][] } {
  const guard = new LineGuard()
  guard.push(bytes)
  expect(guard.end()).toBe('ok')
  const header = readHeader(bytes)
  expect(header.fault).toBe(null)
  const scan = new MimeScan()
  scan.push(bytes)
  const { parts, fault } = scan.end()
  expect(fault).toBe(null)
  const of = ({ encoding, bodyAt, length }: { encoding: string; bodyAt: number; length: number }): Buffer =>
    decoded(encoding, bytes.subarray(bodyAt, bodyAt + length))
  const text = of(textPartsOf(parts)[0]!).toString()
  const files = parts.filter(({ disposition }) => disposition === 'attachment')
  return { subject: header.text('subject'), text, files: files.map((part) => [part.fileName, part.type, of(part)]) }
}

describe('a message', () => {
  test('as it is written', () => {
    expect(writeMail(draft).toString().split('\r\n')).toEqual([
      'From: "Jeanne Martin (FICTIF)" <jeanne.martin@a.mssante.test>',
      'To: =?utf-8?Q?Cardiologie=2C_H=C3=B4pital?= <cardio@b.mssante.test>,',
      ' 279035121518989@patient.mssante.test',
      'Subject: XDM/1.0/DDM+Compte rendu MARTIN (FICTIF) =?utf-8?Q?Zo=C3=A9?=',
      ' 10/02/1961',
      'Date: Fri, 27 Nov 2026 04:00:00 +0100',
      'Message-ID: <1@a.mssante.test>',
      'In-Reply-To: <0@b.mssante.test>',
      'References: <00@b.mssante.test> <0@b.mssante.test>',
      'X-MSS-NIL: DEV1',
      'Disposition-Notification-To: <jeanne.martin@a.mssante.test>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Bonjour,',
      '',
      '=C3=80 bient=C3=B4t.=20',
      '.',
      'Jeanne',
      '',
    ])
  })

  test('with files: each comes out as it went in', () => {
    const inside = writeMail({ ...draft, subject: 'Inside', attachments: [zip] })
    const names = ['2026-11-27_Compte rendu opératoire_MARTIN (FICTIF)_Zoé_1234567890123456789012345.pdf', 'a"b\\c.pdf']
    const pdfs = names.map((name) => ({ name, type: 'application/pdf', bytes: Buffer.from(name) }))
    const bytes = writeMail({
      ...draft,
      attachments: [zip, ...pdfs, { name: 'm.eml', type: 'message/rfc822', bytes: inside }],
    })
    const found = read(bytes)
    expect(found.subject).toBe(draft.subject)
    expect(found.text).toBe(draft.text.replaceAll('\n', '\r\n'))
    const [first, second, third, message, nested] = found.files
    expect(first).toEqual(['IHE_XDM.ZIP', 'application/zip', zip.bytes])
    expect(second).toEqual([names[0], 'application/pdf', pdfs[0]!.bytes])
    // A backslash is a folder to some systems.
    expect(third).toEqual(['c.pdf', 'application/pdf', pdfs[1]!.bytes])
    expect(message).toEqual(['m.eml', 'message/rfc822', inside])
    expect(nested![2]).toEqual(zip.bytes)
    const header = readHeader(bytes)
    expect([messageIdOf(header), referencesOf(header)]).toEqual([draft.messageId, draft.references])
    const from = fromAddresses(header)
    expect(from.ok && from.mailboxes).toEqual([jeanne])
    expect(readAddressList(header.first('to')!.value).mailboxes).toEqual([service, patient])
  })

  test('the same draft gives the same octets, and no boundary that stands in it', () => {
    const once = writeMail({ ...draft, attachments: [zip] })
    expect(writeMail({ ...draft, attachments: [zip] }).equals(once)).toBe(true)
    const inside = { name: 'x', type: 'message/rfc822', bytes: once }
    const twice = writeMail({ ...draft, attachments: [zip, inside] })
    expect(read(twice).files).toHaveLength(3)
  })

  test.each<[what: string, change: Partial<MailDraft>]>([
    ['a line break in the subject', { subject: 'a\r\nBcc: x@y.test' }],
    ['a line feed in the subject', { subject: 'a\nb' }],
    ['a NUL in the subject', { subject: 'a\0b' }],
    ['a line separator in the subject', { subject: 'a\u2028b' }],
    ['a line break in a name', { to: [{ name: 'a\r\nBcc: x', address: service.address }] }],
    ['a line break in an address', { to: [{ name: '', address: { local: 'a\r\nb', domain: 'c.test' } }] }],
    ['a line break in a value', { headers: [['X-A', 'b\r\nc']] }],
    ['a line break in the name of a field', { headers: [['X-A\r\nX-B', 'c']] }],
    ['a colon in the name of a field', { headers: [['X-A: b\r\nX', 'c']] }],
    ['a second From', { headers: [['from', 'x@y.test']] }],
    ['a Bcc', { headers: [['Bcc', 'x@y.test']] }],
    ['a second type', { headers: [['Content-Type', 'text/html']] }],
    ['an id that is none', { messageId: 'a@b' }],
    ['a reference that is none', { references: ['<a@b> <c\r\n@d>'] }],
    ['a line break in a file name', { attachments: [{ ...zip, name: 'a\r\n.zip' }] }],
    ['a type that is none', { attachments: [{ ...zip, type: 'text/html\r\nX: y' }] }],
  ])('refused: %s', (_what, change) => {
    expect(() => writeMail({ ...draft, ...change })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  test('whatever is written is read again', () => {
    const words = fc.array(
      fc.constantFrom(
        'a',
        'é',
        '=?',
        '?=',
        '=?utf-8?Q?x?=',
        '"',
        '\\',
        '<',
        ',',
        '(',
        '😀',
        'mot'.repeat(30),
        '  ',
        ' ',
        '.',
        '@',
        ';',
      ),
      { maxLength: 14 },
    )
    const texts = words.map((all) => all.join(''))
    fc.assert(
      fc.property(texts, texts, texts, fc.uint8Array({ maxLength: 200 }), (subject, name, fileName, octets) => {
        const bytes = writeMail({
          ...draft,
          subject,
          to: [{ name, address: service.address }, patient],
          text: `--${subject}\r\n.\rx\n`,
          attachments: [{ name: fileName, type: 'application/octet-stream', bytes: Buffer.from(octets) }],
        })
        expect(bytes.toString('latin1')).toMatch(/^[\t\r\n\x20-\x7e]*$/)
        const found = read(bytes)
        const single = (text: string): string => text.replace(/\s+/g, ' ').trim()
        expect(found.subject).toBe(single(subject))
        expect(found.text).toBe(`--${subject}\r\n.\r\nx\r\n`)
        expect(found.files[0]![2]).toEqual(Buffer.from(octets))
        const to = readAddressList(readHeader(bytes).first('to')!.value)
        expect(to.whole).toBe(true)
        expect(to.mailboxes.map((one) => written(one.address))).toEqual(
          [service, patient].map((one) => written(one.address)),
        )
        // An encoded word between quotes is text to the standard, and a word to readers: no name that has one is compared.
        if (!/=\?/.test(name)) expect(to.mailboxes[0]!.name).toBe(single(name))
      }),
      { numRuns: 400 },
    )
  })
})

const PYTHON = `
import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps({
    'subject': message['Subject'],
    'to': [[a.display_name, a.addr_spec] for a in message['To'].addresses],
    'date': message['Date'].datetime.isoformat(),
    'text': message.get_body(('plain',)).get_content(),
    'files': [[a.get_filename(), a.get_content_type()] for a in message.iter_attachments()],
}))
`
const noPython = missing('python3', ['-c', 'import email.policy'])

test.skipIf(noPython !== null)(`python reads what we write${noPython === null ? '' : `: ${noPython}`}`, () => {
  const name = '2026-11-27_Compte rendu opératoire_MARTIN (FICTIF)_Zoé_1234567890123456789012345.pdf'
  const bytes = writeMail({ ...draft, attachments: [zip, { ...zip, name, type: 'application/pdf' }] })
  expect(JSON.parse(execFileSync('python3', ['-c', PYTHON], { input: bytes }).toString())).toEqual({
    subject: draft.subject,
    to: [service, patient].map((one) => [one.name, written(one.address)]),
    date: '2026-11-27T04:00:00+01:00',
    text: draft.text.replaceAll('\n', '\r\n'),
    files: [
      ['IHE_XDM.ZIP', 'application/zip'],
      [name, 'application/pdf'],
    ],
  })
})

test.each<[atMs: number, timeZone: string, text: string]>([
  [0, 'UTC', 'Thu, 1 Jan 1970 00:00:00 +0000'],
  [Date.UTC(2026, 6, 14, 22, 30, 5), 'Europe/Paris', 'Wed, 15 Jul 2026 00:30:05 +0200'],
  [Date.UTC(2026, 0, 1, 1), 'America/Cayenne', 'Wed, 31 Dec 2025 22:00:00 -0300'],
])('the date of %d in %s', (atMs, timeZone, text) => {
  expect([mailDate(atMs, timeZone), readMailDate(text)]).toEqual([text, atMs])
})

test('dates that are none', () => {
  expect(['', 'yesterday', '1 Foo 2026 00:00:00 +0000', '1 Jan 26 00:00 +0000'].map(readMailDate)).toEqual([
    null,
    null,
    null,
    null,
  ])
})
