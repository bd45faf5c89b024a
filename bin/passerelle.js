#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to read TypeScript can still say so.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { madeOf } from './made-of.js'

const major = Number(process.versions.node.split('.')[0])
if (major !== 26) {
  process.stderr.write(
    `Passerelle needs Node 26; this is ${process.versions.node}. Run "npm ci", then "npm start" or "npm run passerelle -- …".\n`,
  )
  process.exit(2)
}

/** Is there a bundle (npm run bundle) of the source as it stands? One of another source must never run in its place. */
function bundled() {
  try {
    const said = readFileSync(new URL('../dist/made-of', import.meta.url), 'utf8')
    return said === madeOf(fileURLToPath(new URL('..', import.meta.url)))
  } catch {
    return false
  }
}

await import(bundled() ? '../dist/main.js' : '../src/app/main.ts')
