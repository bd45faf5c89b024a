import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../../src/formats/whitelist/canonical.ts'
import { missing } from '../../support/world/needs.ts'

const DOCUMENTS: Readonly<Record<string, string>> = {
  'empty elements, attribute order, quotes': `<r z='1' a="2" B='"' ><e/><e  a = 'x'></e ></r>`,
  'attributes by namespace, then name': `<r xmlns:b="urn:a" xmlns:a="urn:b" a:x="1" b:y="2" b:a="3" x="4" xml:lang="fr" xml:id="i"/>`,
  'a namespace nobody uses is left out': `<r xmlns:u="urn:u" xmlns="urn:d"><a><u:b/><u:c u:d="1"/></a></r>`,
  'a prefix bound anew': `<p:r xmlns:p="urn:1"><p:a xmlns:p="urn:2"><p:b/></p:a><p:c/></p:r>`,
  'the same binding again is not written again': `<p:r xmlns:p="urn:1"><p:a xmlns:p="urn:1"/></p:r>`,
  'no default namespace inside one': `<r xmlns="urn:d"><a xmlns=""><b/><c xmlns="urn:d"><d xmlns=""/></c></a></r>`,
  'no default where none was': `<r><a xmlns=""/></r>`,
  'a prefix first used deep inside two': `<r xmlns:p="urn:p"><a><p:x/></a><b><p:x/></b></r>`,
  'default undone below an unused one': `<x:r xmlns="urn:d" xmlns:x="urn:x"><x:a><b xmlns=""/></x:a><c/></x:r>`,
  references: `<r a="&lt;&amp;&gt;&quot;&apos;&#9;&#10;&#13;&#xE9;">&lt;&amp;&gt;&quot;&apos;&#9;&#10;&#13;&#xE9;&#x1F600;</r>`,
  'line ends': `<r a="1\r\n2\r3\n4\t5">a\r\nb\rc\nd&#13;\n&#xD;&#xA;</r>`,
  CDATA: `<r><![CDATA[<a> & "b" ]]&gt; ]]>x<![CDATA[]]><![CDATA[\r\n]]></r>`,
  'declaration, spaces around the root': `<?xml version='1.0' encoding="UTF-8"  standalone='yes'?>\n\n  <r>\n</r>\n\n`,
  'letters beyond the first plane': `<é xmlns:à="urn:a" à:ç="𐀀" a="ﬃ">日本 𝄞 </é>`,
  'attribute names above U+FFFF come last': `<r 𐀀="1" ﬀ="2" z="3"/>`,
  'text in slices': `<r>${'é&amp;'.repeat(4_000)}</r>`,
}

describe.each(Object.entries(DOCUMENTS))('%s', (_name, document) => {
  const lacking = missing('xmllint', ['--version'])
  test.skipIf(lacking !== null)(lacking ?? 'as xmllint has it', () => {
    const theirs = execFileSync('xmllint', ['--exc-c14n', '-'], { input: document, encoding: 'utf8' })
    expect(canonical(document)).toBe(theirs)
  })

  test('canonical text is its own canonical form', () => {
    expect(canonical(canonical(document))).toBe(canonical(document))
  })
})

test('comments are left out, CDATA and references are text', () => {
  expect(canonical('<!-- a --><r>x<!-- b -->y<![CDATA[<]]>&#13;</r><!-- c -->')).toBe('<r>xy&lt;&#xD;</r>')
})

test.each([
  ['<!DOCTYPE r><r/>', 'doctype'],
  ['<r>', 'syntax'],
  ['<r><?a b?></r>', 'instruction'],
])('%s has none', (document, fault) => {
  expect(canonical(document)).toBe(fault)
})
