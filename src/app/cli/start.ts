import { type Command, OPTIONS, regionPath, storeOf, text } from './command.ts'

/** `start`: runs the gateway until it is told to stop. */
export const startCommand: Command = {
  name: 'start',
  positionals: [],
  summary: { en: 'runs the gateway', fr: 'démarre la plateforme' },
  options: {
    region: OPTIONS.region,
    store: OPTIONS.store,
    node: {
      type: 'string',
      value: 'NAME',
      help: {
        en: 'name of this node (default: host name and a random suffix)',
        fr: 'nom de ce nœud (défaut : nom de la machine et suffixe au hasard)',
      },
    },
    simulate: {
      type: 'boolean',
      help: {
        en: 'also a receiving end for each destination, and missing example certificates',
        fr: "avec un récepteur simulé par destinataire, et les certificats d'exemple manquants",
      },
    },
  },
  async run(call) {
    const { start } = await import('../start.ts')
    return start({
      region: regionPath(call),
      store: storeOf(call),
      node: text(call, 'node') ?? '',
      simulate: call.values.simulate === true,
      language: call.language,
    })
  },
}
