import type { ParseArgsOptionsConfig } from 'node:util'
import type { ErrorCode } from '../../core/errors.ts'
import { type StoreAddress, storeAddress } from '../store.ts'

/** Languages of help and messages, from LC_ALL, LC_MESSAGES or LANG. */
export type CliLanguage = 'fr' | 'en'
/** A sentence in both. */
export type Bilingual = Readonly<Record<CliLanguage, string>>
/** What the process was started with. */
export type Env = Readonly<Record<string, string | undefined>>

/** Where a command writes. `terminal`: standard error is a terminal, so progress may be drawn there. */
export interface Io {
  out(text: string): void
  err(text: string): void
  readonly terminal: boolean
  /** Standard output is a terminal that takes colours. */
  readonly colours?: boolean
}

/** What a command runs with: values as parsed, all of them declared in its `options`. */
export interface Call {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
  readonly env: Env
  readonly io: Io
  readonly language: CliLanguage
  readonly json: boolean
}

/** Exit codes: done, found problems, wrong usage. */
export type ExitCode = 0 | 1 | 2

/** One option with its help. */
export interface Option {
  readonly type: 'string' | 'boolean'
  /** Name of the value in the help. */
  readonly value?: string
  readonly help: Bilingual
}

/** One command of the CLI. */
export interface Command {
  readonly name: string
  /** Names of the positionals; all are needed but those in brackets, which come last. A last one with `…` may repeat. */
  readonly positionals: readonly string[]
  readonly summary: Bilingual
  readonly options: Readonly<Record<string, Option>>
  /** @throws {UsageError} on wrong usage; any other error is a problem */
  run(call: Call): Promise<number>
}

/** Wrong usage: exit 2 with this sentence; with `--json` its code is BAD_REQUEST. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Something a person must see and mend: exit 1 with this sentence. `code`: of docs/errors.md, for programs; `also`: what else
 * `--json` tells of it. Never holds content. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: ErrorCode
  readonly also: Readonly<Record<string, unknown>>
  constructor(message: string, code: ErrorCode = 'COMMAND_FAILED', also: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.also = also
  }
}

/** The text option, or undefined. */
export function text(call: Call, name: string): string | undefined {
  const value = call.values[name]
  return typeof value === 'string' ? value : undefined
}

/** The options as `node:util` parseArgs takes them. */
export function parseOptions(options: Command['options']): ParseArgsOptionsConfig {
  return Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }]))
}

/** Language of the environment: French when its locale says so, else English. */
export function languageOfEnv(env: Env): CliLanguage {
  return /^fr(_|\.|$)/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'fr' : 'en'
}

/** Text from outside made safe for a terminal: control characters, which could move the cursor, become `?`. */
export function plain(from: string): string {
  return from.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '?')
}

/** Where the store is: `--store`, PASSERELLE_STORE, or `file:data`. @throws {UsageError} when it is none */
export function storeOf(call: Call): StoreAddress {
  const store = storeAddress(text(call, 'store') ?? call.env.PASSERELLE_STORE ?? 'file:data')
  if (store !== null) return store
  throw new UsageError(
    {
      en: 'A store is file:DIR or postgres://USER@HOST/DATABASE.',
      fr: 'Un dépôt est file:DOSSIER ou postgres://UTILISATEUR@HÔTE/BASE.',
    }[call.language],
  )
}

/** The folder of an embedded store. @throws {UsageError} when the store is another one */
export function storeDir(call: Call): string {
  const store = storeOf(call)
  if (store.kind === 'file') return store.dir
  throw new UsageError(
    { en: 'Only file:DIR is a store here.', fr: 'Seul file:DOSSIER est un dépôt ici.' }[call.language],
  )
}

/** The region file. */
export function regionPath(call: Call): string {
  return text(call, 'region') ?? call.env.PASSERELLE_REGION ?? 'region.yaml'
}

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/

/** The time that an option names, ms since 1970; a day without a time begins at 00:00 UTC. @throws {UsageError} when it is none */
export function timeOption(call: Call, name: string): number | undefined {
  const said = text(call, name)
  if (said === undefined) return undefined
  const [, day = ''] = ISO_TIME.exec(said) ?? []
  // Date.parse alone takes 11/12/2026 for a day of November, 7 for one of 2001, and 30 February for 2 March.
  const isDay = day !== '' && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  const atMs = isDay ? Date.parse(said) : Number.NaN
  if (!Number.isNaN(atMs)) return atMs
  throw new UsageError(
    {
      en: `--${name} takes an ISO 8601 time, such as 2026-03-14T08:00:00+01:00.`,
      fr: `--${name} attend une date ISO 8601, telle que 2026-03-14T08:00:00+01:00.`,
    }[call.language],
  )
}

/** The two times `--since` and `--until`. @throws {UsageError} when one is none, or the first is after the second */
export function spanOption(call: Call): { readonly sinceMs: number | undefined; readonly untilMs: number | undefined } {
  const [sinceMs, untilMs] = [timeOption(call, 'since'), timeOption(call, 'until')]
  if (sinceMs === undefined || untilMs === undefined || sinceMs <= untilMs) return { sinceMs, untilMs }
  throw new UsageError({ en: '--since is after --until.', fr: '--since est postérieur à --until.' }[call.language])
}

/** Options that several commands share. */
export const OPTIONS = {
  region: {
    type: 'string',
    value: 'FILE',
    help: { en: 'region file (default region.yaml)', fr: 'fichier de région (défaut : region.yaml)' },
  },
  store: {
    type: 'string',
    value: 'URL',
    help: { en: 'store (default file:data)', fr: 'dépôt (défaut : file:data)' },
  },
  url: {
    type: 'string',
    value: 'URL',
    help: {
      en: 'HTTP address of the running gateway; its key is in PASSERELLE_KEY',
      fr: 'adresse HTTP de la plateforme en marche ; sa clé est dans PASSERELLE_KEY',
    },
  },
  reason: {
    type: 'string',
    value: 'TEXT',
    help: { en: 'why (kept with the act; needed)', fr: "pourquoi (conservé avec l'acte ; obligatoire)" },
  },
} as const satisfies Record<string, Option>
