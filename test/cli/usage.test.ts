import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { COMMANDS } from '../../src/app/cli/run.ts'
import { passerelle } from './terminal.ts'

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-cli-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

test('the help names every command, in both languages', async () => {
  const english = await passerelle(['--help'], { LANG: 'en_US.UTF-8' })
  const french = await passerelle(['--help'], { LANG: 'fr_FR.UTF-8' })
  expect([english.code, french.code]).toEqual([0, 0])
  for (const { name, summary } of COMMANDS) {
    expect(english.out).toContain(`${name.padEnd(11)} ${summary.en}`)
    expect(french.out).toContain(`${name.padEnd(11)} ${summary.fr}`)
  }
})

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  '%s has help of its own',
  async (name, command) => {
    for (const [LANG, language] of [
      ['C', 'en'],
      ['fr_FR', 'fr'],
    ] as const) {
      const { code, out } = await passerelle([name, '--help'], { LANG })
      expect(code).toBe(0)
      expect(out).toContain(command.summary[language])
      for (const [option, { help }] of Object.entries(command.options)) {
        expect(out).toContain(`--${option}`)
        expect(out).toContain(help[language])
      }
    }
  },
)

test.each<[name: string, argv: string[], said: RegExp]>([
  ['no command', [], /^$/],
  ['an unknown command', ['fly'], /^unknown command fly; passerelle --help\n$/],
  ['an unknown option', ['trace', 'x', '--fast'], /^trace: unknown option --fast; see passerelle trace --help\n$/],
  ['an option without value', ['send', 'x', '--to'], /^send: option --to needs a value; see/],
  ['a flag with a value', ['send', 'x', '--raw=yes'], /^send: option --raw takes no value; see/],
  ['a value that begins with a hyphen', ['close', 'x', '--reason', '-x'], /^close: option --reason needs a value; see/],
  ['a feed as JSON', ['directory', 'feed', '--json'], /directory feed writes a file of CSV/],
  ['a positional too few', ['trace'], /^passerelle trace ID\|CONTROL-ID: ID\|CONTROL-ID is missing\n$/],
  ['a positional too many', ['messages', 'x'], /^passerelle messages: x is too many\n$/],
  ['an act without reason', ['close', 'x'], /^--reason is needed/],
  ['a reason of two lines', ['close', 'x', '--reason', 'a\nb'], /^--reason is needed/],
  ['a limit that is none', ['messages', '--limit', '0'], /^--limit is 1 to 500/],
  ['a time that is none', ['messages', '--since', 'yesterday'], /^--since takes an ISO 8601 time/],
  ['a day that another country reads otherwise', ['messages', '--since', '11/12/2026'], /^--since takes an ISO 8601/],
  ['a number for a time', ['audit', 'export', 'x', '--since', '7'], /^--since takes an ISO 8601 time/],
  ['a day that is none', ['messages', '--until', '2026-02-30'], /^--until takes an ISO 8601 time/],
  ['an end before the beginning', ['messages', '--since', '2026-02-01', '--until', '2026-01-01'], /^--since is after/],
  ['a least above the most', ['messages', '--min-bytes', '5', '--max-bytes', '2'], /^--min-bytes is above/],
  ['a code that is none', ['messages', '--finding', 'FOO'], /^--finding: FOO is no code of docs\/errors\.md/],
  [
    'an option of another verb',
    ['mailbox', 'list', '--owner', 'x'],
    /^mailbox: --owner goes with create, not with list/,
  ],
  ['a report of part of the time', ['audit', 'report', '--since', '2026-01-01'], /^audit: --since goes with export/],
  ['a place in a replay of one', ['replay', 'x', '--after', '1.1', '--reason', 'r'], /^replay takes an ID or filters/],
  ['a key without the export that it judges', ['verify', '--key', 'x'], /^--key and --head go with --audit/],
  ['neither yes nor no', ['structures', 'search', 'x', '--declared', 'maybe'], /^--declared YES\|NO/],
  ['a kind of structure that is none', ['structures', 'search', 'x', '--kind', 'foo'], /^--kind hospital\|/],
  ['two forms at once', ['mail', 'indicators', '--csv', '--json'], /--csv \| --json/],
  ['a state that is none', ['messages', '--state', 'lost'], /^--state is one of/],
  ['an address that is none', ['send', 'x', '--to', 'smtp://a:1'], /^--to takes mllp:/],
  ['an address without port', ['send', 'x', '--to', 'mllp://a'], /^--to takes mllp:/],
  ['a wait that is none', ['supervise', '--ready-within', '5'], /^--ready-within takes a duration/],
  ['another store', ['verify', '--store', 'mysql://u:hunter2@h/x'], /^A store is file:DIR or postgres:[^2]*$/],
  ['a move nowhere', ['move'], /^--to takes another store/],
  ['a move to itself', ['move', '--to', 'file:data'], /^--to takes another store/],
  ['a move to what is no store', ['move', '--to', 'mysql://u:hunter2@h/x'], /^--to takes another store[^2]*$/],
  ['an HTTP address that is none', ['messages', '--url', 'gopher://x'], /^gopher:\/\/x is no http address/],
  ['another verb', ['certs', 'eat', 'x'], /^certs does not know eat/],
  ['control characters', ['\u001b[2J'], /^unknown command \?\[2J/],
])('wrong usage is exit 2 and one sentence: %s', async (_name, argv, said) => {
  const { code, err } = await passerelle(argv)
  expect(code).toBe(2)
  expect(err).toMatch(said)
  expect(err.split('\n').length).toBeLessThanOrEqual(2)
})

test.each<[name: string, argv: string[], code: string]>([
  ['an unknown command', ['fly'], 'BAD_REQUEST'],
  ['an unknown option', ['trace', 'x', '--fast'], 'BAD_REQUEST'],
  ['an act without reason', ['close', 'x'], 'BAD_REQUEST'],
  ['no store', ['messages', '--store', 'file:/nonexistent'], 'NOT_FOUND'],
  ['no gateway', ['messages', '--url', 'http://127.0.0.1:1'], 'CONNECT_FAILED'],
  ['no region file', ['plan', '--region', 'none.yaml'], 'CONFIG_INVALID'],
  ['no such file', ['send', 'none.hl7'], 'COMMAND_FAILED'],
])(
  'with --json an error is one object with a code, and nothing stands on standard output: %s',
  async (_name, argv, code) => {
    const { out, err } = await passerelle([...argv, '--json'])
    expect(out).toBe('')
    const { detail, ...said } = JSON.parse(err)
    expect(said).toMatchObject({ code })
    expect(detail).toMatch(/^(?![A-Z_]+: )./)
  },
)

test('a store that is not there is a problem, and is not made', async () => {
  const dir = await folder()
  const { code, err } = await passerelle(['messages', '--store', `file:${dir}/none`])
  expect([code, err]).toEqual([1, expect.stringContaining('There is no store in')])
  expect(await readdir(dir)).toEqual([])
})

test('check: the demo region is sound, a bad file is told with line and column', async () => {
  expect((await passerelle(['check'])).code).toBe(0)
  const file = join(await folder(), 'region.yaml')
  await writeFile(file, 'region: { name: X }\nnonsense: 1\n')
  const { code, out } = await passerelle(['check', '--region', file])
  expect(code).toBe(1)
  expect(out).toContain(`${file}:2:1: error UNKNOWN_KEY nonsense`)
  const json = JSON.parse((await passerelle(['check', '--region', file, '--json'])).out)
  expect(json.problems).toContainEqual(expect.objectContaining({ line: 2, column: 1, code: 'UNKNOWN_KEY' }))
})

test('demo tells what is wrong with its region file', async () => {
  const file = join(await folder(), 'region.yaml')
  await writeFile(file, 'region: { name: X }\nnonsense: 1\n')
  const { code, err } = await passerelle(['demo', '--region', file])
  expect(code).toBe(1)
  expect(err).toContain(`${file}:2:1: error UNKNOWN_KEY nonsense`)
})

test('check --schema prints the JSON Schema', async () => {
  const { code, out } = await passerelle(['check', '--schema'])
  expect(code).toBe(0)
  expect(JSON.parse(out).properties).toHaveProperty('establishments')
})

test('certs make writes an authority and a certificate per establishment', async () => {
  const dir = await folder()
  const { code, out } = await passerelle(['certs', 'make', dir, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out).clients).toContain(join(dir, 'chu-angers.pem'))
  expect(await readdir(dir)).toEqual(expect.arrayContaining(['ca.pem', 'gateway.key', 'chu-angers.key']))
})

test('the process itself: exit code and language come through', async () => {
  const child = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      ['bin/passerelle.js', 'trace', '--rapide'],
      { env: { ...process.env, LC_ALL: 'fr_FR.UTF-8' } },
      (error, _stdout, stderr) => resolve({ code: error?.code, stderr }),
    )
  })
  expect(child).toEqual({ code: 2, stderr: 'trace: option inconnue --rapide; voir passerelle trace --help\n' })
})

test('a reader that has read enough ends a command quietly', async () => {
  const main = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  expect([...(await once(child, 'close')), said]).toEqual([0, null, ''])
})
