import { writeFileSync } from 'node:fs'
import type { DoorNote } from '../../core/configuration.ts'
import type { OnboardingSheet } from '../../core/onboarding.ts'
import { type Call, type Command, OPTIONS, ProblemError, plain, regionPath, text, UsageError } from './command.ts'

const FORMATS = ['yaml', 'md', 'html'] as const

/**
 * `onboard ID`: the block of region.yaml for an establishment, or with `--as md|html` the sheet for its software's editor.
 * What the region file knows of it is taken from there; the rest is given. */
export const onboardCommand: Command = {
  name: 'onboard',
  positionals: ['ID'],
  summary: {
    en: "writes an establishment's block of region.yaml, or the sheet for its editor",
    fr: "écrit le bloc de region.yaml d'un établissement, ou la fiche pour son éditeur",
  },
  options: {
    as: {
      type: 'string',
      value: 'FORMAT',
      help: { en: 'yaml (block, default), md or html (sheet)', fr: 'yaml (bloc, défaut), md ou html (fiche)' },
    },
    flow: {
      type: 'string',
      value: 'LIST',
      help: { en: 'flows, with commas (default identities)', fr: 'flux, avec des virgules (défaut : identities)' },
    },
    name: { type: 'string', value: 'TEXT', help: { en: 'name for people', fr: 'nom en clair' } },
    finess: { type: 'string', value: 'NUMBER', help: { en: 'legal entity (EJ)', fr: 'entité juridique (EJ)' } },
    lang: { type: 'string', value: 'LANG', help: { en: 'fr or en', fr: 'fr ou en' } },
    out: { type: 'string', value: 'FILE', help: { en: 'file to write', fr: 'fichier à écrire' } },
    region: OPTIONS.region,
  },
  async run(call) {
    const wanted = text(call, 'as') ?? 'yaml'
    const format = FORMATS.find((one) => one === wanted)
    if (format === undefined) throw new UsageError('passerelle onboard ID --as yaml|md|html')
    const sheet = await sheetFor(call)
    const made = call.json ? `${JSON.stringify(sheet)}\n` : await written(sheet, format, languageFor(call))
    const out = text(call, 'out')
    if (out === undefined) call.io.out(made)
    else {
      writeFileSync(out, made)
      call.io.err(`${plain(out)}\n`)
    }
    return 0
  },
}

function languageFor(call: Call): 'fr' | 'en' {
  const asked = text(call, 'lang') ?? call.language
  if (asked === 'fr' || asked === 'en') return asked
  throw new UsageError('--lang fr|en')
}

async function written(
  sheet: OnboardingSheet,
  format: (typeof FORMATS)[number],
  language: 'fr' | 'en',
): Promise<string> {
  if (format === 'yaml') return (await import('../onboarding/block.ts')).regionBlock(sheet)
  if (format === 'md') return (await import('../../console/page/onboarding/sheet.ts')).sheetMarkdown(sheet, language)
  return (await import('../onboarding/sheet-file.ts')).sheetFile(sheet, language)
}

/** @throws {ProblemError} when the region file has errors, {UsageError} for an id or a flow that is none */
async function sheetFor(call: Call): Promise<OnboardingSheet> {
  const { compileConfig, profileFolders, readRegion } = await import('../config/index.ts')
  const { readOnboarding } = await import('../onboarding/rules.ts')
  const { sheetOf } = await import('../../console/page/onboarding/sheet.ts')
  const { dirname, resolve } = await import('node:path')
  const path = regionPath(call)
  const { shared, own } = await readRegion(path, call.env, { missingMaterial: 'warning' })
  if (shared === null) throw new ProblemError(`passerelle check --region ${plain(path)}`, 'CONFIG_INVALID')
  const id = call.positionals[0] ?? ''
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) {
    throw new UsageError(
      {
        en: 'An id has lower-case letters, digits and hyphens.',
        fr: 'Un identifiant : minuscules, chiffres, traits d’union.',
      }[call.language],
    )
  }
  const { rules } = readOnboarding(profileFolders(dirname(resolve(path))))
  const flows = (text(call, 'flow') ?? 'identities').split(',').map((name) => {
    const flow = rules.flows.find((one) => one.id === name.trim())
    if (flow === undefined) throw new UsageError(`--flow ${rules.flows.map((one) => one.id).join(',')}`)
    return flow
  })
  const config = compileConfig(shared, 0, () => '')
  const [name, ej] = [text(call, 'name'), text(call, 'finess')]
  return sheetOf(
    id,
    flows,
    { config, rules, doors: doorsOf(own) },
    {
      ...(name !== undefined && { name }),
      ...(ej !== undefined && { finess: { ej, eg: [] } }),
    },
  )
}

/** Doors of the node's own part, as the file has them. */
function doorsOf(own: Readonly<Record<string, string>>): readonly DoorNote[] {
  return Object.entries(own).flatMap(([part, json]): DoorNote[] => {
    if (!part.startsWith('entrances.')) return []
    const { host, port, tls } = JSON.parse(json) as { host: string; port: number; tls?: object }
    return [{ name: part.slice('entrances.'.length), host, port, tls: tls === undefined ? 'none' : 'mutual' }]
  })
}
