import { session } from "../app/session";
import type { HandOver } from "../staff/contract";
import { t } from "../text/locale";
import { useFollowed } from "./follow";

const every = 30_000;

/** Hand-overs that wait for this person's answer; they are read and answered on the ward's board. */
export function Offers({ wards }: { wards: string[] }) {
  return (
    <>
      {wards.map((w) => (
        <OffersOf key={w} ward={w} />
      ))}
    </>
  );
}

function OffersOf({ ward }: { ward: string }) {
  const { got } = useFollowed<HandOver[]>(`/wards/${encodeURIComponent(ward)}/handovers`, every);
  const mine = (got ?? []).filter((h) => h.state === "offered" && h.to.id === session.value?.person.id);
  return (
    <>
      {mine.map((h) => (
        <a key={h.id} class="notice phone-offer" href={`/board/${encodeURIComponent(ward)}`} data-handover={h.id}>
          {t("phone.handover", { name: h.from.name, n: h.stays.length })}
        </a>
      ))}
    </>
  );
}
