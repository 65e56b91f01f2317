// A receiver of notices in Node's standard library alone: checks who sent them, and knows a repeat.
//
// usage: node receiver.mjs SECRET   (prints its port, then a line for each notice that it was sent)
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.argv[2];
const tooOld = 300; // seconds: what somebody recorded and replays later is refused
const known = new Set();

function genuine(header, body) {
  const parts = Object.fromEntries(header.split(",").map((p) => p.split(/=(.*)/s)));
  if (Math.abs(Date.now() / 1000 - Number(parts.t)) > tooOld) return false;
  const want = createHmac("sha256", secret).update(parts.t + ".").update(body).digest();
  const got = Buffer.from(parts.v1, "hex");
  return got.length === want.length && timingSafeEqual(got, want);
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const answer = (code, line) => {
    console.log(line);
    response.writeHead(code).end();
  };
  if (!genuine(request.headers["wardwatch-signature"] ?? "t=0,v1=", body)) return answer(401, "forged");
  const { notice } = JSON.parse(body.toString("utf8"));
  const repeat = known.has(notice) || request.headers["idempotency-key"] !== notice;
  known.add(notice);
  answer(204, (repeat ? "repeat " : "new ") + notice);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
