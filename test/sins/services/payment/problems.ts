// sin: problem-has-a-page
export const problems = {
  'card-lost': { status: 422, title: 'The card was reported lost' },
  'card-expired': { status: 422, title: 'The card is no longer valid' },
}
