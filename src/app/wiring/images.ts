import { join, resolve } from 'node:path'
import type { CaseCommands, CaseViewer, CaseViews } from '../../core/cases.ts'
import type { Config, Destination, DicomwebTarget, NodeConfig } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Archive, ImageIntake, StudyFinder } from '../../core/images.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import { storePlugin } from '../../entrances/dicomweb/store.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { dicomwebArchive } from '../../senders/dicomweb/archive.ts'
import { type Carrier, carrier } from '../../telemedicine/images/carrier.ts'
import { imageIntake } from '../../telemedicine/images/deposit.ts'
import { studyFinder } from '../../telemedicine/images/found.ts'
import { openSpool, type Spool, startTidying } from '../../telemedicine/images/spool.ts'
import { IMAGES, type StoreAddress } from '../store.ts'

/** Time between two looks for files that no study needs any more (ms). */
const TIDY_MS = 600_000
/** As whom the gateway tells a case how far its images are. */
const GATEWAY: CaseViewer = {
  caller: { role: 'admin', who: 'gateway', reach: { establishments: [], applications: null }, content: false },
  participant: { name: 'Passerelle', rpps: null, establishment: null, role: 'gateway', phone: null },
}

/** What carrying images is made of. */
export interface ImageSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly node: NodeConfig
  readonly store: StoreAddress
  readonly commands: CaseCommands
  readonly views: Pick<CaseViews, 'watch' | 'one'>
  /** Why nothing new is taken now; null: it is. */
  readonly closed: () => ErrorCode | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** Images, as the gateway carries them. */
export interface Images {
  readonly plugins: readonly HttpPlugin[]
  /** Archives of the running configuration. */
  readonly archive: (destination: string) => Archive | null
  readonly finder: StudyFinder
  /** Opens the folder of images that come by a door, and begins. @throws what the file system throws */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Wires what takes and carries images; nothing is before `start`. */
export function imagesOf(sources: ImageSources): Images {
  const { journal, config, commands, views, clock, ids, log, meter, closed } = sources
  const archives = new Archives(sources)
  const folder = folderOf(sources)
  const archive = (id: string): Archive | null => archives.of(id)
  const maxBytes = sources.node.images?.maxBytes ?? 0
  let carrying: Carrier | null = null
  let intake: ImageIntake | null = null
  let ends: (() => unknown)[] = []
  const late: ImageIntake = { begin: async (...asked) => intake?.begin(...asked) ?? null }
  return {
    plugins: folder === null ? [] : [storePlugin({ intake: late, closed, clock, log, meter })],
    archive,
    finder: studyFinder({ views, commands, config, archive, clock }),
    async start() {
      const spool: Spool | null = folder === null ? null : await openSpool({ dir: folder, journal, clock, log })
      const going = carrier({ journal, config, archive, spool, commands, gateway: GATEWAY, clock, ids, log, meter })
      carrying = going
      const came = (): void => going.poke()
      if (spool !== null) intake = imageIntake({ spool, journal, maxBytes, clock, ids, came })
      ends = [views.watch(came), ...(spool === null ? [] : [startTidying(spool, { clock, log }, TIDY_MS)])]
      going.start()
    },
    async stop() {
      await Promise.all([carrying?.stop(), ...ends.map((end) => end())])
      await archives.close()
    },
  }
}

function folderOf({ node, store }: ImageSources): string | null {
  const { folder = null } = node.images ?? {}
  if (folder !== null) return resolve(folder)
  return store.kind === 'file' ? join(resolve(store.dir), IMAGES) : null
}

/** One archive per destination, made anew when the destination changes. */
class Archives {
  readonly #sources: ImageSources
  readonly #open = new Map<string, { readonly text: string; readonly archive: Archive }>()

  constructor(sources: ImageSources) {
    this.#sources = sources
  }

  of(id: string): Archive | null {
    const destination = this.#sources.config().destinations.get(id)
    const open = this.#open.get(id)
    const text = JSON.stringify(destination)
    if (open?.text === text) return open.archive
    void open?.archive.close()
    this.#open.delete(id)
    if (destination?.target.type !== 'dicomweb') return null
    const archive = dicomwebArchive(destination as Destination & { readonly target: DicomwebTarget }, this.#sources)
    this.#open.set(id, { text, archive })
    return archive
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ archive }) => archive.close()))
  }
}
