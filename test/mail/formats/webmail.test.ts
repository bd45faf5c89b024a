import { describe, expect, test } from 'vitest'
import { attachmentNamed, safeFileName } from '../../../src/formats/http/disposition.ts'
import { readAddressList } from '../../../src/formats/mail/address-list.ts'
import { htmlText } from '../../../src/formats/mail/html-text.ts'
import { itemFacts, mailboxesText, searchable } from '../../../src/formats/mail/item.ts'

test.each([
  ['words', '<p>Bonjour <b>Anne</b>,</p><p>merci.</p>', 'Bonjour Anne,\n\nmerci.'],
  ['lines of the source count as spaces', 'a\n  b<br>c', 'a b\nc'],
  [
    'script, style and head are read by nobody',
    '<head><title>t</title></head><style>p{}</style><script>x()</script>d',
    'd',
  ],
  ['a script without an end', 'a<script>alert(1)', 'a'],
  ['a comment, one without an end', 'a<!-- <p>b -->c<!-- d', 'ac'],
  ['a sign that begins no tag', 'a < b, 3 <4', 'a < b, 3 <4'],
  ['a tag without an end', 'a<p class="x', 'a'],
  ['a quote holds a bracket', '<a title="x>y" href=z>lien</a>', 'lien'],
  ['entities', '&lt;b&gt; &eacute;&#233;&#xE9; &nbsp;&amp;amp; &inconnu; &#0;', '<b> ééé  &amp; &inconnu; \ufffd'],
  ['an entity makes no tag', '&lt;script&gt;hit=1&lt;/script&gt;', '<script>hit=1</script>'],
  ['cells of a table', '<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>', 'a b\n\nc'],
  ['a head without an end, its title unread', '<head><title>t</title><meta charset=utf-8><body><p>texte</p>', 'texte'],
  ['a head and no body', '<head><title>t</title><p>texte', 'texte'],
  ['a drawing that ends itself', '<p>avant</p><svg width="1" height="1"/><p>après</p>', 'avant\n\naprès'],
  ['a drawing, one without an end', 'a<svg><text>x</text></svg>b<math><p>c', 'ab\nc'],
  ['comments that are whole at once', '<!-->a<!--->b<!---->c<!--d--!>e', 'abce'],
  ['what stands in for a script or an object', '<noscript>a</noscript> <object data=x><p>b</p></object>', 'a\nb'],
  ['a long attribute', `a<img alt="l" src="data:image/png;base64,${'QUJD'.repeat(20_000)}">b`, 'ab'],
  ['a bracket behind spaces and a quote', '<a title = "x>y">lien</a>', 'lien'],
  ['a quote that nobody closes', '<a title="x>lien</a> suite', 'lien suite'],
  [
    'an address of the web',
    '<a href="https://visio.test/s?a=1&amp;b=2">cliquez</a> ici',
    'cliquez (https://visio.test/s?a=1&b=2) ici',
  ],
  [
    'an address that is escaped twice',
    '<a href="https://x.test/?a=%26&amp;amp;b">x</a>',
    'x (https://x.test/?a=%26&amp;b)',
  ],
  [
    'an address that is its own words',
    '<a href="https://x.test/a">https://x.test/a</a>, <a href=http://x.test>x.test</a>',
    'https://x.test/a, x.test',
  ],
  [
    'words that are another address',
    '<a href="https://evil.test/">https://x.test/</a>',
    'https://x.test/ (https://evil.test/)',
  ],
  [
    'an address that looks like another',
    '<a href="https://ex\u0430mple.test/\u202e">x</a>',
    'x (https://xn--exmple-4nf.test/%E2%80%AE)',
  ],
  [
    'a link without words, one within another',
    '<a href=https://a.test/1><img src=x><a href=https://b.test/2>b',
    '(https://a.test/1)b (https://b.test/2)',
  ],
  [
    'addresses of nothing that a person opens',
    '<a href="javascript:hit=1">a</a><a href="data:text/html,x">b</a><a href="//x.test">c</a><a href="mailto:x@y.test">d</a><a title="href=https://x.test/">e</a>',
    'abcde',
  ],
  ['nothing', '', ''],
])('HTML as text: %s', (_, html, text) => {
  expect(htmlText(html)).toBe(text)
})

test('HTML that is made to take long does not', () => {
  const pieces = [
    '<',
    '<a',
    '<script',
    '</script',
    '<!--',
    '<!-->',
    '&',
    '<a "',
    '<a b="',
    "<a b=' ",
    '<p>',
    '<svg>',
    '<svg/>',
    '<math a=>',
  ]
  const links = [
    '<a href=https://x.test/>',
    '<a href="https://x.test/',
    '<a href >',
    '&nbsp;',
    '&#x2028; ',
    '<a href',
    ' =',
  ]
  const long = [...pieces, ...links, `<a ${' '.repeat(50)}`].map((one) => one.repeat(100_000))
  // Were one of them looked at again from each of its signs, the test would not end.
  expect(long.map(htmlText).map((one) => typeof one)).toEqual(long.map(() => 'string'))
})

describe('what a list says of a mail', () => {
  const of = (...lines: readonly string[]) => itemFacts(Buffer.from(`${lines.join('\r\n')}\r\n\r\ntexte\r\n`))
  test.each([
    ['XDM/1.0/DDM+Compte rendu LEROUX', 'Compte rendu LEROUX', 'xdm'],
    ['[Annule et remplace] XDM/1.0/DDM+Compte rendu', '[Annule et remplace] Compte rendu', 'xdm'],
    ['=?utf-8?Q?XDM/1.0/DDM+R=C3=A9sultat?=', 'Résultat', 'xdm'],
    ['Re: XDM/1.0/DDM+x', 'Re: XDM/1.0/DDM+x', 'mail'],
    ['=?utf-8?Q?a=0D=0AX-Evil:_1?=', 'a X-Evil: 1', 'mail'],
  ])('the subject %s', (subject, shown, kind) => {
    expect(of('From: a@x.test', `Subject: ${subject}`)).toMatchObject({ subject: shown, kind })
  })

  test('who wrote it to whom, what it answers, and what it asks for', () => {
    const facts = of(
      'From: =?utf-8?Q?Ren=C3=A9?= <r@x.test>',
      'To: a@x.test, "B, C" <b@x.test>',
      'Cc: c@x.test',
      'Message-ID: <1@x.test>',
      'In-Reply-To: <0@x.test>',
      'Disposition-Notification-To: r@x.test',
    )
    expect(facts).toEqual({
      from: 'René',
      to: 'a@x.test, "B, C" <b@x.test>, c@x.test',
      subject: '',
      messageId: '<1@x.test>',
      inReplyTo: '<0@x.test>',
      attachments: false,
      receiptAsked: true,
      kind: 'mail',
    })
  })

  test.each([
    ['"Anne MARTIN" <c@x.test>', 'Anne MARTIN', 'Anne MARTIN <c@x.test>'],
    ['"anne@ours.test" <c@x.test>', '"anne@ours.test" <c@x.test>', '"anne@ours.test" <c@x.test>'],
    ['"anne\uff20ours.test" <c@x.test>', '"anne\uff20ours.test" <c@x.test>', '"anne\uff20ours.test" <c@x.test>'],
    ['"anne@ours.test, X" <c@x.test>', '"anne@ours.test, X" <c@x.test>', '"anne@ours.test, X" <c@x.test>'],
    ['"A <anne@ours.test>" <c@x.test>', '"A <anne@ours.test>" <c@x.test>', '"A <anne@ours.test>" <c@x.test>'],
    ['"a\\"@b" <c@x.test>', '"a\\"@b" <c@x.test>', '"a\\"@b" <c@x.test>'],
    ['c@x.test (anne@ours.test)', '"anne@ours.test" <c@x.test>', '"anne@ours.test" <c@x.test>'],
  ])('a name cannot pass for an address: %s', (field, inList, inFull) => {
    expect(of(`From: ${field}`).from).toBe(inList)
    const { mailboxes } = readAddressList(field)
    expect(mailboxesText(mailboxes)).toBe(inFull)
    expect(readAddressList(inFull)).toEqual({ mailboxes, whole: true, group: false })
  })

  test('a name that is long hides no address in a list', () => {
    expect(of(`From: "anne@ours.test ${'x'.repeat(400)}" <c@x.test>`).from).toMatch(/^"anne@.*" <c@x\.test>$/)
  })

  test('reports, files, and what is no mail at all', () => {
    const report = 'Content-Type: multipart/report; report-type=delivery-status; boundary=b'
    expect(of(report).kind).toBe('report')
    expect(of('Content-Type: application/pdf; name=a.pdf').attachments).toBe(true)
    expect(itemFacts(Buffer.from([0, 255, 254, 10, 0])).subject).toBe('')
    expect(itemFacts(Buffer.alloc(0)).from).toBe('')
  })
})

test.each([
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\temp\\été.pdf', 'C_temp_été.pdf'],
  ['a"b\r\nSet-Cookie: x', 'a_bSet-Cookie_ x'],
  ['\u202efdp.exe', 'fdp.exe'],
  ['..', 'piece'],
  ['', 'piece'],
  [`${'a'.repeat(400)}.pdf`, `${'a'.repeat(146)}.pdf`],
])('the name of a file %j is kept as %j', (name, safe) => {
  expect(safeFileName(name)).toBe(safe)
  expect(attachmentNamed(name)).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w.!~%-]+$/)
})

test('words are looked for without accents, in any case', () => {
  expect(searchable('Épanchement, pleural (GAUCHE) 10%')).toBe('epanchement pleural gauche 10')
})
