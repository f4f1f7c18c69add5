// Looks every two seconds how the last purchase goes, while somebody watches.
const shown = document.querySelector('#purchase')

const look = async () => {
  const answer = document.hidden ? undefined : await fetch('/').catch(() => undefined)
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const now = page.querySelector('#purchase')
    if (now !== null && now.innerHTML !== shown.innerHTML) shown.replaceChildren(...now.childNodes)
  }
  setTimeout(look, 2_000)
}

if (shown !== null) setTimeout(look, 2_000)
