import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { readMap, readTable } from '../../src/app/config/profile-files.ts'
import { regionText, writeRegion } from '../support/region.ts'

const folder = mkdtempSync(join(tmpdir(), 'utf8-'))
const profiles = join(folder, 'profiles')
beforeEach(() => mkdirSync(join(profiles, 'tables'), { recursive: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

test.each<[name: string, bytes: string | Buffer, said: string | Record<string, string>]>([
  ['two columns', 'from,to\nMED1,CARDIO\nMED2,\n', { MED1: 'CARDIO', MED2: '' }],
  ['a mark before it, CRLF', '\uFEFFfrom,to\r\nMED1,Réa\r\n', { MED1: 'Réa' }],
  ['quotation marks with a comma and with marks', 'from,to\n"A,B","say ""yes"""\n', { 'A,B': 'say "yes"' }],
  ['Latin-1', latin1('from,to\nMED1,CARDIO\nMED2,Réa\n'), 'line 3: not UTF-8'],
  ['Latin-1 in the last line, without its end', latin1('from,to\nMED1,Réa'), 'line 2: not UTF-8'],
  ['no second column', 'from,to\nMED1\n', 'row 2: two columns are needed'],
  ['semicolons', 'from,to\nMED1;CARDIO\n', 'row 2: two columns are needed'],
  ['three columns', 'from,to\nMED1,CARDIO,X\n', 'row 2: two columns are needed'],
  ['an open mark before the comma', 'from,to\n"MED1,CARDIO\n', 'row 2: a quotation mark is not closed'],
  ['an open mark behind it', 'from,to\nMED1,"CARDIO\n', 'row 2: a quotation mark is not closed'],
  ['text behind a closed mark', 'from,to\n"MED1"x,CARDIO\n', 'row 2: a quotation mark is not closed'],
])('a map with %s', (_name, bytes, said) => {
  writeFileSync(join(profiles, 'tables', 'units.csv'), bytes)
  const read = readMap([profiles], 'units')
  if (typeof said === 'string')
    expect(read).toMatchObject({ ok: false, found: true, message: expect.stringContaining(said) })
  else expect(read.ok && Object.fromEntries(read.rows)).toEqual(said)
})

test('a table of codes in Latin-1', () => {
  writeFileSync(join(profiles, 'tables', 'own.csv'), latin1('code,system,display\nI63,CIM-10,Infarctus cérébral\n'))
  const message =
    'profiles/tables/own.csv line 2: not UTF-8: save the file as UTF-8, it looks like Latin-1 or Windows-1252'
  expect(readTable([profiles], 'own')).toEqual({ ok: false, found: true, message })
})

test('a region file in Latin-1', async () => {
  const file = writeRegion(folder, regionText({}))
  writeFileSync(file, latin1('region:\n  name: Région\n'))
  const { problems, node, shared } = await readRegion(file, {})
  expect([node, shared]).toEqual([null, null])
  expect(problems).toMatchObject([{ severity: 'error', line: 2, column: 10, code: 'NOT_UTF8' }])
})
