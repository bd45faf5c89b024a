/**
 * `npm run bundle`: puts the gateway and its packages into a few files under `dist/`, which `bin/passerelle.js` runs as long as the
 * source is what they were made of. A start then takes 40 % less of a processor: most of it goes into finding and linking some
 * 2,700 modules. The source stays beside it: what it reads by its own address (profiles, styles, workers) is found there. */
import { rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { madeOf } from '../bin/made-of.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(ROOT, 'dist')

/** Every module keeps its address: relative to the bundle, which may be moved together with the source. */
const ADDRESSES: Plugin = {
  name: 'addresses',
  transform(code, id) {
    if (!code.includes('import.meta')) return null
    const own = JSON.stringify(relative(DIST, id).split('\\').join('/'))
    return code
      .replaceAll('import.meta.url', `new URL(${own}, import.meta.url).href`)
      .replaceAll('import.meta.main', 'false')
  },
}

const made = madeOf(ROOT)
rmSync(DIST, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: ROOT,
  input: 'src/app/main.ts',
  platform: 'node',
  // Loads programs of the machine by their place; only a process of its own uses it.
  external: ['sharp', 'pg-native'],
  plugins: [ADDRESSES],
  logLevel: 'warn',
})
await bundle.write({ dir: DIST, format: 'esm', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js' })
await bundle.close()
// Written last: a bundle that broke off is none.
writeFileSync(join(DIST, 'made-of'), made)
