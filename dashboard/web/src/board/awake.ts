const patience = 3000;

/** Keeps the screen on while the board is shown; a browser that cannot is left alone. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let ended = false;
  const take = async () => {
    if (ended || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (ended) await lock.release();
    } catch {
      // Refused (low battery, no secure context): the device's own settings must do.
    }
  };
  const again = () => void take();
  document.addEventListener("visibilitychange", again);
  const timer = setTimeout(again, patience); // asking takes the browser a while; the first picture goes before
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
}
