/** An e-mail address as it is kept: pasted or typed, it may have blanks around it. */
export const emailKept = (email: string): string => email.trim().normalize()

/** What makes two e-mail addresses the same: capitals, blanks around it and ways to encode a letter make no difference. */
export const emailKey = (email: string): string => email.trim().normalize('NFKC').toLowerCase()
