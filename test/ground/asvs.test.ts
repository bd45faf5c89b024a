import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ROOT, textOf } from './source.ts'

/** Requirements of level 1 and 2 in each chapter of OWASP ASVS 5.0.0. */
const REQUIREMENTS: Readonly<Record<string, number>> = {
  V1: 27,
  V2: 11,
  V3: 19,
  V4: 10,
  V5: 9,
  V6: 35,
  V7: 18,
  V8: 7,
  V9: 7,
  V10: 29,
  V11: 14,
  V12: 9,
  V13: 13,
  V14: 9,
  V15: 13,
  V16: 16,
  V17: 7,
}
const HEADER = 'requirement,level,status,evidence,note'

interface Row {
  readonly id: string
  readonly asks: string
  readonly level: string
  readonly status: string
  readonly evidence: readonly string[]
  readonly note: string
}

/** Cells of a line of CSV (RFC 4180), none of which holds a line end. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  )
}

const [header, ...lines] = textOf('docs/asvs.csv').trimEnd().split('\n')
const rows: Row[] = lines.map((line) => {
  const [requirement = '', level = '', status = '', evidence = '', note = ''] = cells(line)
  const [id = '', ...asks] = requirement.split(' ')
  return { id, asks: asks.join(' '), level, status, evidence: evidence.split('; ').filter((one) => one !== ''), note }
})

test('docs/asvs.csv has its columns, and each row what it needs', () => {
  expect(header).toBe(HEADER)
  const wrong = rows.filter(
    ({ id, asks, level, status, evidence, note }) =>
      !/^V\d{1,2}\.\d{1,2}\.\d{1,2}$/.test(id) ||
      asks === '' ||
      !['1', '2'].includes(level) ||
      !['met', 'partly', 'not met', 'not applicable'].includes(status) ||
      (status === 'met' ? evidence.length === 0 : note === ''),
  )
  expect(wrong).toEqual([])
  expect(lines.filter((line) => cells(line).length !== HEADER.split(',').length)).toEqual([])
})

test('every requirement of level 1 and 2 has one row, in order', () => {
  const number = (id: string): number =>
    id
      .slice(1)
      .split('.')
      .reduce((sum, part) => sum * 100 + Number(part), 0)
  const numbers = rows.map(({ id }) => number(id))
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  const counted = Object.fromEntries(
    Object.keys(REQUIREMENTS).map((chapter) => [chapter, rows.filter(({ id }) => id.startsWith(`${chapter}.`)).length]),
  )
  expect(counted).toEqual(REQUIREMENTS)
})

test('what a row names as evidence is there: each file, and each test in it', () => {
  const missing = rows.flatMap(({ id, evidence }) =>
    evidence.filter((one) => !stands(one)).map((one) => `${id}: ${one}`),
  )
  expect(missing).toEqual([])
})

/** `FILE`, `FILE#name of a test` or `PAGE.md#heading`. */
function stands(evidence: string): boolean {
  const [file = '', ...name] = evidence.split('#')
  if (!existsSync(`${ROOT}${file}`)) return false
  if (name.length === 0) return true
  const text = textOf(file)
  return file.endsWith('.md') ? text.includes(`\n## ${name.join('#')}\n`) : text.includes(name.join('#'))
}
