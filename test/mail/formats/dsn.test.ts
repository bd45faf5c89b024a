import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeMail } from '../../../src/formats/mail/compose.ts'
import { type DsnRecipient, type DsnReport, readDsn, writeDsn } from '../../../src/formats/mail/dsn.ts'
import { isAutomatic, messageIdOf, readHeader, referencesOf } from '../../../src/formats/mail/header.ts'
import { LineGuard } from '../../../src/formats/mail/line-guard.ts'
import { readStatusFields } from '../../../src/formats/mail/status-fields.ts'
import { MimeScan } from '../../../src/formats/mail/structure.ts'
import { decoded } from '../../../src/formats/mail/transfer.ts'
import { missing } from '../../support/world/needs.ts'

const original = writeMail({
  from: { name: '', address: { local: 'a', domain: 'a.mssante.test' } },
  to: [{ name: '', address: { local: 'x', domain: 'op.mssante.test' } }],
  subject: 'XDM/1.0/DDM+Compte rendu MARTIN (FICTIF)',
  text: 'Corps secret',
  date: { atMs: 0, timeZone: 'UTC' },
  messageId: '<1@a.mssante.test>',
})
const head = original.subarray(0, readHeader(original).bodyAt)
const failed: DsnRecipient = {
  address: { local: 'x', domain: 'op.mssante.test' },
  original: { type: 'rfc822', address: 'alias@op.mssante.test', parameter: 'rfc822;alias@op.mssante.test' },
  action: 'failed',
  status: '5.1.1',
  remoteMta: 'mx.op.test',
  diagnostic: '550 5.1.1 no such mailbox',
  lastAttemptMs: Date.UTC(2026, 10, 27, 3, 1),
  willRetryUntilMs: null,
}
const report: DsnReport = {
  domain: 'a.mssante.test',
  reportingMta: 'mx.a.test',
  to: { local: 'a', domain: 'a.mssante.test' },
  envid: 'QQ1',
  arrivedAtMs: Date.UTC(2026, 10, 27, 3),
  atMs: Date.UTC(2026, 10, 27, 3, 2),
  timeZone: 'Europe/Paris',
  messageId: '<dsn1@a.mssante.test>',
  recipients: [failed],
  original: { header: head, whole: null },
}
const delayed: DsnRecipient = {
  ...failed,
  address: { local: 'hélène', domain: 'op.mssante.test' },
  original: null,
  action: 'delayed',
  status: '4.4.1',
  remoteMta: null,
  diagnostic: null,
  willRetryUntilMs: Date.UTC(2026, 10, 29, 3),
}

/** Parts with their decoded bodies; the message must be fit for the wire. */
function partsOf(bytes: Buffer): [type: string, body: string][] {
  const guard = new LineGuard()
  guard.push(bytes)
  expect(guard.end()).toBe('ok')
  const scan = new MimeScan()
  scan.push(bytes)
  return scan
    .end()
    .parts.map(({ type, encoding, bodyAt, length }) => [
      type,
      decoded(encoding, bytes.subarray(bodyAt, bodyAt + length)).toString(),
    ])
}

describe('a report of delivery', () => {
  test('its fields for programs', () => {
    const parts = partsOf(writeDsn({ ...report, recipients: [failed, delayed] }))
    expect(parts.map(([type]) => type)).toEqual([
      'multipart/report',
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ])
    expect(parts[2]![1].split('\r\n')).toEqual([
      'Reporting-MTA: dns; mx.a.test',
      'Original-Envelope-Id: QQ1',
      'Arrival-Date: Fri, 27 Nov 2026 04:00:00 +0100',
      '',
      'Original-Recipient: rfc822; alias@op.mssante.test',
      'Final-Recipient: rfc822; x@op.mssante.test',
      'Action: failed',
      'Status: 5.1.1',
      'Remote-MTA: dns; mx.op.test',
      'Diagnostic-Code: smtp; 550 5.1.1 no such mailbox',
      'Last-Attempt-Date: Fri, 27 Nov 2026 04:01:00 +0100',
      '',
      'Final-Recipient: utf-8; h\\x{E9}l\\x{E8}ne@op.mssante.test',
      'Action: delayed',
      'Status: 4.4.1',
      'Last-Attempt-Date: Fri, 27 Nov 2026 04:01:00 +0100',
      'Will-Retry-Until: Sun, 29 Nov 2026 04:00:00 +0100',
      '',
    ])
  })

  test('its own header, and its text in two languages', () => {
    const bytes = writeDsn(report)
    const header = readHeader(bytes)
    expect(['from', 'to', 'subject', 'auto-submitted'].map((name) => header.text(name))).toEqual([
      'Mail Delivery System <MAILER-DAEMON@a.mssante.test>',
      'a@a.mssante.test',
      'Message non remis / Undelivered message',
      'auto-replied',
    ])
    expect([messageIdOf(header), referencesOf(header), isAutomatic(header)]).toEqual([
      '<dsn1@a.mssante.test>',
      ['<1@a.mssante.test>'],
      true,
    ])
    const [, [, text]] = partsOf(bytes) as [unknown, [string, string]]
    expect(text).toMatch(
      /n’a pas pu être remis[\s\S]*<x@op\.mssante\.test> : non remis \(5\.1\.1\)[\s\S]*550 5\.1\.1 no such/,
    )
    expect(text).toMatch(/could not be delivered[\s\S]*<x@op\.mssante\.test> : not delivered \(5\.1\.1\)/)
    expect(writeDsn(report).equals(bytes)).toBe(true)
  })

  const latin = Buffer.from('From: a@a.mssante.test\r\nSubject: Zoé\r\n\r\nCorps é\r\n')
  test.each<[what: string, change: Partial<DsnReport>, type: string, body: RegExp]>([
    ['the header alone', {}, 'text/rfc822-headers', /^From:[\s\S]*\r\n\r\n$/],
    ['all of it when it failed', { original: { header: head, whole: original } }, 'message/rfc822', /Corps secret/],
    [
      'the header when it waits',
      { recipients: [delayed], original: { header: head, whole: original } },
      'text/rfc822-headers',
      /^From/,
    ],
    [
      'the header of more than was wanted',
      { original: { header: original, whole: null } },
      'text/rfc822-headers',
      /\r\n\r\n$/,
    ],
    [
      'a header of other letters',
      { original: { header: latin, whole: null } },
      'message/global-headers',
      /Zoé\r\n\r\n$/,
    ],
    ['a message of other letters', { original: { header: latin, whole: latin } }, 'message/global', /Corps é/],
    [
      'a header with bare line breaks',
      { original: { header: Buffer.from('A: b\nC: d\r\n\n'), whole: null } },
      'text/rfc822-headers',
      /^A: b\r\nC: d\r\n\r\n$/,
    ],
  ])('what goes back: %s', (_what, change, type, body) => {
    const bytes = writeDsn({ ...report, ...change })
    expect(partsOf(bytes)[3]![0]).toBe(type)
    expect(partsOf(bytes)[3]![1]).toMatch(body)
    if (type === 'text/rfc822-headers' || type === 'message/global-headers')
      expect(bytes.toString()).not.toMatch(/Corps/)
    expect(readDsn(bytes)!.recipients).toHaveLength(1)
  })

  test('of a body of blank lines no more is looked at than a report may have groups', () => {
    const blank = Buffer.from('\r\n'.repeat(1_000))
    const fields = Buffer.from('Action: failed\r\n')
    expect(readStatusFields(Buffer.concat([blank.subarray(0, 998), fields]))).toHaveLength(1)
    expect(readStatusFields(Buffer.concat([blank, blank, fields]))).toEqual([])
  })

  test('what was written is read back, whatever it holds', () => {
    const text = fc.array(
      fc.constantFrom('a', 'é', ' ', '\r\n', '\n', '\r\nTo: x', ';', ':', '\0', 'mot '.repeat(30), '--', '=_'),
      { maxLength: 8 },
    )
    const words = text.map((pieces) => pieces.join(''))
    const recipient = fc.record({
      address: fc.constantFrom(failed.address, delayed.address, { local: 'a b"c', domain: 'd.test' }),
      original: fc.option(words.map((address) => ({ type: 'rfc822', address: `x${address}`, parameter: '' }))),
      action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed', 'expanded' as const),
      status: fc.constantFrom('5.1.1', '4.4.7', '2.1.5'),
      remoteMta: fc.option(words),
      diagnostic: fc.option(words),
      lastAttemptMs: fc.option(fc.nat()),
      willRetryUntilMs: fc.option(fc.nat()),
    })
    const header = fc.oneof(
      words.map((value) => Buffer.from(value)),
      fc.constant(head),
      fc.uint8Array().map(Buffer.from),
    )
    fc.assert(
      fc.property(
        fc.array(recipient, { minLength: 1, maxLength: 4 }),
        words,
        header,
        fc.boolean(),
        (recipients, envid, bytes, full) => {
          const written = writeDsn({
            ...report,
            recipients,
            envid,
            original: { header: bytes, whole: full ? bytes : null },
          })
          const guard = new LineGuard({ header: 998, body: 100_000 })
          guard.push(written)
          expect(guard.end()).toBe('ok')
          expect(readHeader(written).all('to')).toHaveLength(1)
          const read = readDsn(written)!
          expect(read.arrivedAtMs).toBe(report.arrivedAtMs)
          expect(read.recipients.map(({ address, action, status }) => ({ address, action, status }))).toEqual(
            recipients.map(({ address, action, status }) => ({ address, action, status })),
          )
        },
      ),
      { numRuns: 300 },
    )
  })
})

const POSTFIX = [
  'From: MAILER-DAEMON@mx.test (Mail Delivery System)',
  'Content-Type: multipart/report; report-type=delivery-status;',
  '\tboundary="5F1.1/mx.test"',
  '',
  'This is a MIME-encapsulated message.',
  '',
  '--5F1.1/mx.test',
  'Content-Description: Notification',
  '',
  'I am sorry.',
  '--5F1.1/mx.test',
  'Content-Description: Delivery report',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.test',
  'X-Postfix-Queue-ID: 5F1',
  'Arrival-Date: Fri, 27 Nov 2026 04:00:00 +0100 (CET)',
  '',
  'Final-Recipient: rfc822; x@op.test',
  'Original-Recipient: rfc822;alias@op.test',
  'Action: failed',
  'Status: 5.1.1',
  'Remote-MTA: dns; mx.op.test',
  'Diagnostic-Code: smtp; 550 5.1.1 <x@op.test>: Recipient address',
  '    rejected',
  '',
  '--5F1.1/mx.test',
  'Content-Description: Undelivered Message Headers',
  'Content-Type: text/rfc822-headers',
  '',
  'Message-ID: <1@a.test>',
  '',
  '--5F1.1/mx.test--',
].join('\r\n')

describe('reports of others', () => {
  test('as Postfix writes them', () => {
    expect(readDsn(Buffer.from(POSTFIX))).toEqual({
      envid: null,
      reportingMta: 'mx.test',
      arrivedAtMs: Date.UTC(2026, 10, 27, 3),
      messageId: '<1@a.test>',
      recipients: [
        {
          address: { local: 'x', domain: 'op.test' },
          original: 'alias@op.test',
          action: 'failed',
          status: '5.1.1',
          remoteMta: 'mx.op.test',
          diagnostic: '550 5.1.1 <x@op.test>: Recipient address    rejected',
        },
      ],
    })
  })

  test.each<[what: string, change: (text: string) => string]>([
    ['a plain message', () => 'From: a@b.test\r\n\r\nHello'],
    ['no report', (text) => text.replace('multipart/report', 'multipart/mixed')],
    ['a receipt', (text) => text.replace('=delivery-status', '=disposition-notification')],
    ['no status', (text) => text.replace('message/delivery-status', 'text/plain')],
    ['no action', (text) => text.replace('Action: failed', 'Action: what')],
    ['no code', (text) => text.replace('Status: 5.1.1', 'Status: bad')],
    ['nobody', (text) => text.replace(/\r\nFinal-Recipient[\s\S]*rejected\r\n/, '')],
    ['nothing', () => ''],
  ])('%s', (_what, change) => {
    expect(readDsn(Buffer.from(change(POSTFIX)))).toBe(null)
  })

  test('nothing that comes throws', () => {
    const lines = POSTFIX.split('\r\n')
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: 5 }), fc.constantFrom('\r\n', '\n', '\r'), (some, end) => {
        readDsn(Buffer.from([...lines.slice(0, 3), ...some].join(end)))
      }),
    )
  })
})

const PYTHON = `
import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
status = list(message.iter_parts())[1]
print(json.dumps([message.get_content_type(), message.get_param('report-type'),
    [[[k, v] for k, v in group.items()] for group in status.get_payload()],
    list(message.iter_parts())[2].get_content_type(), [str(d) for p in message.walk() for d in p.defects]]))
`
const noPython = missing('python3', ['-c', 'import email.policy'])

test.skipIf(noPython !== null)(`python reads our report${noPython === null ? '' : `: ${noPython}`}`, () => {
  const bytes = writeDsn({ ...report, original: { header: head, whole: original } })
  const [type, sort, groups, third, defects]: unknown[] = JSON.parse(
    execFileSync('python3', ['-c', PYTHON], { input: bytes }).toString(),
  )
  expect([type, sort, third, defects]).toEqual(['multipart/report', 'delivery-status', 'message/rfc822', []])
  expect(groups).toEqual([
    [
      ['Reporting-MTA', 'dns; mx.a.test'],
      ['Original-Envelope-Id', 'QQ1'],
      ['Arrival-Date', 'Fri, 27 Nov 2026 04:00:00 +0100'],
    ],
    expect.arrayContaining([
      ['Final-Recipient', 'rfc822; x@op.mssante.test'],
      ['Action', 'failed'],
      ['Status', '5.1.1'],
    ]),
  ])
})
