// sin: switch-exhaustiveness-check
type State = { readonly is: 'open' } | { readonly is: 'closed' }

export const told = (state: State): string => {
  switch (state.is) {
    case 'open':
      return 'open'
  }
  return ''
}
