import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromXtext, readMailParameters, readRcptParameters, xtext } from '../../../src/formats/mail/esmtp.ts'

const anything = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 30 })
  .map((points) => String.fromCodePoint(...points))
const none = { size: null, body: '7BIT', utf8: false, ret: null, envid: null }

describe('parameters of MAIL', () => {
  test.each<[text: string, values: object]>([
    ['', {}],
    ['  ', {}],
    ['SIZE=0', { size: 0 }],
    ['size=26214400 body=8bitmime SMTPUTF8', { size: 26_214_400, body: '8BITMIME', utf8: true }],
    ['SIZE=99999999999999999999', { size: Number.MAX_SAFE_INTEGER }],
    ['BODY=7BIT', {}],
    ['RET=HDRS ENVID=QQ1', { ret: 'HDRS', envid: 'QQ1' }],
    ['ret=full ENVID=a+2Bb+3Dc+20d', { ret: 'FULL', envid: 'a+b=c d' }],
  ])('%s', (text, values) => {
    expect(readMailParameters(text)).toEqual({ ok: true, values: { ...none, ...values } })
  })

  test.each<[text: string, smtp: string, parameter: string]>([
    ['SIZE', '501 5.5.4', 'SIZE'],
    ['SIZE=', '501 5.5.4', ''],
    ['SIZE=-1', '501 5.5.4', 'SIZE'],
    ['SIZE=1e3', '501 5.5.4', 'SIZE'],
    ['SIZE=1001', '552 5.3.4', 'SIZE'],
    ['SIZE=1 SIZE=2', '501 5.5.4', 'SIZE'],
    ['BODY=BINARYMIME', '501 5.5.4', 'BODY'],
    ['SMTPUTF8=1', '501 5.5.4', 'SMTPUTF8'],
    ['RET=ALL', '501 5.5.4', 'RET'],
    ['ENVID=', '501 5.5.4', ''],
    ['ENVID=a+0D+0AB', '501 5.5.4', 'ENVID'],
    ['ENVID=a+zz', '501 5.5.4', 'ENVID'],
    ['ENVID=a=b', '501 5.5.4', 'ENVID'],
    [`ENVID=${'x'.repeat(101)}`, '501 5.5.4', 'ENVID'],
    ['ENVID=a\rb', '501 5.5.4', ''],
    ['RET=FULL\0', '501 5.5.4', ''],
    ['SIZE=1\tBODY=7BIT', '501 5.5.4', ''],
    ['AUTH=<>', '504 5.5.4', 'AUTH'],
    ['XFOO=1', '504 5.5.4', ''],
    ['=1', '501 5.5.4', ''],
    ['ENVID=é', '501 5.5.4', ''],
    ['x'.repeat(3_000), '501 5.5.4', ''],
  ])('not %j', (text, smtp, parameter) => {
    expect(readMailParameters(text, { maxBytes: 1_000 })).toEqual({ ok: false, fault: { smtp, parameter } })
  })

  test('AUTH is read over where the door lets people sign in', () => {
    expect(readMailParameters('AUTH=<> SIZE=1', { auth: true })).toEqual({ ok: true, values: { ...none, size: 1 } })
    expect(readMailParameters('AUTH=a+z', { auth: true }).ok).toBe(false)
  })
})

describe('parameters of RCPT', () => {
  const orcpt = (type: string, address: string, parameter: string): object => ({ orcpt: { type, address, parameter } })
  test.each<[text: string, values: object]>([
    ['', {}],
    ['NOTIFY=NEVER', { notify: ['NEVER'] }],
    ['notify=success,Failure,DELAY', { notify: ['SUCCESS', 'FAILURE', 'DELAY'] }],
    ['NOTIFY=DELAY,DELAY', { notify: ['DELAY'] }],
    ['ORCPT=rfc822;a+2Bb@x.test', orcpt('rfc822', 'a+b@x.test', 'rfc822;a+2Bb@x.test')],
    ['NOTIFY=SUCCESS ORCPT=RFC822;a', { notify: ['SUCCESS'], ...orcpt('rfc822', 'a', 'RFC822;a') }],
    ['ORCPT=utf-8;h\\x{E9}l@x.test', orcpt('utf-8', 'hél@x.test', 'utf-8;h\\x{E9}l@x.test')],
  ])('%s', (text, values) => {
    expect(readRcptParameters(text)).toEqual({ ok: true, values: { notify: null, orcpt: null, ...values } })
  })

  test.each<[text: string, smtp: string, parameter: string]>([
    ['NOTIFY=NEVER,SUCCESS', '501 5.5.4', 'NOTIFY'],
    ['NOTIFY=', '501 5.5.4', ''],
    ['NOTIFY=SUCCESS,', '501 5.5.4', 'NOTIFY'],
    ['NOTIFY=ALWAYS', '501 5.5.4', 'NOTIFY'],
    ['NOTIFY=DELAY NOTIFY=DELAY', '501 5.5.4', 'NOTIFY'],
    ['ORCPT=a@x.test', '501 5.5.4', 'ORCPT'],
    ['ORCPT=rfc822;', '501 5.5.4', 'ORCPT'],
    ['ORCPT=rfc822;a+0Db', '501 5.5.4', 'ORCPT'],
    ['ORCPT=utf-8;a\\x{0D}b', '501 5.5.4', 'ORCPT'],
    [`ORCPT=rfc822;${'a'.repeat(500)}`, '501 5.5.4', 'ORCPT'],
    ['ORCPT=utf-8;hél@x.test', '501 5.5.4', ''],
    ['SIZE=1', '504 5.5.4', ''],
  ])('not %j', (text, smtp, parameter) => {
    expect(readRcptParameters(text)).toEqual({ ok: false, fault: { smtp, parameter } })
  })

  test('letters stand for themselves after SMTPUTF8', () => {
    expect(readRcptParameters('ORCPT=utf-8;hél@x.test', { utf8: true })).toEqual({
      ok: true,
      values: { notify: null, ...orcpt('utf-8', 'hél@x.test', 'utf-8;hél@x.test') },
    })
  })
})

test('xtext goes there and back, and nothing that comes throws', () => {
  fc.assert(
    fc.property(
      anything.map((text) => text.toWellFormed()),
      (text) => {
        expect(xtext(text)).toMatch(/^[\x21-\x7e]*$/)
        expect(fromXtext(xtext(text))).toBe(text)
      },
    ),
  )
  fc.assert(
    fc.property(fc.oneof(anything, fc.string()), fc.boolean(), (text, utf8) => {
      fromXtext(text)
      readMailParameters(text)
      readRcptParameters(text, { utf8 })
    }),
  )
  expect([fromXtext('a+FFb'), fromXtext('a+4'), fromXtext('a b'), fromXtext('a=b')]).toEqual([null, null, null, null])
})
