import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Config } from '../../core/config.ts'
import { type FileFormat, formatOf } from '../../formats/file-format.ts'
import {
  type Call,
  type CliLanguage,
  type Command,
  OPTIONS,
  ProblemError,
  plain,
  regionPath,
  text,
  UsageError,
} from './command.ts'
import type { FileFinding } from './judge-file.ts'

/** What is said of one file. `format` null: it is none that is known, or cannot be read. */
interface Judged {
  readonly file: string
  readonly format: FileFormat | null
  readonly problem: string | null
  readonly findings: readonly FileFinding[]
}

const STDIN = '-'

async function bytesOf(file: string): Promise<Buffer> {
  if (file !== STDIN) return readFile(file)
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The configuration of the region file; where none is named and none lies here, that of an empty region. */
async function configOf(call: Call): Promise<{ config: Config; folders: readonly string[] }> {
  const { compileConfig, emptyRegion, profileFolders, readRegion } = await import('../config/index.ts')
  const region = regionPath(call)
  const folders = profileFolders(dirname(resolve(region)))
  if (text(call, 'region') === undefined && call.env.PASSERELLE_REGION === undefined && !existsSync(region)) {
    return { config: compileConfig(emptyRegion(folders), 0, () => ''), folders }
  }
  const { shared } = await readRegion(region, call.env, { missingMaterial: 'warning' })
  if (shared === null) {
    throw new ProblemError(
      {
        en: `${plain(region)} has errors: passerelle check shows them.`,
        fr: `${plain(region)} a des erreurs : passerelle check les montre.`,
      }[call.language],
      'CONFIG_INVALID',
    )
  }
  return { config: compileConfig(shared, 0, () => ''), folders }
}

async function judgeAll(call: Call): Promise<Judged[]> {
  const { judgeFile } = await import('./judge-file.ts')
  const { config, folders } = await configOf(call)
  let made: ReturnType<typeof load> | null = null
  const load = async () => (await import('../fhir-definitions.ts')).readyDefinitions(folders)
  const definitions = () => (made ??= load())
  const profile = text(call, 'profile') ?? null
  if (profile !== null && (await definitions()).plan(profile) === null) {
    throw new UsageError(
      {
        en: `--profile ${plain(profile)}: no such profile is loaded.`,
        fr: `--profile ${plain(profile)} : ce profil n'est pas chargé.`,
      }[call.language],
    )
  }
  const judged: Judged[] = []
  for (const file of call.positionals) {
    const problem = (said: string): void => void judged.push({ file, format: null, problem: said, findings: [] })
    try {
      const bytes = await bytesOf(file)
      const format = formatOf(bytes)
      if (format === null) problem(UNKNOWN[call.language])
      else {
        const findings = await judgeFile(bytes, format, { config, definitions, profile, language: call.language })
        judged.push({ file, format, problem: null, findings })
      }
    } catch (fault) {
      const { code, syscall } = fault as NodeJS.ErrnoException
      if (syscall === undefined) throw fault
      problem({ en: `cannot be read (${code})`, fr: `illisible (${code})` }[call.language])
    }
  }
  return judged
}

const UNKNOWN = {
  en: 'is neither HL7 v2 nor FHIR JSON nor CDA',
  fr: "n'est ni du HL7 v2, ni du FHIR en JSON, ni du CDA",
} as const
const SEVERITIES: Readonly<Record<CliLanguage, Readonly<Record<FileFinding['severity'], string>>>> = {
  en: { error: 'error', warning: 'warning', information: 'information' },
  fr: { error: 'erreur', warning: 'avertissement', information: 'information' },
}

/** File, place, severity, rule, sentence; one line each, in columns. */
function table(judged: readonly Judged[], language: CliLanguage): string {
  const rows = judged.flatMap(({ file, problem, findings }) =>
    problem === null
      ? findings.map((one) => [file, one.at, SEVERITIES[language][one.severity], one.rule || one.code, one.text])
      : [[file, '', SEVERITIES[language].error, '', problem]],
  )
  const shown = rows.map((row) => row.map(plain))
  const widths = [0, 1, 2, 3].map((i) => Math.max(0, ...shown.map((row) => row[i]!.length)))
  return shown.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}\n`).join('')
}

function summary(judged: readonly Judged[], language: CliLanguage): string {
  const all = judged.flatMap(({ findings }) => findings)
  const errors = all.filter(({ severity }) => severity === 'error').length
  const [files, others] = [judged.length, all.length - errors]
  return {
    en: `${files} file(s), ${errors} error(s), ${others} warning(s)\n`,
    fr: `${files} fichier(s), ${errors} erreur(s), ${others} avertissement(s)\n`,
  }[language]
}

/** `validate`: judges files by the rules of HL7 v2, the profiles of FHIR, or what every CDA R2 has; nothing is sent. */
export const validateCommand: Command = {
  name: 'validate',
  positionals: ['FILE…'],
  summary: {
    en: 'judges files of HL7 v2, FHIR JSON or CDA (- is standard input)',
    fr: "contrôle des fichiers HL7 v2, FHIR JSON ou CDA (- est l'entrée standard)",
  },
  options: {
    profile: {
      type: 'string',
      value: 'URL',
      help: {
        en: 'profile that FHIR resources must meet, beside those they claim',
        fr: "profil exigé des ressources FHIR, en plus de ceux qu'elles déclarent",
      },
    },
    region: OPTIONS.region,
  },
  async run(call) {
    const judged = await judgeAll(call)
    // What is only a matter of form is shown, and no problem.
    const ok = judged.every(
      ({ problem, findings }) => problem === null && findings.every((one) => one.class === 'form'),
    )
    if (call.json) call.io.out(`${JSON.stringify({ ok, files: judged })}\n`)
    else {
      call.io.out(table(judged, call.language))
      call.io.err(summary(judged, call.language))
    }
    return ok ? 0 : 1
  },
}
