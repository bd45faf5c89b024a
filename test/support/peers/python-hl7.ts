import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../world/needs.ts'

/** Why `mllp_send` of python3-hl7 cannot be used here; null: it can. */
export function missingMllpSend(): string | null {
  return missing('mllp_send', ['--version'])
}

/** Sends a message to a port by `mllp_send`, from a file in `dir`; gives MSA-1 of what it printed, '' when there was none. */
export async function mllpSend(port: number, message: Buffer, dir: string): Promise<string> {
  const file = join(dir, 'message.mllp')
  writeFileSync(file, Buffer.concat([Buffer.from('\x0b'), message, Buffer.from('\x1c\r')]))
  const program = spawn('mllp_send', ['--port', String(port), '--file', file, '127.0.0.1'])
  let output = ''
  program.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')))
  await once(program, 'close')
  return /MSA\|(\w\w)\|/.exec(output)?.[1] ?? ''
}
