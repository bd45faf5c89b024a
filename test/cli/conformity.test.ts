import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { passerelle } from './terminal.ts'

const SHIPPED = fileURLToPath(new URL('../../profiles/frameworks/', import.meta.url))

/** A folder with these files, and no region file. */
async function folder(files: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-conformity-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  return (name) => join(dir, name)
}

const hopen = await readFile(`${SHIPPED}hopen.yaml`, 'utf8')

test('good files: exit 0 and a summary', async () => {
  const { code, out, err } = await passerelle(['conformity', 'check', `${SHIPPED}hopen.yaml`, `${SHIPPED}segur.yaml`])
  expect({ code, out, err }).toEqual({ code: 0, out: '', err: '2 file(s), 0 error(s)\n' })
})

test('every problem with line and column, exit 1, in French where the locale is', async () => {
  const at = await folder({
    'a.yaml': hopen.replace('status: closed', 'status: fini').replace('level: mandatory', 'level: must'),
    'b.yaml': hopen.replace('level: mandatory', 'level: optional'),
  })
  const files = [at('a.yaml'), at('b.yaml'), at('none.yaml')]
  const { code, out, err } = await passerelle(['conformity', 'check', ...files], { LANG: 'fr_FR.UTF-8' })
  expect(code).toBe(1)
  expect(err).toBe('3 fichier(s), 4 erreur(s)\n')
  const lines = out.trimEnd().split('\n')
  expect(lines.map((line) => /^(\S+?):(\d+):(\d+): error (\S+) /.exec(line)?.slice(1))).toEqual([
    [files[0], '6', '9', 'BAD_VALUE'],
    [files[0], '16', '16', 'BAD_VALUE'],
    [files[1], '3', '10', 'BAD_FRAMEWORK'],
    [files[2], '1', '1', 'UNREADABLE'],
  ])
})

test('--json: each file with its framework or its problems', async () => {
  const at = await folder({ 'a.yaml': hopen.replace('version: "2019"', 'version: "2019-region"'), 'b.yaml': 'id: x\n' })
  const { code, out } = await passerelle(['conformity', 'check', at('a.yaml'), at('b.yaml'), '--json'])
  const { ok, files } = JSON.parse(out)
  expect([code, ok]).toEqual([1, false])
  expect(files[0]).toEqual({ file: at('a.yaml'), framework: { id: 'hopen', version: '2019-region' }, problems: [] })
  expect(files[1].framework).toBeNull()
  expect(files[1].problems).toContainEqual(
    expect.objectContaining({ line: 1, column: 1, code: 'MISSING', message: 'version is missing' }),
  )
})

test.each([[['conformity']], [['conformity', 'check']], [['conformity', 'judge', 'x']]])(
  'wrong usage: %j',
  async (argv) => {
    expect((await passerelle(argv)).code).toBe(2)
  },
)

test('programmes check: files of programmes, in the same way', async () => {
  const shipped = fileURLToPath(new URL('../../profiles/programmes/care.yaml', import.meta.url))
  const care = await readFile(shipped, 'utf8')
  const at = await folder({ 'a.yaml': care.replace('use: 100 %', 'use: 90 %'), 'b.yaml': care })
  const check = (...files: readonly string[]) => passerelle(['conformity', 'programmes', 'check', ...files])
  expect(await check(shipped)).toMatchObject({ code: 0, out: '', err: '1 file(s), 0 error(s)\n' })
  const { code, out } = await check(at('a.yaml'), at('b.yaml'), at('none.yaml'), '--json')
  const { ok, files } = JSON.parse(out)
  expect([code, ok, files[1]]).toEqual([1, false, { file: at('b.yaml'), programme: { id: 'care' }, problems: [] }])
  expect(files[0]).toMatchObject({ programme: null, problems: [{ code: 'BAD_PROGRAMME', at: 'payment' }] })
  expect(files[2]).toMatchObject({ problems: [{ code: 'UNREADABLE' }] })
  expect((await check()).code).toBe(2)
})
