import { once } from 'node:events'
import { constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { systemSentence } from '../../src/app/system-fault.ts'
import { freePorts, listen, start, writeRegion } from '../ground/gateway.ts'
import { mountless } from '../support/world/needs.ts'
import { smallFolder } from '../support/world/small-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'system-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const diskless = mountless()
const skipped = diskless === null ? '' : ` (skipped: ${diskless})`

const caught = (act: () => Promise<unknown>): Promise<unknown> =>
  act().then(
    () => null,
    (fault: unknown) => fault,
  )

async function binding(host: string, port: number): Promise<unknown> {
  const server = createServer()
  const fault = once(server, 'error')
  server.listen(port, host)
  return (await fault)[0]
}

test('what the system says names the place and what to do, in both languages', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const missing = await caught(() => readFile(join(folder, 'none', 'x')))
  expect(systemSentence(missing, 'en')).toBe(`${folder}/none/x does not exist (ENOENT).`)
  expect(systemSentence(missing, 'fr')).toBe(`${folder}/none/x n’existe pas (ENOENT).`)
  const under = await caught(() => mkdir(join(file, 'below')))
  expect(systemSentence(under, 'en')).toContain('lies below a file that is no folder (ENOTDIR)')
  // Text of a person in a path never writes on the terminal.
  const odd = await caught(() => readFile(join(folder, 'a\u001b[2J')))
  expect(systemSentence(odd, 'en')).not.toContain('\u001b')
  expect(systemSentence(await caught(() => mkdir(folder)), 'en')).toBe(
    `${folder} is there already, and is something else (EEXIST).`,
  )
  expect(systemSentence(new Error('text of a mail'), 'en')).toBeNull()
  const { mllp } = await freePorts()
  expect(systemSentence(await binding('192.0.2.1', mllp), 'en')).toContain(
    `192.0.2.1:${mllp} is no address of this machine`,
  )
})

test.skipIf(diskless !== null)(`a full disk is said as such, in both languages${skipped}`, async () => {
  const disk = smallFolder()
  onTestFinished(() => disk.end())
  disk.fill(0)
  const written = await caught(() => writeFile(join(disk.dir, 'more'), Buffer.alloc(100_000)))
  expect(systemSentence(written, 'en')).toBe('The disk is full: make room, then try again (ENOSPC).')
  expect(systemSentence(written, 'fr')).toMatch(/^Le disque est plein/)
})

test('of a copy that has no place, the target is named and not the source', async () => {
  const source = join(folder, 'source')
  writeFileSync(source, 'x')
  const copied = await caught(() => copyFile(source, join(folder, 'file'), constants.COPYFILE_EXCL))
  expect(systemSentence(copied, 'en')).toBe(`${folder}/file is there already, and is something else (EEXIST).`)
})

test('a start whose port is taken names the door', async () => {
  const ports = await freePorts()
  const taken = createServer()
  await listen(taken, ports.mllp)
  const store = `file:${join(folder, 'store')}`
  const command = [
    process.execPath,
    'bin/passerelle.js',
    'start',
    '--region',
    writeRegion(folder, ports),
    '--store',
    store,
  ]
  const { LC_ALL } = process.env
  onTestFinished(() => void (LC_ALL === undefined ? delete process.env['LC_ALL'] : (process.env['LC_ALL'] = LC_ALL)))
  process.env['LC_ALL'] = 'C'
  const told = await start(command, ports.http).catch((fault: Error) => fault.message)
  expect(told).toContain('"event":"gateway.start"')
  expect(told).toContain(`"entrance":"mllp","peer":"127.0.0.1:${ports.mllp}"`)
  expect(told).toContain(
    `cannot start: mllp: 127.0.0.1:${ports.mllp} is in use by another process: end that one, or give the door another port (EADDRINUSE).`,
  )
  process.env['LC_ALL'] = 'fr_FR.UTF-8'
  await expect(start(command, ports.http)).rejects.toThrow(
    `démarrage impossible : mllp: 127.0.0.1:${ports.mllp} est déjà pris par un autre processus : arrêtez-le, ou donnez un autre port à l’entrée (EADDRINUSE).`,
  )
  taken.close()
})

test('a start with a region file that cannot be used says where to a person and in its log', async () => {
  const ports = await freePorts()
  const region = writeRegion(mkdtempSync(join(folder, 'typo-')), ports)
  writeFileSync(region, readFileSync(region, 'utf8').replace('"routes"', '"rotues"'))
  const command = [process.execPath, 'bin/passerelle.js', 'start', '--region', region, '--store', `file:${folder}/none`]
  const told = await start(command, ports.http).catch((fault: Error) => fault.message)
  expect(told).toMatch(/region\.yaml:\d+:\d+: error UNKNOWN_KEY rotues: /)
  expect(told).toMatch(/"event":"config\.problem","code":"CONFIG_INVALID","rule":"\d+:\d+ rotues UNKNOWN_KEY"/)
  expect(told).toMatch(/"event":"gateway\.start","code":"CONFIG_INVALID"/)
})
