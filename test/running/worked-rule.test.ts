import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { movement } from '../formats/hl7v2-rules/samples.ts'
import { type Lines, linesNamed, withValue } from '../formats/hl7v2-rules/segments.ts'
import { connect } from '../support/world/client.ts'
import { makeWorld, type World } from './gateway.ts'

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/rules.md', import.meta.url)), 'utf8')

/** The files of the worked example, as the page has them: a path in backquotes, then a block. */
function filesOfThePage(): [path: string, text: string][] {
  const section = PAGE.split('## Adding a rule: a worked example')[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/^`(profiles\/\S+)`\n```\w+\n([\s\S]*?)^```$/gm)].map(([, path, text]) => [path!, text!])
}

const visit = withValue(movement('A04'), 0, 'MSH-4', 'SENDER')
const set = (lines: Lines, path: string, value: string): Lines =>
  withValue(lines, linesNamed(lines, path.slice(0, 3))[0]!, path, value)

async function findings(world: World, lines: Lines, controlId: string): Promise<unknown> {
  const client = await connect(world.port('mllp'))
  const answer = await client.post(Buffer.from(`${set(lines, 'MSH-10', controlId).join('\r')}\r`, 'utf8'))
  client.close()
  expect(answer?.code).toBe('AA')
  const { json } = await world.call(`/api/messages?controlId=${controlId}`)
  const [{ id }] = json['messages'] as [{ id: string }]
  const detail = (await world.call(`/api/messages/${id}`)).json
  return (detail['findings'] as { code: string; at: string; params: { rule: string } }[]).map(
    ({ code, at, params }) => `${params.rule} ${code} ${at}`,
  )
}

test('the worked example of docs/rules.md works: two files beside region.yaml, applied without a restart', async () => {
  const files = filesOfThePage()
  expect(files.map(([path]) => path)).toEqual(['profiles/tables/exemple-unites.csv', 'profiles/hl7v2/exemple.yaml'])
  const world = makeWorld()
  world.write({})
  await world.start()
  expect(await findings(world, visit, 'BEFORE')).toEqual([])

  for (const [path, text] of files) {
    mkdirSync(dirname(join(world.dir, path)), { recursive: true })
    writeFileSync(join(world.dir, path), text)
  }
  const { json: plan } = await world.call('/api/config/plan', {})
  expect(plan['changes']).toMatchObject([
    { part: 'table', name: 'exemple-unites', what: 'added' },
    { part: 'rules', name: 'exemple', what: 'added' },
  ])
  await world.call('/api/config/apply', { reason: 'agreed' })

  expect(await findings(world, visit, 'WITHOUT')).toEqual(['EXEMPLE-MEDECIN FIELD_MISSING PV1-7'])
  const good = set(visit, 'PV1-7', '899900000017^MARTIN (FICTIF)^Claire')
  expect(await findings(world, good, 'GOOD')).toEqual([])
  expect(await findings(world, set(good, 'PV1-3.1', 'URGENCES'), 'PREFIX')).toEqual([])
  expect(await findings(world, set(good, 'PV1-3.1', 'AILLEURS'), 'STRANGE')).toEqual([
    'EXEMPLE-UNITE VALUE_UNLISTED PV1-3.1',
  ])
})
