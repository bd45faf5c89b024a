import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changing, readRegion } from '../../src/app/config/index.ts'
import { startingRevision } from '../../src/app/wiring/starting.ts'
import { openStage, type Stage } from '../pipeline/stage.ts'
import { notebook } from '../support/peers/notebook.ts'
import { regionText, type Written, writeRegion } from '../support/region.ts'

const offer = (more: object = {}) => ({
  telemedicine: { services: { stroke: { ladders: { answer: { centres: { '*': ['receiver'] } } }, ...more } } },
})
let stage: Stage
let folder: string
beforeEach(async () => {
  stage = await openStage(offer())
  folder = mkdtempSync(join(tmpdir(), 'open-cases-'))
})
afterEach(async () => {
  await stage.end()
  rmSync(folder, { recursive: true, force: true })
})

const sharedOf = async (parts: Written): Promise<string> =>
  (await readRegion(writeRegion(folder, regionText(parts)), {})).shared!
const row = (id: string, closed: number | null) => ({
  sql: `INSERT INTO care_case (id, number, service, kind, state, test, drill, site, version, opened_at_ms, changed_at_ms, closed_at_ms)
    VALUES (?, ?, 'stroke', 'stroke', 'requested', 1, 0, 'sender', 1, 1, 1, ?)`,
  parameters: [id, id, closed],
  rows: 1,
})

test('a service with open cases does not go, and one that changes says how many go on by it', async () => {
  const { journal } = stage
  const commands = changing({
    journal,
    own: null,
    running: null,
    adopt: (json, by, also) => journal.adopt(by, 1, json, also),
    nowMs: () => 1,
  })
  const problems = async (parts: Written) => {
    const plan = await commands.plan({ shared: await sharedOf(parts), own: null })
    const ofCases = plan.problems.filter(({ code }) => code === 'SERVICE_IN_USE')
    return ofCases.map(({ severity, at, code, message }) => `${severity} ${at} ${code}: ${message}`)
  }
  const how = { park: false, reason: 'test' }
  await journal.apply({ rows: [row('one', null), row('two', null), row('old', 2)] })

  const error =
    'error telemedicine.services.stroke SERVICE_IN_USE: 2 open case(s) of stroke: it stays until they are closed'
  expect(await problems({})).toEqual([error])
  expect(await problems(offer({ windows: { advice: 'off' } }))).toEqual([
    'warning telemedicine.services.stroke SERVICE_IN_USE: 2 open case(s) of stroke go on by what it says then',
  ])
  expect(await problems(offer())).toEqual([])
  const none = await sharedOf({})
  await expect(commands.apply({ shared: none, own: null }, how, 'op')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  const start = { shared: none, clock: { nowMs: () => 1 } as never, log: notebook().log }
  await expect(startingRevision(journal, start)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })

  await journal.apply({ rows: [{ sql: 'UPDATE care_case SET closed_at_ms = 3', parameters: [] }] })
  expect(await problems({})).toEqual([])
  expect(await startingRevision(journal, start)).toMatchObject({ json: none })
})
