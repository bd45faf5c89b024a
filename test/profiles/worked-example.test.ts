import { expect, test } from 'vitest'
import { compiledFiles, compileFsh, fshSources } from '../../profiles/fhir/build/fsh.ts'
import { shippedProfiles } from '../../src/app/config/index.ts'
import { readDefinitions } from '../../src/app/definitions/definitions.ts'
import type { JsonObject } from '../../src/formats/fhir/json-value.ts'
import { linesSource } from '../../src/formats/fhir/validate/source.ts'
import { FhirDefinitions, loadEngine, validateResource } from '../../src/formats/fhir/validate/validate.ts'
import { textOf } from '../ground/source.ts'

/** The blocks of one language in docs/profiles.md, below the worked example. */
function blocks(language: string): string[] {
  const section = textOf('docs/profiles.md').split('## To add a profile')[1] ?? ''
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text)
}

test('the worked example of docs/profiles.md compiles, takes its example, and says what the page says', async () => {
  const sources = [...fshSources()].filter(([name]) => /^(aliases|nihss)\.fsh$/.test(name))
  const [fsh = '', json = '', said = ''] = ['fsh', 'json', 'text'].map((language) => blocks(language).join('\n'))
  const compiled = compiledFiles(await compileFsh(new Map([...sources, ['glucose.fsh', fsh]])))
  const { texts } = readDefinitions(shippedProfiles())
  const definitions = new FhirDefinitions(linesSource([...texts, ...compiled.values()]), await loadEngine())
  const told = (resource: JsonObject) =>
    validateResource(resource, definitions).map(
      ({ severity, rule, code, expression }) => `${severity} ${rule ?? code} ${expression}`,
    )
  expect(told(JSON.parse(json) as JsonObject)).toEqual([])
  expect(told(JSON.parse(json.replace('"value": 1.12', '"value": 112')) as JsonObject)).toEqual([said.trim()])
}, 180_000)
