import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../world/ports.ts'
import { until } from '../world/until.ts'

const PROGRAM = '/usr/sbin/Orthanc'
const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so'
const started = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

/**
 * What to do with a test that needs Orthanc and its DICOMweb plugin: null to run it, else the sentence to skip it with.
 * @throws {Error} with that sentence in CI */
export function missingOrthanc(): string | null {
  if (existsSync(PROGRAM) && existsSync(PLUGIN)) return null
  const sentence = 'needs Orthanc with its DICOMweb plugin (Debian: orthanc, orthanc-dicomweb)'
  if (process.env['CI'] === 'true') throw new Error(sentence)
  return sentence
}

/** An archive that nobody here wrote: Debian's Orthanc with its DICOMweb plugin, on 127.0.0.1. */
export interface Orthanc {
  /** Base of its DICOMweb, and of its own API. */
  readonly web: string
  readonly api: string
  readonly port: number
  /** Puts a part 10 file into it. */
  put(file: Uint8Array): Promise<void>
  /** SOP Instance UIDs it holds of a study, by its own API. */
  uids(study: string): Promise<string[]>
  /** The bytes of an instance as it keeps them; null: it has none of that UID. */
  file(uid: string): Promise<Buffer | null>
  /** Asks its own API. */
  json(path: string, body?: unknown): Promise<unknown>
  /** Names a DICOMweb server to it, as its plugin writes them. */
  server(name: string, settings: Readonly<Record<string, unknown>>): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  end(): Promise<void>
}

/** Starts one with an empty store. */
export async function startOrthanc(): Promise<Orthanc> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-orthanc-'))
  const port = await freePort()
  const config = {
    Name: 'test',
    StorageDirectory: join(dir, 'storage'),
    IndexDirectory: join(dir, 'storage'),
    HttpPort: port,
    DicomServerEnabled: false,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    // As Debian configures it.
    KeepAlive: true,
    TcpNoDelay: true,
    Plugins: [PLUGIN],
    DicomWeb: {
      Enable: true,
      Root: '/dicom-web/',
    },
  }
  const file = join(dir, 'orthanc.json')
  writeFileSync(file, JSON.stringify(config))
  const api = `http://127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const json = async (path: string, body?: unknown): Promise<unknown> => {
    const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${api}${path}`, asked)
    if (!answer.ok) throw new Error(`Orthanc ${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json()
  }
  const kill = async (): Promise<void> => {
    const one = child
    child = null
    if (one === null || one.exitCode !== null || one.signalCode !== null) return
    one.kill('SIGKILL')
    await once(one, 'exit')
    started.delete(one)
  }
  const start = async (): Promise<void> => {
    const one = spawn(PROGRAM, [file], {
      stdio: ['ignore', 'ignore', process.env['ORTHANC_LOG'] ? 'inherit' : 'ignore'],
    })
    child = one
    started.add(one)
    await until(
      'Orthanc answers',
      async () => {
        if (one.exitCode !== null) throw new Error(`Orthanc ended with ${one.exitCode}`)
        return (await fetch(`${api}/system`).catch(() => null))?.ok === true
      },
      { withinMs: 20_000, everyMs: 20 },
    )
  }
  const idsOf = (query: Readonly<Record<string, string>>, level: string): Promise<unknown> =>
    json('/tools/find', { Level: level, Query: query, Expand: false })
  await start()
  return {
    web: `${api}/dicom-web`,
    api,
    port,
    json,
    kill,
    start,
    async server(name, settings) {
      const asked = { method: 'PUT', body: JSON.stringify(settings) }
      const answer = await fetch(`${api}/dicom-web/servers/${name}`, asked)
      if (!answer.ok) throw new Error(`Orthanc took no server: ${answer.status}`)
    },
    async put(bytes) {
      const answer = await fetch(`${api}/instances`, { method: 'POST', body: Buffer.from(bytes) })
      if (!answer.ok) throw new Error(`Orthanc took no instance: ${answer.status} ${await answer.text()}`)
    },
    async uids(study) {
      const found = (await json('/tools/find', {
        Level: 'Instance',
        Query: { StudyInstanceUID: study },
        Expand: true,
      })) as { readonly MainDicomTags: { readonly SOPInstanceUID: string } }[]
      return found.map(({ MainDicomTags }) => MainDicomTags.SOPInstanceUID)
    },
    async file(uid) {
      const [id] = (await idsOf({ SOPInstanceUID: uid }, 'Instance')) as string[]
      if (id === undefined) return null
      return Buffer.from(await (await fetch(`${api}/instances/${id}/file`)).arrayBuffer())
    },
    async end() {
      await kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
