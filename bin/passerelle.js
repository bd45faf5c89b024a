#!/usr/bin/env node
// Plain JavaScript, so that a Node too old to read TypeScript can still say so.
const major = Number(process.versions.node.split('.')[0])
if (major !== 26) {
  process.stderr.write(
    `Passerelle needs Node 26; this is ${process.versions.node}. Run "npm ci", then "npm start" or "npm run passerelle -- …".\n`,
  )
  process.exit(2)
}

await import('../src/app/main.ts')
