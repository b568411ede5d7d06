import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard';
import { Construct } from 'constructs';
import type { Metric } from './metrics';

/** A graph: metrics as lines, or a CloudWatch search that finds them. */
export interface Graph {
  readonly title: string;
  readonly lines: readonly GraphLine[];
  /** A value that the lines should stay below. */
  readonly limit?: number;
  /** Draw areas on top of each other. Default: false. */
  readonly stacked?: boolean;
}

export type GraphLine =
  | { readonly label: string; readonly metric: Metric }
  /** A SEARCH expression; finds metrics whose dimensions are not known beforehand. */
  | { readonly label: string; readonly search: string };

export interface DashboardSection {
  readonly title: string;
  /** Drawn from left to right; more than four wrap into rows of the same width. */
  readonly graphs: readonly Graph[];
}

export interface DashboardProps {
  readonly name: string;
  readonly region: string;
  readonly sections: readonly DashboardSection[];
}

/** CloudWatch's grid. Positions and sizes in it are integers. */
const columns = 24;
const titleHeight = 1;
const graphHeight = 6;
/** One to four graphs divide the columns into whole numbers. */
const maxGraphsPerRow = 4;

/** The picture of the pipeline for people: from the API at the top to the business at the bottom. */
export class Dashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { name, region, sections }: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudwatchDashboard(this, 'dashboard', {
      dashboardName: name,
      dashboardBody: JSON.stringify({ widgets: widgetsOf(sections, region) }),
    });
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`;
  }
}

function widgetsOf(sections: readonly DashboardSection[], region: string): readonly unknown[] {
  let y = 0;
  return sections.flatMap((section) => {
    const rows = Math.ceil(section.graphs.length / maxGraphsPerRow);
    const widgets = sectionWidgets(section, { y, rows }, region);
    y += titleHeight + rows * graphHeight;
    return widgets;
  });
}

function sectionWidgets({ title, graphs }: DashboardSection, { y, rows }: { readonly y: number; readonly rows: number }, region: string) {
  const perRow = Math.ceil(graphs.length / rows);
  const width = columns / perRow;
  return [
    { type: 'text', x: 0, y, width: columns, height: titleHeight, properties: { markdown: `## ${title}` } },
    ...graphs.map((graph, index) => ({
      type: 'metric',
      x: (index % perRow) * width,
      y: y + titleHeight + Math.floor(index / perRow) * graphHeight,
      width,
      height: graphHeight,
      properties: graphProperties(graph, region),
    })),
  ];
}

function graphProperties({ title, lines, limit, stacked = false }: Graph, region: string) {
  return {
    title,
    region,
    view: 'timeSeries',
    stacked,
    period: 300,
    metrics: lines.map(line),
    yAxis: { left: { min: 0 } },
    ...(limit !== undefined && { annotations: { horizontal: [{ label: 'alarm', value: limit }] } }),
  };
}

/** One row of `metrics` as CloudWatch writes it: namespace, name, dimensions as pairs, then how to draw it. */
function line(graphLine: GraphLine): readonly unknown[] {
  if ('search' in graphLine) return [{ expression: graphLine.search, label: graphLine.label }];
  const { namespace, name, dimensions, statistic } = graphLine.metric;
  return [namespace, name, ...Object.entries(dimensions).flat(), { stat: statistic, label: graphLine.label }];
}
