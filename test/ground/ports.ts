import { createServer } from 'node:net'
import { listen } from './gateway.ts'

const PORT = /(\bport: |127\.0\.0\.1:)(\d+)/g

/** Free ports in place of those a text names, so that two gateways can run at once: by the port they stand for. */
export async function otherPorts(
  text: string,
): Promise<{ readonly ports: ReadonlyMap<string, string>; moved(words: string): string }> {
  const named = [...new Set(Array.from(text.matchAll(PORT), ([, , port]) => port!))]
  const servers = named.map(() => createServer())
  const free = await Promise.all(servers.map((server) => listen(server, 0)))
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  const ports = new Map(named.map((port, i) => [port, String(free[i])]))
  return {
    ports,
    moved: (words) => words.replace(PORT, (_all, before: string, port: string) => before + (ports.get(port) ?? port)),
  }
}
