/** What a process asked of the system, read from a trace of strace. */

/** The calls that write, sync and name files, as `strace -e trace=` takes them. */
export const TRACED_CALLS = 'write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat'

/** A call of the system: `fsync mailboxes/op.test`, and the lines of the trace where it began and ended. */
export interface Call {
  readonly what: string
  readonly thread: string
  readonly begins: number
  ends: number
}

/** The calls of a trace (`strace -f -y -o`) in the order in which they began, with paths below `dir`. */
export function readTrace(text: string, dir: string): Call[] {
  const found: Call[] = []
  const open = new Map<string, Call>()
  for (const [at, line] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const call = /^(\w+)\((.*)$/.exec(rest)
    if (call === null) {
      const resumed = open.get(thread)
      if (rest.startsWith('<... ') && resumed !== undefined) resumed.ends = at
      continue
    }
    const [, name = '', argument = ''] = call
    const one: Call = { what: `${nameOf(name)} ${objectOf(argument, dir)}`, thread, begins: at, ends: at }
    found.push(one)
    if (rest.endsWith('<unfinished ...>')) {
      one.ends = Number.POSITIVE_INFINITY
      open.set(thread, one)
    }
  }
  return found
}

function nameOf(call: string): string {
  if (call.includes('write')) return 'write'
  if (call.includes('sync')) return 'sync'
  return call.replace(/at2?$/, '')
}

/** The file of `7</path>`, the last path of a rename, or what is said to the test. */
function objectOf(argument: string, dir: string): string {
  const said = /^1<[^>]*>, "([^"]*)\\n"/.exec(argument)?.[1]
  if (said !== undefined) return said
  const paths = [...argument.matchAll(/<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, file, path]) => file ?? path!)
  const last = /^\d/.test(argument) ? paths[0] : paths.at(-1)
  return last === dir ? '.' : (last?.replace(`${dir}/`, '') ?? '')
}

/** What of these steps happened after that was said, each begun when the one before had ended; it ends where one is missing. */
export function happened(calls: readonly Call[], since: string | null, steps: readonly string[]): readonly string[] {
  let done = since === null ? 0 : calls.find(({ what }) => what === `write ${since}`)!.ends + 1
  const found: string[] = []
  for (const step of steps) {
    const next = calls.find(({ what, begins }) => begins >= done && what === step)
    if (next === undefined) break
    found.push(step)
    done = next.ends + 1
  }
  return found
}
