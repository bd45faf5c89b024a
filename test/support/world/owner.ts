import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Which of these processes has the calling end of a TCP connection between two ports of 127.0.0.1 (from /proc): so that of
 * several nodes that send the same bytes it is known which one did. Null: none of them, or it is gone already. */
export function ownerOf(callerPort: number, listenerPort: number, pids: readonly number[]): number | null {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((one) => one.trim().split(/\s+/))
    .find(([, local, remote]) => local?.endsWith(`:${hex(callerPort)}`) && remote?.endsWith(`:${hex(listenerPort)}`))
  const socket = `socket:[${line?.[9]}]`
  return pids.find((pid) => filesOf(pid).includes(socket)) ?? null
}

function filesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
      } catch {
        return [] // closed since
      }
    })
  } catch {
    return []
  }
}
