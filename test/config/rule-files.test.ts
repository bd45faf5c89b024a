import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sharedProblems } from '../../src/app/config/check/stored.ts'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import { planOf } from '../../src/app/config/plan.ts'
import { profilesOf } from '../../src/formats/hl7v2/rules/compile.ts'
import { regionText, type Written, writeRegion } from '../support/region.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rule-files-'))
  mkdirSync(join(folder, 'profiles', 'hl7v2'), { recursive: true })
  mkdirSync(join(folder, 'profiles', 'tables'))
  writeFileSync(join(folder, 'profiles', 'tables', 'units.csv'), 'code,system,display\nU1,,Unit\nK*,,Others\n')
  writeFileSync(join(folder, 'profiles', 'tables', 'broken.csv'), 'code\nU1\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Reads a region with rule files beside it. */
async function region(files: Readonly<Record<string, string>>, parts: Written = {}) {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'profiles', 'hl7v2', `${name}.yaml`), text)
  }
  return readRegion(writeRegion(folder, regionText(parts)), {})
}

const HEAD = 'title: Essai\nappliesTo: { kinds: ["ADT^*"] }\nrules:\n'

// Each file is HEAD and these lines, the first of which is line 4.
const faults: [name: string, lines: string, said: RegExp[]][] = [
  [
    'an unknown key',
    '  - { id: X-1, at: PID-3, requird: true }',
    [/x\.yaml line 4: "requird" is no setting here \(did you mean required\?\)/],
  ],
  [
    'an unknown key at the top',
    '  - { id: X-1, at: PID-3, required: true }\nrule: []',
    [/line 5: "rule" is no setting here/],
  ],
  [
    'two at once',
    '  - { at: PID-3, required: true }\n  - { id: X-2, at: pid-3, required: true }',
    [/line 4: id is missing/, /line 5: "pid-3" is not a place/],
  ],
  ['broken YAML', '  - { id: X-1', [/x\.yaml line \d+: /]],
  ['nothing asked', '  - { id: X-1, at: PID-3 }', [/line 4: X-1 must ask exactly one of required, /]],
  ['two things asked', '  - { id: X-1, at: PID-3, required: true, max: 1 }', [/line 4: X-1 must ask exactly one of/]],
  [
    'an id twice',
    '  - { id: X-1, at: PID-3, required: true }\n  - { id: X-1, at: PID-5, required: true }',
    [/line 5: the id X-1 stands twice/],
  ],
  ['an id of another file', '  - { id: PAM-ZBE-4, at: PID-3, required: true }', [/the id PAM-ZBE-4 stands twice/]],
  ['an unknown type', '  - { id: X-1, at: PID-7, type: DATE }', [/line 4: there is no data type DATE; known: TS, /]],
  [
    'an unknown check',
    '  - { id: X-1, at: PID, check: magic, text: { fr: a, en: b } }',
    [/line 4: there is no check named magic/],
  ],
  [
    'a check told nothing',
    '  - { id: X-1, at: PID, check: onlyFields, text: { fr: a, en: b } }',
    [/line 4: onlyFields needs segment and fields/],
  ],
  [
    'a check without a text',
    '  - { id: X-1, at: PID, check: onlyFields, with: { segment: PID, fields: [1] } }',
    [/line 4: X-1 needs a text in fr and en/],
  ],
  [
    'a text in one language',
    '  - { id: X-1, at: PID-3, required: true, text: { fr: oui } }',
    [/line 4: en is missing/],
  ],
  [
    'an unknown code',
    '  - { id: X-1, at: PID-3, required: true, code: OOPS, text: { fr: a, en: b } }',
    [/line 4: "OOPS" is none of/],
  ],
  [
    'an unknown class',
    '  - { id: X-1, at: PID-3, required: true, class: grave }',
    [/line 4: "grave" is none of off, form, contract, safety/],
  ],
  ['a table that is not there', '  - { id: X-1, at: PID-3, in: table:nothing }', [/line 4: there is no table:nothing/]],
  [
    'a table that is broken',
    '  - { id: X-1, at: PID-3, in: table:broken }',
    [/tables\/broken\.csv line 1: the header must be/],
  ],
  [
    'a pattern that is none',
    "  - { id: X-1, at: PID-3, pattern: '(' }",
    [/line 4: the pattern is no regular expression/],
  ],
  [
    'a pattern that could take for ever',
    "  - { id: X-1, at: PID-3, pattern: '(a+)+b' }",
    [/line 4: the pattern repeats a group/],
  ],
  ['a count of a field', '  - { id: X-1, at: PID-3, count: { min: 1 } }', [/line 4: count asks for a segment/]],
  ['a type of a segment', '  - { id: X-1, at: PID, type: TS }', [/line 4: PID is a segment: it can be required/]],
  [
    'a condition of a segment by value',
    '  - { id: X-1, at: PID-3, required: true, when: { PV1: [I] } }',
    [/line 4: PV1 is a segment: it can only be present or absent/],
  ],
  [
    'a number as value',
    '  - { id: X-1, at: PID-8, in: [1] }',
    [/line 4: expected text \(numbers, yes and no go in quotes\), found a number/],
  ],
  [
    'an unknown piece',
    '  - { id: X-1, at: PID-3, required: true }\nuse: [nothing]',
    [/line 5: there is no piece nothing/],
  ],
  [
    'a piece that is none',
    '  - { id: X-1, at: PID-3, required: true }\nuse: [v0]',
    [/line 5: v0 applies by itself and is no piece/],
  ],
  [
    'a file to replace that is none',
    '  - { id: X-1, at: PID-3, required: true }\nreplaces: [nothing]',
    [/line 5: no file nothing applies to any message/],
  ],
  [
    'a structure that does not close',
    '  - { id: X-1, at: PID-3, required: true }\nstructures:\n  - { id: X-S, segments: "MSH [PID" }',
    [/line 6: \] is missing/],
  ],
  [
    'a structure with a strange name',
    '  - { id: X-1, at: PID-3, required: true }\nstructures:\n  - { id: X-S, segments: "MSH Pid" }',
    [/line 6: " Pid" is no segment/],
  ],
  [
    'a part that is none',
    '  - { id: X-1, at: PID-3, required: true }\nstructures:\n  - { id: X-S, segments: "MSH patient" }',
    [/line 6: there is no part named patient/],
  ],
]

describe('rule files', () => {
  test.each(faults)('%s is told with its line', async (_name, lines, said) => {
    const { problems, shared } = await region({ x: `${HEAD}${lines}\n` })
    expect(shared).toBeNull()
    expect(problems.map(({ code, at }) => [code, at])).toEqual(said.map(() => ['BAD_RULES', 'rules']))
    for (const [i, pattern] of said.entries()) expect(problems[i]?.message).toMatch(pattern)
  })

  test('a class for a rule that no file has is told on its line', async () => {
    const { problems } = await region({}, { rules: { 'PAM-ZBE-4': 'off', 'PAM-ZBE-44': 'off' } })
    expect(problems).toMatchObject([{ severity: 'error', code: 'UNKNOWN_RULE', at: 'rules.PAM-ZBE-44' }])
    const { problems: bad } = await region({}, { rules: { 'PAM-ZBE-4': 'sometimes' } })
    expect(bad).toMatchObject([{ code: 'BAD_VALUE', at: 'rules.PAM-ZBE-4' }])
  })

  test("the region's own file replaces a shipped one by name, and its tables travel with the revision", async () => {
    const own = `${HEAD}  - { id: OWN-PV1-3, at: PV1-3.1, in: table:units }\n`
    const { shared, read } = await region({ 'adt-version-fr': own })
    const { ruleFiles, tables } = JSON.parse(shared!) as Record<string, Record<string, unknown>>
    expect(ruleFiles!['adt-version-fr']).toMatchObject({ rules: [{ id: 'OWN-PV1-3' }] })
    expect(tables).toMatchObject({ units: ['U1', 'K*'] })
    const profiles = profilesOf(compileConfig(shared!, 1, read).rules!)
    expect([profiles.known.has('OWN-PV1-3'), profiles.known.has('ADT-FR-VERSION')]).toEqual([true, false])
  })

  test('a changed file is a change of the configuration, told by name', async () => {
    const before = (await region({})).shared!
    const after = (
      await region({ own: `${HEAD}  - { id: OWN-1, at: PID-3, required: true }\n` }, { rules: { 'PAM-A08': 'off' } })
    ).shared!
    const { changes, same } = planOf({ revision: 1, json: before }, after, { destinations: new Map() })
    expect(same).toBe(false)
    expect(changes).toEqual([
      { part: 'rule', name: 'PAM-A08', what: 'added', settings: [] },
      { part: 'rules', name: 'own', what: 'added', settings: [] },
    ])
  })

  test('what comes over the API is checked like a file', async () => {
    const { shared } = await region({})
    expect(sharedProblems(shared!)).toEqual([])
    const written = JSON.parse(shared!) as { ruleFiles: Record<string, { rules: Record<string, unknown>[] }> }
    const file = written.ruleFiles['v0']!
    const broken = (rule: object): string => {
      const ruleFiles = { ...written.ruleFiles, v0: { ...file, rules: [...file.rules, rule] } }
      return JSON.stringify({ ...written, ruleFiles })
    }
    const n = file.rules.length
    expect(sharedProblems(broken({ id: 'X-1', at: 'PID-3', requird: true }))).toMatchObject([
      { code: 'UNKNOWN_KEY', at: `ruleFiles.v0.rules[${n}].requird` },
    ])
    expect(sharedProblems(broken({ id: 'X-1', at: 'PID-3', type: 'DATE' }))).toMatchObject([
      { code: 'BAD_RULES', at: `ruleFiles.v0.rules[${n}]` },
    ])
    const unsound = broken({ id: 'X-1', at: 'PID-3', type: 'DATE' })
    expect(() => compileConfig(unsound, 1, () => '')).toThrow(/there is no data type DATE/)
  })

  test('a revision from before there were rules runs without any', async () => {
    const { ruleFiles: _, rules: __, ...old } = JSON.parse((await region({})).shared!) as Record<string, unknown>
    expect(profilesOf(compileConfig(JSON.stringify(old), 1, () => '').rules!).known.size).toBe(0)
  })
})
