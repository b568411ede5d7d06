import { Ajv } from 'ajv';

const colour = { type: 'string', pattern: '^#[0-9a-fA-F]{6}$' };
const period = { type: 'integer', minimum: 60, multipleOf: 60 };
const stat = { type: 'string', pattern: '^(SampleCount|Average|Sum|Minimum|Maximum|p\\d{1,2}(\\.\\d+)?)$' };
const axisLimits = { type: 'object', properties: { min: { type: 'number' }, max: { type: 'number' } }, additionalProperties: false };
const side = { enum: ['left', 'right'] };

function object(required: Readonly<Record<string, unknown>>, optional: Readonly<Record<string, unknown>> = {}) {
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required), additionalProperties: false };
}

const id = { type: 'string', pattern: '^[a-z]' };
const rendering = object({}, { color: colour, id, label: { type: 'string' }, period, stat, visible: { type: 'boolean' }, yAxis: side });
const expression = object({ expression: { type: 'string', minLength: 1 } }, { label: { type: 'string' }, id, region: { type: 'string' } });
const name = { type: 'string', minLength: 1 };

/** Namespace, name and so many dimensions, each a name and a value, then how to draw the line. CloudWatch takes up to 30 dimensions. */
function metricWith(dimensions: number) {
  const names = Array.from({ length: 2 + 2 * dimensions }, () => name);
  return { type: 'array', items: [...names, rendering], minItems: names.length, additionalItems: false };
}

const line = {
  anyOf: [
    { type: 'array', items: [expression], minItems: 1, additionalItems: false },
    ...Array.from({ length: 31 }, (_, n) => metricWith(n)),
  ],
};

const horizontal = object(
  { value: { type: 'number' } },
  { label: { type: 'string' }, color: colour, fill: { enum: ['above', 'below', 'none'] }, yAxis: side, visible: { type: 'boolean' } },
);

const position = {
  x: { type: 'integer', minimum: 0, maximum: 23 },
  y: { type: 'integer', minimum: 0 },
  width: { type: 'integer', minimum: 1, maximum: 24 },
  height: { type: 'integer', minimum: 1, maximum: 1000 },
};

const textWidget = object({
  type: { const: 'text' },
  ...position,
  properties: object({ markdown: { type: 'string' } }, { background: { enum: ['transparent', 'solid'] } }),
});

const metricWidget = object({
  type: { const: 'metric' },
  ...position,
  properties: object(
    { metrics: { type: 'array', items: line, minItems: 1, maxItems: 500 }, region: { type: 'string', minLength: 1 } },
    {
      annotations: object({ horizontal: { type: 'array', items: horizontal } }),
      legend: object({ position: { enum: ['right', 'bottom', 'hidden'] } }),
      liveData: { type: 'boolean' },
      period,
      stacked: { type: 'boolean' },
      stat,
      timezone: { type: 'string', pattern: '^[+-]\\d{4}$' },
      title: { type: 'string' },
      view: { enum: ['timeSeries', 'singleValue', 'bar', 'pie', 'table'] },
      yAxis: { type: 'object', properties: { left: axisLimits, right: axisLimits }, additionalProperties: false },
    },
  ),
});

const widget = { if: { properties: { type: { const: 'text' } } }, then: textWidget, else: metricWidget };

/**
 * What CloudWatch takes as a dashboard, as AWS's page states it for text and metric widgets; `x` and `y` are required here, so that a layout
 * is never left to the console. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const dashboardBody = object(
  { widgets: { type: 'array', items: widget, maxItems: 500 } },
  { start: { type: 'string' }, end: { type: 'string' }, periodOverride: { enum: ['auto', 'inherit'] } },
);

const validate = new Ajv({ strict: false, allErrors: true }).compile(dashboardBody);

/** What CloudWatch would refuse in a dashboard's body, each with its place; undefined when it is right. */
export function dashboardProblem(body: unknown): string | undefined {
  if (validate(body)) return undefined;
  // The branches that a line did not match say less than that it matches none.
  const problems = (validate.errors ?? []).filter(({ schemaPath, keyword }) => !/anyOf\/\d/.test(schemaPath) && keyword !== 'if');
  return problems.map(({ instancePath, message }) => `${instancePath} ${message ?? 'is wrong'}`).join('; ');
}
