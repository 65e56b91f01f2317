import { useSignal } from "@preact/signals";

/** One line for a reason, and the deed that needs it. */
export function ReasonForm({ label, deed, busy, send }: { label: string; deed: string; busy: boolean; send(reason: string): void }) {
  const reason = useSignal("");
  const text = reason.value.trim();
  return (
    <form
      class="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (text) send(text);
      }}
    >
      <input aria-label={label} placeholder={label} maxLength={200} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />
      <button type="submit" class="button" disabled={busy || !text}>
        {deed}
      </button>
    </form>
  );
}
