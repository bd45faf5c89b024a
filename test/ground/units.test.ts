import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { connect } from '../support/world/client.ts'
import { message } from '../support/world/messages.ts'
import { missing } from '../support/world/needs.ts'
import { freePorts, start, sweep, writeRegion } from './gateway.ts'
import { filesUnder, ROOT, textOf } from './source.ts'

const FOLDER = 'deploy/systemd'
const services = filesUnder(FOLDER, '.service')
const sockets = filesUnder(FOLDER, '.socket')
/** Where the units expect a release to be. */
const RELEASE = '/opt/passerelle'

/** The values of a setting, in their order. */
function values(file: string, name: string): string[] {
  return [...textOf(file).matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!)
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The units in a folder of their own, with this checkout as the release. */
function installed(): string[] {
  return [...services, ...sockets].map((file) => {
    const path = join(folder, basename(file).replace('@.', '@a.'))
    writeFileSync(path, textOf(file).replaceAll(RELEASE, ROOT.slice(0, -1)))
    return path
  })
}

const noAnalyze = missing('systemd-analyze', ['--version'])
test.skipIf(noAnalyze !== null)(`systemd finds nothing wrong with the units ${noAnalyze ?? ''}`, () => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...installed()], { encoding: 'utf8' })
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
})

test.skipIf(noAnalyze !== null)(
  `what the services may do is little: an exposure below 1.5 of 10 ${noAnalyze ?? ''}`,
  () => {
    for (const unit of installed().filter((path) => path.endsWith('.service'))) {
      const { status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', unit], {
        encoding: 'utf8',
      })
      expect(
        status,
        stdout
          .split('\n')
          .filter((line) => line.startsWith('✗') || line.startsWith('→'))
          .join('\n'),
      ).toBe(0)
    }
  },
)

test('each door has its socket, named after it, at the address of the demo region', () => {
  type Door = { host: string; port: number; tls?: object }
  const { entrances } = parse(textOf('region.yaml')) as { entrances: Record<string, Door> }
  expect(sockets.map((file) => values(file, 'FileDescriptorName')[0]).sort()).toEqual(Object.keys(entrances).sort())
  for (const file of sockets) {
    const [name = ''] = values(file, 'FileDescriptorName')
    const { host, port, tls } = entrances[name]!
    // Doors with TLS may be reached from elsewhere.
    expect(values(file, 'ListenStream')).toEqual([tls ? String(port) : `${host}:${port}`])
    expect(values(file, 'Service')).toEqual(['passerelle.service'])
    // It would be closed with the service, and whoever waits would be cut off.
    expect(values(file, 'PartOf')).toEqual([])
  }
})

test('the services run what the release holds, and wait longer for its end than it takes', () => {
  expect(services).toHaveLength(2)
  for (const file of services) {
    const [node = '', main = ''] = values(file, 'ExecStart')[0]!.split(' ')
    for (const path of [node, main]) expect(existsSync(path.replace(`${RELEASE}/`, ROOT)), path).toBe(true)
    const drain = /"drain"[^}]*"default": ?"(\d+) s"/.exec(
      execFileSync(process.execPath, ['bin/passerelle.js', 'check', '--schema'], { cwd: ROOT, encoding: 'utf8' }),
    )
    expect(Number(values(file, 'TimeoutStopSec')[0])).toBeGreaterThan(Number(drain?.[1]) + 20)
    expect(values(file, 'MemoryDenyWriteExecute')).toEqual(['no'])
  }
})

/** The calls of a group such as `@system-service`, groups inside it resolved. */
function callsOf(group: string): string[] {
  const text = execFileSync('systemd-analyze', ['syscall-filter', group], { encoding: 'utf8' })
  const names = [...text.matchAll(/^ {4}([@\w-]+)$/gm)].map(([, name]) => name!)
  return names.flatMap((name) => (name.startsWith('@') ? callsOf(name) : [name]))
}

/** Node asks for these at its start and does without; SQLite changes an owner only as root. */
const DISPENSABLE = [
  'fchown',
  'setrlimit',
  'pkey_alloc',
  'pkey_mprotect',
  'pkey_free',
  'setpriority',
  'sched_setscheduler',
]
const noTrace = missing('strace', ['-V'])
test.skipIf(noAnalyze !== null || noTrace !== null)(
  `a gateway that starts, takes a message and stops makes no system call that its unit forbids ${noAnalyze ?? ''} ${noTrace ?? ''}`,
  async () => {
    const ports = await freePorts()
    const region = writeRegion(folder, ports)
    const calls = join(folder, 'calls')
    const traced = ['strace', '-f', '-c', '-S', 'name', '-U', 'name', '-o', calls]
    const command = [
      process.execPath,
      'bin/passerelle.js',
      'start',
      '--region',
      region,
      '--store',
      `file:${folder}/store`,
    ]
    const gateway = await start([...traced, ...command], ports.http)
    try {
      const client = await connect(ports.mllp)
      const said = await client.post(
        message(
          'MSH|^~\\&|GAM|SENDER|DPI|RECEIVER|20260101120000+0100||ADT^A01^ADT_A01|UNIT1|T|2.5',
          'EVN||20260101120000+0100',
          'PID|1||4711^^^SENDER^PI||ESSAI (FICTIF)^Zoé||19500101|F',
          'PV1|1|I',
        ),
      )
      expect(said?.code).toBe('AA')
      process.kill(-gateway.child.pid!, 'SIGTERM')
      expect(await gateway.ended).toBe(0)
    } finally {
      sweep(gateway)
    }
    const made = [...readFileSync(calls, 'utf8').matchAll(/^(?!syscall$|total$)([a-z]\w+)$/gm)].map(([, name]) => name!)
    expect(made.some((name) => name === 'fsync' || name === 'fdatasync')).toBe(true)
    for (const file of services) {
      const [allowed = '', refused = ''] = values(file, 'SystemCallFilter')
      const may = new Set(callsOf(allowed))
      for (const group of refused.slice(1).split(' ')) for (const name of callsOf(group)) may.delete(name)
      expect(made.filter((name) => !may.has(name) && !DISPENSABLE.includes(name))).toEqual([])
    }
  },
  60_000,
)
