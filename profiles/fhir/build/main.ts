/** Writes what is made from other files: `r4`, `compiled` and `examples` under `profiles/fhir`. Run as `npm run profiles`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiledFiles, compileFsh, exampleFiles, fshSources } from './fsh.ts'
import { r4Files } from './r4.ts'

function write(folder: string, files: ReadonlyMap<string, string>): void {
  const path = fileURLToPath(new URL(`../${folder}/`, import.meta.url))
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path)
  for (const [name, text] of files) writeFileSync(`${path}${name}`, text)
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  console.info(`profiles/fhir/${folder}: ${files.size} files, ${Math.round(bytes / 1024)} KiB`)
}

const compiled = await compileFsh(fshSources())
write('r4', r4Files())
write('compiled', compiledFiles(compiled))
write('examples', exampleFiles(compiled))
