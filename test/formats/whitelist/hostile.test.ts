import { execFileSync } from 'node:child_process'
import { sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonical } from '../../../src/formats/whitelist/canonical.ts'
import { LIST_BUDGET, LIST_NAMESPACE } from '../../../src/formats/whitelist/list.ts'
import { signedInfo, signList, writeList } from '../../../src/formats/whitelist/sign.ts'
import { DSIG } from '../../../src/formats/whitelist/signature-form.ts'
import { type Verification, verifyList } from '../../../src/formats/whitelist/verify.ts'
import { type Lab, MADE_MS, makeLab, manyRows, signedList, signerIn } from '../../support/lab-list.ts'
import { missing } from '../../support/world/needs.ts'

let lab: Lab
let foreign: Lab
let good: string
const ROWS = manyRows(3)
const DAY_MS = 86_400_000
beforeAll(async () => {
  ;[lab, foreign] = await Promise.all([makeLab(), makeLab([{ domain: 'x.test', subject: 'CN=x' }])])
  good = signedList(lab, ROWS)
})
afterAll(() => {
  lab.remove()
  foreign.remove()
})

function verdict(text: string | Buffer, options: { nowMs?: number; trust?: Partial<Lab['trust']> } = {}): string {
  const trust = { ...lab.trust, ...options.trust }
  const result: Verification = verifyList(Buffer.from(text), trust, { nowMs: options.nowMs ?? MADE_MS })
  return result.ok ? 'good' : [result.fault.code, result.fault.at].filter(Boolean).join(' ')
}

/** The good list with SignedInfo changed and signed again, by the signer himself: only its form is at fault. */
function resigned(change: (info: string) => string): string {
  const before = /<SignedInfo .*<\/SignedInfo>/s.exec(good)![0]
  const after = change(before)
  const text = canonical(after)
  const value = text.startsWith('<') ? sign('RSA-SHA256', Buffer.from(text), lab.signer.key).toString('base64') : ''
  return good.replace(before, after).replace(/<SignatureValue>[^<]*/, `<SignatureValue>${value}`)
}

const signature = (): string => /<Signature .*<\/Signature>/s.exec(good)![0]
const unsigned = (): string => good.replace(signature(), '')

test('a good list is read: rows, date, signer', () => {
  const result = verifyList(Buffer.from(good), lab.trust, { nowMs: MADE_MS })
  if (!result.ok) throw new Error(result.fault.code)
  expect(result.list.generatedAtMs).toBe(MADE_MS)
  expect(result.list.findings).toEqual([])
  expect(result.list.rows.map(({ ascii, subject, support }) => [ascii, subject, support])).toEqual(
    ROWS.map(({ domain, subject, support }) => [domain, subject, support]),
  )
  expect(result.list.signer.subject).toContain('CN=liste.exemple.test')
})

test.each<[name: string, made: () => string | Buffer, said: string]>([
  ['line ends as in the published list', () => good.replace(/<X509Certificate>.{64}/, (at) => `${at}&#13;\n`), 'good'],
  ['an Id on the signature', () => good.replace('<Signature ', '<Signature Id="s" '), 'good'],
  ['no KeyInfo', () => good.replace(/<KeyInfo>.*<\/KeyInfo>/, ''), 'WHITELIST_SIGNER no-certificate'],
  ['a tampered letter', () => good.replace('etablissement-0', 'etablissement-9'), 'WHITELIST_TAMPERED'],
  ['a tampered date', () => good.replace('2026-11-20T06', '2026-11-21T06'), 'WHITELIST_TAMPERED'],
  ['a space more', () => good.replace('<ListeDomaines>', '<ListeDomaines> '), 'WHITELIST_TAMPERED'],
  ['an attribute more', () => good.replace('<ListeDomaines>', '<ListeDomaines a="1">'), 'WHITELIST_TAMPERED'],
  ['unsigned', () => unsigned(), 'WHITELIST_UNSIGNED'],
  ['a signature in no namespace', () => good.replaceAll(` xmlns="${DSIG}"`, ''), 'WHITELIST_UNSIGNED'],
  ['another digest in SignedInfo', () => good.replace(/<DigestValue>./, '<DigestValue>+'), 'WHITELIST_TAMPERED'],
  [
    'another signature value',
    () => good.replace(/<SignatureValue>.{8}/, '<SignatureValue>AAAAAAAA'),
    'WHITELIST_SIGNATURE_FORM value',
  ],
  [
    'base64 that is none',
    () => good.replace('<SignatureValue>', '<SignatureValue>*'),
    'WHITELIST_SIGNATURE_FORM base64',
  ],
  ['two signatures', () => good.replace(signature(), (one) => one + one), 'WHITELIST_SIGNATURE_FORM two-signatures'],
  [
    'a signature in the signature',
    () => good.replace('<KeyInfo>', `<KeyInfo>${signature()}`),
    'WHITELIST_SIGNATURE_FORM two-signatures',
  ],
  [
    'an Object with a signature',
    () => good.replace('</Signature>', `<Object>${signature()}</Object></Signature>`),
    'WHITELIST_SIGNATURE_FORM order',
  ],
  [
    'two SignedInfo',
    () => good.replace('<SignatureValue>', `${signedInfo('AAAA')}<SignatureValue>`),
    'WHITELIST_SIGNATURE_FORM two-signed-info',
  ],
  [
    'two SignedInfo, one before',
    () => good.replace('<SignedInfo ', `${signedInfo('AAAA')}<SignedInfo `),
    'WHITELIST_SIGNATURE_FORM two-signed-info',
  ],
  [
    'a comment in DigestValue',
    () => good.replace('</DigestValue>', '<!-- -->AAAA</DigestValue>'),
    'WHITELIST_SIGNATURE_FORM comment',
  ],
  [
    'a comment in SignatureValue',
    () => good.replace('<SignatureValue>', '<SignatureValue><!-- -->'),
    'WHITELIST_SIGNATURE_FORM comment',
  ],
  [
    'an element in DigestValue',
    () => good.replace('<DigestValue>', '<DigestValue><a/>'),
    'WHITELIST_SIGNATURE_FORM order',
  ],
  [
    'text between elements',
    () => good.replace('<SignatureValue>', 'x<SignatureValue>'),
    'WHITELIST_SIGNATURE_FORM text',
  ],
  ['KeyInfo first', () => good.replace('<SignedInfo ', '<KeyInfo/><SignedInfo '), 'WHITELIST_SIGNATURE_FORM order'],
  [
    'an attribute of nobody',
    () => good.replace('<SignedInfo ', '<SignedInfo a="1" '),
    'WHITELIST_SIGNATURE_FORM attribute',
  ],
  [
    'the signature in the rows',
    () => good.replace(signature(), '').replace('</ListeDomaines>', `${signature()}</ListeDomaines>`),
    'WHITELIST_SIGNATURE_FORM place',
  ],
  [
    'a DOCTYPE',
    () => good.replace('<ListeBlanche', '<!DOCTYPE ListeBlancheMSSante [<!ENTITY a "b">]><ListeBlanche'),
    'WHITELIST_DOCTYPE',
  ],
  ['an instruction', () => good.replace('<ListeDomaines>', '<?a b?><ListeDomaines>'), 'WHITELIST_FORM instruction'],
  ['cut off', () => good.slice(0, -30), 'WHITELIST_FORM syntax'],
  ['nothing', () => '', 'WHITELIST_FORM syntax'],
  ['an HTML page', () => '<html><body>503</body></html>', 'WHITELIST_FORM root'],
  ['other bytes than UTF-8', () => Buffer.from(good.replaceAll('É', '\u00c9'), 'latin1'), 'WHITELIST_FORM encoding'],
  ['another encoding', () => good.replace('UTF-8', 'ISO-8859-1'), 'WHITELIST_FORM encoding'],
  ['the list in another namespace', () => good.replace(LIST_NAMESPACE, 'urn:other'), 'WHITELIST_FORM root'],
])('%s', (_name, made, said) => {
  expect(verdict(made())).toBe(said)
})

describe('signed again by the signer himself in another form', () => {
  test.each<[name: string, change: (info: string) => string, said: string]>([
    ['as it was', (info) => info, 'good'],
    [
      'RSA with SHA-1',
      (info) => info.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#rsa-sha1'),
      'algorithm',
    ],
    [
      'HMAC',
      (info) => info.replace('2001/04/xmldsig-more#rsa-sha256', '2001/04/xmldsig-more#hmac-sha256'),
      'algorithm',
    ],
    ['SHA-1', (info) => info.replace('2001/04/xmlenc#sha256', '2000/09/xmldsig#sha1'), 'digest-algorithm'],
    [
      'inclusive canonicalisation',
      (info) => info.replace('2001/10/xml-exc-c14n#', 'TR/2001/REC-xml-c14n-20010315'),
      'canonicalisation',
    ],
    [
      'canonicalisation with comments',
      (info) => info.replace('xml-exc-c14n#', 'xml-exc-c14n#WithComments'),
      'canonicalisation',
    ],
    [
      'prefixes to keep',
      (info) => info.replace('</CanonicalizationMethod>', '<InclusiveNamespaces/></CanonicalizationMethod>'),
      'order',
    ],
    ['one transform', (info) => info.replace(/<Transform Algorithm="[^"]*exc-c14n#"><\/Transform>/, ''), 'transforms'],
    [
      'three transforms',
      (info) =>
        info.replace('</Transforms>', '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/></Transforms>'),
      'transforms',
    ],
    [
      'transforms turned round',
      (info) => info.replace(/(<Transform .*?<\/Transform>)(<Transform .*?<\/Transform>)/, '$2$1'),
      'transforms',
    ],
    [
      'XPath',
      (info) => info.replace(/2000\/09\/xmldsig#enveloped-signature/, 'TR/1999/REC-xpath-19991116'),
      'transforms',
    ],
    ['a reference to a part', (info) => info.replace('URI=""', 'URI="#x"'), 'reference'],
    ['a reference without URI', (info) => info.replace(' URI=""', ''), 'reference'],
    ['a reference to elsewhere', (info) => info.replace('URI=""', 'URI="http://127.0.0.1/"'), 'reference'],
    ['two references', (info) => info.replace(/<Reference .*<\/Reference>/, '$&$&'), 'two-references'],
    ['no reference', (info) => info.replace(/<Reference .*<\/Reference>/, ''), 'order'],
    [
      'another prefix',
      (info) => info.replace(`<SignedInfo xmlns="${DSIG}"`, `<SignedInfo xmlns="${DSIG}" xmlns:x="urn:x"`),
      'good',
    ],
  ])('%s', (_name, change, said) => {
    expect(verdict(resigned(change))).toBe(said === 'good' ? said : `WHITELIST_SIGNATURE_FORM ${said}`)
  })
})

describe('signed by the signer, and still no list', () => {
  const signed = (change: (list: string) => string): string => signList(change(writeList(ROWS, MADE_MS)), lab.signer)
  const copy = `<ListeBlancheMSSante xmlns="${LIST_NAMESPACE}"><ListeDomaines><Domaine><Nom>x.test</Nom></Domaine></ListeDomaines></ListeBlancheMSSante>`
  test.each<[name: string, made: () => string, said: string]>([
    [
      'a list in the list',
      () => signed((list) => list.replace('</ListeDomaines>', `</ListeDomaines>${copy}`)),
      'wrapped',
    ],
    ['a row outside', () => signed((list) => list.replace('<ListeDomaines>', '<Domaine/><ListeDomaines>')), 'wrapped'],
    [
      'rows of another namespace',
      () => signed((list) => list.replace('<Domaine>', '<Domaine xmlns="urn:x">')),
      'wrapped',
    ],
    [
      'two lists',
      () => signed((list) => list.replace('<ListeDomaines>', '<ListeDomaines></ListeDomaines><ListeDomaines>')),
      'two-lists',
    ],
    [
      'two dates',
      () =>
        signed((list) =>
          list.replace('<ListeDomaines>', '<DateDeGeneration>2026-11-20T06:00:00Z</DateDeGeneration><ListeDomaines>'),
        ),
      'date',
    ],
    ['no date', () => signed((list) => list.replace(/<DateDeGeneration>.*<\/DateDeGeneration>/, '')), 'date'],
    ['a date in words', () => signed((list) => list.replace(/2026-11-20T[^<]*/, 'yesterday')), 'date'],
    ['no rows at all', () => signed((list) => list.replace(/<ListeDomaines>.*<\/ListeDomaines>/s, '')), 'no-list'],
    ['two domains in a row', () => signed((list) => list.replace('<Nom>', '<Nom>x.test</Nom><Nom>')), 'field'],
    [
      'deeper than any list',
      () => signed((list) => list.replace('<Nom>', `${'<a>'.repeat(20)}${'</a>'.repeat(20)}<Nom>`)),
      'limits',
    ],
    [
      'a field without end',
      () => signed((list) => list.replace('<Description>', `<Description>${'x'.repeat(5_000)}`)),
      'field',
    ],
  ])('%s', (_name, made, said) => {
    expect(verdict(made())).toBe(`WHITELIST_FORM ${said}`)
  })

  test('a list wrapped around a signature of another root', () => {
    const wrapped = `<ListeBlancheMSSante xmlns="${LIST_NAMESPACE}"><DateDeGeneration>2026-11-21T06:00:00Z</DateDeGeneration><ListeDomaines/>${signature().replace('<KeyInfo>', `<Object>${unsigned().replace(/<\?xml.*\?>/, '')}</Object><KeyInfo>`)}</ListeBlancheMSSante>`
    expect(verdict(wrapped)).toBe('WHITELIST_SIGNATURE_FORM order')
  })

  test('budgets of bytes and rows', () => {
    const bytes = Buffer.from(good)
    const verify = (budget: object) => {
      const result = verifyList(bytes, lab.trust, { nowMs: MADE_MS, budget: { ...LIST_BUDGET, ...budget } })
      return result.ok ? 'good' : `${result.fault.code} ${result.fault.at}`
    }
    expect(verify({ maxRows: 3, maxBytes: bytes.length })).toBe('good')
    expect(verify({ maxRows: 2 })).toBe('WHITELIST_FORM rows')
    expect(verify({ maxBytes: bytes.length - 1 })).toBe('WHITELIST_TOO_LARGE ')
  })
})

describe('the signer', () => {
  const by = (signer: Lab['signer'], atMs = MADE_MS): string => signList(writeList(ROWS, atMs), signer)
  test.each<[name: string, made: () => [string, Parameters<typeof verdict>[1]?], said: string]>([
    ['another leaf of the same authority', () => [by(lab.other)], 'WHITELIST_SIGNER subject'],
    ['the same names by another authority', () => [by(foreign.signer)], 'WHITELIST_SIGNER chain'],
    ['the authority itself', () => [by(signerIn(lab.dir, 'issuing'))], 'WHITELIST_SIGNER subject'],
    [
      'the good certificate with a foreign signature',
      () => [by({ ...lab.signer, key: foreign.signer.key })],
      'WHITELIST_SIGNATURE_FORM value',
    ],
    [
      'a list made before the certificate was',
      () => [by(lab.signer, MADE_MS - 60 * DAY_MS)],
      'WHITELIST_SIGNER validity',
    ],
    ['a certificate that ended since', () => [by(lab.signer), { nowMs: MADE_MS + 700 * DAY_MS }], 'good'],
    [
      'authorities that have ended',
      () => [by(lab.signer), { nowMs: MADE_MS + 800 * DAY_MS }],
      'WHITELIST_SIGNER authority-validity',
    ],
    [
      'another issuer pinned',
      () => [by(lab.signer), { trust: { issuer: 'CN=AC AUTRE,C=FR' } }],
      'WHITELIST_SIGNER issuer',
    ],
    [
      'another address pinned',
      () => [by(lab.signer), { trust: { email: 'autre@exemple.test' } }],
      'WHITELIST_SIGNER subject',
    ],
    ['no address pinned', () => [by(lab.signer), { trust: { email: null } }], 'good'],
    ['no authorities', () => [by(lab.signer), { trust: { anchors: [] } }], 'WHITELIST_SIGNER chain'],
    [
      'bytes for a certificate',
      () => [good.replace(/<X509Certificate>[^<]*/, '<X509Certificate>AAAA')],
      'WHITELIST_SIGNER unreadable',
    ],
  ])('%s', (_name, made, said) => {
    const [list, options] = made()
    expect(verdict(list, options)).toBe(said)
  })
})

describe('xmlsec1', () => {
  const lacking = missing('xmlsec1', ['--version'])
  const xmlsec = (...argv: string[]): string =>
    execFileSync('xmlsec1', argv, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' })

  test.skipIf(lacking !== null)(lacking ?? 'takes a list of ours', () => {
    const file = join(lab.dir, 'ours.xml')
    writeFileSync(file, signedList(lab, ROWS, Date.now()))
    const trusted = ['--trusted-pem', join(lab.dir, 'root.pem'), '--untrusted-pem', join(lab.dir, 'issuing.pem')]
    expect(() => xmlsec('--verify', ...trusted, file)).not.toThrow()
  })

  test.skipIf(lacking !== null)(lacking ?? 'signs a list that we take', () => {
    const [template, made] = [join(lab.dir, 'template.xml'), join(lab.dir, 'theirs.xml')]
    const form = `<ds:Signature xmlns:ds="${DSIG}">\n${signedInfo('').replaceAll('<', '<ds:').replaceAll('<ds:/', '</ds:').replace(` xmlns="${DSIG}"`, '')}\n<ds:SignatureValue/>\n<ds:KeyInfo><ds:X509Data/></ds:KeyInfo>\n</ds:Signature>`
    writeFileSync(
      template,
      writeList([{ ...ROWS[0]!, description: 'A & <b> "c" \r\n ]]> é 𐀀' }, ...ROWS.slice(1)], MADE_MS, form),
    )
    xmlsec(
      '--sign',
      '--privkey-pem',
      `${join(lab.dir, 'signer.key')},${join(lab.dir, 'signer.pem')}`,
      '--output',
      made,
      template,
    )
    expect(verdict(readFileSync(made))).toBe('good')
    expect(verdict(readFileSync(made, 'utf8').replace('etablissement-1', 'etablissement-7'))).toBe('WHITELIST_TAMPERED')
  })
})
