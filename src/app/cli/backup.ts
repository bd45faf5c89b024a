import { access, constants, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { BackupState } from '../../core/operations.ts'
import type { Manifest } from '../backup/manifest.ts'
import { putBackup } from '../backup/put.ts'
import { type StoreAddress, shownAddress } from '../store.ts'
import { systemSentence } from '../system-fault.ts'
import {
  type Call,
  type Command,
  OPTIONS,
  ProblemError,
  plain,
  storeDir,
  storeOf,
  text,
  UsageError,
} from './command.ts'
import { unreadable } from './input.ts'
import { type ProgressBar, progressBar } from './progress.ts'

/** How often the gateway is asked how far it is (ms). */
const ASK_MS = 250

interface Done {
  /** Where the backup is; null: on the gateway's machine, out of reach from here. */
  readonly file: string | null
  readonly name: string
  readonly bytes: number
  readonly messages: number
  /** Files of mailboxes and of images; absent: those are never in a backup of this kind of store. */
  readonly mails?: number
  readonly images?: number
}

function exists(file: string, call: Call): ProblemError {
  return new ProblemError(
    {
      en: `${plain(file)} is there already: name another file.`,
      fr: `${plain(file)} existe déjà : indiquez un autre fichier.`,
    }[call.language],
  )
}

/** Asks the running gateway for a backup and waits for it; then moves it to `file` where its folder can be reached. */
async function fromGateway(url: string, file: string, call: Call, bar: ProgressBar): Promise<Done> {
  const { gatewayAt } = await import('./remote.ts')
  const gateway = gatewayAt(url, call)
  let state = await gateway.need<BackupState>('POST', '/api/backup', {
    reason: text(call, 'reason') ?? 'passerelle backup',
  })
  while (state.state === 'running') {
    await wait(ASK_MS)
    state = await gateway.need<BackupState>('GET', '/api/backup')
    if (state.total > 0) bar.show(state.done, state.total)
  }
  if (state.state !== 'done' || state.file === null)
    throw new ProblemError(state.code ?? 'INTERNAL', state.code ?? 'INTERNAL')
  const left = join(storeDir(call), 'backups', state.file)
  const here = (await stat(left).catch(() => null)) !== null
  if (here) await putBackup(left, file).catch((fault) => Promise.reject(stayed(left, fault, call)))
  const { done: bytes, messages, mails, images } = state
  return { file: here ? file : null, name: state.file, bytes, messages, mails, images }
}

/** The copy is whole, and could not be put where it was asked for. */
function stayed(left: string, fault: unknown, { language }: Call): ProblemError {
  const why = systemSentence(fault, language) ?? ''
  return new ProblemError(
    {
      en: `${why} The backup is in ${plain(left)}: move it from there.`,
      fr: `${why} La sauvegarde est dans ${plain(left)} : déplacez-la.`,
    }[language].trim(),
  )
}

async function fromStore(file: string, call: Call, bar: ProgressBar): Promise<Done> {
  const [{ openEmbedded }, { writeBackup }, { machineClock }, { VERSION }] = await Promise.all([
    import('./open-store.ts'),
    import('../backup/write.ts'),
    import('./machine.ts'),
    import('../gateway.ts'),
  ])
  const journal = await openEmbedded(call)
  try {
    const parts = { journal, dir: storeDir(call), file, reserveBytes: 0, release: VERSION, clock: machineClock }
    const { bytes, messages, mails, images } = await writeBackup({ ...parts, progress: bar.show })
    return { file, name: file, bytes, messages, mails, images }
  } finally {
    await journal.close()
  }
}

/** `backup`: the whole store in one file, while the gateway runs or not. */
export const backupCommand: Command = {
  name: 'backup',
  positionals: ['FILE'],
  summary: {
    en: 'copies the store into one tar file, while it runs or not',
    fr: 'copie le dépôt dans un fichier tar, en marche ou à l’arrêt',
  },
  options: {
    store: OPTIONS.store,
    url: OPTIONS.url,
    reason: {
      ...OPTIONS.reason,
      help: {
        en: 'why (kept with the act)',
        fr: "pourquoi (conservé avec l'acte)",
      },
    },
  },
  async run(call) {
    const file = resolve(call.positionals[0] ?? '')
    if ((await stat(file).catch(() => null)) !== null) throw exists(file, call)
    // Before a copy of everything is made that would have nowhere to go.
    await access(dirname(file), constants.W_OK)
    const bar = progressBar(call)
    const done = await backedUp(file, call, bar).finally(() => bar.end())
    if (call.json) call.io.out(`${JSON.stringify(done)}\n`)
    else call.io.err(`${sentence(done)[call.language]}\n`)
    return 0
  },
}

async function backedUp(file: string, call: Call, bar: ProgressBar): Promise<Done> {
  const store = storeOf(call)
  if (store.kind === 'postgres') {
    const { backUpDatabase } = await import('./backup-postgres.ts')
    return backUpDatabase(store.url, file, call, bar)
  }
  const { reachBy } = await import('./reach.ts')
  return reachBy(
    call,
    () => fromStore(file, call, bar),
    (url) => fromGateway(url, file, call, bar),
  )
}

function sentence({ file, name, bytes, ...counts }: Done) {
  const mib = (bytes / 1024 ** 2).toFixed(1)
  const what = contents(counts)
  return file === null
    ? {
        en: `${what.en}, ${mib} MiB; the file ${plain(name)} is in the folder backups of the gateway's store.`,
        fr: `${what.fr}, ${mib} Mio ; le fichier ${plain(name)} est dans le dossier backups du dépôt de la plateforme.`,
      }
    : { en: `${what.en}, ${mib} MiB: ${plain(file)}`, fr: `${what.fr}, ${mib} Mio : ${plain(file)}` }
}

/** What a backup holds, in numbers; mails and images are named only where there are some. */
function contents({ messages, mails = 0, images = 0 }: Pick<Done, 'messages' | 'mails' | 'images'>) {
  const en = [`${messages} messages`]
  const fr = [`${messages} messages`]
  if (mails > 0) en.push(`${mails} mails of mailboxes`)
  if (mails > 0) fr.push(`${mails} courriels des boîtes`)
  if (images > 0) en.push(`${images} files of images`)
  if (images > 0) fr.push(`${images} fichiers d'images`)
  return { en: en.join(', '), fr: fr.join(', ') }
}

/** `restore`: a backup into an empty folder. */
export const restoreCommand: Command = {
  name: 'restore',
  positionals: ['FILE'],
  summary: { en: 'puts a backup into an empty store', fr: 'remet une sauvegarde dans un dépôt vide' },
  options: { store: OPTIONS.store },
  async run(call) {
    const { RestoreError } = await import('../backup/restore.ts')
    const [file, store] = [call.positionals[0] ?? '', storeOf(call)]
    const shown = shownAddress(store)
    const bar = progressBar(call)
    try {
      const done = await restored(file, store, call, bar)
      bar.end()
      const { messages, at, release, files, damaged } = done
      if (call.json) call.io.out(`${JSON.stringify({ messages, at, release, files: files.length, damaged })}\n`)
      else {
        for (const record of damaged ?? []) call.io.out(`${plain(record)}\n`)
        call.io.err(`${restoredSentence(done, shown)[call.language]}\n`)
      }
      return (damaged ?? []).length === 0 ? 0 : 1
    } catch (error) {
      bar.end()
      if (!(error instanceof RestoreError)) throw unread(error, file, call)
      if (error.why === 'not-empty') throw new UsageError(REASONS['not-empty'](shown)[call.language])
      throw new ProblemError(REASONS[error.why](error.file)[call.language])
    }
  },
}

/** What was restored; `damaged` only where every record was read again at once. */
type Restored = Manifest & { readonly checked?: number; readonly damaged?: readonly string[] }

async function restored(file: string, store: StoreAddress, call: Call, bar: ProgressBar): Promise<Restored> {
  if (store.kind === 'postgres') {
    const { restoreDatabase } = await import('./backup-postgres.ts')
    return restoreDatabase(store.url, file, call, bar)
  }
  const { restoreBackup } = await import('../backup/restore.ts')
  return restoreBackup(file, store.dir, bar.show)
}

function restoredSentence({ messages, at, beside, checked, damaged }: Restored, shown: string) {
  const what = contents({ messages, ...beside })
  return damaged === undefined
    ? {
        en: `${what.en} as of ${plain(at)} are in ${shown}; check them: passerelle verify --store ${shown}`,
        fr: `${what.fr} au ${plain(at)} sont dans ${shown} ; contrôlez-les : passerelle verify --store ${shown}`,
      }
    : {
        en: `${messages} messages as of ${plain(at)} are in ${plain(shown)}; ${checked} checked, ${damaged.length} damaged`,
        fr: `${messages} messages au ${plain(at)} sont dans ${plain(shown)} ; ${checked} contrôlés, ${damaged.length} endommagés`,
      }
}

const REASONS = {
  'not-empty': (where: string) => ({
    en: `${plain(where)} is not empty: name an empty folder or database with --store URL.`,
    fr: `${plain(where)} n'est pas vide : indiquez un dossier ou une base vide par --store URL.`,
  }),
  'other-kind': (file: string) => ({
    en: `The backup is of another kind of store (${plain(file)}): restore it into one of that kind, then passerelle move.`,
    fr: `La sauvegarde vient d'une autre sorte de dépôt (${plain(file)}) : remettez-la dans un tel dépôt, puis passerelle move.`,
  }),
  damaged: (file: string) => ({
    en: `The backup is damaged at ${plain(file)}; nothing was restored.`,
    fr: `La sauvegarde est abîmée à ${plain(file)} ; rien n'a été remis.`,
  }),
  incomplete: (file: string) => ({
    en: `The backup is incomplete: ${plain(file)} is missing; nothing was restored.`,
    fr: `La sauvegarde est incomplète : ${plain(file)} manque ; rien n'a été remis.`,
  }),
}

function unread(error: unknown, file: string, call: Call): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR' ? unreadable(file, error, call) : error
}
