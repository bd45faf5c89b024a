import { expect, test } from 'vitest'
import { givenNamesAgree, matriculeDisagrees } from '../../../src/formats/identifiers/traits.ts'

test.each<[first: string, all: string, agree: boolean]>([
  ['SUZANNE', 'SUZANNE MARIE', true],
  ['SUZANNE', 'SUZANNE', true],
  ['Éléonore', 'ELEONORE LUCE', true],
  ['JEAN-PIERRE', 'JEAN PIERRE LUC', true],
  ["D'ARTAGNAN", 'D ARTAGNAN', true],
  ['Cœur', 'COEUR LOUP', true],
  ['', 'SUZANNE', true],
  ['SUZANNE', '', true],
  ['MARIE', 'SUZANNE MARIE', false],
  ['SUZ', 'SUZANNE MARIE', false],
  ['JEANPIERRE', 'JEAN PIERRE', false],
])('given names: %j begins %j: %s', (first, all, agree) => {
  expect(givenNamesAgree(first, all)).toBe(agree)
})

test.each<[name: string, matricule: string, sex: string, birth: string, against: 'sex' | 'birth' | null]>([
  ['the same', '279035121518989', 'F', '19790328', null],
  ['a sex unknown', '279035121518989', 'U', '19790328', null],
  ['another sex', '279035121518989', 'M', '19790328', 'sex'],
  ['another year', '279035121518989', 'F', '19780328', 'birth'],
  ['another month', '279035121518989', 'F', '19790428', 'birth'],
  ['a year alone', '279035121518989', 'F', '1979', null],
  ['nothing known', '279035121518989', '', '', null],
  ['a civil record that is not complete', '2799951215189', 'F', '19790328', null],
  ['a temporary one', '8790351215189', 'F', '19790328', null],
  ['a key that is wrong: what else is may be wrong too', '279035121518988', 'M', '19790328', null],
  ['what is none', '12', 'F', '19790328', null],
])('a matricule and traits: %s', (_name, matricule, sex, birth, against) => {
  expect(matriculeDisagrees(matricule, { sex, birth })).toBe(against)
})
