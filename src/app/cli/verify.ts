import { GatewayError } from '../../core/errors.ts'
import { type Command, OPTIONS, ProblemError, plain } from './command.ts'
import { progressBar } from './progress.ts'

/** `verify`: every checksum of the store. */
export const verifyCommand: Command = {
  name: 'verify',
  positionals: [],
  summary: { en: 'checks every record of a store', fr: "contrôle tous les enregistrements d'un dépôt" },
  options: { store: OPTIONS.store },
  async run(call) {
    const { openStore } = await import('./open-store.ts')
    const journal = await openStore(call, 'open').catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === 'STORE_HELD') {
        const stop = {
          en: 'Stop it first: a whole check wants the store alone.',
          fr: "Arrêtez-le d'abord : le contrôle complet veut le dépôt pour lui seul.",
        }
        throw new ProblemError(`${plain(error.message)} ${stop[call.language]}`)
      }
      throw error
    })
    const bar = progressBar(call)
    try {
      const { checked, damaged } = await journal.verify(null, bar.show)
      bar.end()
      if (call.json) call.io.out(`${JSON.stringify({ checked, damaged })}\n`)
      else {
        for (const record of damaged) call.io.out(`${plain(record)}\n`)
        call.io.err(
          {
            en: `${checked} checked, ${damaged.length} damaged\n`,
            fr: `${checked} contrôlés, ${damaged.length} endommagés\n`,
          }[call.language],
        )
      }
      return damaged.length === 0 ? 0 : 1
    } finally {
      await journal.close()
    }
  },
}
