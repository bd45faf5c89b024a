import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTar, type TarLimits } from '../../src/formats/fhir/package/tar.ts'
import { missing } from '../support/world/needs.ts'
import { type Entry, entryBytes, paxRecord, tar } from './archive.ts'

const LIMITS: TarLimits = { maxEntries: 10, maxFileBytes: 1000 }
const names = (archive: Buffer) => {
  const reading = readTar(archive, LIMITS)
  return reading.ok ? reading.files.map(({ name, bytes }) => `${name}=${bytes}`) : `${reading.fault} ${reading.entry}`
}
const file = (name: string, more: Partial<Entry> = {}): Entry => ({ name, text: 'x', ...more })

describe('read', () => {
  const long = `package/${'n'.repeat(120)}.json`
  const cases: [string, Buffer, string[]][] = [
    ['two files', tar([file('a'), file('b/c', { text: 'yz' })]), ['a=x', 'b/c=yz']],
    ['an empty file', tar([file('a', { text: '' })]), ['a=']],
    ['a file of just one block', tar([file('a', { text: 'x'.repeat(512) })]), [`a=${'x'.repeat(512)}`]],
    ['a prefix', tar([file('b.json', { prefix: 'package' })]), ['package/b.json=x']],
    ['folders, passed over', tar([file('package/', { kind: '5', text: '' }), file('package/a')]), ['package/a=x']],
    ['an old archive, kind NUL', tar([file('a', { kind: '\0' })]), ['a=x']],
    ['a long name of GNU', tar([{ name: '././@LongLink', kind: 'L', text: `${long}\0` }, file('cut')]), [`${long}=x`]],
    [
      'a long name of pax',
      tar([{ name: 'pax', kind: 'x', text: paxRecord('path', long) }, file('cut')]),
      [`${long}=x`],
    ],
    [
      'a pax header without a name',
      tar([{ name: 'pax', kind: 'x', text: paxRecord('mtime', '1.5') }, file('a')]),
      ['a=x'],
    ],
    ['a global pax header', tar([{ name: 'pax', kind: 'g', text: paxRecord('path', 'no') }, file('a')]), ['a=x']],
    ['no end', entryBytes(file('a')), ['a=x']],
    ['nothing', Buffer.alloc(0), []],
    ['what follows the end is not looked at', Buffer.concat([tar([file('a')]), Buffer.from('rest')]), ['a=x']],
  ]
  test.each(cases)('%s', (_name, archive, expected) => {
    expect(names(archive)).toEqual(expected)
  })
})

describe('refused', () => {
  const cases: [string, Buffer, string][] = [
    ['text', Buffer.from('hello '.repeat(200)), 'header '],
    ['a cut header', tar([file('a')]).subarray(0, 300), 'cut '],
    ['a cut file', entryBytes(file('a', { text: 'x'.repeat(600) })).subarray(0, 700), 'cut a'],
    ['a wrong checksum', tar([file('a', { checksum: '000001\0 ' })]), 'header '],
    ['a size that is no octal number', tar([file('a', { size: '9999999zz' })]), 'header '],
    ['a negative size', tar([file('a', { size: '-0000000001' })]), 'header '],
    ['a size in base 256', tar([file('a', { size: '\u0080' })]), 'header '],
    ['a size beyond the archive', tar([file('a', { size: '77777777777' })]), 'cut a'],
    ['a file that is too large', tar([file('a', { text: 'x'.repeat(1001) })]), 'file-size a'],
    ['too many entries', tar(Array.from({ length: 11 }, (_, i) => file(`f${i}`))), 'entries f10'],
    [
      'too many folders',
      tar(Array.from({ length: 11 }, (_, i) => file(`d${i}/`, { kind: '5', text: '' }))),
      'entries d10/',
    ],
    ['a symbolic link', tar([file('a', { kind: '2', text: '' })]), 'kind a'],
    ['a hard link', tar([file('a', { kind: '1', text: '' })]), 'kind a'],
    ['a device', tar([file('a', { kind: '3', text: '' })]), 'kind a'],
    ['an absolute name', tar([file('/etc/passwd')]), 'name /etc/passwd'],
    ['a name that climbs', tar([file('package/../../x')]), 'name package/../../x'],
    ['a name with a backslash', tar([file('package\\x')]), 'name package\\x'],
    ['a name with an escape sequence', tar([file('a\u001b[2J')]), 'name a?[2J'],
    ['no name', tar([file('')]), 'name '],
    ['a name that stands twice', tar([file('a'), file('a')]), 'name a'],
    [
      'a climbing name of pax',
      tar([{ name: 'p', kind: 'x', text: paxRecord('path', '../x') }, file('a')]),
      'name ../x',
    ],
    ['a long name that is too long', tar([{ name: 'p', kind: 'L', text: 'x'.repeat(5000) }]), 'name p'],
  ]
  test.each(cases)('%s', (_name, archive, expected) => {
    expect(names(archive)).toBe(expected)
  })
})

test('any change of one byte is read or refused, and never thrown', () => {
  const archive = tar([file('a', { text: 'abc' }), file('b')])
  fc.assert(
    fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(archive)
      changed[at] = byte
      expect(() => readTar(changed, LIMITS)).not.toThrow()
    }),
    { numRuns: 2000 },
  )
})

const needs = missing('tar', ['--version'])
test.skipIf(needs !== null)(needs ?? "what the system's tar writes is read, long names too", () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-tar-'))
  try {
    const long = `${'n'.repeat(150)}.json`
    mkdirSync(join(folder, 'package'))
    writeFileSync(join(folder, 'package', 'a.json'), '{}')
    writeFileSync(join(folder, 'package', long), '[]')
    for (const format of ['gnu', 'pax']) {
      const archive = execFileSync('tar', ['-c', '--sort=name', `--format=${format}`, '-C', folder, 'package'])
      expect(names(archive)).toEqual(['package/a.json={}', `package/${long}=[]`])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
