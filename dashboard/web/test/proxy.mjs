import net from "node:net";

/**
 * A TCP relay to the server that can be made to fall silent without closing anything: what a frozen
 * server or a cut cable looks like from a browser.
 */
export async function relay(target) {
  const sockets = new Set();
  let paused = false;
  const server = net.createServer((near) => {
    const far = net.connect(Number(target.port), target.hostname.replace(/^\[|\]$/g, ""));
    for (const s of [near, far]) {
      sockets.add(s);
      s.on("error", () => {});
      s.on("close", () => sockets.delete(s));
      if (paused) s.pause();
    }
    near.on("data", (d) => far.write(d));
    far.on("data", (d) => near.write(d));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    if (paused) for (const s of [near, far]) s.pause();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    pause() {
      paused = true;
      for (const s of sockets) s.pause();
    },
    resume() {
      paused = false;
      for (const s of sockets) s.resume();
    },
    close() {
      for (const s of sockets) s.destroy();
      server.close();
    },
  };
}
