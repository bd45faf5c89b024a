import { readFileSync } from 'node:fs'
import net from 'node:net'

// Ports of the kernel's own range may be taken by an outgoing connection while the gateway is down between two starts,
// and a client that keeps calling a closed one there may connect to itself; so we stay below that range.
const CEILING = lowestEphemeral()
const FLOOR = 10_000
// Test files run side by side: each process has a stretch of its own.
const STRETCHES = 128
const STRETCH = Math.floor((CEILING - FLOOR) / STRETCHES)
const BASE = FLOOR + (process.pid % STRETCHES) * STRETCH
let turn = 0

function lowestEphemeral(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10) || 32_768
  } catch {
    return 32_768
  }
}

/** A port of 127.0.0.1 that is free now and that no outgoing connection will take. @throws {Error} when all are taken */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < STRETCH; tries++) {
    const port = BASE + (turn++ % STRETCH)
    if (await bindable(port)) return port
  }
  throw new Error('no free port on 127.0.0.1')
}

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
