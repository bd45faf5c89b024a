/** An archive whose every text is an attack on whoever looks for studies in it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { ATTACKS, attack } from './attacks.ts'

/** A study as QIDO-RS lists it (PS3.18 §10.6.3.3), of whatever patient was asked for. */
function study(n: number): object {
  const text = (vr: string, value: string): object => ({ vr, Value: [value] })
  return {
    '00080020': text('DA', n % 2 === 0 ? '20261126' : attack(n)),
    '00080050': text('SH', attack(n + 1)),
    '00080061': { vr: 'CS', Value: [attack(n + 2), attack(n + 3)] },
    '00081030': text('LO', attack(n)),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: attack(n + 4) }] },
    '00100020': text('LO', attack(n + 5)),
    '00100021': text('LO', attack(n + 6)),
    '00100030': text('DA', attack(n + 7)),
    '00100040': text('CS', attack(n)),
    '0020000D': text('UI', `1.2.3.77.${n}`),
    '00201208': { vr: 'IS', Value: [n] },
  }
}

/** Starts it: studies by the patient, and nothing else that anybody asks for. Gives the address; over when the test is. */
export async function hostileArchive(): Promise<string> {
  const server = createServer(({ url = '' }, reply) => {
    const isOfPatient = /^\/studies\?00100020=/.test(url)
    reply.writeHead(200, { 'content-type': 'application/dicom+json' })
    reply.end(JSON.stringify(isOfPatient ? ATTACKS.map((_, n) => study(n)) : []))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
