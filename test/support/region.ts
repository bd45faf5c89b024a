import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileConfig, type ReadMaterial, readRegion } from '../../src/app/config/index.ts'
import type { Config, NodeConfig } from '../../src/core/config.ts'

/** One establishment in region.yaml's own words; what is absent is filled in. */
export type Written = Readonly<Record<string, unknown>>

/**
 * A small region as YAML text (JSON, which is YAML): `sender` (MSH-4 SENDER), `receiver` with destination `dpi` on port
 * 26901, and a route of everything from one to the other. `parts` replaces top-level keys. */
export function regionText(parts: Written = {}): string {
  return JSON.stringify(
    {
      region: { name: 'Essai', timeZone: 'Europe/Paris', locale: 'fr' },
      store: { minFree: '1 MiB' },
      establishments: [
        { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
        {
          id: 'receiver',
          name: 'Receiver (fictif)',
          kind: 'hospital',
          senders: { facilities: ['RECEIVER'] },
          destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: 26901, use: 'qualification' } },
        },
      ],
      routes: [{ name: 'all', when: { from: ['sender'] }, to: ['receiver/dpi'] }],
      ...parts,
    },
    null,
    2,
  )
}

/** Writes a text as `region.yaml` into the folder; gives its path. */
export function writeRegion(folder: string, text: string): string {
  const file = join(folder, 'region.yaml')
  writeFileSync(file, text)
  return file
}

/** Reads what is there, and nothing for what the first start makes. */
export function orNothing(read: ReadMaterial): ReadMaterial {
  return (reference) => {
    try {
      return read(reference)
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return ''
      throw fault
    }
  }
}

/**
 * The configuration a file compiles to, at revision 1.
 * @throws {Error} with every problem when the file has errors */
export async function configOf(file: string): Promise<{ config: Config; node: NodeConfig }> {
  const { problems, node, shared, read } = await readRegion(file, {})
  if (node === null || shared === null) throw new Error(JSON.stringify(problems, null, 2))
  return { config: compileConfig(shared, 1, read), node }
}
