/**
 * What is wrong with an identifier: `form` (length or characters), `keyless` (a matricule of 13 characters, without its
 * key), `key` (the key is not that of the rest). */
export type IdentifierFault = 'form' | 'keyless' | 'key'
