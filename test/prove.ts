/** `npm run prove [-- --kills N --queued N]`: the long forms of the proofs. Exit 0 when all hold, 1 when one does not. */
import { parseArgs } from 'node:util'
import { crashRun } from './proof/crash.ts'
import { queueThenDeliver } from './proof/queued.ts'
import { seedOfRun } from './support/world/random.ts'

const WORLDS = 2
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '2000' }, queued: { type: 'string', default: '1000000' } },
})
const kills = Number.parseInt(values.kills, 10)
const queued = Number.parseInt(values.queued, 10)

const seed = seedOfRun()
console.log(`PROOF_SEED=${seed}`)
const faults: string[] = []

console.log(`${kills} kills under load`)
const reports = await Promise.all(
  Array.from({ length: WORLDS }, (_, i) =>
    crashRun(seed + i, Math.ceil(kills / WORLDS), (line) => console.log(`  world ${i + 1}: ${line}`)),
  ),
)
for (const { faults: found, status, verify, acknowledged, messages, repeats } of reports) {
  console.log(`  ${acknowledged} acknowledged, ${repeats} repeats, conservation difference ${status.difference}`)
  faults.push(...found)
  const { received, closed, inFlight, parked } = status
  if (received !== messages || closed !== received || inFlight + parked > 0) {
    faults.push(`counts do not add up: ${JSON.stringify({ messages, received, closed, inFlight, parked })}`)
  }
  if (verify.code !== 0) faults.push(`verify: ${verify.out}`)
}

console.log(`${queued} queued for a destination that is down, then delivered`)
faults.push(...(await queueThenDeliver(queued, (line) => console.log(`  ${line}`))))

for (const fault of faults) console.error(`FAULT ${fault}`)
console.log(faults.length === 0 ? 'all proofs hold' : `${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
