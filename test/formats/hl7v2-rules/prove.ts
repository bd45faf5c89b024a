/**
 * Proves a rule file: its valid messages are without findings, and for each of its rules and structures there is a change
 * of a valid message that yields that finding and no other. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Profiles } from '../../../src/app/config/profiles.ts'
import { RuleFiles, tablesNamed } from '../../../src/app/config/rule-files.ts'
import type { CodeTable } from '../../../src/core/config.ts'
import type { Finding } from '../../../src/core/message.ts'
import { readHeader } from '../../../src/formats/hl7v2/header.ts'
import { checkRules } from '../../../src/formats/hl7v2/rules/check.ts'
import { compileProfiles } from '../../../src/formats/hl7v2/rules/compile.ts'
import type { Hl7Profiles } from '../../../src/formats/hl7v2/rules/profiles.ts'
import { ruleSentence } from '../../../src/formats/hl7v2/rules/texts.ts'
import type {
  RuleClass,
  WrittenRule,
  WrittenRuleFile,
  WrittenStructure,
} from '../../../src/formats/hl7v2/rules/written.ts'
import { messageFrom } from '../messages.ts'
import { mutationsOf, satisfying } from './mutations.ts'
import { inserted, type Lines, linesNamed, without, withValue } from './segments.ts'

const SHIPPED = fileURLToPath(new URL('../../../profiles', import.meta.url))

/** The rule files that are shipped. */
export const shippedFiles: Readonly<Record<string, WrittenRuleFile>> = new RuleFiles([SHIPPED]).written()

/** The shipped rules, compiled; rules that are off are looked at as `form`, so that they can be proved. */
export const shippedProfiles: Hl7Profiles = profilesWithout([])

function profilesWithout(ids: readonly string[]): Hl7Profiles {
  const off = Object.fromEntries(ids.map((id) => [id, 'off'] as const))
  return compileProfiles({ files: shippedFiles, classes: { ...wakened(), ...off }, tables: tables() })
}

function wakened(): Record<string, RuleClass> {
  const all = Object.values(shippedFiles).flatMap(({ rules = [] }) => rules)
  return Object.fromEntries(all.filter((rule) => rule.class === 'off').map(({ id }) => [id, 'form'] as const))
}

function tables(): ReadonlyMap<string, CodeTable> {
  const profiles = new Profiles([SHIPPED])
  const codes = profiles.tables({
    named: { all: tablesNamed(shippedFiles).map((name) => ({ path: 'PID-3', in: `table:${name}` })) },
  } as never)
  return new Map(Object.entries(codes).map(([name, all]) => [name, tableOf(all)]))
}

function tableOf(codes: readonly string[]): CodeTable {
  const prefixes = codes.filter((code) => code.endsWith('*')).map((code) => code.slice(0, -1))
  return { codes: new Set(codes.filter((code) => !code.endsWith('*'))), prefixes }
}

/** What the shipped rules find in a message given as lines of UTF-8 text. */
export function findingsIn(lines: Lines, profiles: Hl7Profiles = shippedProfiles): readonly Finding[] {
  const message = messageFrom(Buffer.from(`${lines.join('\r')}\r`, 'utf8'))
  return checkRules(message, readHeader(message), profiles)
}

/** A finding in a line: `contract FIELD_MISSING ZBE-9 PAM-ZBE-9`. */
export function told({ class: cls, code, at, params }: Finding): string {
  return `${cls} ${code} ${at} ${params?.['rule']}`
}

/** How a rule is broken where no change of a single value does: the lines before and after. */
export type OwnMutations = Readonly<Record<string, readonly ((sample: Lines) => Lines)[]>>

/** Changes the first PID of a message. */
const inPid =
  (path: string, value: string) =>
  (lines: Lines): Lines =>
    withValue(lines, linesNamed(lines, 'PID')[0]!, path, value)

/** What breaks rules of pieces that many files share. */
const OF_PIECES: OwnMutations = {
  'PID-FR-32': [inPid('PID-32', 'VALI~ZZ9')],
  'RNIV-SI-07': [inPid('PID-32', 'HOMA'), inPid('PID-32', 'PROV~VALI')],
  'RNIV-SI-29': [inPid('PID-5', 'LEROUX (FICTIF)^ANNE^SUZANNE MARIE^^^^L')],
  'RNIV-PP-20': [inPid('PID-8', 'M'), inPid('PID-7', '19540412')],
}

/** How a rule file is proved. */
export interface ProveOptions {
  /** Changes for rules that none can be made for, such as named checks. */
  readonly own?: OwnMutations
  /** Rules of other files that the samples would break. */
  readonly off?: readonly string[]
}

/**
 * Tests of one rule file, with the pieces it uses: `samples` are valid messages by name. A rule of the file without a
 * change that yields exactly its finding fails. */
export function proveRuleFile(
  name: string,
  samples: Readonly<Record<string, Lines>>,
  { own = {}, off = [] }: ProveOptions = {},
): void {
  const file = shippedFiles[name]!
  const proving = new Proving(Object.values(samples), off)
  describe(`rule file ${name}`, () => {
    test.each(Object.entries(samples))('%s is valid', (_, sample) => {
      expect(proving.findingsIn(sample).map(told)).toEqual([])
    })
    const rules = [...usedBy(name).flatMap((piece) => shippedFiles[piece]?.rules ?? []), ...(file.rules ?? [])]
    test.each(rules.map((rule) => [rule.id, rule] as const))('%s is found where it alone is broken', (id, rule) => {
      proving.expectFound(rule, own[id] ?? OF_PIECES[id] ?? [])
    })
    test.each((file.structures ?? []).map((one) => [one.id, one] as const))('%s is compared', (_, structure) => {
      proving.expectCompared(structure)
    })
  })
}

/** Names of the pieces that a file uses, and those use. */
export function usedBy(name: string): string[] {
  return (shippedFiles[name]?.use ?? []).flatMap((piece) => [...usedBy(piece), piece])
}

class Proving {
  readonly #samples: readonly Lines[]
  readonly #profiles: Hl7Profiles

  constructor(samples: readonly Lines[], off: readonly string[]) {
    this.#samples = samples
    this.#profiles = off.length === 0 ? shippedProfiles : profilesWithout(off)
  }

  findingsIn(lines: Lines): readonly Finding[] {
    return findingsIn(lines, this.#profiles)
  }

  /** Some change yields the rule's finding and no other, with a sentence in both languages. */
  expectFound(rule: WrittenRule, own: OwnMutations[string]): void {
    const found = this.#search(rule, own)
    if (Array.isArray(found)) {
      throw new Error(
        `no change breaks ${rule.id} alone; nearest: ${found.slice(0, 5).join(' | ') || 'none breaks it'}`,
      )
    }
    for (const language of ['fr', 'en'] as const) {
      const sentence = ruleSentence(found as Finding, shippedProfiles, language)
      expect(sentence?.text).toMatch(/\w{2}/)
      expect(sentence?.reference).toContain(rule.id)
    }
  }

  #search(rule: WrittenRule, own: OwnMutations[string]): Finding | string[] {
    const near: string[] = []
    const others = valuesFor(rule.at)
    for (const sample of this.#samples) {
      for (const base of satisfying(rule, sample)) {
        if (base !== sample && this.findingsIn(base).length > 0) continue
        const changes = own.length > 0 ? own.map((change) => change(base)) : mutationsOf(rule, base, others)
        for (const mutated of changes) {
          const findings = this.findingsIn(mutated)
          const [first] = findings.filter(({ params }) => params?.['rule'] === rule.id)
          if (first !== undefined && findings.length === 1) return first
          if (first !== undefined) near.push(findings.map(told).join(' + '))
        }
      }
    }
    return near
  }

  /** Without a segment that must be there, with a stranger, and out of order: each is told, and nothing else. */
  expectCompared({ id }: WrittenStructure): void {
    const fits = this.#samples.filter((sample) =>
      this.findingsIn(withStranger(sample)).some(({ params }) => params?.['rule'] === id),
    )
    expect(fits.length, `no sample has the structure ${id}`).toBeGreaterThan(0)
    for (const sample of fits) {
      expect(this.#told(withStranger(sample))).toEqual(['SEGMENT_UNEXPECTED QQ9'])
      const alone = [...sample.keys()].filter((i) => i > 0 && linesNamed(sample, sample[i]!.slice(0, 3)).length === 1)
      const missing = alone.filter((i) =>
        this.#told(without(sample, i)).includes(`SEGMENT_MISSING ${sample[i]!.slice(0, 3)}`),
      )
      expect(missing.length, 'a segment is required').toBeGreaterThan(0)
      for (const i of missing)
        expect(this.#told(without(sample, i))).toEqual([`SEGMENT_MISSING ${sample[i]!.slice(0, 3)}`])
      const lastFirst = [sample[0]!, sample.at(-1)!, ...sample.slice(1, -1)]
      expect(this.#told(lastFirst).join()).toContain('SEGMENT_ORDER')
    }
  }

  #told(lines: Lines): string[] {
    return this.findingsIn(lines).map(({ code, at }) => `${code} ${at}`)
  }
}

function withStranger(sample: Lines): Lines {
  return inserted(sample, 1, 'QQ9|1')
}

/** Values that some rule allows at a place. */
function valuesFor(at: string): string[] {
  const rules = Object.values(shippedFiles).flatMap((file) => file.rules ?? [])
  return rules.flatMap((rule) => (rule.at === at && Array.isArray(rule.in) ? (rule.in as readonly string[]) : []))
}
