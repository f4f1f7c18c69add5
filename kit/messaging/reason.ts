/** Why something failed, as a text that can be stored: PostgreSQL takes no NUL, and a novel helps nobody. */
export const reasonOf = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll('\0', '').slice(0, 2_000)
}
