// A list of shares: sort by a head, narrow by typing, open with a click or with arrows and Enter.
// `data` is {rows: [[symbol, name, last, change, mark, tags], ...], chosen: symbol}; it comes again
// with every tick, so only what changed is drawn. All outside text becomes text nodes.
const kept = new WeakMap()
const number = new Intl.NumberFormat('en-IN', {minimumFractionDigits: 2, maximumFractionDigits: 2})
const HEADS = [['Symbol', 0, ''], ['Chg %', 3, 'n'], ['LTP ₹', 2, 'n']]

function made(tag, css, words) {
  const node = document.createElement(tag)
  if (css) node.className = css
  if (words !== undefined) node.textContent = words
  return node
}

function price(value) {
  return value === null ? '–' : number.format(value)
}

function percent(value) {
  if (value === null) return '–'
  const sign = value < 0 ? '\u2212' : value > 0 ? '+' : ''
  return sign + number.format(Math.abs(value * 100))
}

function build(list, parent) {
  list.box = made('div', 'm m-list')
  list.find = made('input', 'm-find')
  list.find.type = 'search'
  list.find.setAttribute('aria-label', 'Narrow the list')
  list.find.oninput = () => draw(list)
  const table = made('table', 'm-t'), row = made('tr')
  list.heads = HEADS.map(([words, field, css]) => {
    const head = made('th', css), press = made('button', '', words)
    press.onclick = () => { sort(list, field); draw(list) }
    head.append(press)
    row.append(head)
    return head
  })
  const top = made('thead')
  top.append(row)
  list.body = made('tbody')
  table.append(top, list.body)
  const scroll = made('div', 'm-rows')
  scroll.append(table)
  list.none = made('p', 'm-note m-mute', 'No share of this list matches.')
  list.box.append(list.find, scroll, list.none)
  list.box.onkeydown = event => keys(list, event)
  parent.append(list.box)
}

function sort(list, field) {
  const first = field === 0 ? 1 : -1
  if (list.by !== field) [list.by, list.way] = [field, first]
  else if (list.way === first) list.way = -first
  else list.by = null // the list's own order again
}

function keys(list, event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key]
  const lines = [...list.body.rows]
  if (!lines.length) return
  const here = lines.indexOf(document.activeElement)
  if (step) {
    const to = lines[Math.max(0, Math.min(lines.length - 1, here + step))]
    lines.forEach(line => { line.tabIndex = line === to ? 0 : -1 })
    to.focus()
    event.preventDefault()
  } else if (event.key === 'Enter') {
    open(list, lines[Math.max(0, here)].dataset.symbol)
    event.preventDefault()
  }
}

function open(list, symbol) {
  list.chosen = symbol
  draw(list)
  list.tell('open', symbol)
}

function wanted(list) {
  const typed = list.find.value.trim().toLowerCase()
  const rows = list.rows.filter(([symbol, name]) =>
    symbol.toLowerCase().includes(typed) || name.toLowerCase().includes(typed))
  if (list.by === null) return rows
  const at = list.by
  return rows.sort((one, other) => {
    const [a, b] = [one[at], other[at]]
    if (a === null || b === null) return (a === null) - (b === null)
    return (a < b ? -1 : a > b ? 1 : 0) * list.way
  })
}

function line(list, symbol) {
  const row = made('tr'), cells = HEADS.map(([, , css]) => made('td', css))
  row.dataset.symbol = symbol
  row.append(...cells)
  row.onclick = () => open(list, symbol)
  return row
}

function fill(row, [symbol, name, last, change, mark, tags]) {
  const said = [symbol, last, change, mark, tags].join('|')
  if (row.said === said) return
  row.said = said
  row.title = tags ? `${name} · ${tags}` : name
  const [first, moved, paid] = row.cells
  first.replaceChildren(made('b', '', symbol))
  for (const [words, css] of [[mark.replace(/held [\d,]+/, 'held'), 'm-tag'], [tags, 'm-tag warn']])
    for (const word of words ? words.split(' · ') : []) first.append(' ', made('span', css, word))
  moved.textContent = percent(change)
  moved.className = 'n ' + (change > 0 ? 'm-gain' : change < 0 ? 'm-loss' : 'm-mute')
  paid.textContent = price(last)
}

function draw(list) {
  const rows = wanted(list)
  const lines = rows.map(row => {
    const symbol = row[0]
    if (!list.lines.has(symbol)) list.lines.set(symbol, line(list, symbol))
    const drawn = list.lines.get(symbol)
    fill(drawn, row)
    drawn.classList.toggle('on', symbol === list.chosen)
    drawn.setAttribute('aria-selected', symbol === list.chosen)
    drawn.tabIndex = -1
    return drawn
  })
  const focus = lines.find(one => one.classList.contains('on')) || lines[0]
  if (focus && !lines.includes(document.activeElement)) focus.tabIndex = 0
  if (lines.length !== list.body.rows.length || lines.some((one, at) => one !== list.body.rows[at]))
    list.body.replaceChildren(...lines)
  list.heads.forEach((head, at) => {
    const way = list.by === HEADS[at][1] ? (list.way > 0 ? 'ascending' : 'descending') : 'none'
    head.setAttribute('aria-sort', way)
  })
  list.none.hidden = lines.length > 0
  list.find.placeholder = `Narrow ${list.rows.length} shares`
  list.find.hidden = list.rows.length < 12
}

export default function ({data, parentElement, setTriggerValue}) {
  let list = kept.get(parentElement)
  const isNew = !list || !list.box.isConnected
  if (isNew) {
    list = {lines: new Map(), by: null, way: 1}
    kept.set(parentElement, list)
    build(list, parentElement)
  }
  const moved = list.chosen !== data.chosen
  list.rows = data.rows
  list.chosen = data.chosen
  list.tell = setTriggerValue
  draw(list)
  const on = list.body.querySelector('tr.on')
  if (on && moved) {
    const room = on.closest('.m-rows'), top = on.offsetTop - 32
    if (top < room.scrollTop || top > room.scrollTop + room.clientHeight - 64) room.scrollTop = top
  }
}
