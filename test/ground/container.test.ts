import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { KEY_FILE, makeAdminKey } from '../../docker/first-start.ts'
import { ROOT, textOf } from './source.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fixed = (bytes: number): Buffer => Buffer.alloc(bytes, 7)

test('the first start makes a key, keeps only its hash, and the next start makes none', () => {
  const keys = join(folder, 'keys')
  const key = makeAdminKey(keys, fixed)
  expect(key).toBe(fixed(24).toString('base64url'))
  expect(readdirSync(keys)).toEqual([KEY_FILE])
  expect(readFileSync(join(keys, KEY_FILE), 'utf8')).toBe(createHash('sha256').update(String(key)).digest('hex'))
  expect(statSync(keys).mode & 0o777).toBe(0o700)
  expect(statSync(join(keys, KEY_FILE)).mode & 0o777).toBe(0o600)
  expect(makeAdminKey(keys, fixed)).toBeNull()
})

test("passerelle check finds no error in the container's region file, once the key is made", () => {
  const file = join(folder, 'region.yaml')
  writeFileSync(file, textOf('docker/region.yaml').replace('/data/keys/', `${folder}/`))
  const check = () =>
    spawnSync(process.execPath, ['bin/passerelle.js', 'check', '--region', file], { cwd: ROOT, encoding: 'utf8' })
  const before = check()
  expect(before.status, before.stderr).toBe(1)
  expect(before.stdout + before.stderr).toContain(KEY_FILE)
  makeAdminKey(folder, fixed)
  const after = check()
  expect(after.status, after.stdout + after.stderr).toBe(0)
})

interface Compose {
  readonly services: Record<
    string,
    { init: boolean; read_only: boolean; ports: string[]; volumes: string[]; healthcheck: object }
  >
  readonly volumes: Record<string, null>
}

test('compose publishes on loopback only, the ports of the region file, with init, a volume and a health check', () => {
  const compose = parse(textOf('docker-compose.yml'), { merge: true }) as Compose
  const region = parse(textOf('docker/region.yaml')) as { entrances: Record<string, { port: number }> }
  const service = compose.services.passerelle
  const ports = Object.values(region.entrances).map(({ port }) => `127.0.0.1:${port}:${port}`)
  expect(service?.ports.toSorted()).toEqual(ports.toSorted())
  expect(service).toMatchObject({ init: true, read_only: true, volumes: ['data:/data'] })
  expect(service?.healthcheck).toBeDefined()
  expect(compose.volumes).toHaveProperty('data')
})

test('the image runs without root, and copies nothing that is not listed', () => {
  const steps = textOf('Dockerfile').split('\n')
  expect(steps.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1])).toEqual([
    'node:26-slim',
    'node:26-slim',
    'node:26-slim',
  ])
  expect(steps.indexOf('USER node')).toBeGreaterThan(0)
  expect(
    textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))[0],
  ).toBe('*')
  expect(statSync(`${ROOT}docker/entrypoint.sh`).mode & 0o111).toBe(0o111)
})
