import { type Call, type Command, OPTIONS, ProblemError, plain, regionPath, UsageError } from './command.ts'

async function establishmentIds(call: Call): Promise<string[]> {
  const { readRegion } = await import('../config/index.ts')
  const path = regionPath(call)
  const { shared } = await readRegion(path, call.env, { missingMaterial: 'warning' })
  if (shared === null) {
    throw new ProblemError(
      {
        en: `${path} has errors: see passerelle check --region ${path}`,
        fr: `${path} contient des erreurs : voir passerelle check --region ${path}`,
      }[call.language],
      'CONFIG_INVALID',
    )
  }
  return (JSON.parse(shared) as { establishments: { id: string }[] }).establishments.map(({ id }) => id)
}

/** `certs make DIR`: an example authority and a certificate per establishment, for trying out and never for trust. */
export const certsCommand: Command = {
  name: 'certs',
  positionals: ['make', 'DIR'],
  summary: {
    en: 'makes example certificates for the establishments of the region file',
    fr: "fabrique des certificats d'exemple pour les établissements du fichier de région",
  },
  options: { region: OPTIONS.region },
  async run(call) {
    const [verb = '', dir = ''] = call.positionals
    if (verb !== 'make') {
      throw new UsageError(
        {
          en: `certs does not know ${plain(verb)}: certs make DIR`,
          fr: `certs ne connaît pas ${plain(verb)} : certs make DIR`,
        }[call.language],
      )
    }
    const { makeCertificates } = await import('../certs.ts')
    const made = await makeCertificates(dir, await establishmentIds(call))
    if (call.json) call.io.out(`${JSON.stringify(made)}\n`)
    else for (const path of [made.ca, made.gateway, ...made.clients]) call.io.out(`${plain(path)}\n`)
    return 0
  },
}
