import { parseArgs } from 'node:util'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { systemSentence } from '../system-fault.ts'
import { accountCommand } from './account.ts'
import { deliveryCommands } from './acts.ts'
import { auditCommand } from './audit.ts'
import { backupCommand, restoreCommand } from './backup.ts'
import { certsCommand } from './certs.ts'
import { checkCommand } from './check.ts'
import {
  type Call,
  type CliLanguage,
  type Command,
  type Env,
  type Io,
  languageOfEnv,
  type Option,
  ProblemError,
  parseOptions,
  plain,
  UsageError,
} from './command.ts'
import { applyCommand, planCommand, rollbackCommand } from './configure.ts'
import { conformityCommand } from './conformity.ts'
import { convertCommand } from './convert.ts'
import { demoCommand } from './demo.ts'
import { destinationCommand } from './destination.ts'
import { directoryCommand } from './directory.ts'
import { incidentCommand } from './incident.ts'
import { mailCommand } from './mail.ts'
import { mailboxCommand } from './mailbox.ts'
import { messagesCommand } from './messages.ts'
import { moveCommand } from './move.ts'
import { onboardCommand } from './onboard.ts'
import { privacyCommand } from './privacy.ts'
import { replayCommand } from './replay.ts'
import { sendCommand } from './send.ts'
import { startCommand } from './start.ts'
import { structuresCommand } from './structures.ts'
import { superviseCommand } from './supervise.ts'
import { traceCommand } from './trace.ts'
import { validateCommand } from './validate.ts'
import { verifyCommand } from './verify.ts'
import { whitelistCommand } from './whitelist.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  superviseCommand,
  checkCommand,
  planCommand,
  applyCommand,
  rollbackCommand,
  sendCommand,
  validateCommand,
  convertCommand,
  messagesCommand,
  traceCommand,
  replayCommand,
  ...deliveryCommands,
  destinationCommand,
  certsCommand,
  onboardCommand,
  verifyCommand,
  auditCommand,
  privacyCommand,
  incidentCommand,
  backupCommand,
  restoreCommand,
  moveCommand,
  accountCommand,
  demoCommand,
  mailCommand,
  whitelistCommand,
  mailboxCommand,
  conformityCommand,
  directoryCommand,
  structuresCommand,
]

const COMMON: Readonly<Record<string, Option>> = {
  json: { type: 'boolean', help: { en: 'output for programs', fr: 'sortie pour les programmes' } },
  help: { type: 'boolean', help: { en: 'this help', fr: 'cette aide' } },
}

/** Help of all commands. */
function overview(language: CliLanguage): string {
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(11)} ${summary[language]}`)
  const more = { en: 'passerelle COMMAND --help tells more.', fr: 'passerelle COMMANDE --help en dit plus.' }[language]
  return `passerelle ${{ en: 'COMMAND [options]', fr: 'COMMANDE [options]' }[language]}\n\n${lines.join('\n')}\n\n${more}\n`
}

function help(command: Command, language: CliLanguage): string {
  const options = Object.entries({ ...command.options, ...COMMON }).map(
    ([name, { value, help: said }]) =>
      `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(22)} ${said[language]}`,
  )
  const usage = ['passerelle', command.name, ...command.positionals, '[options]'].join(' ')
  return `${usage}\n${command.summary[language]}\n\n${options.join('\n')}\n`
}

function wrongUsage(command: Command, error: NodeJS.ErrnoException, language: CliLanguage): UsageError {
  const option = plain(/'([^']*)'/.exec(error.message)?.[1] ?? '')
  const name = option.replace(/ <value>$/, '')
  const sentence =
    error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
      ? { en: `unknown option ${option}`, fr: `option inconnue ${option}` }
      : / does not take /.test(error.message)
        ? { en: `option ${name} takes no value`, fr: `l’option ${name} ne prend pas de valeur` }
        : { en: `option ${name} needs a value`, fr: `l’option ${name} attend une valeur` }
  const more = { en: 'see', fr: 'voir' }[language]
  return new UsageError(`${command.name}: ${sentence[language]}; ${more} passerelle ${command.name} --help`)
}

function wrongCount(
  { name, positionals: named }: Command,
  given: readonly string[],
  language: CliLanguage,
): UsageError {
  const [missing, tooMany] = [named[given.length], plain(given[named.length] ?? '')]
  const sentence =
    missing !== undefined
      ? { en: `: ${missing} is missing`, fr: ` : il manque ${missing}` }
      : { en: `: ${tooMany} is too many`, fr: ` : ${tooMany} est de trop` }
  return new UsageError(`passerelle ${[name, ...named].join(' ')}${sentence[language]}`)
}

function commandOf(name: string, language: CliLanguage): Command {
  const command = COMMANDS.find((one) => one.name === name)
  if (command !== undefined) return command
  const wrong = { en: 'unknown command', fr: 'commande inconnue' }[language]
  throw new UsageError(`${wrong} ${plain(name)}; passerelle --help`)
}

function parse(command: Command, argv: readonly string[], language: CliLanguage) {
  try {
    return parseArgs({
      args: [...argv],
      options: parseOptions({ ...command.options, ...COMMON }),
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw wrongUsage(command, error as NodeJS.ErrnoException, language)
  }
}

/** The sentence a person reads for an error. Texts of unforeseen faults stay unsaid: they may quote content. */
function sentence(error: unknown, language: CliLanguage): string {
  if (error instanceof UsageError || error instanceof ProblemError) return error.message
  const catalogue: Readonly<Record<ErrorCode, string>> = language === 'fr' ? HELP_FR : HELP_EN
  if (error instanceof GatewayError) return `${error.code}: ${catalogue[error.code]}`
  const code = (error as NodeJS.ErrnoException).code ?? 'INTERNAL'
  return systemSentence(error, language) ?? { en: `It failed (${code}).`, fr: `Échec (${code}).` }[language]
}

/** The same as one object for programs: the API's names, a code of docs/errors.md or the system's. */
function errorJson(error: unknown, language: CliLanguage): string {
  const said = sentence(error, language)
  const own = error instanceof ProblemError || error instanceof GatewayError ? error.code : null
  const code =
    error instanceof UsageError ? 'BAD_REQUEST' : (own ?? (error as NodeJS.ErrnoException).code ?? 'INTERNAL')
  const detail = said.startsWith(`${code}: `) ? said.slice(code.length + 2) : said
  return JSON.stringify({ code, detail, ...(error instanceof ProblemError ? error.also : {}) })
}

/** An option that the help gives to another verb would be left out of account in silence. @throws {UsageError} */
function ofAnotherVerb(command: Command, values: object, verb: string | undefined, language: CliLanguage): void {
  const verbs = command.positionals[0]?.split('|') ?? []
  if (verb === undefined || !verbs.includes(verb)) return
  for (const name of Object.keys(values)) {
    const of = /^([a-z]+): /.exec(command.options[name]?.help.en ?? '')?.[1]
    if (of === undefined || of === verb || !verbs.includes(of)) continue
    const sentence = {
      en: `--${name} goes with ${of}, not with ${verb}`,
      fr: `--${name} va avec ${of}, non avec ${verb}`,
    }
    throw new UsageError(`${command.name}: ${sentence[language]}; passerelle ${command.name} --help`)
  }
}

async function runCommand(command: Command, argv: readonly string[], env: Env, io: Io): Promise<number> {
  const language = languageOfEnv(env)
  const { values, positionals } = parse(command, argv, language)
  if (values.help === true) {
    io.out(help(command, language))
    return 0
  }
  const least = command.positionals.filter((name) => !name.startsWith('[')).length
  const most = command.positionals.at(-1)?.endsWith('…') ? Number.POSITIVE_INFINITY : command.positionals.length
  if (positionals.length < least || positionals.length > most) {
    throw wrongCount(command, positionals, language)
  }
  ofAnotherVerb(command, values, positionals[0], language)
  const call: Call = {
    values: values as Call['values'],
    positionals,
    env,
    io,
    language,
    json: values.json === true,
  }
  return command.run(call)
}

/**
 * Runs one command. Resolves with the exit code: 0 done, 1 found problems, 2 wrong usage; never rejects. What went wrong
 * is one sentence on `io.err`, or with `--json` one object `{ code, detail }` in a line. */
export async function runCli(argv: readonly string[], env: Env, io: Io): Promise<number> {
  const language = languageOfEnv(env)
  const [name = '--help', ...rest] = argv
  if (name === '--help' || name === 'help') {
    io.out(overview(language))
    return argv.length === 0 ? 2 : 0
  }
  try {
    return await runCommand(commandOf(name, language), rest, env, io)
  } catch (error) {
    io.err(`${argv.includes('--json') ? errorJson(error, language) : sentence(error, language)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}
