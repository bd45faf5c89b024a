import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { DoorSockets } from './sockets.ts'

/** A gateway as its supervisor sees it. */
export interface Child {
  readonly pid: number
  /** True once it says that its doors are open, false when it ended before. */
  readonly ready: Promise<boolean>
  /** Its exit code; 128 and the number of the signal that ended it, as shells count. */
  readonly ended: Promise<number>
  tell(signal: NodeJS.Signals): void
}

/** The shell's own number becomes the gateway's: nobody else knows it before the program runs, and the protocol wants it. */
const AS_ITSELF = 'export LISTEN_PID=$$; exec "$@"'

/**
 * Starts a command with these sockets, by systemd's protocol, and a channel on which it says that it is ready. */
export function startChild(
  command: readonly string[],
  sockets: DoorSockets,
  env: Readonly<Record<string, string | undefined>>,
): Child {
  const passed = sockets.descriptors()
  const child = spawn('/bin/sh', ['-c', AS_ITSELF, 'sh', ...command], {
    stdio: ['ignore', 'inherit', 'inherit', ...passed.map(({ descriptor }) => descriptor), 'ipc'],
    env: { ...env, LISTEN_FDS: String(passed.length), LISTEN_FDNAMES: passed.map(({ name }) => name).join(':') },
  })
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })
  const ready = new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true))
    void ended.then(() => resolve(false))
  })
  return { pid: child.pid ?? 0, ready, ended, tell: (signal) => void child.kill(signal) }
}
