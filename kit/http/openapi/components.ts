/** What all operations share. */
export const components = {
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  headers: {
    RetryAfter: {
      description: 'Seconds after which another try makes sense; with 429 and 503, and where the refusal passes.',
      schema: { type: 'integer', minimum: 0 },
    },
  },
  schemas: {
    Problem: {
      type: 'object',
      required: ['type', 'title', 'status', 'instance', 'code', 'trace_id'],
      properties: {
        type: { type: 'string', description: 'The page that explains the code.' },
        title: { type: 'string' },
        status: { type: 'integer' },
        detail: { type: 'string' },
        instance: { type: 'string' },
        code: { type: 'string' },
        trace_id: { type: 'string' },
        errors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['pointer', 'detail'],
            properties: {
              pointer: {
                type: 'string',
                description: 'JSON Pointer into the body, or `query: name`, `params: name`, `header: Name`.',
              },
              detail: { type: 'string' },
            },
          },
        },
        retry_after: { type: 'number', description: 'Seconds.' },
      },
    },
  },
} as const
