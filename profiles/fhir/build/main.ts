/** Writes what is made from other files: `r4`, `compiled`, `examples` and `stamp.json` under `profiles/fhir`. Run as `npm run profiles`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiledFiles, compileFsh, exampleFiles, fshSources } from './fsh.ts'
import { r4Files } from './r4.ts'
import { stamp } from './stamp.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

function write(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(ROOT + folder, { recursive: true, force: true })
  mkdirSync(ROOT + folder)
  for (const [name, text] of files) writeFileSync(`${ROOT}${folder}/${name}`, text)
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  console.info(`profiles/fhir/${folder}: ${files.size} files, ${Math.round(bytes / 1024)} KiB`)
}

const sources = fshSources()
const compiled = await compileFsh(sources)
const made = { r4: r4Files(), compiled: compiledFiles(compiled), examples: exampleFiles(compiled) }
for (const [folder, files] of Object.entries(made)) write(folder, files)
writeFileSync(`${ROOT}stamp.json`, stamp(sources, made))
