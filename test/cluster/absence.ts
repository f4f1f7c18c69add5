/** How long a broker is away, in ms: BROKER_ABSENCE, or a minute. */
export const ABSENCE = Number(process.env['BROKER_ABSENCE'] ?? 60_000)
