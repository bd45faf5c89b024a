import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHeader } from '../../../src/formats/mail/header.ts'
import { receivedHeader, type TraceFacts } from '../../../src/formats/mail/trace-header.ts'

const facts: TraceFacts = {
  helo: 'mx.a.test',
  ip: '::ffff:192.0.2.1',
  by: 'mx.op.test',
  protocol: 'ESMTP',
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    subject: 'CN=mx.a.test,OU=3347976684200724,O=A,ST=Hérault (34),C=FR',
  },
  authenticated: false,
  utf8: false,
  id: '0198c0de-0000-7000-8000-000000000001',
  recipients: [{ local: 'x', domain: 'op.mssante.test' }],
  patientDomain: 'patient.mssante.test',
  atMs: Date.UTC(2026, 10, 27, 3),
  timeZone: 'Europe/Paris',
}
const patient = { local: '279035121518989', domain: 'patient.mssante.test' }

test('as it is written', () => {
  expect(receivedHeader(facts).toString().split('\r\n')).toEqual([
    'Received: from mx.a.test ([192.0.2.1]) (TLSv1.3 with cipher',
    ' TLS_AES_256_GCM_SHA384, client CN=mx.a.test, OU=3347976684200724, O=A,',
    ' ST=Herault \\(34\\), C=FR) by mx.op.test with ESMTPS id',
    ' 0198c0de-0000-7000-8000-000000000001 for <x@op.mssante.test>; Fri, 27 Nov',
    ' 2026 04:00:00 +0100',
    '',
  ])
})

describe('what it says', () => {
  test.each<[what: string, change: Partial<TraceFacts>, says: RegExp]>([
    ['in clear', { tls: null }, /\(\[192\.0\.2\.1\]\) by mx\.op\.test with ESMTP id/],
    ['no certificate', { tls: { ...facts.tls!, subject: null } }, /SHA384, no client certificate\) by/],
    ['somebody signed in', { authenticated: true }, / with ESMTPSA id/],
    ['SMTPUTF8', { utf8: true }, /ST=Hérault \\\(34\\\), C=FR\) by mx\.op\.test with UTF8SMTPS id/],
    ['LMTP', { protocol: 'LMTP' }, / with LMTPS id/],
    ['LMTP with SMTPUTF8', { protocol: 'LMTP', utf8: true }, / with UTF8LMTPS id/],
    ['SMTP', { protocol: 'SMTP', tls: null }, / with SMTP id/],
    ['IPv6', { ip: '2001:db8::1' }, /\(\[IPv6:2001:db8::1\]\)/],
    [
      'two recipients',
      { recipients: [...facts.recipients, { local: 'y', domain: 'op.mssante.test' }] },
      /id [\w-]+; Fri/,
    ],
    ['a patient', { recipients: [patient] }, /id [\w-]+; Fri/],
    ['letters without SMTPUTF8', { recipients: [{ local: 'hélène', domain: 'a.test' }] }, /id [\w-]+; Fri/],
    [
      'letters with SMTPUTF8',
      { utf8: true, recipients: [{ local: 'hélène', domain: 'a.test' }] },
      /for <hélène@a\.test>; Fri/,
    ],
    ['a helo that lies', { helo: 'x (by y) for <z@a.test>;\r\nX: y' }, /from xbyyforza\.testX:y \(/],
    ['a helo of nothing', { helo: ' ' }, /from unknown \(/],
    ['a helo that is a literal', { helo: '[192.0.2.1]' }, /from \[192\.0\.2\.1\] \(/],
    [
      'spaces that are none of ASCII',
      {
        utf8: true,
        tls: { ...facts.tls!, subject: `CN=${'x'.repeat(40)}\u3000${'y'.repeat(30)}\u00a0X-Evil:\ufeffz` },
      },
      /client CN=x{40}\u3000y{16} y{14}\u00a0X-Evil:\ufeffz\) by/,
    ],
    [
      'a subject that lies',
      { tls: { ...facts.tls!, subject: 'CN=x) by evil with SMTP (\\' } },
      /client CN=x\\\) by evil with SMTP \\\(\\\\\) by mx/,
    ],
  ])('%s', (_what, change, says) => {
    expect(
      receivedHeader({ ...facts, ...change })
        .toString()
        .replace(/\r\n /g, ' '),
    ).toMatch(says)
  })

  test('it is one field whatever is given, in lines that are not long', () => {
    const text = fc.oneof(
      fc
        .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 300 })
        .map((points) => String.fromCodePoint(...points)),
      fc
        .array(
          fc.constantFrom(
            ...['\r\n', '\r', '\n', '\0', 'é', ' ', '(', ')', '\\', 'x'.repeat(100), ';', '\r\n\r\n'],
            ...['x'.repeat(20), 'X: ', '\u00a0', '\u3000', '\ufeff'],
          ),
          { maxLength: 12 },
        )
        .map((all) => all.join('')),
    )
    const any = fc.record({
      helo: text.map((long) => long.slice(0, 60)),
      ip: text.map((long) => long.slice(0, 40)),
      by: fc.constant('mx.op.test'),
      id: text.map((long) => long.slice(0, 60)),
      tls: fc.record({ version: text, cipher: text, subject: fc.option(text) }),
      utf8: fc.boolean(),
    })
    fc.assert(
      fc.property(any, (change) => {
        const bytes = receivedHeader({ ...facts, ...change })
        const header = readHeader(Buffer.concat([bytes, Buffer.from('\r\n')]))
        expect([header.fault, header.fields.map(({ name }) => name), header.received]).toEqual([null, ['Received'], 1])
        const lines = bytes.toString().split('\r\n')
        expect(lines.pop()).toBe('')
        for (const line of lines) {
          expect([...line].length).toBeLessThanOrEqual(78)
          expect(line).not.toMatch(/[\r\n\0]/)
        }
        if (!change.utf8) expect(bytes.toString('latin1')).toMatch(/^[\r\n\x20-\x7e]*$/)
      }),
      { numRuns: 500 },
    )
  })
})
