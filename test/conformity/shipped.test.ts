import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findingNames, frameworkFiles, frameworks, readFramework, shippedProfiles } from '../../src/app/config/index.ts'
import { frameworksDocument } from '../../src/app/frameworks-document.ts'
import {
  type Framework,
  frameworkName,
  type InBoth,
  type Judging,
  type Requirement,
} from '../../src/core/conformity.ts'
import { ROOT, textOf } from '../ground/source.ts'

const shipped = frameworks(shippedProfiles())
const requirements = (of: Framework): Requirement[] => of.domains.flatMap((domain) => domain.requirements)
const all = shipped.flatMap((of) => requirements(of).map((one) => [`${frameworkName(of)} ${one.id}`, one] as const))

describe('shipped frameworks', () => {
  test('every file is good, and each is a framework of its own', () => {
    const files = readdirSync(`${ROOT}profiles/frameworks`)
    expect(frameworkFiles(shippedProfiles()).flatMap(({ problems }) => problems)).toEqual([])
    expect(shipped.map(({ id }) => `${id}.yaml`).sort()).toEqual(files.sort())
  })

  test('how much is judged by what', () => {
    const counted = shipped.map((of) => {
      const by = (way: Judging['by']): number => requirements(of).filter(({ judging }) => judging.by === way).length
      return `${frameworkName(of)}: ${by('traffic')} ${by('probe')} ${by('evidence')} ${by('derived')}`
    })
    expect(counted).toEqual([
      'ci-sis@2026.1: 53 7 2 3',
      'esms-numerique@2021: 2 0 16 1',
      'hopen@2019: 4 0 21 0',
      'hopital-numerique@2012: 0 0 8 1',
      'mssante-client@1.0.1: 2 0 32 0',
      'rniv@2.0: 6 0 48 0',
      'segur@2026.1: 2 0 12 0',
    ])
  })

  test('every text stands in both languages, and they are not the same', () => {
    const texts: (readonly [string, InBoth])[] = all.flatMap(([name, { text, next }]) => [
      [name, text],
      [name, next],
    ])
    expect(texts.filter(([, { fr, en }]) => fr.trim() === '' || en.trim() === '' || fr === en)).toEqual([])
  })

  test('a share is nobody’s but ours, and says so', () => {
    const shares = all.filter(([, { judging: by }]) => by.by === 'traffic' && by.rule.measure.what !== 'absence')
    expect(shares.length).toBeGreaterThan(40)
    const silent = shares.filter(([, { source, confirm }]) => !confirm || !source.document.includes('seuil proposé'))
    expect(silent.map(([name]) => name)).toEqual([])
  })

  test('ids that begin like a publisher’s own are those that the publisher wrote', () => {
    const official = /^(EXI-|ECO\.|INS\/|SC\.|MSS[-/]\w*\d|DOC-\d|P\d)/
    const named = all.filter(([, { id }]) => official.test(id))
    const plain = (text: string | null): string => (text ?? '').toUpperCase().replaceAll(' ', '-')
    const other = named.filter(([, { id, source }]) => plain(source.clause) !== id && id !== 'SC.MSS/CONF.17-18')
    expect(other.map(([name]) => name)).toEqual([])
  })
})

describe('docs/frameworks.md', () => {
  const page = textOf('docs/frameworks.md')

  test('lists what is shipped; if not, run: node src/app/frameworks-document.ts', () => {
    expect(page).toBe(frameworksDocument(page))
  })

  test('its examples are of good form', () => {
    const judges = [...page.matchAll(/^judge: \{ .+ \}$/gm)].map(([line]) => line)
    expect(judges).toHaveLength(10)
    const rest = 'level: optional, text: { fr: a, en: b }, source: { document: d }, next: { fr: a, en: b }'
    const parts = ['EX-A', 'EX-B', 'EX-C'].map(
      (id) => `{ id: ${id}, ${rest}, judge: { probe: { kind: tls, valid: 7 d } } }`,
    )
    const examples = judges.map((judge, i) => `{ id: EXAMPLE-${i}, ${rest}, ${judge} }`)
    const head = /^id: convention-exemple[\s\S]*?(?= {4}requirements)/m.exec(page)?.[0]
    const text = `${head}    requirements: [${[...parts, ...examples].join(',\n      ')}]\n`
    const { problems, framework } = readFramework('page', text, findingNames(shippedProfiles()))
    expect(problems).toEqual([])
    expect(framework?.domains[0]?.requirements).toHaveLength(13)
  })
})

test('screens in French say none of the words that they must not', () => {
  const words = /\b(gateway|queue|replay|resend|dry run|finding|unknown|expired|mailbox|bounce|drill)\b/i
  const french = readdirSync(`${ROOT}profiles/frameworks`).flatMap((file) =>
    [...readFileSync(`${ROOT}profiles/frameworks/${file}`, 'utf8').matchAll(/fr: "([^"]*)"/g)].map(([, text]) => text!),
  )
  expect(french.length).toBeGreaterThan(300)
  expect(french.filter((text) => words.test(text))).toEqual([])
})
