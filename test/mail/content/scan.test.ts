import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ContentBudget, ContentScan, scanAtOnce } from '../../../src/app/mail/content/scan.ts'
import { type Attached, mailWith } from '../../support/mail/attached.ts'
import { zip } from '../../support/zip.ts'

const BUDGET: ContentBudget = { maxParts: 10, maxNesting: 5, zip: { entries: 3, bytes: 3_000_000, ratio: 100 } }

async function seen(text: string, sizes: readonly number[] = [65_536]): Promise<string | null> {
  const bytes = Buffer.from(text, 'latin1')
  const scan = new ContentScan(BUDGET)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!
    await scan.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return (await scan.end())?.rule ?? null
}

const mail = (...parts: Attached[]): string => mailWith('a@a.test', 'u@op.test', parts)
const evil = zip([{ name: '../a', data: 'x' }])
const good = zip([{ name: 'a', data: randomBytes(2_000) }])
const big = (bytes: number): Buffer =>
  zip([
    { name: 'a', data: Buffer.alloc(bytes) },
    { name: 'b', data: randomBytes(30_000) },
  ])
const office = zip(Array.from({ length: 4 }, (_, i) => ({ name: `f${i}` })))
const doctype = zip([{ name: 'page.xml', data: '<!DOCTYPE a><a/>' }])
const text: Attached = { type: 'text/plain', data: 'Bonjour', encoding: '7bit' }

const cases: readonly (readonly [what: string, mail: string, rule: string | null, atOnce: boolean])[] = [
  ['a text', mail(text), null, true],
  ['a PDF', mail(text, { type: 'application/pdf', data: randomBytes(50_000) }), null, true],
  ['an archive', mail(text, { type: 'application/zip', data: good }), null, false],
  ['an archive by its type', mail({ type: 'application/x-zip-compressed', data: evil }), 'name', false],
  ['an archive by its name', mail({ name: 'A.ZIP', data: evil }), 'name', false],
  ['an archive by its first octets', mail({ name: 'a.pdf', data: evil }), 'name', false],
  ['one that is not encoded', mail({ data: evil.toString('latin1'), encoding: '7bit' }), 'name', false],
  [
    'an archive behind something else, by its name',
    mail({ name: 'a.zip', data: Buffer.concat([Buffer.from('MZ'), evil]) }),
    'name',
    false,
  ],
  ['what is called an archive and is none', mail({ name: 'a.zip', data: 'no' }), null, false],
  ['files too many', mail({ name: 'a.zip', data: office }), 'entries', false],
  ['as many in an Office document', mail({ name: 'a.docx', data: office }), null, false],
  ['one that holds too much', mail({ name: 'a.zip', data: big(3_100_000) }), 'bytes', false],
  [
    'two that hold too much together',
    mail({ name: 'a.zip', data: big(1_600_000) }, { name: 'b.zip', data: big(1_600_000) }),
    'bytes',
    false,
  ],
  ['a DOCTYPE in IHE_XDM.ZIP', mail({ name: 'IHE_XDM.ZIP', data: doctype }), 'doctype', false],
  ['a DOCTYPE in another archive', mail({ name: 'a.zip', data: doctype }), null, false],
  [
    'an archive in a message inside',
    mail({ type: 'message/rfc822', data: mail({ name: 'a.zip', data: evil }), encoding: '7bit' }),
    'name',
    false,
  ],
  [
    'an archive in an encoded message, which nobody opens',
    mail({ type: 'message/rfc822', data: mail({ name: 'a.zip', data: evil }) }),
    null,
    true,
  ],
  ['parts too many', mail(...Array<Attached>(10).fill(text)), 'parts', true],
  ['parts too deep', 'Content-Type: message/rfc822\r\n\r\n'.repeat(7), 'depth', true],
  ['a part with a header of 100 kB', mail({ type: `a/b; c=${'d'.repeat(100_000)}`, data: '' }), 'header', true],
]

describe('the content of a mail', () => {
  test.each(cases)('%s', async (_what, one, rule, atOnce) => {
    expect(await seen(one)).toBe(rule)
    const small = scanAtOnce(Buffer.from(one, 'latin1'), BUDGET)
    expect(small).toEqual(atOnce ? (rule === null ? null : { code: 'MAIL_TOO_COMPLEX', rule }) : 'archive')
  })

  test('the same in whatever chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases.filter(([, one]) => one.length < 60_000)),
        fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 6 }),
        async ([, one, rule], sizes) => {
          expect(await seen(one, sizes.some((size) => size > 30) ? sizes : [...sizes, 500])).toBe(rule)
        },
      ),
      { numRuns: 100 },
    )
  })
})
