/** What a program was made of, in one line. `root`: folder of the project. */
export function madeOf(root: string): string
