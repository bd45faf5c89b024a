import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a program was made of, in one line: how many files of source in how many bytes, the newest of them and of the packages. The
 * line of the source as it stands is another one as soon as anything of it changed. Times in whole seconds, as archives keep them. */
export function madeOf(root) {
  let [files, bytes, newest] = [0, 0, 0]
  const look = (file) => {
    const { size, mtimeMs } = statSync(file)
    files += 1
    bytes += size
    newest = Math.max(newest, Math.floor(mtimeMs / 1_000))
  }
  look(join(root, 'package-lock.json'))
  for (const entry of readdirSync(join(root, 'src'), { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) look(join(entry.parentPath, entry.name))
  }
  return `${files} files, ${bytes} bytes, newest ${newest}`
}
