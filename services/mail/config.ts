import Type from 'typebox'

/** The mail service's part of the environment. */
export const config = Type.Object({
  SMTP_URL: Type.String({
    secret: true,
    default: 'inbox:',
    pattern: '^(inbox:|smtps?://.+)$',
    description: 'inbox: keeps mail in the built-in mailbox; smtp://user:password@host:587 or smtps://… sends it.',
  }),
  MAIL_FROM: Type.String({
    default: 'no-reply@argosy.example',
    pattern: '^[^\\s<>@",;:]+@[^\\s<>@",;:]+$',
    description: 'The sender of all mail.',
  }),
  STORE_NAME: Type.String({
    default: 'Argosy',
    pattern: '^[^\\p{Cc}]{1,80}$',
    description: 'The name of the store, in mail and in documentation.',
  }),
  SUPPORT_ADDRESS: Type.String({
    default: 'support@argosy.example',
    pattern: '^[^\\s<>@",;:]+@[^\\s<>@",;:]+$',
    description: 'Whom customers may write to.',
  }),
  NODE_ENV: Type.Optional(Type.String({ description: 'production turns the built-in mailbox page off.' })),
})
