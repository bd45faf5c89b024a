import { GatewayError } from '../../core/errors.ts'
import { type Command, OPTIONS, ProblemError, plain, text, UsageError } from './command.ts'
import { progressBar } from './progress.ts'

/** `verify`: every checksum of the store. */
export const verifyCommand: Command = {
  name: 'verify',
  positionals: [],
  summary: {
    en: 'checks every record of a store, or an export of its audit',
    fr: "contrôle tous les enregistrements d'un dépôt, ou un export de son audit",
  },
  options: {
    store: OPTIONS.store,
    audit: {
      type: 'string',
      value: 'FILE',
      help: { en: 'an export of the audit, without a store', fr: "un export de l'audit, sans dépôt" },
    },
    key: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'with --audit: public key that must have signed',
        fr: 'avec --audit : clé publique qui doit avoir signé',
      },
    },
    head: {
      type: 'string',
      value: 'FILE',
      help: { en: 'with --audit: heads noted before', fr: 'avec --audit : têtes notées auparavant' },
    },
  },
  async run(call) {
    const file = text(call, 'audit')
    if (file !== undefined) {
      const { verifyExport } = await import('./audit.ts')
      const bar = progressBar(call)
      return verifyExport(file, call, bar).finally(() => bar.end())
    }
    if (text(call, 'key') !== undefined || text(call, 'head') !== undefined) {
      throw new UsageError(
        { en: '--key and --head go with --audit FILE.', fr: '--key et --head vont avec --audit FICHIER.' }[
          call.language
        ],
      )
    }
    const { openStore } = await import('./open-store.ts')
    const journal = await openStore(call, 'open').catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === 'STORE_HELD') {
        const stop = {
          en: 'Stop it first: a whole check wants the store alone.',
          fr: "Arrêtez-le d'abord : le contrôle complet veut le dépôt pour lui seul.",
        }
        throw new ProblemError(`${plain(error.message)} ${stop[call.language]}`, 'STORE_HELD')
      }
      throw error
    })
    const bar = progressBar(call)
    try {
      const { checked, damaged } = await journal.verify(null, bar.show)
      bar.end()
      const { verifyStoreAudit, tell } = await import('./audit.ts')
      const audit = await verifyStoreAudit(journal)
      const sound = audit.missing === 0 && audit.checked.faults.length === 0
      if (call.json)
        call.io.out(`${JSON.stringify({ checked, damaged, audit: { ...audit.checked, missing: audit.missing } })}\n`)
      else {
        if (!sound) tell(audit.checked, call)
        for (const record of damaged) call.io.out(`${plain(record)}\n`)
        call.io.err(
          {
            en: `${checked} checked, ${damaged.length} damaged\n`,
            fr: `${checked} contrôlés, ${damaged.length} endommagés\n`,
          }[call.language],
        )
      }
      return damaged.length === 0 && sound ? 0 : 1
    } finally {
      await journal.close()
    }
  },
}
