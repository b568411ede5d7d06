import { Construct } from 'constructs';
import { namesOf, type Place } from '../naming';
import type { Environment } from '../settings';
import { Alarms } from './alarms';
import type { AuditLogger } from './audit-logger';
import { Dashboard } from './dashboard';
import { pipelineAlarms } from './pipeline-alarms';
import { pipelineDashboard } from './pipeline-dashboard';
import { tamperingMetric } from './resource-alarms';
import { TamperingMetric } from './tampering-metric';

export interface ObservabilityProps {
  readonly place: Place;
  readonly environment: Environment;
  /** Topic of the people on call. */
  readonly operationsTopicArn: string;
  readonly auditLogger: AuditLogger;
}

/** What tells people how the pipeline is: alarms to the people on call, and a dashboard. */
export class Observability extends Construct {
  readonly dashboardUrl: string;

  constructor(scope: Construct, id: string, { place, environment, operationsTopicArn, auditLogger }: ObservabilityProps) {
    super(scope, id);
    const names = namesOf(place.suffix, place.accountId);
    const watched = { ...environment, webAclName: environment.webAcl === undefined ? undefined : names.webAcl };
    new TamperingMetric(this, 'tampering', {
      name: names.tamperingMetric,
      metric: tamperingMetric(place.suffix),
      logGroupName: names.functionLog('audit-logger'),
      // It names the log group, so the group is there before it.
      dependsOn: auditLogger.policy,
    });
    new Alarms(this, 'alarms', { namePrefix: names.alarmPrefix, topicArn: operationsTopicArn, definitions: pipelineAlarms(watched) });
    const sections = pipelineDashboard(watched);
    this.dashboardUrl = new Dashboard(this, 'dashboard', { name: names.dashboard, region: place.region, sections }).url;
  }
}
