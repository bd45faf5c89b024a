/** What the rest of the gateway needs of the configuration. */

export { changing, type OwnFile } from './change.ts'
export { planProblem } from './check/stored.ts'
export { compileConfig } from './compile.ts'
export {
  type FrameworkFile,
  findingNames,
  frameworkFiles,
  frameworks,
  frameworkTexts,
  readFramework,
  unreadable,
  withoutClashes,
} from './framework-files.ts'
export { materialReader, type ReadMaterial, type Reference } from './material.ts'
export { caseProblems, openCases } from './open-cases.ts'
export { planOf } from './plan.ts'
export type { Problem, ProblemCode } from './problem.ts'
export { profileFolders, shippedProfiles } from './profile-files.ts'
export { emptyRegion } from './profiles.ts'
export {
  type ProgrammeFile,
  programmeFiles,
  programmeNames,
  programmeShelf,
  programmes,
  readProgramme,
  unreadableProgramme,
  withoutTwins,
} from './programme-files.ts'
export { type ReadOptions, type RegionPlace, type RegionReading, readRegion, regionOf } from './read.ts'
export { configSchema } from './schema/region.ts'
export { serviceFiles } from './service-files.ts'
export type { SharedJson } from './shared.ts'
export { shownText, unmasked } from './shown.ts'
