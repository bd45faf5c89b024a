import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Gateway, start, sweep } from './gateway.ts'
import { otherPorts } from './ports.ts'
import { ROOT, textOf } from './source.ts'

let folder = ''
let gateway: Gateway | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
})
afterEach(() => {
  if (gateway !== null) sweep(gateway)
  rmSync(folder, { recursive: true, force: true })
})

/** Lines of README's shell blocks. */
const commands = [...textOf('README.md').matchAll(/^```sh\n([^`]+)```$/gm)].flatMap(
  ([, block]) => block?.trim().split('\n') ?? [],
)

function command(start: RegExp): string {
  const found = commands.filter((line) => start.test(line))
  expect(found, `README has one command that matches ${start}`).toHaveLength(1)
  return found[0]!
}

const present = spawnSync('mllp_send', ['--version']).status === 0

test.skipIf(!present && process.env.CI !== 'true')(
  "README's first message is answered AA, delivered and traced (skipped without mllp_send of python3-hl7)",
  async () => {
    expect(present, 'mllp_send of Debian package python3-hl7 is missing').toBe(true)
    const region = textOf('region.yaml')
    const { ports, moved } = await otherPorts(region)
    const file = join(folder, 'region.yaml')
    writeFileSync(file, moved(region))
    const store = `file:${join(folder, 'data')}`
    gateway = await start(['npm', 'start', '--', '--region', file, '--store', store], Number(ports.get('8080')))

    const env = { ...process.env, PASSERELLE_STORE: store, PASSERELLE_REGION: file }
    const run = async (line: string): Promise<string> => {
      const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', line], { cwd: ROOT, env })
      return stdout
    }
    const posted = command(/^mllp_send /)
    const answer = await run(posted.replace('--port 2575', `--port ${ports.get('2575')}`))
    const controlId = answer.match(/^MSA\|AA\|(\S+)$/m)?.[1]
    expect(controlId, answer).toBeDefined()

    const trace = command(/ trace \S+$/)
    expect(trace.split(' ').at(-1)).toBe(controlId)
    let timeline = await run(trace)
    for (let tries = 0; tries < 10 && !/chu-angers\/unv.*MSA-1 AA/s.test(timeline); tries++) timeline = await run(trace)
    expect(timeline).toMatch(/chu-angers\/unv.*MSA-1 AA/s)
    expect(await run(posted.replace('--port 2575', `--port ${ports.get('2575')}`))).toBe(answer)

    const web = (line: string): string => line.replace('127.0.0.1:8080', `127.0.0.1:${ports.get('8080')}`)
    expect(await run(web(command(/^curl .*\/hl7 /)))).toMatch(/^MSA\|AA\|/m)
    const created = JSON.parse(await run(web(command(/^curl .*\/fhir\//)))) as { resourceType: string; id: string }
    expect([created.resourceType, created.id.length]).toEqual(['ServiceRequest', 36])
    const script = textOf('README.md').match(/^```js\n([^`]+)```$/m)?.[1] ?? ''
    writeFileSync(
      join(folder, 'create.mjs'),
      web(script).replace("'fhir-kit-client'", `'${import.meta.resolve('fhir-kit-client')}'`),
    )
    expect(await run(`${process.execPath} ${join(folder, 'create.mjs')}`)).toContain("resourceType: 'ServiceRequest'")
  },
  60_000,
)
