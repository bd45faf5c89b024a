import { GatewayError } from '../../core/errors.ts'
import type { Moved } from '../../pipeline/journal/move/move.ts'
import { MoveRefused, type Side } from '../../pipeline/journal/move/side.ts'
import { type StoreAddress, shownAddress, storeAddress } from '../store.ts'
import {
  type Bilingual,
  type Call,
  type Command,
  OPTIONS,
  ProblemError,
  plain,
  storeOf,
  text,
  UsageError,
} from './command.ts'
import { progressBar } from './progress.ts'

function targetOf(call: Call): StoreAddress {
  const found = storeAddress(text(call, 'to') ?? '')
  if (found !== null && shownAddress(found) !== shownAddress(storeOf(call))) return found
  throw new UsageError(
    {
      en: '--to takes another store: file:DIR or postgres://USER@HOST/DATABASE.',
      fr: '--to attend un autre dépôt : file:DOSSIER ou postgres://UTILISATEUR@HÔTE/BASE.',
    }[call.language],
  )
}

async function open(store: StoreAddress, make: boolean, call: Call): Promise<Side> {
  const [{ machineClock, machineIds }, { createLog }, { noStore }] = await Promise.all([
    import('./machine.ts'),
    import('../log.ts'),
    import('./open-store.ts'),
  ])
  const parts = { make, clock: machineClock, ids: machineIds, log: createLog('warn', { write: call.io.err }) }
  let side: Side | null
  if (store.kind === 'file') {
    const { openSqliteSide } = await import('../../pipeline/journal/move/sqlite.ts')
    side = openSqliteSide({ ...parts, dir: store.dir })
  } else {
    const { openPostgresSide } = await import('../../pipeline/journal/move/postgres.ts')
    side = await openPostgresSide({ ...parts, url: store.url })
  }
  if (side === null) throw noStore(call)
  return side
}

async function moved(call: Call): Promise<Moved> {
  const [from, to] = [storeOf(call), targetOf(call)]
  const [{ move }, { machineIds }] = await Promise.all([
    import('../../pipeline/journal/move/move.ts'),
    import('./machine.ts'),
  ])
  const source = await open(from, false, call)
  const bar = progressBar(call)
  try {
    const target = await open(to, true, call)
    try {
      return await move({
        source: { side: source, address: shownAddress(from) },
        target: { side: target, address: shownAddress(to) },
        ids: machineIds,
        progress: bar.show,
      })
    } finally {
      bar.end()
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function undone(call: Call): Promise<0> {
  const [{ undoMove }, side] = await Promise.all([
    import('../../pipeline/journal/move/move.ts'),
    open(storeOf(call), false, call),
  ])
  try {
    const { to, done } = await undoMove(side)
    if (call.json) call.io.out(`${JSON.stringify({ to, done })}\n`)
    else {
      const said = {
        en: `This store may be served again; ${plain(to)} must not be: empty it.`,
        fr: `Ce dépôt peut de nouveau servir ; ${plain(to)} ne le doit plus : videz-le.`,
      }
      call.io.err(`${said[call.language]}\n`)
    }
    return 0
  } finally {
    await side.close()
  }
}

const REASONS: Readonly<Record<MoveRefused['why'], (about: string) => Bilingual>> = {
  served: (node) => ({
    en: `Node ${node} serves the store: stop it first (one that was killed counts for 3 s more).`,
    fr: `Le nœud ${node} sert le dépôt : arrêtez-le d'abord (tué, il compte encore 3 s).`,
  }),
  'not-empty': (where) => ({
    en: `${where} is not empty: a store is moved into an empty folder or database.`,
    fr: `${where} n'est pas vide : un dépôt se déplace vers un dossier ou une base vide.`,
  }),
  'other-move': (where) => ({
    en: `${where} holds an unfinished move of another store, or one that was given up: empty it first.`,
    fr: `${where} contient un déplacement inachevé d'un autre dépôt, ou abandonné : videz-le d'abord.`,
  }),
  elsewhere: (where) =>
    where === ''
      ? { en: 'This store was not moved.', fr: "Ce dépôt n'a pas été déplacé." }
      : {
          en: `This store was moved to ${where}, or is being moved there; to move it elsewhere: passerelle move --undo`,
          fr: `Ce dépôt a été déplacé vers ${where}, ou l'est en ce moment ; pour aller ailleurs : passerelle move --undo`,
        },
  differs: (what) => ({
    en: `The copy differs from the store (${what}): it is not served. Empty it, and move again.`,
    fr: `La copie diffère du dépôt (${what}) : elle ne sert pas. Videz-la, puis recommencez.`,
  }),
}

/** The sentence for what keeps a store where it is. */
function told(error: unknown, call: Call): unknown {
  if (error instanceof MoveRefused) return new ProblemError(plain(REASONS[error.why](error.about)[call.language]))
  if (!(error instanceof GatewayError) || error.code !== 'STORE_HELD') return error
  const stop = { en: 'Stop it first.', fr: "Arrêtez-le d'abord." }
  return new ProblemError(`${plain(error.message)} ${stop[call.language]}`, 'STORE_HELD')
}

function tell(result: Moved, call: Call): void {
  if (call.json) {
    call.io.out(`${JSON.stringify(result)}\n`)
    return
  }
  const { messages, damaged, already } = result
  const rows = Object.values(result.tables).reduce((sum, n) => sum + n, 0)
  for (const record of damaged) call.io.out(`${plain(record)}\n`)
  const said = {
    en: already
      ? `Already moved: ${messages} messages.`
      : `${messages} messages, ${rows} rows moved; every row compared, every checksum read, ${damaged.length} damaged as before.`,
    fr: already
      ? `Déjà déplacé : ${messages} messages.`
      : `${messages} messages, ${rows} lignes déplacés ; chaque ligne comparée, chaque somme lue, ${damaged.length} abîmés comme avant.`,
  }
  call.io.err(`${said[call.language]}\n`)
}

/** `move`: a whole store into an empty one of the other kind, or of the same. Exit 1 when records are damaged. */
export const moveCommand: Command = {
  name: 'move',
  positionals: [],
  summary: {
    en: 'moves a stopped store to PostgreSQL, or back',
    fr: 'déplace un dépôt arrêté vers PostgreSQL, ou retour',
  },
  options: {
    to: { type: 'string', value: 'URL', help: { en: 'empty store to fill', fr: 'dépôt vide à remplir' } },
    store: OPTIONS.store,
    undo: {
      type: 'boolean',
      help: {
        en: 'gives back a store that was moved; nothing may serve the other one',
        fr: "rend un dépôt déplacé ; rien ne doit servir l'autre",
      },
    },
  },
  async run(call) {
    try {
      if (call.values.undo === true) return await undone(call)
      const result = await moved(call)
      tell(result, call)
      return result.damaged.length === 0 ? 0 : 1
    } catch (error) {
      throw told(error, call)
    }
  },
}
