import { sparkVitals, type SparkBuffer, type SparkVital } from "../live/sparkbuffer";

// Fixed ranges, so that the same height means the same value on every bed.
export const ranges: Record<SparkVital, [number, number]> = {
  rr: [5, 40],
  spo2: [80, 100],
  sbp: [70, 200],
  hr: [40, 160],
};

interface Job {
  canvas: HTMLCanvasElement;
  buffer: SparkBuffer;
  drawn: string;
}

const everyMs = 1000;

/**
 * Painter draws all sparklines of a board, at most once a second and in one animation frame, and
 * only the canvases whose data, size or colours have changed and that can be seen.
 */
export class Painter {
  private readonly jobs = new Map<HTMLCanvasElement, Job>();
  private readonly visible = new Set<Element>();
  private readonly watcher = new IntersectionObserver((entries) => {
    for (const e of entries) {
      if (e.isIntersecting) this.visible.add(e.target);
      else this.visible.delete(e.target);
    }
  });
  private readonly timer = setInterval(() => requestAnimationFrame(() => this.paint()), everyMs);

  add(canvas: HTMLCanvasElement, buffer: SparkBuffer): () => void {
    this.jobs.set(canvas, { canvas, buffer, drawn: "" });
    this.watcher.observe(canvas);
    requestAnimationFrame(() => this.paint());
    return () => {
      this.jobs.delete(canvas);
      this.visible.delete(canvas);
      this.watcher.unobserve(canvas);
    };
  }

  stop(): void {
    clearInterval(this.timer);
    this.watcher.disconnect();
  }

  private paint(): void {
    const root = getComputedStyle(document.documentElement);
    const ink = root.getPropertyValue("--spark");
    for (const job of this.jobs.values()) {
      if (!this.visible.has(job.canvas)) continue;
      const { clientWidth: w, clientHeight: h } = job.canvas;
      if (w === 0) continue;
      const state = `${job.buffer.version} ${w} ${h} ${ink} ${devicePixelRatio}`;
      if (state === job.drawn) continue;
      job.drawn = state;
      draw(job.canvas, job.buffer, w, h, ink);
    }
  }
}

function draw(canvas: HTMLCanvasElement, buffer: SparkBuffer, w: number, h: number, ink: string): void {
  const scale = Math.min(devicePixelRatio || 1, 2);
  if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) {
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
  }
  const ctx = canvas.getContext("2d");
  if (!ctx) return;
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, w, h);
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = "round";
  const row = h / sparkVitals.length;
  sparkVitals.forEach((v, i) => {
    const area = { x: 2, y: i * row + row * 0.14, w: w - 5, h: row * 0.72 };
    if (v === "sbp") bars(ctx, buffer.values(v), ranges[v], area);
    else curve(ctx, buffer.values(v), ranges[v], area);
  });
}

interface Area {
  x: number;
  y: number;
  w: number;
  h: number;
}

function height(value: number, [low, high]: [number, number], a: Area): number {
  const part = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return a.y + a.h * (1 - part);
}

// A gap in the data stays a gap in the line: joining across it would invent values.
function curve(ctx: CanvasRenderingContext2D, values: Float32Array, range: [number, number], a: Area): void {
  ctx.beginPath();
  let down = false;
  let alone = false;
  let x = 0;
  let y = 0;
  const dot = () => alone && ctx.rect(x - 0.75, y - 0.75, 1.5, 1.5);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) {
      dot();
      down = alone = false;
      return;
    }
    x = a.x + (a.w * i) / (values.length - 1);
    y = height(value, range, a);
    if (down) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    alone = !down;
    down = true;
  });
  dot();
  ctx.stroke();
}

// Cuff pressures come one at a time: a short bar each, never a line between them.
function bars(ctx: CanvasRenderingContext2D, values: Float32Array, range: [number, number], a: Area): void {
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const x = a.x + (a.w * i) / (values.length - 1);
    ctx.fillRect(x - 1, height(value, range, a) - 1.5, 2.5, 3);
  });
}
