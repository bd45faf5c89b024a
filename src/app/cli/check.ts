import { problemLine } from '../region-problems.ts'
import { type Command, OPTIONS, regionPath } from './command.ts'

/** `check`: every problem of the region file at once, with line and column. */
export const checkCommand: Command = {
  name: 'check',
  positionals: [],
  summary: { en: 'checks the region file', fr: 'vérifie le fichier de région' },
  options: {
    region: OPTIONS.region,
    schema: { type: 'boolean', help: { en: 'prints its JSON Schema', fr: 'affiche son schéma JSON' } },
  },
  async run(call) {
    const { configSchema, readRegion } = await import('../config/index.ts')
    if (call.values.schema === true) {
      call.io.out(`${JSON.stringify(configSchema, null, 2)}\n`)
      return 0
    }
    const path = regionPath(call)
    const { problems } = await readRegion(path, call.env, { missingMaterial: 'warning' })
    const errors = problems.filter(({ severity }) => severity === 'error').length
    if (call.json) call.io.out(`${JSON.stringify({ region: path, problems })}\n`)
    else {
      for (const problem of problems) call.io.out(`${problemLine(path, problem)}\n`)
      const warnings = problems.length - errors
      call.io.err(
        {
          en: `${path}: ${errors} error(s), ${warnings} warning(s)\n`,
          fr: `${path} : ${errors} erreur(s), ${warnings} avertissement(s)\n`,
        }[call.language],
      )
    }
    return errors === 0 ? 0 : 1
  },
}
