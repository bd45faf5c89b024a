/** Secure mail whose every free text is an attack on whoever looks at it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LAB_SIGNER } from '../../../src/app/white-list/lab.ts'
import type { World } from '../../running/gateway.ts'
import { makeLab, manyRows, signedList } from '../../support/lab-list.ts'
import { mailOf } from '../../support/mail-operator.ts'
import { until } from '../../support/world/until.ts'
import { ATTACKS, attack } from './attacks.ts'

const DOMAIN = 'sender.mssante.test'

/** `mail` of the region: one domain of ours, and a list of operators that write attacks beside their certificates. */
export async function hostileMail(dir: string): Promise<{ readonly mail: object; end(): void }> {
  const lab = await makeLab()
  const rows = manyRows(ATTACKS.length).map((row, n) => ({
    ...row,
    description: attack(n),
    responsible: attack(n + 1),
    support: attack(n + 2),
    // One subject is as long as the longest word of the attacks.
    subject: `CN=${'w'.repeat(60)}${n}.exemple.test,O=${n % 2 === 0 ? '<b data-hostile>' : 'X'},C=FR`,
  }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const { issuer, commonName, email } = LAB_SIGNER
  const whiteList = {
    file: file('list.xml', signedList(lab, rows, Date.now() - 60_000)),
    ca: join(lab.dir, 'ca.pem'),
    signer: { issuer, commonName, email },
  }
  return { mail: mailOf(dir, { [DOMAIN]: 'sender' }, { whiteList }), end: lab.remove }
}

/** Mailboxes of every kind, one of them delegated. */
export async function hostileMailboxes(world: World): Promise<void> {
  await until('the list is in use', async () => {
    const { json } = await world.call('/api/mail/whitelist')
    return json['state'] === 'fresh'
  })
  const at = '/api/mail/mailboxes'
  const make = (local: string, body: object) =>
    world.call(at, { address: `${local}@${DOMAIN}`, reason: attack(0, 90), ...body })
  const text = (n: number): string => attack(n).replaceAll(/[\u200b\u202e\u2066]/g, '')
  const made = await Promise.all([
    make('anne.martin', { kind: 'PER', name: `_${text(0)}_MARTIN_${text(1)}`, owner: '10001234565' }),
    make('org', { kind: 'ORG', name: text(1), service: text(2), responsible: text(3), description: text(4) }),
    make('app', { kind: 'APP', name: text(2), certificate: 'CN=<b data-hostile>,O=x' }),
    make('cab', { kind: 'CAB', name: text(7), description: text(5), owner: '10001234573' }),
  ])
  for (const { status, json } of made) if (status !== 200) throw new Error(JSON.stringify(json))
  const given = await world.call(`${at}/org@${DOMAIN}/delegate`, { person: '10001234565', reason: text(3) })
  if (given.status !== 200) throw new Error(JSON.stringify(given.json))
}
