import type { JSX } from "preact";

// Small drawings, all in the colour of their text and hidden from readers: a word stands beside each.

function icon(path: JSX.Element, name: string) {
  return function Icon() {
    return (
      <svg class={`icon icon-${name}`} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
        {path}
      </svg>
    );
  };
}

const line = { fill: "none", stroke: "currentColor", "stroke-width": 2.2, "stroke-linecap": "round", "stroke-linejoin": "round" } as const;

export const SoundIcon = icon(<path {...line} d="M4 9v6h4l6 5V4L8 9zM17 8a6 6 0 0 1 0 8M19.5 5a10 10 0 0 1 0 14" />, "sound");
export const MuteIcon = icon(<path {...line} d="M4 9v6h4l6 5V4L8 9zM17 9l5 6M22 9l-5 6" />, "mute");
export const MenuIcon = icon(<path {...line} d="M4 6h16M4 12h16M4 18h16" />, "menu");
export const CloseIcon = icon(<path {...line} d="M5 5l14 14M19 5L5 19" />, "close");
export const BackIcon = icon(<path {...line} d="M15 4l-8 8 8 8" />, "back");
export const MonitorOffIcon = icon(<path {...line} d="M3 4h18v12H3zM9 20h6M3 20L21 2" />, "monitor-off");
export const BatteryIcon = icon(<path {...line} d="M3 8h15v8H3zM21 11v2M6 11v2" />, "battery");
export const PenIcon = icon(<path {...line} d="M4 20l1-5L16 4l4 4L9 19zM14 6l4 4" />, "pen");
export const ClockIcon = icon(<path {...line} d="M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7v5l4 2" />, "clock");
export const ModelIcon = icon(<path {...line} d="M3 19h3M9 17l2-2M14 12l1-3M17 5l3-2" />, "model");
export const DiamondIcon = icon(<path {...line} d="M12 3l8 9-8 9-8-9z" />, "diamond");

export const LungsIcon = icon(<path {...line} d="M12 3v8M9.5 9C8 7 6.5 7.5 5.5 10L3 17c-.7 3 1 4 3 3l2.5-1.2c1-.5 1-1 1-2zM14.5 9c1.5-2 3-1.5 4 1l2.5 7c.7 3-1 4-3 3l-2.5-1.2c-1-.5-1-1-1-2z" />, "lungs");

/** Alarm priority as a shape, so that colour is never alone: three, two or one bar (IEC 60601-1-8 habit). */
export function PriorityMark({ of }: { of: "high" | "medium" | "low" }) {
  const stars = { high: "!!!", medium: "!!", low: "!" }[of];
  return (
    <span class={`priority priority-${of}`} aria-hidden="true">
      {stars}
    </span>
  );
}
