/** One addition to a counter. A counter is named by its name and labels. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** The counters there are, and what each counts. */
export const COUNTERS = {
  http_requests_total: 'Requests answered, by route, method and status.',
  http_request_duration_seconds: 'Time to answer a request, by route.',
  portraits_total: 'Portraits that came to their end, by status and mode.',
  portrait_duration_seconds: 'Time from creation to end of succeeded portraits.',
  portrait_stage_seconds_total: 'Seconds of work by stage; cached stages count nothing.',
  portrait_stages_total: 'Finished stages, by stage and whether they came from the cache.',
  portrait_cost_usd_total: 'Cost of the work by stage, by the rates in STAGE_COSTS.',
  portrait_failures_total: 'Failed portraits, by error code and stage.',
} as const;
export type CounterName = keyof typeof COUNTERS;

/** Upper bounds of the buckets of durations, in seconds. */
const BUCKETS: Partial<Record<CounterName, readonly number[]>> = {
  http_request_duration_seconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
  portrait_duration_seconds: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
};

/** The samples of one observed duration: Prometheus buckets, sum and count. */
export function observe(name: CounterName, labels: Record<string, string>, seconds: number): Sample[] {
  const buckets = [...(BUCKETS[name] ?? []), Number.POSITIVE_INFINITY].filter((bound) => seconds <= bound);
  return [
    ...buckets.map((bound) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound) },
      value: 1,
    })),
    { name: `${name}_sum`, labels, value: seconds },
    { name: `${name}_count`, labels, value: 1 },
  ];
}

/** The name under which a counter's samples are one: name and sorted labels, as Prometheus writes them. */
export function seriesOf({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return name;
  return `${name}{${entries.map(([label, value]) => `${label}="${escape(value)}"`).join(',')}}`;
}

const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

/** Prometheus text format 0.0.4 of counters by series, and of gauges. */
export function exposition(
  counters: ReadonlyMap<string, number>,
  gauges: readonly (Sample & { help: string })[],
): string {
  const lines: string[] = [];
  for (const [name, help] of Object.entries(COUNTERS)) {
    const own = [...counters].filter(([series]) => familyOf(series) === name);
    if (own.length === 0) continue;
    const type = name in BUCKETS ? 'histogram' : 'counter';
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [series, value] of own) lines.push(`${series} ${value}`);
  }
  const told = new Set<string>();
  for (const { name, help, labels, value } of gauges) {
    if (!told.has(name)) lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
    told.add(name);
    lines.push(`${seriesOf({ name, labels })} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

function familyOf(series: string): string {
  const name = series.split('{')[0]!;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return base in BUCKETS ? base : name;
}
