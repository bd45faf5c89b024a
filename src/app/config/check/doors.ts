import { isLoopback } from '../../../core/address.ts'
import { sizeBytes } from '../../../core/units.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenDoor, WrittenHttpDoor, WrittenMllpDoor, WrittenRegion } from '../written.ts'
import { addressProblem } from './destinations.ts'

const EVERYWHERE = ['0.0.0.0', '::', '[::]']

/** Doors that would take each other's port, listen in the clear beyond loopback, or stop reading for ever. Pure. */
export function doorFaults(region: WrittenRegion): Fault[] {
  const doors = Object.entries(region.entrances) as [string, WrittenDoor][]
  return doors.flatMap(([name, door], i) => {
    const faults: Fault[] = []
    const first = doors
      .slice(0, i)
      .find(([, other]) => other.port === door.port && door.port !== 0 && meet(other, door))
    if (first) faults.push(error(['entrances', name, 'port'], 'PORT_TWICE', `${door.port} is the port of ${first[0]}`))
    if (!('tls' in door) && !isLoopback(door.host) && !door.allowPlain) {
      const message = `a door without TLS listens on ${door.host}: use loopback, or set allowPlain where the network is trusted`
      faults.push(error(['entrances', name, 'host'], 'PLAIN_DOOR', message))
    }
    if ('budget' in door) {
      const { budget, maxFrame } = door as WrittenMllpDoor
      if (sizeBytes(budget) < sizeBytes(maxFrame)) {
        const message = `${budget} is less than maxFrame (${maxFrame}): the longest message could never be read whole`
        faults.push(error(['entrances', name, 'budget'], 'BUDGET_BELOW_FRAME', message))
      }
    }
    const address = (door as WrittenHttpDoor).publicUrl
    const problem = address === undefined ? null : originProblem(address)
    if (problem !== null) faults.push(error(['entrances', name, 'publicUrl'], 'BAD_URL', problem))
    return faults
  })
}

function originProblem(text: string): string | null {
  const problem = addressProblem(text)
  return problem === null && new URL(text).pathname !== '/'
    ? 'an origin has no path: https://fhir.region.example'
    : problem
}

function meet(a: WrittenDoor, b: WrittenDoor): boolean {
  return a.host === b.host || EVERYWHERE.includes(a.host) || EVERYWHERE.includes(b.host)
}
