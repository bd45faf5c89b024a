import type { FrameworkSource } from '../../core/conformity-commands.ts'
import { findingNames, frameworkTexts, readFramework, shippedProfiles } from '../config/index.ts'

/** Frameworks of these folders of profiles (absent: those that are shipped), and the reader of their text. */
export function frameworkSource(folders: readonly string[] = shippedProfiles()): FrameworkSource {
  let names: ReadonlySet<string> | null = null
  return {
    read(yaml) {
      names ??= findingNames(folders)
      return readFramework('', yaml, names)
    },
    // A rule that a later release no longer has is found in no message: what was published stays what it was.
    readPublished: (yaml) => readFramework('', yaml, null).framework,
    files: () => frameworkTexts(folders).map(({ yaml }) => yaml),
  }
}
