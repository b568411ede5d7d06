import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const entrySchema = v.object({
  id: v.string(),
  service: v.string(),
  /** What is counted. */
  unit: v.string(),
  /** How many units the price is for. */
  per: v.pipe(v.number(), v.minValue(1)),
  /** Price in USD by region. */
  usd: v.record(v.string(), v.pipe(v.number(), v.minValue(0))),
  source: v.pipe(v.string(), v.url()),
  date: v.pipe(v.string(), v.isoDate()),
  /** Regions whose figure nobody looked up. */
  fromMemory: v.optional(v.array(v.string()), []),
});
const fileSchema = v.object({ note: v.string(), priceList: v.string(), entries: v.array(entrySchema) });

type Entry = v.InferOutput<typeof entrySchema>;

/** One list price in one region. */
export interface Price extends Pick<Entry, 'id' | 'service' | 'unit' | 'source' | 'date'> {
  /** USD per unit. */
  readonly usdPerUnit: number;
  readonly isFromMemory: boolean;
}

export interface Prices {
  /** Throws for an id that the file does not have. */
  readonly of: (id: string) => Price;
  /** Date of the newest figure. */
  readonly date: string;
}

/** The list prices of a region. Throws an error that lists the known regions for one that any entry lacks. */
export function pricesOf(region: string, file = path.join(__dirname, 'prices.json')): Prices {
  const { entries } = v.parse(fileSchema, JSON.parse(readFileSync(file, 'utf8')));
  const known = [...new Set(entries.flatMap(({ usd }) => Object.keys(usd)))].filter((name) =>
    entries.every(({ usd }) => usd[name] !== undefined),
  );
  if (!known.includes(region))
    throw new Error(`no prices for region ${region}; there are prices for ${known.join(', ')} (scripts/cost/prices.json)`);
  const byId = new Map(entries.map((entry) => [entry.id, priceIn(entry, region)]));
  return {
    of: (id) => {
      const price = byId.get(id);
      if (price === undefined) throw new Error(`scripts/cost/prices.json has no price ${id}`);
      return price;
    },
    date: entries.map(({ date }) => date).reduce((newest, date) => (date > newest ? date : newest), ''),
  };
}

function priceIn({ id, service, unit, per, usd, source, date, fromMemory }: Entry, region: string): Price {
  return { id, service, unit, source, date, usdPerUnit: (usd[region] ?? 0) / per, isFromMemory: fromMemory.includes(region) };
}
