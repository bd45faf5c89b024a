/**
 * The register of establishments at its real size (95,000 places, 40,000 legal entities and where 80,000 stand, all invented, made at
 * run time) in a real gateway on the embedded store: how long an import takes and how much memory, what messages wait for meanwhile,
 * and how fast structures are found. */
import { FIRST, finess, line, located } from '../test/support/structures.ts'
import type { World } from '../test/support/world/world.ts'
import { called, numbers, posting } from './directory.ts'
import { atMost, type Figure, quantile } from './figure.ts'
import { benchWorld } from './region.ts'

const PLACES = 95_000
const ENTITIES = 40_000
const LOCATED = 80_000
const MIB = 2 ** 20
const ASKS = 400
const API = '/api/structures'
const KINDS = [
  ['500', 'EHPAD'],
  ['355', 'Centre Hospitalier (C.H.)'],
  ['183', 'Institut Médico-Educatif (I.M.E.)'],
  ['214', 'Centre Hébergement & Réinsertion Sociale (C.H.R.S.)'],
  ['620', "Pharmacie d'Officine"],
] as const
const COMMUNES = ['LAVAL', 'NANTES', 'ANGERS', 'LE MANS', 'CHOLET', 'SAUMUR', 'SAINT NAZAIRE', 'MAYENNE', 'EVRON']
const NAMES = 'METAIRIE TILLEULS BOCAGE RIVIERE GENETS MOULIN VERGER CHENES ROSERAIE AJONCS PRAIRIE COTEAU'.split(' ')

/** Departments by which invented numbers are told apart: ten thousand of each have 99 behind it. */
const department = (n: number): string => String(10 + Math.floor(n / 10_000)).padStart(2, '0')
const place = (n: number): string => finess(department(n), n % 10_000)
const entity = (n: number): string => finess(department(n + 300_000), n % 10_000)

function sample(): Buffer {
  const next = numbers()
  const lines = [FIRST]
  for (let n = 0; n < PLACES; n += 1) {
    const [code, words] = KINDS[next(KINDS.length)]!
    const name = `${words} ${NAMES[next(NAMES.length)]} ${NAMES[next(NAMES.length)]} ${n}`
    const where = COMMUNES[next(COMMUNES.length)]!
    lines.push(
      line('structureet', {
        ...{ nofinesset: place(n), nofinessej: entity(next(ENTITIES)), rs: name.slice(0, 38), rslongue: name },
        ...{ numvoie: String(next(200)), typvoie: 'R', voie: 'DE L EXEMPLE', departement: department(n) },
        ...{ ligneacheminement: `53000 ${where}`, telephone: '0199001234', categetab: code, libcategetab: words },
        ...{ siret: '12345678900011', codeape: '8610Z', dateouv: '2001-02-03', datemaj: '2026-11-03' },
      }),
    )
  }
  for (let n = 0; n < ENTITIES; n += 1) {
    const name = `ASSOCIATION ${NAMES[next(NAMES.length)]} ${n}`
    const where = { departement: department(n), ligneacheminement: `44000 ${COMMUNES[next(COMMUNES.length)]}` }
    lines.push(line('structureej', { nofiness: entity(n), rs: name, rslongue: name, siren: '123456789', ...where }))
  }
  for (let n = 0; n < LOCATED; n += 1)
    lines.push(located(place(n), String(400_000 + next(300_000)), String(6_500_000 + next(400_000))))
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1')
}

/** Imports, and what posts took meanwhile. */
async function imported(world: World, bytes: Buffer): Promise<{ seconds: number; latencies: number[] }> {
  const began = performance.now()
  await called(world, `${API}/import?name=etalab-cs1100507-stock-20261103-0338.csv`, bytes)
  let over = false
  const watching = (async () => {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      const { running, current } = await called(world, `${API}/state`)
      if (running !== null) continue
      over = true
      return { rows: (current as { readonly rows: number } | null)?.rows, seconds: (performance.now() - began) / 1_000 }
    }
  })()
  const latencies = await posting(world, () => !over)
  const { rows, seconds } = await watching
  if (rows !== PLACES + ENTITIES) throw new Error(`${rows} rows are in use`)
  return { seconds, latencies }
}

/** Questions as people ask them; `when`: what goes on meanwhile, where something does. */
async function asked(world: World, when = ''): Promise<Figure[]> {
  const next = numbers()
  const asks: readonly [name: string, query: () => string][] = [
    ['words', () => `q=${NAMES[next(NAMES.length)]}+${COMMUNES[next(COMMUNES.length)]}`],
    ['beginning of a word', () => `q=${NAMES[next(NAMES.length)]?.slice(0, 4)}`],
    ['number', () => `q=${place(next(PLACES))}`],
    ['kind and department', () => `kind=nursing-home&department=${department(next(PLACES))}`],
    ['not declared', () => 'declared=false'],
  ]
  const figures: Figure[] = []
  // The first question starts what answers questions.
  await called(world, `${API}?limit=1`)
  for (const [name, query] of asks) {
    const waits: number[] = []
    for (let n = 0; n < ASKS / asks.length; n += 1) {
      const began = performance.now()
      const { structures } = await called(world, `${API}?${query()}&limit=50`)
      waits.push(performance.now() - began)
      if ((structures as unknown[]).length === 0 && name !== 'words') throw new Error(`${name} finds nothing`)
    }
    figures.push(
      { name: `structures by ${name}${when}: p50`, value: quantile(waits, 0.5), unit: 'ms' },
      limited(`structures by ${name}${when}: p99`, quantile(waits, 0.99), when),
    )
  }
  const waits: number[] = []
  for (let n = 0; n < ASKS / asks.length; n += 1) {
    const began = performance.now()
    await called(world, `${API}/${place(next(PLACES))}`)
    waits.push(performance.now() - began)
  }
  return [...figures, limited(`one structure with its tree${when}: p99`, quantile(waits, 0.99), when)]
}

/** Only of a register that stands still something is asked. */
function limited(name: string, value: number, when: string): Figure {
  return when === '' ? atMost(name, value, 'ms', 100) : { name, value, unit: 'ms' }
}

/** The figures of the register. */
export async function benchStructures(): Promise<Figure[]> {
  const bytes = sample()
  const world = await benchWorld()
  try {
    const gateway = await world.start()
    let rounds = 0
    const before = await posting(world, () => rounds++ < 2)
    const resident = gateway.memory().peak
    const first = await imported(world, bytes)
    const still = await asked(world)
    const second = await imported(world, bytes)
    const busy = await asked(world, ', while old entries are taken away')
    const grown = (gateway.memory().peak - resident) / MIB
    const meanwhile = [...first.latencies, ...second.latencies]
    return [
      { name: 'Register of establishments, file', value: bytes.length / 1e6, unit: 'MB' },
      { name: `Register of ${PLACES + ENTITIES} structures, imported`, value: first.seconds, unit: 's' },
      { name: 'the same over another one', value: second.seconds, unit: 's' },
      atMost('the same, growth of resident memory', grown, 'MiB', 300),
      { name: 'messages at 100/s before: p99', value: quantile(before, 0.99), unit: 'ms' },
      atMost('messages at 100/s meanwhile: p99', quantile(meanwhile, 0.99), 'ms', 200),
      ...still,
      ...busy,
    ]
  } finally {
    await world.close()
  }
}
