import { freePort } from '../support/world/ports.ts'

const PORT = /(\bport: |127\.0\.0\.1:)(\d+)/g

/** Free ports in place of those a text names, so that two gateways can run at once: by the port they stand for. */
export async function otherPorts(
  text: string,
): Promise<{ readonly ports: ReadonlyMap<string, string>; moved(words: string): string }> {
  const named = [...new Set(Array.from(text.matchAll(PORT), ([, , port]) => port!))]
  const ports = new Map<string, string>()
  for (const port of named) ports.set(port, String(await freePort()))
  return {
    ports,
    moved: (words) => words.replace(PORT, (_all, before: string, port: string) => before + (ports.get(port) ?? port)),
  }
}
