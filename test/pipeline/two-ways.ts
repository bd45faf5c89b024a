import type { Written } from '../support/region.ts'

/** A region where `sender` and `receiver` send to each other; what is for the emergency ward goes urgently. */
export function twoWays(strict: boolean): Written {
  const one = (id: string, facility: string, destination: string): Written => ({
    id,
    name: `${id} (fictif)`,
    kind: 'hospital',
    strict,
    senders: { facilities: [facility] },
    destinations: { [destination]: { type: 'mllp', host: '127.0.0.1', port: 26901, use: 'qualification' } },
  })
  return {
    establishments: [one('sender', 'SENDER', 'ris'), one('receiver', 'RECEIVER', 'dpi')],
    routes: [
      { name: 'there', when: { from: ['sender'] }, to: ['receiver/dpi'] },
      { name: 'back', when: { from: ['receiver'] }, to: ['sender/ris'] },
      { name: 'emergency', when: { paths: { 'PV1-2': ['E'] } }, to: ['receiver/dpi'], lane: 'urgent' },
      { name: 'stroke', when: { service: 'stroke' }, to: ['platform'] },
    ],
  }
}
