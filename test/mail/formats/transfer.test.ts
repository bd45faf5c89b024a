import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64Lines, decodeBody, decoded, quotedPrintable } from '../../../src/formats/mail/transfer.ts'

describe('bodies are decoded', () => {
  test.each<[encoding: string, text: string, says: string]>([
    ['base64', 'Qm9uam91cg==', 'Bonjour'],
    ['BASE64 ', 'Qm9u\r\nam91\r\ncg==\r\n', 'Bonjour'],
    ['base64', 'Qm9uam91cg', 'Bonjour'],
    ['base64', 'Qm9u*&am9 1cg==', 'Bonjour'],
    ['base64', 'QQ==Qg==', 'AB'],
    ['base64', '', ''],
    ['base64', 'Q', ''],
    ['base64', '====', ''],
    ['quoted-printable', 'H=C3=A9l=c3=a8ne', 'Hélène'],
    ['quoted-printable', 'a=\r\nb=  \r\nc', 'abc'],
    ['quoted-printable', 'a=\nb', 'ab'],
    ['quoted-printable', 'a  \t\r\nb ', 'a\r\nb'],
    ['quoted-printable', 'a =\r\n b', 'a  b'],
    ['quoted-printable', 'a\nb\r\n\r\n', 'a\nb\r\n\r\n'],
    ['quoted-printable', '1=2=Zz=', '1=2=Zz'],
    ['quoted-printable', '=4', '=4'],
    ['quoted-printable', '=4\r\n', '=4\r\n'],
    ['quoted-printable', '= 41==41', '= 41=A'],
    ['quoted-printable', 'a\rb=\r', 'a\rb'],
    ['quoted-printable', '=3D=\r\n=0D=0A', '=\r\n'],
    ['7bit', 'a=41', 'a=41'],
    ['x-unknown', 'a=41', 'a=41'],
  ])('%s: %j', (encoding, text, says) => {
    expect(decoded(encoding, Buffer.from(text)).toString()).toBe(says)
  })

  test('the same in whatever chunks, whatever comes', () => {
    const piece = fc.constantFrom(
      '=',
      '=4',
      '=41',
      'QUJD',
      'Q',
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      'é',
      '\0',
      '='.repeat(3),
      ' '.repeat(1_200),
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.constantFrom('base64', 'quoted-printable'),
        fc.array(piece, { maxLength: 20 }),
        sizes,
        (encoding, pieces, parts) => {
          const bytes = Buffer.from(pieces.join(''))
          const decoder = decodeBody(encoding)
          const out: Buffer[] = []
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = parts[turn % parts.length]!
            out.push(decoder.push(bytes.subarray(at, at + size)))
            at += size
          }
          expect(Buffer.concat([...out, decoder.end()])).toEqual(decoded(encoding, bytes))
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('what is encoded is decoded again, in lines that may go anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const bytes = Buffer.from(octets)
      const lines = base64Lines(bytes).toString()
      expect(lines).toMatch(/^(?:[A-Za-z\d+/=]{1,76}\r\n)*$/)
      expect(decoded('base64', Buffer.from(lines))).toEqual(bytes)
    }),
  )
  const sign = fc.constantFrom('a', 'é', ' ', '\t', '=', '.', '\n', '😀', 'mot '.repeat(30))
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 40 }), (signs) => {
      const text = signs.join('')
      const encoded = quotedPrintable(text)
      expect(encoded.toString()).toMatch(/^(?:[\t\x20-\x7e]{0,76}\r\n)*[\t\x20-\x7e]{0,76}$/)
      expect(decoded('quoted-printable', encoded).toString()).toBe(text.replaceAll('\n', '\r\n'))
    }),
  )
})
