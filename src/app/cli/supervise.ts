import { type Command, regionPath, storeOf } from './command.ts'
import { startCommand } from './start.ts'

/** `supervise`: holds the doors' sockets and keeps a gateway on them, which SIGUSR2 replaces without a reset. */
export const superviseCommand: Command = {
  name: 'supervise',
  positionals: [],
  summary: {
    en: 'keeps a gateway running; SIGUSR2 replaces it, and no connection is refused',
    fr: 'maintient la plateforme en marche ; SIGUSR2 la remplace sans refuser de connexion',
  },
  options: startCommand.options,
  async run(call) {
    const { supervise } = await import('../supervise.ts')
    const args = Object.entries(call.values)
      .filter(([name]) => name in startCommand.options)
      .flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}=${value}`]))
    return supervise({
      region: regionPath(call),
      args,
      simulate: call.values.simulate === true,
      overlap: storeOf(call).kind === 'postgres',
      language: call.language,
    })
  },
}
