/** A labelled choice of one among many. */
export function Select(p: { label: string; value: string; choose(v: string): void; of: readonly (readonly [string, string])[]; none?: string }) {
  return (
    <label class="select">
      <span>{p.label}</span>
      <select value={p.value} onChange={(e) => p.choose(e.currentTarget.value)}>
        {p.none !== undefined && <option value="">{p.none}</option>}
        {p.of.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
