/** An invented patient: the family name says so, and the INS is of the authority's test OID. */
export interface DemoPatient {
  readonly family: string
  readonly given: string
  readonly sex: 'F' | 'M'
  /** YYYYMMDD. */
  readonly birth: string
  /** 15 digits, with a valid key. */
  readonly ins: string
  /** Number in the sender's own system. */
  readonly local: string
}

/** OID of INS numbers made for tests (ANS, liste des OID des INS). */
export const TEST_INS = '1.2.250.1.213.1.4.10'

const FAMILIES = [
  'AUBRY',
  'BELLANGER',
  'CHAUVIN',
  'DELAUNAY',
  'EVRARD',
  'FOUCHER',
  'GAUDIN',
  'HUET',
  'LEROUX',
  'MENARD',
]
const GIVEN = { F: ['JEANNE', 'SUZANNE', 'ODETTE', 'MARIE', 'LUCIE'], M: ['PAUL', 'RENE', 'MARCEL', 'LOUIS', 'ANDRE'] }
const TEN_YEARS = 10

/** Patient `n`, always the same. Pure. */
export function demoPatient(n: number): DemoPatient {
  const sex = n % 2 === 0 ? 'F' : 'M'
  const year = 1930 + ((n * 7) % (6 * TEN_YEARS))
  const month = 1 + (n % 12)
  const two = (value: number) => String(value).padStart(2, '0')
  const number = `${sex === 'M' ? 1 : 2}${two(year % 100)}${two(month)}${['44', '49', '53', '72', '85'][n % 5]}${String(100 + (n % 200))}${String(1 + (n % 999)).padStart(3, '0')}`
  return {
    family: `${FAMILIES[n % FAMILIES.length]} (FICTIF)`,
    given: GIVEN[sex][Math.floor(n / 2) % GIVEN[sex].length]!,
    sex,
    birth: `${year}${two(month)}${two(1 + (n % 28))}`,
    ins: `${number}${two(97 - Number(BigInt(number) % 97n))}`,
    local: String(500_000 + n),
  }
}
