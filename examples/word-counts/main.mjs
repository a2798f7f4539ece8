import bobbin from "bobbin";

// The most frequent words, of equally frequent ones the first in the alphabet first.
export default async function main(input) {
  const counts = new Map();
  for (const word of input.text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  bobbin.log.info(`${counts.size} different words`);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, input.most)
    .map(([word, count]) => ({ word, count }));
}
