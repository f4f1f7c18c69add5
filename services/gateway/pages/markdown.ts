import { escapeHtml } from './html.ts'

/** The few forms of Markdown that our problem pages use: headings, paragraphs, lists, code, links, emphasis. */
export const markdownToHtml = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map(blockToHtml)
    .join('\n')

const blockToHtml = (block: string): string => {
  const heading = /^(#{1,3}) (.*)$/s.exec(block)
  if (heading !== null) {
    const level = heading[1]?.length ?? 1
    const [title = '', ...rest] = (heading[2] ?? '').split('\n')
    return `<h${level}>${inline(title)}</h${level}>${rest.length > 0 ? blockToHtml(rest.join('\n')) : ''}`
  }
  const code = /^```\w*\n(.*?)\n?```$/s.exec(block)
  if (code !== null) return `<pre><code>${escapeHtml(code[1] ?? '')}</code></pre>`
  if (/^[-*] /.test(block)) {
    const items = block.split(/\n(?=[-*] )/).map((item) => `<li>${inline(item.slice(2))}</li>`)
    return `<ul>${items.join('')}</ul>`
  }
  return `<p>${inline(block)}</p>`
}

const inline = (text: string): string =>
  escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\[([^\]]+)\]\(((?:https?:\/\/|\/|\.\/)?[\w./#?=-]+)\)/g, '<a href="$2">$1</a>')
