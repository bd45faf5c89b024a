#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

// Checked before anything else is loaded: another Node would fail later, and less clearly.
const major = Number(process.versions.node.split('.')[0])
if (major !== 26) {
  process.stderr.write(
    `Passerelle needs Node 26; this is ${process.versions.node}. Run "npm ci", then "npm start" or "npm run passerelle -- …".\n`,
  )
  process.exit(2)
}

// A third of a start is reading TypeScript: kept beside the installed code, under the same owner, it is read once.
const { enableCompileCache } = await import('node:module')
const cache = fileURLToPath(new URL('../../node_modules/.cache/passerelle', import.meta.url))
enableCompileCache(cache)
// Threads look for it here alone. One that does not find it loads the compiler of TypeScript: 17 MiB for each.
process.env.NODE_COMPILE_CACHE ??= cache

// Whoever reads has read enough (`| head`): what is left to say has no reader, and that is no fault. The log of a gateway goes its own way.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => {
  if (fault.code !== 'EPIPE') throw fault
  process.exit(0)
})

const { runCli } = await import('./cli/run.ts')
process.exitCode = await runCli(process.argv.slice(2), process.env, {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  terminal: process.stderr.isTTY === true,
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
})
