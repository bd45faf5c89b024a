import type { Bilingual } from '../cli/command.ts'

/** Descriptor of the first socket passed (sd_listen_fds(3), SD_LISTEN_FDS_START). */
export const FIRST_DESCRIPTOR = 3

/** What was passed to this process: descriptors by door, or one sentence in both languages on why they cannot be used. */
export type Inherited =
  | { readonly ok: true; readonly sockets: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly problem: Bilingual }

const VARIABLES = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'] as const

/**
 * Takes over listening sockets by systemd's protocol (sd_listen_fds(3)): LISTEN_FDS of them from descriptor 3 on, named
 * by LISTEN_FDNAMES after the doors they are for, if LISTEN_PID is this process. Removes the variables from `env`, so that
 * no child takes them for its own. */
export function takeInherited(
  env: Record<string, string | undefined>,
  pid: number,
  doors: readonly string[],
): Inherited {
  const [count, owner, names] = VARIABLES.map((name) => env[name])
  for (const name of VARIABLES) delete env[name]
  if (count === undefined || owner !== String(pid)) return { ok: true, sockets: new Map() }
  const wanted = /^\d{1,4}$/.test(count) ? Number(count) : 0
  if (wanted === 0)
    return wrong({
      en: `LISTEN_FDS is ${JSON.stringify(count)}, not a number of sockets`,
      fr: `LISTEN_FDS vaut ${JSON.stringify(count)}, qui n'est pas un nombre de sockets`,
    })
  const given = names === undefined ? [] : names.split(':')
  if (given.length !== wanted) {
    return wrong({
      en: `LISTEN_FDS passes ${wanted} sockets and LISTEN_FDNAMES names ${given.length}: each bears the name of its door`,
      fr: `LISTEN_FDS transmet ${wanted} sockets et LISTEN_FDNAMES en nomme ${given.length} : chacun porte le nom de son entrée`,
    })
  }
  const stranger = given.find((name) => !doors.includes(name))
  if (stranger !== undefined) {
    return wrong({
      en: `LISTEN_FDNAMES names ${JSON.stringify(stranger)}; the doors of the region file are ${doors.join(', ')}`,
      fr: `LISTEN_FDNAMES nomme ${JSON.stringify(stranger)} ; les entrées du fichier de région sont ${doors.join(', ')}`,
    })
  }
  const twice = given.find((name, i) => given.indexOf(name) !== i)
  if (twice !== undefined) {
    return wrong({
      en: `LISTEN_FDNAMES names ${twice} twice: a door listens on one socket`,
      fr: `LISTEN_FDNAMES nomme deux fois ${twice} : une entrée écoute sur un seul socket`,
    })
  }
  return { ok: true, sockets: new Map(given.map((name, i) => [name, FIRST_DESCRIPTOR + i])) }
}

function wrong(problem: Bilingual): Inherited {
  return { ok: false, problem }
}
