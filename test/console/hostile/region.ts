/** A whole gateway whose every free text is an attack on whoever looks at it. */
import { channel } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'
import { machineClock } from '../../../src/app/cli/machine.ts'
import { BOUND } from '../../../src/app/sign-in/bound.ts'
import { MAY, ROLES, type Role } from '../../../src/core/roles.ts'
import { farSide, makeWorld, mllpAt, postTexts, type World } from '../../running/gateway.ts'
import { operator } from '../region.ts'
import { hostileArchive } from './archive.ts'
import { ATTACKS, attack } from './attacks.ts'
import { HOSTILE_CARE, hostileCases } from './cases.ts'
import { hostileConformity } from './conformity.ts'
import { hostileLetters, hostileMail, hostileMailboxes, READER } from './mail.ts'

/** Of no password. */
const HASH = `scrypt$131072$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** An address of the door and what it is asked with. */
export interface Route {
  readonly method: string
  /** As the router has it: `/messages/:id`. */
  readonly url: string
}

/** The world and every route of its plain HTTP door. */
export interface HostileWorld {
  readonly world: World
  readonly routes: readonly Route[]
}

/** Starts the gateway over a region of attacks, with messages delivered, parked and refused. Over when the test is. */
export async function hostileWorld(): Promise<HostileWorld> {
  const world = makeWorld(machineClock, { guided: true })
  const far = await farSide()
  const refusing = await farSide(() => 'AE')
  const archive = await hostileArchive()
  const facility = attack(1, 60)
  const { mail, end } = await hostileMail(world.dir)
  onTestFinished(end)
  writeFileSync(join(world.dir, 'totp'), 'A'.repeat(32), { mode: 0o600 })
  world.write(
    { dpi: mllpAt(far, { ackPolicy: { default: 'ans' } }), gam: mllpAt(refusing, { ackPolicy: 'ans' }) },
    {
      region: { name: attack(0), timeZone: 'Europe/Paris', locale: 'fr', securityContact: ['mailto:weak@region.test'] },
      operators: ROLES.map((role) => ({
        name: `demo-${role}`,
        role,
        keySha256: operator(role).keySha256,
        ...(MAY[role]['mailbox:use'] === undefined ? {} : { identifier: READER }),
        ...given(role),
      })),
      signIn: {
        demo: true,
        providers: [{ id: 'psc', name: attack(0), issuer: 'https://127.0.0.1:1/', clientId: attack(1) }],
        localAdministrators: [{ name: 'urgence', password: HASH, totp: { file: 'totp' } }],
      },
      establishments: [
        {
          id: 'sender',
          name: attack(0),
          kind: 'hospital',
          finess: { eg: ['530000017'] },
          senders: { facilities: [facility, 'SENDER'] },
          destinations: { pacs: { type: 'dicomweb', url: archive, use: 'qualification' } },
        },
        {
          id: 'receiver',
          name: attack(3),
          kind: 'hospital',
          senders: { facilities: ['RECEIVER'] },
          destinations: {
            dpi: mllpAt(far, { ackPolicy: { default: 'ans' } }),
            gam: mllpAt(refusing, { ackPolicy: { default: 'ans' } }),
          },
        },
        { id: 'bidi', name: attack(6), kind: 'nursing-home' },
        { id: 'long', name: attack(7), kind: 'samu' },
      ],
      telemedicine: HOSTILE_CARE,
      mail,
      routes: ATTACKS.map((_, n) => ({
        name: attack(n, 90) || `r${n}`,
        when: { from: ['sender'] },
        to: ['receiver/dpi', 'receiver/gam'],
      })),
    },
  )
  await hostileConformity(world.dir)
  const routes = await startWatched(world)
  await postTexts(
    world.port('mllp'),
    ATTACKS.map((_, n) => hostileMessage(n, facility)),
  )
  // Refused: nobody declared this sender, and nobody knows this kind.
  await postTexts(world.port('mllp'), [hostileMessage(2, attack(3, 60)), hostileMessage(3, facility, attack(0, 60))])
  await hostileCases(world)
  await hostileMailboxes(world)
  await hostileLetters(world.dir)
  return { world, routes }
}

/** What a role is given with it: as much as it may have. */
function given(role: Role): object {
  if (role === 'editor') return { establishments: ['sender'], applications: [attack(0, 60)] }
  if (BOUND.includes(role)) return { establishments: ['sender', 'receiver'] }
  return MAY[role]['messages:read'] === undefined ? {} : { content: true }
}

/** Starts it and tells every route that its door was given. */
async function startWatched(world: World): Promise<Route[]> {
  const routes: Route[] = []
  const made = channel('fastify.initialization')
  const watch = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, url })
    })
  }
  made.subscribe(watch)
  onTestFinished(() => void made.unsubscribe(watch))
  await world.start()
  return routes
}

/** An order of an invented patient with an attack in each field that somebody may be shown. */
function hostileMessage(n: number, facility: string, kind = 'ORU^R01'): string {
  const text = (by: number, longest = 90): string => attack(n + by, longest).replaceAll(/[|^~\\&\r]/g, '')
  const lines = [
    `MSH|^~\\&|${text(0)}|${facility}|${text(1)}|${text(2)}|20260101120000||${kind}|${n % 2 === 0 ? text(0, 80) : 'M'}${n}|T|2.5|||||FRA|UNICODE UTF-8`,
    `PID|1||P${n}^^^${text(0, 20)}^PI||${text(1)} (FICTIF)^${text(2)}^^^^^L||19800101|F|||${text(3)}^^${text(4)}`,
    `PV1|1|I|${text(3)}^${text(4)}||||${text(5)}^${text(0)}`,
    `ORC|RE|${text(3, 40)}|${text(4, 40)}`,
    `OBR|1|${text(3, 40)}|${text(4, 40)}|${text(1, 60)}^${text(0)}^L|||20260101120000`,
    `OBX|1|ST|${text(2, 60)}^${text(3)}^L||${text(0)}||||||F`,
    `NTE|1||${text(1)}`,
    '',
  ]
  // Sent byte by byte as they are.
  return Buffer.from(lines.join('\r'), 'utf8').toString('latin1')
}
