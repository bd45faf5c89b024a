/** The invented trust space of a region that is simulated: certificates, revocation lists and a signed white list. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { TlsFiles } from '../../core/config.ts'
import { type LabRow, publishLab } from '../white-list/lab.ts'

/** Operator of the lab that stands for every other mail operator of a simulated region. */
const OTHER = 'autre'

/** A trust space that is ours to sign. */
export interface TrustSpaceFolder {
  readonly dir: string
  readonly rows: readonly LabRow[]
}

/**
 * Makes what is missing of the trust space that a region file names, and signs its list anew, so that it is of today. Null
 * when the file names another: what is made is a folder with `list.xml`, `ca.pem` and `operator-NAME.key`, as
 * `mail.whiteList` and `mail.operator.tls` call them. */
export async function makeTrustSpace(regionFile: string, nowMs: number = Date.now()): Promise<TrustSpaceFolder | null> {
  const space = spaceOf(await looselyRead(regionFile), dirname(resolve(regionFile)))
  if (space === null) return null
  if (existsSync(space.dir)) {
    await publishLab(space.dir, space.rows, nowMs)
    return space
  }
  // All in one step, so that two starts at once agree.
  await mkdir(dirname(space.dir), { recursive: true, mode: 0o700 })
  const beside = await mkdtemp(`${space.dir}-`)
  try {
    await publishLab(beside, space.rows, nowMs)
    await rename(beside, space.dir)
  } catch (fault) {
    await rm(beside, { recursive: true, force: true })
    if (!existsSync(join(space.dir, 'list.xml'))) throw fault
  }
  return space
}

/** What the other mail operator shows, and whom it trusts. */
export async function otherOperator({ dir }: TrustSpaceFolder): Promise<TlsFiles> {
  const text = (name: string): Promise<string> => readFile(join(dir, name), 'utf8')
  const [key, cert, ca] = await Promise.all([
    text(`operator-${OTHER}.key`),
    text(`operator-${OTHER}.pem`),
    text('ca.pem'),
  ])
  return { key, cert, ca, crl: [] }
}

interface LooseRegion {
  readonly mail?: {
    readonly whiteList?: Readonly<Record<string, unknown>>
    readonly operator?: {
      readonly tls?: Readonly<Record<string, unknown>>
      readonly domains?: readonly { readonly name?: unknown }[]
      readonly hosts?: readonly { readonly domain?: unknown }[]
    }
  }
}

function spaceOf(region: LooseRegion | null, here: string): TrustSpaceFolder | null {
  const { whiteList, operator } = region?.mail ?? {}
  const [file, ca, key] = [whiteList?.['file'], whiteList?.['ca'], operator?.tls?.['key']]
  if (typeof file !== 'string' || typeof ca !== 'string' || typeof key !== 'string') return null
  const dir = resolve(here, dirname(file))
  const own = /^operator-([a-z0-9-]{1,40})\.key$/.exec(basename(key))?.[1]
  const ours =
    [file, ca].map((one) => resolve(here, one)).join() === [join(dir, 'list.xml'), join(dir, 'ca.pem')].join()
  if (!ours || own === undefined || own === OTHER || resolve(here, dirname(key)) !== dir) return null
  const row =
    (operatorName: string, description: string) =>
    (domain: unknown): LabRow[] =>
      typeof domain === 'string' ? [{ domain, operator: operatorName, description }] : []
  return {
    dir,
    rows: [
      ...(operator?.domains ?? []).flatMap(({ name }) => row(own, 'EXEMPLE région')(name)),
      ...(operator?.hosts ?? []).flatMap(({ domain }) => row(OTHER, 'EXEMPLE autre opérateur')(domain)),
    ],
  }
}

/** Null when the file cannot be read: whoever reads it for good tells why. */
async function looselyRead(regionFile: string): Promise<LooseRegion | null> {
  try {
    return parse(await readFile(regionFile, 'utf8')) as LooseRegion | null
  } catch {
    return null
  }
}
