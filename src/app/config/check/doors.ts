import { sizeBytes } from '../../../core/units.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenDoor, WrittenMllpDoor, WrittenRegion } from '../written.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i
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
    if (name !== 'mllps' && !LOOPBACK.test(door.host) && !door.allowPlain) {
      const message = `a door without TLS listens on ${door.host}: use loopback, or set allowPlain where the network is trusted`
      faults.push(error(['entrances', name, 'host'], 'PLAIN_DOOR', message))
    }
    if (name !== 'http') {
      const { budget, maxFrame } = door as WrittenMllpDoor
      if (sizeBytes(budget) < sizeBytes(maxFrame)) {
        const message = `${budget} is less than maxFrame (${maxFrame}): the longest message could never be read whole`
        faults.push(error(['entrances', name, 'budget'], 'BUDGET_BELOW_FRAME', message))
      }
    }
    return faults
  })
}

function meet(a: WrittenDoor, b: WrittenDoor): boolean {
  return a.host === b.host || EVERYWHERE.includes(a.host) || EVERYWHERE.includes(b.host)
}
