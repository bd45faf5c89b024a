import { type Bilingual, type Call, type Command, OPTIONS, plain, text, UsageError } from './command.ts'
import type { DeliveryAct } from './reach.ts'

/** The reason that an act needs. @throws {UsageError} without one */
export function reasonOf(call: Call): string {
  const reason = text(call, 'reason')?.trim() ?? ''
  if (reason !== '' && reason.length <= 500 && plain(reason) === reason) return reason
  throw new UsageError(
    {
      en: '--reason is needed: one line, up to 500 characters.',
      fr: '--reason est obligatoire : une ligne, 500 caractères au plus.',
    }[call.language],
  )
}

function deliveryCommand(name: DeliveryAct, summary: Bilingual): Command {
  return {
    name,
    positionals: ['DELIVERY'],
    summary,
    options: { reason: OPTIONS.reason, store: OPTIONS.store, url: OPTIONS.url },
    async run(call) {
      const reason = reasonOf(call)
      const { reach } = await import('./reach.ts')
      const gateway = await reach(call)
      try {
        const result = await gateway.act(name, call.positionals[0] ?? '', reason)
        call.io.out(
          call.json
            ? `${JSON.stringify(result)}\n`
            : `${plain(`${result.destination}  ${result.state}  ${result.id}`)}\n`,
        )
        return 0
      } finally {
        await gateway.close()
      }
    },
  }
}

/** `resend`, `close`, `skip`: what a person does with a delivery. */
export const deliveryCommands: readonly Command[] = [
  deliveryCommand('resend', { en: 'queues a parked delivery again', fr: 'réessaie une remise mise de côté' }),
  deliveryCommand('close', { en: 'ends a delivery unsent', fr: "clôt une remise sans l'envoyer" }),
  deliveryCommand('skip', {
    en: 'lets later messages pass a parked delivery',
    fr: 'laisse passer les suivants devant une remise mise de côté',
  }),
]
