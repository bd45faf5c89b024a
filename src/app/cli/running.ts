import { type Call, ProblemError } from './command.ts'
import type { RemoteGateway } from './remote.ts'

/**
 * The API of the gateway that runs. @throws {ProblemError} when none does; `instead`: what a person may do instead, in the
 * language of the call */
export async function runningGateway(call: Call, instead: string): Promise<RemoteGateway> {
  const [{ reachBy }, { gatewayAt }] = await Promise.all([import('./reach.ts'), import('./remote.ts')])
  const { openStore } = await import('./open-store.ts')
  return reachBy(
    call,
    async (): Promise<RemoteGateway> => {
      await (await openStore(call)).close()
      const none = { en: 'No gateway runs', fr: 'Aucune plateforme en marche' }[call.language]
      throw new ProblemError(`${none}${call.language === 'fr' ? ' : ' : ': '}${instead}`, 'CONNECT_FAILED')
    },
    async (url) => gatewayAt(url, call),
  )
}
