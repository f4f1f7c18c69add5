import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** The mail service's part of the environment. */
export const config = Type.Object({
  SMTP_URL: Type.String({
    secret: true,
    default: 'inbox:',
    pattern: '^(inbox:|smtps?://.+)$',
    examples: ['smtp://user:password@host:587', 'inbox:'],
    description: 'inbox: keeps mail in the built-in mailbox; smtp://user:password@host:587 or smtps://… sends it.',
  }),
  SMTP_TIMEOUT: Duration({
    default: '30s',
    minimum: '100ms',
    maximum: '50s',
    description: 'How long a mail server may be silent before the connection is given up.',
  }),
  MAIL_FROM: Type.String({
    default: 'no-reply@argosy.example',
    pattern: '^[^\\s<>@",;:]+@[^\\s<>@",;:]+$',
    description: 'The sender of all mail.',
  }),
  MAIL_RETRY_FIRST: Duration({
    default: '1s',
    minimum: '10ms',
    maximum: '1h',
    description:
      'How long a letter waits for its second try; doubled for each further one, and up to half more by chance.',
  }),
  MAIL_RETRY_MAX: Duration({
    default: '1h',
    minimum: '10ms',
    maximum: '1d',
    description: 'The longest that a letter waits between two tries.',
  }),
  MAIL_TRIES: Type.Integer({
    default: 36,
    minimum: 1,
    maximum: 1000,
    description: 'How often a letter is tried before it becomes a dead letter; 36 tries take some 30 hours.',
  }),
  STORE_NAME: Type.String({
    default: 'Argosy',
    pattern: '^[^\\p{Cc}]{1,80}$',
    description: 'The name of the store, in mail and in documentation.',
  }),
  STORE_URL: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s<>"\'?#]+$',
      examples: ['https://shop.example'],
      description:
        'Where customers reach the store: the links in mail begin with it. When absent, where the shop listens; http://127.0.0.1:8080 where the gateway is another process.',
    }),
  ),
  SUPPORT_ADDRESS: Type.String({
    default: 'support@argosy.example',
    pattern: '^[^\\s<>@",;:]+@[^\\s<>@",;:]+$',
    description: 'Whom customers may write to.',
  }),
  NODE_ENV: Type.Optional(
    Type.String({
      description: 'production turns off what is for trying out: demo data and the built-in mailbox page.',
    }),
  ),
})
