/** The known name that `name` was most likely meant to be, if any. */
export const meant = (name: string, known: readonly string[]): string | undefined => {
  const plain = letters(name)
  return known.find(
    (one) => letters(one) === plain || (Math.abs(one.length - name.length) <= 2 && distance(name, one) <= slips(one)),
  )
}

const letters = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')

/** Short names resemble too much: HOME is no slip of HOST. */
const slips = (name: string): number => (name.length < 10 ? 1 : 2)

/** How many letters must be changed, added, dropped or swapped with their neighbour (optimal string alignment). */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(before, j - 2) + 1 : Infinity,
      )
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity
