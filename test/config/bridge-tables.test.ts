import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { configOf, regionText, writeRegion } from '../support/region.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-tables-'))
  mkdirSync(join(folder, 'profiles', 'tables'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const table = (name: string, text: string): void => writeFileSync(join(folder, 'profiles', 'tables', name), text)
const region = (transform?: 'hl7v2'): string =>
  writeRegion(
    folder,
    regionText({
      routes: [{ name: 'r', when: { kinds: ['Patient'] }, to: ['receiver/dpi'], ...(transform && { transform }) }],
    }),
  )

test("a route that converts brings the region's tables of conversion, and another none", async () => {
  table('bridge-gender.csv', 'from,to\nX,other\n')
  table('units.csv', 'from,to\nA,B\n')
  expect([...(await configOf(region('hl7v2'))).config.maps.keys()]).toEqual(['bridge-gender'])
  expect([...(await configOf(region())).config.maps.keys()]).toEqual([])
})

test('one that cannot be used is told', async () => {
  table('bridge-gender.csv', 'code,system,display\nX,,\n')
  const { problems } = await readRegion(region('hl7v2'), {})
  expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'BAD_TABLE profiles/tables/bridge-gender.csv line 1: the header must be from,to',
  ])
})
