/** Writes what is made from other files: `profiles/fhir/r4`. Run as `npm run profiles`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { r4Files } from './r4.ts'

function write(folder: string, files: ReadonlyMap<string, string>): void {
  const path = fileURLToPath(new URL(`../${folder}/`, import.meta.url))
  mkdirSync(path, { recursive: true })
  for (const [name, text] of files) writeFileSync(`${path}${name}`, text)
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  console.info(`profiles/fhir/${folder}: ${files.size} files, ${Math.round(bytes / 1024)} KiB`)
}

write('r4', r4Files())
