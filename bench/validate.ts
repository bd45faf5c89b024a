/**
 * How many FHIR resources are validated in a second on one core, and what it costs to be ready: the qualified patient with its
 * sliced identifiers, the stroke request of eight resources, and a Bundle of 16 MiB in slices. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { shippedProfiles } from '../src/app/config/index.ts'
import { readyDefinitions } from '../src/app/fhir-definitions.ts'
import type { JsonObject } from '../src/formats/fhir/json.ts'
import { parseStrict } from '../src/formats/fhir/read-json.ts'
import { type FhirDefinitions, validateInSlices, validateResource } from '../src/formats/fhir/validate/validate.ts'
import { atLeast, atMost, type Figure, median } from './figure.ts'

const ROUNDS = 7
const ROUND_MS = 300
const LARGE_BYTES = 16 * 1024 * 1024

function example(name: string): JsonObject {
  return read(readFileSync(new URL(`../profiles/fhir/examples/${name}.json`, import.meta.url)))
}

function read(bytes: Buffer): JsonObject {
  const reading = parseStrict(bytes)
  if (!reading.ok) throw new Error(reading.fault)
  return reading.value as JsonObject
}

/** Processor time of this process (ms): what others on the machine take does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Validations in a second, over one round. */
function rate(work: () => unknown): number {
  const startMs = cpuMs()
  let calls = 0
  let ms = 0
  for (; ms < ROUND_MS; ms = cpuMs() - startMs) {
    for (let i = 0; i < 10; i++) work()
    calls += 10
  }
  return (calls * 1_000) / ms
}

/** Longest time that a Bundle holds the thread (ms). */
async function longestHold(definitions: FhirDefinitions): Promise<number> {
  const entry = `{"resource":${JSON.stringify(example('patient'))}},`
  const text = `{"resourceType":"Bundle","type":"collection","entry":[${entry.repeat(LARGE_BYTES / entry.length).slice(0, -1)}]}`
  const bytes = Buffer.from(text)
  const reading = parseStrict(bytes, { maxKeys: 10_000_000, maxValues: 10_000_000 })
  if (!reading.ok) throw new Error(reading.fault)
  let longest = 0
  let last = cpuMs()
  let going = true
  const watch = (): void => {
    const now = cpuMs()
    longest = Math.max(longest, now - last)
    last = now
    if (going) setImmediate(watch)
  }
  setImmediate(watch)
  await validateInSlices(reading.value as JsonObject, definitions)
  going = false
  return longest
}

/** Time and memory of a process of its own that gets ready and validates one patient. */
function cold(): { ms: number; bytes: number } {
  const out = execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'cold'], { encoding: 'utf8' })
  return JSON.parse(out) as { ms: number; bytes: number }
}

async function coldly(): Promise<void> {
  const patient = example('qualified-patient')
  const before = process.memoryUsage().rss
  const startMs = cpuMs()
  const definitions = await readyDefinitions(shippedProfiles())
  const ms = cpuMs() - startMs
  validateResource(patient, definitions)
  console.log(JSON.stringify({ ms, bytes: process.memoryUsage().rss - before }))
}

/** About 10 s. */
export async function benchValidate(): Promise<Figure[]> {
  const colds = Array.from({ length: 5 }, cold)
  const definitions = await readyDefinitions(shippedProfiles())
  await definitions.warm()
  const [patient, stroke] = [example('qualified-patient'), example('stroke-transaction')]
  for (const one of [patient, stroke]) {
    const [wrong] = validateResource(one, definitions)
    if (wrong !== undefined) throw new Error(`${wrong.error} ${wrong.expression}`)
  }
  const rates: { patient: number[]; stroke: number[] } = { patient: [], stroke: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.patient.push(rate(() => validateResource(patient, definitions)))
    rates.stroke.push(rate(() => validateResource(stroke, definitions)))
    await new Promise(setImmediate)
  }
  return [
    atLeast('qualified patient, validations', median(rates.patient), '1/s', 2_000),
    atLeast('stroke request of 8, validations', median(rates.stroke), '1/s', 1_000),
    atMost('definitions ready', median(colds.map(({ ms }) => ms)), 'ms', 300),
    atMost('memory of definitions', median(colds.map(({ bytes }) => bytes)) / 1e6, 'MB', 80),
    atMost('Bundle of 16 MiB, longest hold', await longestHold(definitions), 'ms', 50),
  ]
}

if (process.argv[2] === 'cold') await coldly()
