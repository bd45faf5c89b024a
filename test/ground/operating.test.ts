import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.ts'
import { type Gateway, start, sweep } from './gateway.ts'
import { otherPorts } from './ports.ts'
import { ROOT, textOf } from './source.ts'

const text = textOf('docs/operating.md')
/** The blocks tagged to be run, in their order. */
const blocks = [...text.matchAll(/^```sh run\n([^`]+)```$/gm)].map(([, block]) => block!.trim())

const folder = mkdtempSync(join(tmpdir(), 'passerelle-operating-'))
let gateway: Gateway | null = null
afterAll(() => {
  if (gateway !== null) sweep(gateway)
  rmSync(folder, { recursive: true, force: true })
})

const missing = ['curl', 'openssl', 'tar', 'bash'].filter((name) => spawnSync(name, ['--version']).error !== undefined)

test.skipIf(missing.length > 0 && process.env.CI !== 'true')(
  'every command of docs/operating.md that is tagged for it works on the demo region (skipped without curl, openssl, tar and bash)',
  async () => {
    expect(missing, 'programs that are missing').toEqual([])
    expect(blocks.length).toBeGreaterThan(8)
    const region = textOf('region.yaml')
    const { ports, moved } = await otherPorts(region)
    const file = join(folder, 'region.yaml')
    writeFileSync(file, moved(region))
    symlinkSync(join(ROOT, 'profiles'), join(folder, 'profiles'))
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'passerelle'), `#!/bin/sh\nexec "${process.execPath}" "${ROOT}bin/passerelle.js" "$@"\n`)
    chmodSync(join(bin, 'passerelle'), 0o755)
    const store = `file:${join(folder, 'data')}`
    gateway = await start(['npm', 'start', '--', '--region', file, '--store', store], Number(ports.get('8080')))

    const env = {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      PASSERELLE_REGION: file,
      PASSERELLE_STORE: store,
      PASSERELLE_KEY: 'demo-admin',
    }
    for (const block of blocks) {
      const ran = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', moved(block)], {
        cwd: folder,
        env,
      }).catch((error: { stdout: string; stderr: string }) => error)
      expect(ran, `${block}\n${ran.stdout}${ran.stderr}`).not.toBeInstanceOf(Error)
    }
  },
  120_000,
)

test('every alert has its page: what it means, what to look at, what to do', () => {
  const pages = text.slice(text.indexOf('\n## Alerts')).split(/^### /m).slice(1)
  for (const page of pages) expect(page).toMatch(/\*\*Means\*\*.*\*\*Look at\*\*.*\*\*[Dd]o\*\*/s)
  const titles = pages.map((page) => page.split('\n', 1)[0]!)
  const alerts = Object.entries(ERRORS).filter(([, row]) => row.class === 'alert' || row.class === 'fatal')
  for (const [code] of alerts) expect(titles).toContain(code)
  const raised = [...textOf('docs/alerts.md').matchAll(/^\| `.*\| (.*) \|$/gm)].flatMap(([, codes]) => [
    ...codes!.matchAll(/`([A-Z_]+)`/g),
  ])
  expect(raised.length).toBeGreaterThan(20)
  for (const [, code] of raised) expect(titles).toContain(code)
  for (const title of titles.filter((one) => /^[A-Z_]+$/.test(one))) expect(Object.keys(ERRORS)).toContain(title)
})

test('every link inside the page leads somewhere', () => {
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor)
})
