import { expect, test } from 'vitest'
import { errorsDocument } from '../../src/app/errors-document.ts'
import { ERRORS } from '../../src/core/errors.ts'
import { HELP_EN } from '../../src/core/help-en.ts'
import { HELP_FR } from '../../src/core/help-fr.ts'
import { filesUnder, textOf } from './source.ts'

const codes = Object.keys(ERRORS) as (keyof typeof ERRORS)[]

test('docs/errors.md is what the table says; if not, run: node src/app/errors-document.ts', () => {
  expect(textOf('docs/errors.md')).toBe(errorsDocument())
})

test.each([
  ['English', HELP_EN],
  ['French', HELP_FR],
])('each code has its sentence in %s, ended, on one line, and no other has one', (_language, help) => {
  expect(Object.keys(help).sort()).toEqual([...codes].sort())
  expect(Object.entries(help).filter(([, text]) => !/^\S[^\n]{10,198}\.$/.test(text))).toEqual([])
})

test('each code is shown by some part of the gateway', () => {
  const table = /^src\/core\/(errors|help-(en|fr))\.ts$/
  const source = filesUnder('src', '.ts').filter((file) => !table.test(file))
  const text = [...source, ...filesUnder('profiles/hl7v2', '.yaml')].map(textOf).join('\n')
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(text))).toEqual([])
})
