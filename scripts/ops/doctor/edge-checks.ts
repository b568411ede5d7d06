import { DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { GetDomainNameCommand, GetStageCommand } from '@aws-sdk/client-api-gateway';
import { GetIPSetCommand, GetWebACLForResourceCommand, ListIPSetsCommand, type WebACL } from '@aws-sdk/client-wafv2';
import { apiStageName } from '../../../stacks/naming';
import { isErrorNamed } from '../failure';
import { parsePublished, rangesDifference, readRangesFile } from '../provider-ranges';
import { error, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

const day = 86_400_000;
const loopback = 'everything runs on loopback';

/** What stands between the providers and the receiver. */
export const edgeChecks: readonly Check[] = [
  {
    id: 'web-acl-associated',
    title: 'The web ACL stands in front of the API',
    notLocal: loopback,
    run: webAclAssociated,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'web-acl-order',
    title: 'The web ACL lets trusted providers through before any rule can stop them',
    notLocal: loopback,
    run: webAclOrder,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'trusted-ranges-deployed',
    title: 'The deployed ranges of trusted providers are those of the stacks',
    notLocal: loopback,
    run: deployedRanges,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'trusted-ranges-published',
    title: 'The ranges of trusted providers are those that the providers publish',
    notLocal: loopback,
    run: publishedRanges,
    mend: (patient) => `npm run ops -- providers sync-ranges --write && ${patient.deploy('pipeline')}`,
  },
  {
    id: 'stage-throttle',
    title: 'The stage lets through as many requests as the environment says',
    notLocal: 'it works by the synthesized stacks themselves',
    run: stageThrottle,
    mend: (patient) => patient.deploy('pipeline'),
  },
  {
    id: 'custom-domain',
    title: "The API's own name is ready, and its certificate is valid for another month",
    notLocal: loopback,
    run: customDomain,
    mend: () => 'aws acm describe-certificate --certificate-arn <arn>   (it says which DNS record is missing)',
  },
];

/** The web ACL that stands in front of the API; undefined where there is none. */
async function webAclOf(patient: Patient): Promise<WebACL | undefined> {
  if (patient.expected.of('aws_wafv2_web_acl').length === 0) throw new Unanswerable('the environment has no web ACL');
  const ResourceArn = `arn:aws:apigateway:${patient.target.region}::/restapis/${await patient.apiId()}/stages/${apiStageName}`;
  const { WebACL } = await patient.target.operator.wafv2.send(new GetWebACLForResourceCommand({ ResourceArn }));
  return WebACL;
}

async function webAclAssociated(patient: Patient): Promise<readonly Symptom[]> {
  const acl = await webAclOf(patient);
  const { webAcl } = patient.target.names;
  if (acl === undefined) return [error('no web ACL stands in front of the API: nothing limits what one address sends')];
  return acl.Name === webAcl ? [] : [error(`another web ACL (${String(acl.Name)}) stands in front of the API, not ${webAcl}`)];
}

async function webAclOrder(patient: Patient): Promise<readonly Symptom[]> {
  const acl = await webAclOf(patient);
  if (acl === undefined) throw new Unanswerable('no web ACL stands in front of the API: see web-acl-associated');
  const rules = [...(acl.Rules ?? [])].sort((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0));
  const trusted = patient.expected
    .of('aws_wafv2_ip_set')
    .map((set) => `trusted-${set.text('name').slice(`${patient.target.names.webAcl}-`.length)}`);
  const firstOther = rules.findIndex(({ Action }) => Action?.Allow === undefined);
  return trusted.flatMap((name) => {
    const at = rules.findIndex((rule) => rule.Name === name && rule.Action?.Allow !== undefined);
    if (at < 0) return [error(`the web ACL has no rule ${name} that allows: this provider's webhooks can be blocked`)];
    if (firstOther < 0 || at < firstOther) return [];
    return [error(`the web ACL looks at ${name} after ${String(rules[firstOther]?.Name)}: this provider's webhooks can be blocked`)];
  });
}

async function deployedRanges(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_wafv2_ip_set');
  if (wanted.length === 0) throw new Unanswerable('the environment trusts no ranges');
  const { wafv2 } = patient.target.operator;
  const { IPSets = [] } = await wafv2.send(new ListIPSetsCommand({ Scope: 'REGIONAL', Limit: 100 }));
  const found = await Promise.all(
    wanted.map(async (set) => {
      const Name = set.text('name');
      const Id = IPSets.find((one) => one.Name === Name)?.Id;
      if (Id === undefined) return [error(`there is no IP set ${Name}`)];
      const { IPSet } = await wafv2.send(new GetIPSetCommand({ Scope: 'REGIONAL', Name, Id }));
      const { added, removed } = rangesDifference(IPSet?.Addresses ?? [], set.texts('addresses'));
      return added.length + removed.length === 0 ? [] : [error(`${Name} is not as synthesized: ${sentence(added, removed)}`)];
    }),
  );
  return found.flat();
}

function sentence(missing: readonly string[], extra: readonly string[]): string {
  const parts = [
    ...(missing.length === 0 ? [] : [`${missing.join(', ')} would be rate limited`]),
    ...(extra.length === 0 ? [] : [`${extra.join(', ')} should not be trusted`]),
  ];
  return parts.join('; ');
}

async function publishedRanges(patient: Patient): Promise<readonly Symptom[]> {
  const found: Symptom[] = [];
  const unreadable: string[] = [];
  for (const [name, range] of Object.entries(readRangesFile(patient.root))) {
    if (range.published !== 'list') continue;
    try {
      const published = parsePublished(await patient.fetchList(range.source), range.source);
      const { added, removed } = rangesDifference(range.cidrs, published);
      if (added.length + removed.length > 0) found.push(error(`${name} is not what ${range.source} says: ${sentence(added, removed)}`));
    } catch (cause) {
      unreadable.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  if (found.length === 0 && unreadable.length > 0) throw new Unanswerable(unreadable.join('; '));
  return found;
}

async function stageThrottle(patient: Patient): Promise<readonly Symptom[]> {
  const [wanted] = patient.expected.of('aws_api_gateway_method_settings');
  const values = wanted?.values['settings'];
  const settings = wanted?.block('settings', typeof values === 'object' && values !== null ? Object.keys(values) : []);
  if (settings === undefined) throw new Unanswerable('the stacks set no throttle');
  const restApiId = await patient.apiId();
  const { methodSettings } = await patient.target.operator.apiGateway.send(new GetStageCommand({ restApiId, stageName: apiStageName }));
  const live = methodSettings?.['*/*'];
  const [rate, burst] = [settings.number('throttling_rate_limit', -1), settings.number('throttling_burst_limit', -1)];
  if (live?.throttlingRateLimit === rate && live.throttlingBurstLimit === burst) return [];
  const has =
    live === undefined ? "the account's own" : `${String(live.throttlingRateLimit)} a second, burst ${String(live.throttlingBurstLimit)}`;
  return [error(`the stage is throttled at ${has}, and the environment says ${rate} a second, burst ${burst}`)];
}

async function customDomain(patient: Patient): Promise<readonly Symptom[]> {
  const [wanted] = patient.expected.of('aws_api_gateway_domain_name');
  if (wanted === undefined) throw new Unanswerable('the environment has no name of its own');
  const name = wanted.text('domain_name');
  const found = await Promise.all([
    domainSymptoms(patient, name),
    certificateSymptoms(patient, wanted.text('regional_certificate_arn'), name),
  ]);
  return found.flat();
}

async function domainSymptoms(patient: Patient, domainName: string): Promise<readonly Symptom[]> {
  try {
    const { domainNameStatus: status } = await patient.target.operator.apiGateway.send(new GetDomainNameCommand({ domainName }));
    if (status === undefined || status === 'AVAILABLE' || status === 'UPDATING') return [];
    return [error(`${domainName} is not ready: ${status}`)];
  } catch (cause) {
    if (isErrorNamed(cause, 'NotFoundException')) return [error(`API Gateway has no name ${domainName}`, patient.deploy('pipeline'))];
    throw cause;
  }
}

async function certificateSymptoms(patient: Patient, CertificateArn: string, name: string): Promise<readonly Symptom[]> {
  const mend = `aws acm describe-certificate --region ${patient.target.region} --certificate-arn ${CertificateArn}   (it says which DNS record is missing)`;
  try {
    const { Certificate } = await patient.target.operator.acm.send(new DescribeCertificateCommand({ CertificateArn }));
    if (Certificate?.Status !== 'ISSUED') return [error(`the certificate of ${name} is ${String(Certificate?.Status)}`, mend)];
    const left = Certificate.NotAfter === undefined ? Infinity : Math.floor((Certificate.NotAfter.getTime() - patient.now) / day);
    return left < 30 ? [error(`the certificate of ${name} ends in ${left} days and was not renewed`, mend)] : [];
  } catch (cause) {
    if (isErrorNamed(cause, 'ResourceNotFoundException')) return [error(`there is no certificate ${CertificateArn}`, mend)];
    throw cause;
  }
}
