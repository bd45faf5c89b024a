import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { originalOf, piecesOf, structureOf, textOf } from '../../src/mssante/webmail/contents.ts'
import { mailFolders } from '../../src/senders/maildir/folders.ts'

/** What is shown of a mail that lies in a folder: its text, what is said of it, and the types of its files. */
async function shown(bytes: Buffer) {
  const dir = mkdtempSync(join(tmpdir(), 'contents-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const folder = join(dir, 'op.mssante.test', 'anne', 'new')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '1.m.host'), bytes)
  const files = mailFolders(dir, { nowMs: () => 0 })
  const place = { address: 'anne@op.mssante.test', folder: 'INBOX' as const, name: '1.m.host' }
  const structure = await structureOf(files, place)
  const { text, textNote } = await textOf(files, place, structure)
  const pieces: Buffer[] = []
  for await (const piece of (await originalOf(files, place)).body) pieces.push(piece)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  return [text.trim(), textNote, ...piecesOf(structure).pieces.map(({ type }) => type)]
}

const of = (type: string, body = ''): string => `Content-Type: ${type}\r\n\r\n${body}\r\n`
const many = (kind: string, ...parts: readonly string[]): string =>
  `${of(`multipart/${kind}; boundary=${kind}`)}${parts.map((one) => `--${kind}\r\n${one}`).join('')}--${kind}--\r\n`
const picture = (bytes: number): string => `<img src="data:image/png;base64,${'QUJD'.repeat(bytes / 4)}">`

test.each<[what: string, mail: string, shown: readonly (string | null)[]]>([
  [
    'a blank text gives way to HTML',
    many('alternative', of('text/plain', ' \t'), of('text/html', '<p>a')),
    ['a', 'from-html'],
  ],
  [
    'a text that says something does not',
    many('alternative', of('text/plain', 'a'), of('text/html', '<p>b')),
    ['a', null],
  ],
  ['blank both', many('alternative', of('text/plain'), of('text/html', '<p>')), ['', 'none']],
  ['HTML with a picture in it', of('text/html', `<p>a</p>${picture(400_000)}<p>b</p>`), ['a\n\nb', 'from-html']],
  ['HTML with more than is read', of('text/html', `<p>a</p>${picture(1_200_000)}<p>b</p>`), ['a', 'cut']],
  ['an invitation alone', of('text/calendar', 'BEGIN:VCALENDAR'), ['', 'none', 'text/calendar']],
  ['a document alone', of('text/xml', '<a/>'), ['', 'none', 'text/xml']],
  ['a text that is a file', of('text/plain\r\nContent-Disposition: attachment', 'a'), ['', 'none', 'text/plain']],
  [
    'an invitation among other forms of the text',
    many('alternative', of('text/plain', 'a'), of('text/html', '<p>a'), of('text/calendar', 'BEGIN:VCALENDAR')),
    ['a', null, 'text/calendar'],
  ],
  [
    'HTML beside a text, and two forms of another',
    many(
      'mixed',
      of('text/plain', 'a'),
      of('text/html', 'b'),
      many('alternative', of('text/plain', 'c'), of('text/html', 'd')),
    ),
    ['a', null, 'text/html', 'text/plain', 'text/html'],
  ],
  ['UTF-8 that does not say so', of('text/plain', 'opéré \ufffd'), ['opéré \ufffd', null]],
])('what is shown of a mail: %s', async (_, mail, expected) => {
  expect(await shown(Buffer.from(mail))).toEqual(expected)
})

test.each<[what: string, type: string, octets: readonly number[], text: string]>([
  ['Latin 1 that does not say so', 'text/plain', [0x6f, 0x70, 0xe9, 0x72, 0xe9, 0x80], 'opéré€'],
  ['Latin 1 that says it is ASCII', 'text/plain; charset=US-ASCII', [0xe9], 'é'],
  ['a set of central Europe', 'text/plain; charset=windows-1250', [0xf8], 'ř'],
  ['a set of Japan', 'text/plain; charset=ISO-2022-JP', [0x1b, 0x24, 0x42, 0x34, 0x51, 0x1b, 0x28, 0x42], '観'],
  ['HTML in Latin 1', 'text/html', [0x3c, 0x70, 0x3e, 0xe9], 'é'],
])('letters of a mail: %s', async (_, type, octets, text) => {
  expect((await shown(Buffer.concat([Buffer.from(of(type)).subarray(0, -2), Buffer.from(octets)])))[0]).toBe(text)
})

test('a very long text is cut between octets of a character without becoming another', async () => {
  const [text = '', note] = await shown(Buffer.from(of('text/plain', `a${'é'.repeat(200_000)}`)))
  expect([note, text?.slice(-2), text?.includes('\ufffd')]).toEqual(['cut', 'éé', false])
})
