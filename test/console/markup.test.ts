import { expect, test } from 'vitest'
import { html } from '../../src/console/page/html.ts'
import { isLoopback } from '../../src/core/address.ts'
import { callerOf } from '../../src/entrances/http/identity.ts'
import { languageOf } from '../../src/formats/http/language.ts'
import { operator, sha256, someConfig } from './region.ts'

test.each([
  ['text', html`<p>${'<script>"&\''}</p>`, '<p>&lt;script&gt;&quot;&amp;&#39;</p>'],
  ['attribute', html`<a title="${'" onclick="x'}">`, '<a title="&quot; onclick=&quot;x">'],
  ['markup passes', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
  ['a list', html`<ul>${['<', '>'].map((x) => html`<li>${x}</li>`)}</ul>`, '<ul><li>&lt;</li><li>&gt;</li></ul>'],
  ['texts in a list', html`${['<']}`, '&lt;'],
  [
    'signs that hide or turn what follows',
    html`${'a\u0000\u001b\u007f\u202eb\u2066c\t\n'}`,
    'a\u2400\u241b\u2421\ufffdb\ufffdc\t\n',
  ],
  ['nothing', html`a${null}${false}b${0}`, 'ab0'],
])('escaping: %s', (_name, made, expected) => {
  expect(made.text).toBe(expected)
})

test.each<[header: string | undefined, asked: unknown, expected: string]>([
  [undefined, undefined, 'fr'],
  ['en', undefined, 'en'],
  ['de, en-GB;q=0.8, fr;q=0.9', undefined, 'fr'],
  ['fr;q=0, en;q=0.1', undefined, 'en'],
  ['en', 'fr', 'fr'],
  ['en', '<script>', 'en'],
  ['en', ['fr', 'en'], 'en'],
  [';;;q=,,', undefined, 'fr'],
])('language of %s, asked %s: %s', (header, asked, expected) => {
  expect(languageOf(header, asked, 'fr')).toBe(expected)
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['127.0.0.1.evil.test', false],
  ['localhost.evil.test', false],
  ['0.0.0.0', false],
  ['', false],
])('is %s this machine? %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

const config = someConfig({
  operators: [operator('admin'), { ...operator('admin'), name: 'ops', keySha256: sha256('real-key') }],
})

test.each<[name: string, header: string | undefined, beyond: boolean, who: string | null]>([
  ['an operator', 'Bearer real-key', true, 'ops'],
  ['scheme in any case', 'bearer real-key', true, 'ops'],
  ['an establishment', 'Bearer demo-ch-laval', false, 'ch-laval'],
  ['a demo key on loopback', 'Bearer demo-admin', false, 'demo-admin'],
  ['a demo key beyond loopback', 'Bearer demo-admin', true, null],
  ['a demo key of an establishment beyond loopback', 'Bearer demo-ch-laval', true, null],
  ['a wrong key', 'Bearer real-kez', true, null],
  ['the hash itself', `Bearer ${sha256('real-key')}`, true, null],
  ['another scheme', 'Basic real-key', true, null],
  ['nothing', undefined, true, null],
  ['no key', 'Bearer ', true, null],
  ['two words', 'Bearer real-key x', true, null],
])('who calls: %s', (_name, header, beyond, who) => {
  expect(callerOf(header, config, beyond)?.who ?? null).toBe(who)
})
