/**
 * How a start tells what it is doing: called with the name of a phase when it begins, and what comes back is called with
 * what was achieved when it has ended.
 */
export type Progress = (phase: string) => (achieved: string) => void
