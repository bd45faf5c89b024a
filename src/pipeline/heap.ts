/** A binary heap: the smallest first, by a number each item has. */
export interface Heap<T> {
  push(item: T): void
  peek(): T | undefined
  pop(): T | undefined
  readonly size: number
}

/** An empty heap ordered by `rank`, which must not change while an item is inside. */
export function heap<T>(rank: (item: T) => number): Heap<T> {
  const items: { readonly item: T; readonly rank: number }[] = []
  const swap = (i: number, j: number): void => {
    const kept = items[i]!
    items[i] = items[j]!
    items[j] = kept
  }
  const sink = (from: number): void => {
    for (let i = from; ; ) {
      const left = 2 * i + 1
      const right = left + 1
      let least = i
      if (left < items.length && items[left]!.rank < items[least]!.rank) least = left
      if (right < items.length && items[right]!.rank < items[least]!.rank) least = right
      if (least === i) return
      swap(i, least)
      i = least
    }
  }
  return {
    push(item) {
      items.push({ item, rank: rank(item) })
      for (let i = items.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (items[parent]!.rank <= items[i]!.rank) return
        swap(i, parent)
        i = parent
      }
    },
    peek: () => items[0]?.item,
    pop() {
      const first = items[0]
      const last = items.pop()
      if (first !== last && last !== undefined) {
        items[0] = last
        sink(0)
      }
      return first?.item
    },
    get size() {
      return items.length
    },
  }
}
