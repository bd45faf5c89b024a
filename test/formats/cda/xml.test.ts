import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { type XmlListener, XmlReader } from '../../../src/formats/cda/xml.ts'
import { cda } from '../../support/documents.ts'

const deaf: XmlListener = { open: () => false, text() {}, close() {} }

/** What our reader says of a text fed in pieces of these sizes, one after the other. */
function read(text: string, sizes: readonly number[] = [Number.MAX_SAFE_INTEGER]): string | null {
  const reader = new XmlReader(deaf)
  for (let at = 0, n = 0; at < text.length; n++) {
    const size = sizes[n % sizes.length]!
    reader.feed(text.slice(at, at + size))
    at += size
  }
  return reader.end()
}

/** Does a reader that nobody here wrote take it? A document type counts as no. */
function saxesTakes(text: string): boolean {
  let typed = false
  const parser = new SaxesParser({ xmlns: true })
  parser.on('doctype', () => {
    typed = true
  })
  try {
    parser.write(text).close()
  } catch {
    return false
  }
  return !typed
}

const CASES: readonly (readonly [name: string, text: string, fault: string | null])[] = [
  ['an empty element', '<a/>', null],
  ['attributes, single and double quotes, spaces around =', '<a b = "1" c=\'2\'\n/>', null],
  ['comments, instructions and CDATA', '<?a b?><!-- c --><a><![CDATA[<&]]><?d?><!----></a><!-- e -->', null],
  ['the five entities and characters by number', '<a b="&lt;&#233;">&amp;&gt;&quot;&apos;&#x1F600;</a>', null],
  ['an XML declaration', '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>', null],
  ['a prefix that is declared', '<p:a xmlns:p="urn:x"><p:b/></p:a>', null],
  ['a prefix declared again inside', '<p:a xmlns:p="urn:x"><p:b xmlns:p="urn:y"/><p:c/></p:a>', null],
  [']] in text', '<a>]] ]]></a>'.replace(']]>', ']] >'), null],
  ['nothing', '', 'syntax'],
  ['text alone', 'text', 'syntax'],
  ['two roots', '<a/><b/>', 'syntax'],
  ['text after the root', '<a/>x', 'syntax'],
  ['an end that is missing', '<a><b></b>', 'syntax'],
  ['ends that cross', '<a><b></a></b>', 'syntax'],
  ['an end of a longer name', '<a></ab>', 'syntax'],
  ['an attribute twice', '<a b="1" b="2"/>', 'syntax'],
  ['an attribute twice by its namespace', '<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>', 'syntax'],
  ['an attribute without quotes', '<a b=1/>', 'syntax'],
  ['attributes without a space', '<a b="1"c="2"/>', 'syntax'],
  ['< in an attribute', '<a b="<"/>', 'syntax'],
  ['& alone', '<a>a & b</a>', 'syntax'],
  ['an entity that nobody declared', '<a>&eacute;</a>', 'syntax'],
  ['a character that XML forbids', '<a>\u0001</a>', 'syntax'],
  ['the same by number', '<a>&#1;</a>', 'syntax'],
  ['a surrogate by number', '<a>&#xD800;</a>', 'syntax'],
  ['a number beyond Unicode', '<a>&#x110000;</a>', 'syntax'],
  [']]> in text', '<a>]]></a>', 'syntax'],
  ['-- in a comment', '<a><!-- b -- c --></a>', 'syntax'],
  ['a comment that never ends', '<a><!-- b', 'syntax'],
  ['CDATA outside the root', '<![CDATA[x]]><a/>', 'syntax'],
  ['a declaration that comes late', '<a/><?xml version="1.0"?>', 'syntax'],
  ['a declaration after a space', ' <?xml version="1.0"?><a/>', 'syntax'],
  ['a declaration without version', '<?xml encoding="UTF-8"?><a/>', 'syntax'],
  ['a prefix that nobody declared', '<p:a/>', 'syntax'],
  ['a prefix declared for a sibling only', '<a><b xmlns:p="u"/><p:c/></a>', 'syntax'],
  ['a prefix undeclared', '<a xmlns:p=""/>', 'syntax'],
  ['xmlns declared', '<a xmlns:xmlns="u"/>', 'syntax'],
  ['two colons', '<a:b:c xmlns:a="u"/>', 'syntax'],
  ['a name that begins with a digit', '<1a/>', 'syntax'],
  ['a document type', '<!DOCTYPE a><a/>', 'doctype'],
  ['a document type in small letters', '<!doctype a><a/>', 'doctype'],
  ['a document type behind a comment', '<!-- x --><!DOCTYPE a><a/>', 'doctype'],
  ['a document type inside', '<a><!DOCTYPE a></a>', 'doctype'],
]

describe('well-formed or not', () => {
  test.each(CASES)('%s', (_name, text, fault) => {
    expect(read(text)).toBe(fault)
    // However the text comes, to the single character.
    for (const size of [1, 2, 3, 7]) expect(read(text, [size])).toBe(fault)
  })

  test.each(CASES.filter(([name]) => name !== 'a document type in small letters'))(
    'another reader agrees on %s',
    (_name, text, fault) => {
      expect(saxesTakes(text)).toBe(fault === null)
    },
  )
})

test.each([
  ['names of elements', (n: number) => `<a><${'b'.repeat(n)}/></a>`, 256],
  ['names of attributes', (n: number) => `<a ${'b'.repeat(n)}="1"/>`, 256],
  ['names of instructions', (n: number) => `<?${'b'.repeat(n)} c?><a/>`, 256],
  ['elements inside each other', (n: number) => `${'<a>'.repeat(n)}${'</a>'.repeat(n)}`, 256],
  ['attributes', (n: number) => `<a${Array.from({ length: n }, (_, i) => ` b${i}="1"`).join('')}/>`, 128],
])('%s have a limit', (_name, make, most) => {
  expect(read(make(most))).toBe(null)
  for (const sizes of [undefined, [1], [100]]) expect(read(make(most + 1), sizes)).toBe('limits')
})

test('a document mutated anywhere is taken where another reader takes it, in whatever pieces it comes', () => {
  const base = cda()
  const bits = [
    '<',
    '>',
    '/',
    '"',
    "'",
    '&',
    ';',
    '=',
    ' ',
    '\n',
    ']',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '?>',
    '<![CDATA[',
    'a',
    ':',
    '&#65;',
    'é',
    'xmlns:q="u"',
    'q:',
  ]
  const change = fc.record({
    at: fc.nat(base.length),
    cut: fc.nat(4),
    put: fc.constantFrom('', ...bits),
  })
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 4 }),
      (changes, sizes) => {
        let text = base
        for (const { at, cut, put } of changes) text = text.slice(0, at) + put + text.slice(at + cut)
        expect(read(text, sizes) === null, text).toBe(saxesTakes(text))
      },
    ),
    { numRuns: 600 },
  )
})
