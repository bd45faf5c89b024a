import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { missing } from '../world/needs.ts'

/** Why Python's smtplib cannot be used here; null: it can. */
export function missingPython(): string | null {
  return missing('python3', ['-c', 'import smtplib, ssl'])
}

/** Why swaks cannot be used here; null: it can. */
export function missingSwaks(): string | null {
  return missing('swaks', ['--version']) ?? missing('perl', ['-MNet::SSLeay', '-e', '1'])
}

/** How Python's smtplib signs in and sends. `response`: what is said to the mechanism, before it is encoded. */
export interface PythonMail {
  readonly port: number
  readonly ca: string
  readonly cert?: string
  readonly key?: string
  readonly mechanism: 'XOAUTH2' | 'OAUTHBEARER' | 'EXTERNAL' | 'PLAIN'
  readonly response: string
  /** Is the response sent with the command, or when it is asked for? */
  readonly initial: boolean
  readonly from: string
  readonly to: string
  readonly text: string
}

/** Sends by Python's smtplib; the codes of each sign-in and mail (null: it did not come to that). */
export async function pythonSends(
  mails: readonly PythonMail[],
): Promise<readonly { readonly auth: number; readonly sent: number | null }[]> {
  const script = fileURLToPath(new URL('./submit.py', import.meta.url))
  const { out } = await run('python3', [script], mails.map((mail) => `${JSON.stringify(mail)}\n`).join(''))
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Runs swaks; its exit code and what it printed. */
export function swaks(args: readonly string[]): Promise<{ code: number; out: string }> {
  return run('swaks', args, '')
}

/** Runs a program to its end. @throws when it cannot be started, or printed nothing and failed */
function run(program: string, args: readonly string[], input: string): Promise<{ code: number; out: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { timeout: 20_000, maxBuffer: 2 ** 24 }, (fault, out, err) => {
      const code = fault === null ? 0 : Number(fault.code ?? -1)
      if (out === '' && fault !== null) reject(new Error(`${program}: ${err || fault.message}`))
      else resolve({ code, out })
    })
    child.stdin?.end(input)
  })
}
