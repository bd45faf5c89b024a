import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHeader } from '../../../src/formats/mail/header.ts'
import { LineGuard } from '../../../src/formats/mail/line-guard.ts'
import {
  isKoMail,
  koMailSubject,
  type MdnToWrite,
  readKoMail,
  readMdn,
  writeMdn,
} from '../../../src/formats/mail/mdn.ts'
import { MimeScan } from '../../../src/formats/mail/structure.ts'

const app = { local: 'integration', domain: 'ch.mssante.test' }
const sender = { local: 'jeanne', domain: 'a.mssante.test' }
const mdn: MdnToWrite = {
  from: app,
  to: sender,
  messageId: '<mdn1@ch.mssante.test>',
  atMs: 0,
  timeZone: 'Europe/Paris',
  product: 'Passerelle',
  automatic: true,
  disposition: 'processed',
  error: null,
  original: {
    messageId: '<1@a.mssante.test>',
    subject: 'XDM/1.0/DDM+Compte rendu MARTIN (FICTIF) Zoé',
    recipient: app,
    finalRecipient: app,
    header: Buffer.from('Message-ID: <1@a.mssante.test>\r\n\r\n'),
  },
}

describe('a receipt', () => {
  test.each<[what: string, change: Partial<MdnToWrite>, disposition: string, subject: string]>([
    ['of a program', {}, 'automatic-action/MDN-sent-automatically; processed', 'Traité : '],
    [
      'of a person',
      { automatic: false, disposition: 'displayed' },
      'manual-action/MDN-sent-manually; displayed',
      'Lu : ',
    ],
    [
      'without reading',
      { automatic: false, disposition: 'deleted' },
      'manual-action/MDN-sent-manually; deleted',
      'Supprimé : ',
    ],
    [
      'of an error',
      { error: { code: 'E_INS', label: 'INS non qualifiée' } },
      'automatic-action/MDN-sent-automatically; processed/Error: E_INS^INS non qualifiée',
      '[KO Intégration système ! ] ',
    ],
  ])('%s', (_what, change, disposition, subject) => {
    const bytes = writeMdn({ ...mdn, ...change })
    const guard = new LineGuard()
    guard.push(bytes)
    expect(guard.end()).toBe('ok')
    expect(writeMdn({ ...mdn, ...change }).equals(bytes)).toBe(true)
    const header = readHeader(bytes)
    expect(header.text('subject')).toBe(`${subject}${mdn.original.subject}`)
    expect(header.text('content-type')).toMatch(/^multipart\/report; report-type=disposition-notification;/)
    expect(header.text('auto-submitted')).toBe('auto-replied')
    const said = bytes.toString().replace(/\r\n /g, ' ')
    expect(said).toContain(`\r\nDisposition: ${disposition}\r\n`)
    expect(said).toContain('\r\nOriginal-Message-ID: <1@a.mssante.test>\r\n')
    expect(said).toContain('\r\nOriginal-Recipient: rfc822; integration@ch.mssante.test\r\n')
    expect(readMdn(bytes)).toEqual({
      automatic: change.automatic ?? true,
      disposition: change.disposition ?? 'processed',
      error: change.error ?? null,
      originalMessageId: '<1@a.mssante.test>',
      finalRecipient: app,
      originalRecipient: app,
    })
    const scan = new MimeScan()
    scan.push(bytes)
    expect(scan.end().parts.map(({ type }) => type)).toEqual([
      'multipart/report',
      'text/plain',
      'message/disposition-notification',
      'text/rfc822-headers',
    ])
  })

  test('nothing in it can end a field', () => {
    const bad = 'a\r\nBcc: x@y.test'
    const changes: Partial<MdnToWrite>[] = [
      { product: bad },
      { messageId: bad },
      { error: { code: bad, label: '' } },
      { error: { code: '', label: bad } },
      { original: { ...mdn.original, subject: bad } },
      { original: { ...mdn.original, messageId: bad } },
    ]
    for (const change of changes)
      expect(() => writeMdn({ ...mdn, ...change })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })
})

const other = (disposition: string, ...more: string[]): Buffer =>
  Buffer.from(
    [
      'Content-Type: multipart/report; report-type="disposition-notification"; boundary=b',
      '',
      '--b',
      '',
      'Lu',
      '--b',
      'Content-Type: message/disposition-notification',
      '',
      'Final-Recipient: rfc822;<x@op.test>',
      ...more,
      disposition,
      '--b--',
    ].join('\r\n'),
  )

test('the subject of a mail that stands for a receipt', () => {
  expect(koMailSubject('E1', 'XDM/1.0/DDM+x')).toBe('[KO Intégration système !][E1] XDM/1.0/DDM+x')
  expect(koMailSubject('E\r\n1', 'x\ny')).toBe('[KO Intégration système !][E 1] x y')
})

test.each<[subject: string, more: readonly string[], code: string | null, about: readonly string[]]>([
  ['[KO Intégration système !][E1] XDM/1.0/DDM+x', [], 'E1', []],
  [
    '[KO Intégration système !][E\u00011] x',
    ['In-Reply-To: <1@a.test>', 'References: <0@a.test> <1@a.test>'],
    'E1',
    ['<1@a.test>', '<0@a.test>'],
  ],
  ['[KO Intégration système ! ] XDM/1.0/DDM+x', [], '', []],
  ['[ko integration systeme!]', [], '', []],
  ['[KO Inte\u0301gration syste\u0300me !][E2]', [], 'E2', []],
  ['RE: [KO Intégration système !][E1] x', [], null, []],
  ['XDM/1.0/DDM+x', [], null, []],
])('a mail of the subject %j tells an error: %j %j', (subject, more, code, about) => {
  const bytes = Buffer.from([`Subject: ${subject}`, ...more, '', 'texte'].join('\r\n'))
  expect(isKoMail(readHeader(bytes))).toBe(code !== null)
  expect(readKoMail(bytes)).toEqual(code === null ? null : { code, about })
})

test('the message inside it comes first', () => {
  const inside = ['--b', 'Content-Type: message/rfc822', '', 'Message-ID: <2@a.test>', '', 'x', '--b--']
  const head = ['Subject: [KO Intégration système !][E1]', 'In-Reply-To: <1@a.test>']
  const text = [...head, 'Content-Type: multipart/mixed; boundary=b', '', ...inside].join('\r\n')
  expect(readKoMail(Buffer.from(text))?.about).toEqual(['<2@a.test>', '<1@a.test>'])
})

describe('receipts of others', () => {
  test.each<[what: string, bytes: Buffer, found: object | null]>([
    [
      'displayed',
      other('Disposition: manual-action/MDN-sent-automatically; displayed'),
      { automatic: false, disposition: 'displayed', error: null },
    ],
    [
      'spaces and capitals',
      other('Disposition: Automatic-Action / MDN-sent-automatically ;  Deleted'),
      { automatic: true, disposition: 'deleted' },
    ],
    [
      'the error of the standard',
      other('Disposition: a/b; processed/error', 'Error: no room'),
      { disposition: 'processed', error: { code: '', label: 'no room' } },
    ],
    ['an error without words', other('Disposition: a/b; processed/error'), { error: { code: '', label: '' } }],
    [
      'an error of the CI-SIS',
      other('Disposition: a/b; processed/Error: 12^Échec^x'),
      { error: { code: '12', label: 'Échec^x' } },
    ],
    ['another modifier', other('Disposition: a/b; displayed/superseded'), { disposition: 'displayed', error: null }],
    [
      'its message',
      other('Disposition: a/b; displayed', 'Original-Message-ID: <1@a.test>'),
      { originalMessageId: '<1@a.test>', finalRecipient: { local: 'x', domain: 'op.test' } },
    ],
    ['no disposition', other('X: y'), null],
    ['a disposition that is none', other('Disposition: displayed'), null],
    ['a plain message', Buffer.from('A: b\r\n\r\nDisposition: a/b; displayed'), null],
  ])('%s', (_what, bytes, found) => {
    const read = readMdn(bytes)
    if (found === null) expect(read).toBe(null)
    else expect(read).toMatchObject(found)
  })

  test('nothing that comes throws', () => {
    const piece = fc.constantFrom(
      'a',
      '/',
      ';',
      '^',
      ':',
      'error',
      'Error: ',
      ' ',
      '\r\n',
      '\r\n\r\n',
      '\0',
      'é',
      'displayed',
    )
    fc.assert(fc.property(fc.array(piece), (pieces) => void readMdn(other(`Disposition: ${pieces.join('')}`))))
  })
})
