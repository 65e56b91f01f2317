// The catalogue's two parts, made by scripts/texts.mjs.
declare module "virtual:texts/*" {
  const texts: Record<"vi" | "en", Record<string, string>>;
  export default texts;
}
