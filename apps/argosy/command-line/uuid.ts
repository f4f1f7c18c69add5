/** Whether a word can be an id at all: the database would refuse any other. */
export const isId = (word: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(word)

/** The same word; an id, alone or of a service (`order/0193…`), in lower case, in which ids are compared. */
export const inLowerCase = (word: string): string => (isId(word.replace(/^[a-z]+\//, '')) ? word.toLowerCase() : word)
