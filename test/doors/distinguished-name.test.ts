import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  parseDistinguishedName,
  parseNodeName,
  writeDistinguishedName,
} from '../../src/formats/x509/distinguished-name.ts'
import { authority } from '../support/peers/pki.ts'

test.each([
  ['order of RDNs is turned round', 'CN=a,O=b,C=FR', 'C=FR\nO=b\nCN=a'],
  ['spaces around separators', ' CN = a , O= b ', 'O=b\nCN=a'],
  ['types by any of their names', 'commonName=a,2.5.4.10=b,c=FR', 'C=FR\nO=b\nCN=a'],
  ['an escaped comma', 'CN=a,O=ASIP\\, SANTE', 'O=ASIP\\, SANTE\nCN=a'],
  ['a hex escape is a UTF-8 byte', 'CN=\\C3\\A9t\\c3\\a9', 'CN=été'],
  ['a multi-valued RDN in any order', 'CN=x,OU=a+O=b', 'O=b + OU=a\nCN=x'],
  ['an escaped plus', 'CN=a\\+b', 'CN=a\\+b'],
  ['an escaped last space counts', 'CN=a\\ ', 'CN=a\\ '],
  ['the same type twice', 'CN=x,OU=2,OU=1', 'OU=1\nOU=2\nCN=x'],
  ['an equals sign in a value', 'CN=a=b', 'CN=a=b'],
  ['an escaped hash', 'CN=\\#1', 'CN=\\#1'],
  ['an empty value', 'CN=,O=b', 'O=b\nCN='],
  ['an unknown type by its OID', '1.2.250.1.1=x', '1.2.250.1.1=x'],
])('equal: %s', (_name, written, shown) => {
  expect(parseDistinguishedName(written).key).toBe(parseNodeName(shown).key)
})

test.each([
  ['another value', 'CN=a', 'CN=b'],
  ['another case', 'CN=a', 'CN=A'],
  ['another type', 'CN=a', 'OU=a'],
  ['the certificate order is not RFC 4514 order', 'C=FR,CN=a', 'C=FR\nCN=a'],
  ['one RDN of two is not two RDNs', 'CN=a+OU=b', 'OU=b\nCN=a'],
  ['an RDN more', 'CN=a', 'C=FR\nCN=a'],
  ['a comma in a value is no separator', 'CN=a\\,O=b', 'O=b\nCN=a'],
  ['a new line in a value is no separator', 'CN=a,O=b', 'CN=b\\0AO=a'],
])('different: %s', (_name, written, shown) => {
  expect(parseDistinguishedName(written).key).not.toBe(parseNodeName(shown).key)
})

test.each(['', 'CN', '=a', 'CN=a,', 'C N=a', 'CN=#0403', 'CN=a\\'])('no name: %j', (written) => {
  expect(() => parseDistinguishedName(written)).toThrow(RangeError)
})

test.each(['CN=a,O=ASIP\\, SANTE,C=FR', 'CN=\\#1\\ ,OU=a\\+b+O=c', 'CN=\\0a\\"\\;\\<\\>\\\\'])(
  'written back: %s',
  (written) => {
    const name = parseDistinguishedName(written)
    expect(parseDistinguishedName(writeDistinguishedName(name)).key).toBe(name.key)
  },
)

test('reads what Node shows of a real certificate', () => {
  const ca = authority('CA ESSAI')
  const identity = ca.issue('gam.ch-laval.test')
  const certificate = new X509Certificate(identity.cert)
  expect(parseNodeName(certificate.subject).key).toBe(parseDistinguishedName(identity.subject).key)
  expect(parseNodeName(certificate.issuer).key).toBe(parseDistinguishedName(ca.subject).key)
  expect(writeDistinguishedName(parseNodeName(certificate.subject))).toBe(identity.subject)
})
