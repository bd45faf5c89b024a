/** `structures`: its calls of the API, and what is told of its imports. */
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { ImportFile } from '../../core/imports/imported.ts'
import type { Structure, StructureImport, StructureSheet } from '../../core/structures.ts'
import { type Call, plain, regionPath } from './command.ts'
import { fileOf, importRegister } from './register-import.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

const API = '/api/structures'

const gateway = (call: Call): Promise<RemoteGateway> =>
  runningGateway(call, { en: 'start it.', fr: 'démarrez-la.' }[call.language])

/** `import FILE [--ej FILE]`: one import of both; exit 1 when it was not taken into use, with what is wrong with it. */
export async function importFiles(paths: readonly string[], reason: string, call: Call): Promise<number> {
  const files = await Promise.all(paths.map((path) => fileOf(path, call)))
  const [first] = files
  if (first === undefined) return 2
  const file = files.length === 1 ? first : await together(first, files)
  const done = await importRegister<StructureImport>(file, reason, call, API, async (parts) => {
    const [{ beginStructures }, { readStructures }, { profileFolders }, { dirname, resolve }] = await Promise.all([
      import('../../conformity/structures/import.ts'),
      import('../structures/rules.ts'),
      import('../config/index.ts'),
      import('node:path'),
    ])
    const { profile } = readStructures(profileFolders(dirname(resolve(regionPath(call)))))
    return (kept, act) => beginStructures({ ...parts, profile: () => profile }, kept, act)
  })
  if (call.json) call.io.out(`${JSON.stringify(done)}\n`)
  else tell(done, call)
  return done.state === 'current' ? 0 : 1
}

/** Several files as the text of one, each unpacked where it is packed: lines tell themselves what they are. */
async function together({ name }: ImportFile, files: readonly ImportFile[]): Promise<ImportFile> {
  const { structureText } = await import('../../conformity/structures/import.ts')
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      yield* structureText(file.chunks)
      yield Buffer.from('\n')
    }
  }
  // What is packed grows on the way, so that how much there is of it is not known.
  const isPlain = files.every((file) => !/\.zip$/i.test(file.name))
  const bytes = isPlain ? files.reduce((sum, file) => sum + (file.bytes ?? 0) + 1, 0) : null
  return { name: name.replace(/\.zip$/i, '.csv'), bytes, chunks: chunks() }
}

function tell(one: StructureImport, call: Call): void {
  const help: Readonly<Record<ErrorCode, string>> = call.language === 'fr' ? HELP_FR : HELP_EN
  for (const { code, column } of one.problems) {
    call.io.err(`${plain(`${code}${column === null ? '' : ` ${column}`}: ${help[code]}`)}\n`)
  }
  const line = { en: 'line', fr: 'ligne' }[call.language]
  for (const { line: at, code } of [...one.badLines, ...one.oddLines])
    call.io.err(`${line} ${at}: ${code}: ${help[code]}\n`)
  if (one.state === 'failed') {
    if (one.code !== null && one.problems.length === 0) call.io.err(`${one.code}: ${help[one.code]}\n`)
    return
  }
  const { ej, eg } = one.counted.levels
  const told = {
    en: `${eg} places and ${ej} legal entities in use, ${one.repeated} repeated lines, ${one.bad} lines left out, ${one.odd} keys to check`,
    fr: `${eg} EG et ${ej} EJ en service, ${one.repeated} lignes en double, ${one.bad} lignes ignorées, ${one.odd} clés à vérifier`,
  }
  call.io.out(`${told[call.language]}\n`)
}

/** `search WORDS`: what is found, page after page. */
export async function search(query: URLSearchParams, call: Call): Promise<number> {
  const remote = await gateway(call)
  query.set('limit', '200')
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('after', next)
    const page: { structures: Structure[]; next: string | null } = await remote.need('GET', `${API}?${query}`)
    for (const one of page.structures) call.io.out(call.json ? `${JSON.stringify(one)}\n` : `${plain(lineOf(one))}\n`)
    next = page.next
  }
  return 0
}

function lineOf({ finess, level, name, kind, categoryName, commune, department }: Structure): string {
  const place = [commune, department].filter((part) => part !== null).join(' ')
  return [finess, level.toUpperCase(), (kind ?? '-').padEnd(19), name, `(${categoryName ?? '-'})`, place]
    .join(' ')
    .trimEnd()
}

/** `show FINESS`: one structure, its tree, who to call, its software. */
export async function show(finess: string, call: Call): Promise<number> {
  const remote = await gateway(call)
  const sheet = await remote.need<StructureSheet>('GET', `${API}/${encodeURIComponent(finess)}`)
  if (call.json) {
    call.io.out(`${JSON.stringify(sheet)}\n`)
    return 0
  }
  const { structure: one, above, under, contacts, software, measured } = sheet
  const told = (pairs: readonly (readonly [name: string, value: string | null])[]): string[] =>
    pairs.flatMap(([name, value]) => (value === null || value === '' ? [] : [`${name.padEnd(12)} ${value}`]))
  const street = [one.address, one.postcode, one.commune].filter((part) => part !== null).join(' ')
  const lines = [
    lineOf(one),
    ...told([
      ['EJ', above === null ? one.ej : `${above.finess} ${above.name}`],
      ...([
        ['GHT', one.ght],
        [{ en: 'managed by', fr: 'gestionnaire' }[call.language], one.body],
        [{ en: 'address', fr: 'adresse' }[call.language], street],
        [{ en: 'telephone', fr: 'téléphone' }[call.language], one.phone],
        ['region.yaml', one.establishment],
      ] as const),
    ]),
    ...contacts.map(({ role, name, phone, mail }) => `  ${role}: ${[name, phone, mail].filter(Boolean).join(', ')}`),
    ...software.map(({ product, version, editor }) => `  ${[product, version, editor].filter(Boolean).join(' ')}`),
    ...measured.map(({ product, versions, messages, lastDay }) => {
      const name = [`${product} (MSH-3)`, ...versions].join(' ')
      return `  ${name}: ${messages}, ${lastDay}`
    }),
    ...under.map((place) => `  ${lineOf(place)}`),
  ]
  call.io.out(`${lines.map(plain).join('\n')}\n`)
  return 0
}

/** `state`: the import in use, and the one that runs. */
export async function tellState(call: Call): Promise<number> {
  const state = await (await gateway(call)).need<{ last: StructureImport[] }>('GET', `${API}/state`)
  if (call.json) call.io.out(`${JSON.stringify(state)}\n`)
  else {
    for (const one of state.last) {
      call.io.out(`${plain([one.generation, one.state.padEnd(8), one.name, one.rows, one.bad].join(' '))}\n`)
    }
  }
  return 0
}
