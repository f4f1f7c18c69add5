/** What makes two e-mail addresses the same: capitals and ways to encode a letter make no difference. */
export const emailKey = (email: string): string => email.normalize('NFKC').toLowerCase()
