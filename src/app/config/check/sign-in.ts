import { isLoopback } from '../../../core/address.ts'
import { type Reference, referenceText } from '../material.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import { PASSWORD_HASH } from '../schema/sign-in.ts'
import { personName } from '../sign-in.ts'
import type { WrittenProvider, WrittenRegion } from '../written.ts'
import { grantFaults } from './grants.ts'
import { keySetProblem } from './key-sets.ts'
import type { MaterialCheck } from './material.ts'
import { present } from './sound.ts'

/** Addresses under `/connexion/` that are no provider. */
const TAKEN = ['demo', 'local', 'role', 'urgence']

/**
 * Sign-in as far as the shared part alone tells: people of no provider or without establishments, two of one name, providers
 * that could not be trusted. Pure. */
export function signInFaults(region: WrittenRegion): Fault[] {
  const { providers, people, localAdministrators, demo } = region.signIn
  const at = (...rest: Path): Path => ['signIn', ...rest]
  const faults: Fault[] = []
  const twice = (list: readonly [number, string][], part: string, key: string): void => {
    for (const [i, [place, name]] of list.entries()) {
      const first = list.slice(0, i).find(([, other]) => other === name)
      if (first)
        faults.push(error(at(part, place, key), 'NAME_TWICE', `${name} is already at signIn.${part}[${first[0]}]`))
    }
  }
  twice(
    present(providers).map(([i, { id }]) => [i, id]),
    'providers',
    'id',
  )
  twice(
    present(people).map(([i, one]) => [i, personName(one)]),
    'people',
    'name',
  )
  twice(
    present(localAdministrators).map(([i, { name }]) => [i, name]),
    'localAdministrators',
    'name',
  )
  for (const [i, one] of present(providers)) {
    faults.push(...providerFaults(one, at('providers', i)))
    if (TAKEN.includes(one.id))
      faults.push(error(at('providers', i, 'id'), 'NAME_RESERVED', `${one.id} is an address of ours`))
  }
  const known = new Set(present(providers).map(([, { id }]) => id))
  const operators = new Set(present(region.operators).map(([, { name }]) => name))
  const establishments = new Set(present(region.establishments).map(([, { id }]) => id))
  for (const [i, one] of present(people)) {
    const place = at('people', i)
    if (!known.has(one.provider)) {
      faults.push(error([...place, 'provider'], 'UNKNOWN_PROVIDER', `there is no provider ${one.provider}`))
    }
    if (one.subject === undefined && one.match === undefined) {
      faults.push(error(place, 'MISSING', 'subject is missing, or match: nothing says who this is'))
    }
    if (one.name !== undefined && one.subject === undefined) {
      const message = 'a name is of one person: subject says which; people found by match are named by their claims'
      faults.push(error([...place, 'name'], 'BAD_VALUE', message))
    }
    if (one.name !== undefined && operators.has(one.name)) {
      faults.push(error([...place, 'name'], 'NAME_TWICE', `${one.name} is the name of an operator`))
    }
    for (const [j, grant] of present(one.grants)) {
      faults.push(...grantFaults(grant, [...place, 'grants', j], { establishments }))
    }
  }
  const named = new Set(present(people).map(([, { name }]) => name))
  for (const [i, { name }] of present(localAdministrators)) {
    if (!operators.has(name) && !named.has(name)) continue
    faults.push(error(at('localAdministrators', i, 'name'), 'NAME_TWICE', `${name} is the name of somebody else`))
  }
  const beyond = Object.entries(region.entrances).find(([, door]) => !isLoopback(door.host))
  if (demo && beyond !== undefined) {
    const message = `the door ${beyond[0]} listens beyond this machine: anybody would sign in as anybody`
    faults.push(error(at('demo'), 'DEMO_REACHABLE', message))
  }
  return faults
}

/** A tenant of a provider that serves everybody would let everybody in. */
function providerFaults({ issuer, claims, clientSecret }: WrittenProvider, at: Path): Fault[] {
  const faults: Fault[] = []
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    faults.push(error([...at, 'issuer'], 'BAD_URL', 'an issuer is an https address'))
  } else {
    const { protocol, hostname, search, hash, username, password } = new URL(issuer)
    if (protocol === 'http:' && !isLoopback(hostname)) {
      faults.push(error([...at, 'issuer'], 'BAD_URL', 'an issuer beyond this machine is https'))
    }
    if (search + hash + username + password !== '') {
      faults.push(error([...at, 'issuer'], 'BAD_URL', 'an issuer has no query, fragment or password'))
    }
  }
  if (typeof clientSecret === 'string') {
    const message = 'a secret is named, never written here: { file: PATH } or { env: NAME }'
    faults.push(error([...at, 'clientSecret'], 'SECRET_INLINE', message))
  }
  if (claims.subject === 'email') {
    const message = 'an address may be given to another person one day: prefer a claim that is never given again'
    faults.push(warning([...at, 'claims', 'subject'], 'BAD_VALUE', message))
  }
  return faults
}

/** Secrets and keys of sign-in that are not there, or are none. What they are stays unsaid. */
export function signInMaterialFaults(region: WrittenRegion, { read, missing }: MaterialCheck): Fault[] {
  const faults: Fault[] = []
  const secret = (reference: Reference, path: Path, form: RegExp, what: string): void => {
    if (typeof reference === 'string') {
      if (path.at(-1) === 'totp')
        faults.push(error(path, 'SECRET_INLINE', 'a secret is named: { file: PATH } or { env: NAME }'))
      return
    }
    try {
      if (!form.test(read(reference).trim()))
        faults.push(error(path, 'BAD_VALUE', `${referenceText(reference)} holds no ${what}`))
    } catch {
      faults.push({ ...error(path, 'FILE_MISSING', `${referenceText(reference)} is not there`), severity: missing })
    }
  }
  for (const [i, { clientSecret }] of present(region.signIn.providers)) {
    if (clientSecret === undefined) continue
    secret(clientSecret, ['signIn', 'providers', i, 'clientSecret'], /^[\x21-\x7e]+$/, 'secret of visible ASCII')
  }
  for (const [i, { password, totp }] of present(region.signIn.localAdministrators)) {
    secret(password, ['signIn', 'localAdministrators', i, 'password'], new RegExp(PASSWORD_HASH), 'hash of a password')
    secret(
      totp,
      ['signIn', 'localAdministrators', i, 'totp'],
      /^[A-Z2-7]{26,103}=*$/,
      'base32 secret of 16 bytes or more',
    )
  }
  for (const [i, { launch }] of present(region.establishments)) {
    const problem = launch === undefined ? null : keySetProblem(launch.jwks, read, 'P-256')
    if (problem === null) continue
    faults.push(error(['establishments', i, 'launch', 'jwks'], 'BAD_JWKS', `${referenceText(launch!.jwks)} ${problem}`))
  }
  return faults
}
