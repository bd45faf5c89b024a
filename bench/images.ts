/**
 * A study of 400 MB from one Orthanc to another through the gateway, beside the same by Orthanc's own DICOMweb client, in turns;
 * and what the gateway's memory grows by meanwhile. */
import { performance } from 'node:perf_hooks'
import { type ImagesWorld, imagesWorld } from '../test/images/gateway.ts'
import { dicomFile, uidOf } from '../test/support/peers/dicom-file.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../test/support/peers/orthanc.ts'
import { memoryOf, processorMs } from '../test/support/world/gateway.ts'
import { atLeast, atMost, type Figure, median } from './figure.ts'

const MIB = 2 ** 20
/** 800 slices of 512 × 512, in four series of different sizes. */
const SERIES = [40, 120, 240, 400] as const
const PIXELS = 512 * 512 * 2
const COUNT = SERIES.reduce((sum, one) => sum + one, 0)
const BYTES = COUNT * PIXELS
const REPEATS = 3
const LOOK_MS = 50

async function fill(site: Orthanc, study: number): Promise<void> {
  // Noise, so that nothing on the way could be spared.
  const noise = Buffer.from(Array.from({ length: PIXELS }, () => Math.floor(Math.random() * 256)))
  for (const [s, count] of SERIES.entries()) {
    const series = uidOf(study, s + 1)
    for (let n = 1; n <= count; n++) {
      noise.writeUInt32LE(study * 1_000_000 + s * 10_000 + n, 0)
      const at = { study: uidOf(study), series, uid: uidOf(study, s + 1, n), number: n }
      await site.put(dicomFile({ ...at, pixels: noise }))
    }
  }
}

/** Seconds by Orthanc's own client. */
async function peerToPeer(site: Orthanc, study: string): Promise<number> {
  const [id] = (await site.json('/tools/find', {
    Level: 'Study',
    Query: { StudyInstanceUID: study },
    Expand: false,
  })) as string[]
  const began = performance.now()
  await site.json('/dicom-web/servers/centre/stow', { Resources: [id], Synchronous: true })
  return (performance.now() - began) / 1_000
}

/** Seconds from the acceptance to the last image's being told received, and the growth of the gateway's memory (bytes). */
async function throughGateway(world: ImagesWorld, pid: number, study: string) {
  const before = memoryOf(pid).now
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid).now)
  }, LOOK_MS)
  const worked = processorMs(pid)
  const began = performance.now()
  const id = await world.ask(study)
  await world.received(id, COUNT, 600_000, 100)
  const seconds = (performance.now() - began) / 1_000
  clearInterval(timer)
  await world.cancel(id)
  return { seconds, growth: most - before, worked: (processorMs(pid) - worked) / 1_000 }
}

async function forget(orthanc: Orthanc): Promise<void> {
  for (const id of (await orthanc.json('/patients')) as string[]) {
    await fetch(`${orthanc.api}/patients/${id}`, { method: 'DELETE' })
  }
}

/** Throughput of one study, as a share of Orthanc's own; memory. */
export async function benchImages(): Promise<Figure[]> {
  const need = missingOrthanc()
  if (need !== null) throw new Error(need)
  const tell = (line: string): void => console.error(`  ${line}`)
  const [site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
  const world = await imagesWorld(site.web, centre.web)
  try {
    await site.server('centre', { Url: centre.web })
    const { pid } = await world.start()
    await fill(site, 1)
    const ours: number[] = []
    const theirs: number[] = []
    const growths: number[] = []
    for (let n = 1; n <= REPEATS; n++) {
      await forget(centre)
      const peer = await peerToPeer(site, uidOf(1))
      await forget(centre)
      const { seconds, growth, worked } = await throughGateway(world, pid, uidOf(1))
      const there = (await centre.uids(uidOf(1))).length
      if (there !== COUNT) throw new Error(`${there} of ${COUNT} instances are there`)
      theirs.push(BYTES / MIB / peer)
      ours.push(BYTES / MIB / seconds)
      growths.push(growth / MIB)
      tell(
        `${n}/${REPEATS}: Orthanc alone ${theirs.at(-1)?.toFixed(1)} MiB/s, through the gateway ${ours.at(-1)?.toFixed(1)} MiB/s (${worked.toFixed(1)} s of processor), memory +${growths.at(-1)?.toFixed(0)} MiB`,
      )
    }
    return [
      { name: 'images: Orthanc to Orthanc', value: median(theirs), unit: 'MiB/s' },
      { name: 'images: through the gateway', value: median(ours), unit: 'MiB/s' },
      atLeast('images: share of Orthanc alone', median(ours) / median(theirs), '', 0.8),
      atMost('images: memory grown by a study of 400 MiB', Math.max(...growths), 'MiB', 64),
    ]
  } finally {
    await world.close()
    await Promise.all([site.end(), centre.end()])
  }
}
